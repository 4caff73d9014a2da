#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every format of validate: the same exit status, well formed whatever is in names and texts, and
# each place where an editor would look for it.
. "$SOURCE/tests/cli/lib.sh"

formats='text json sarif junit github tap gitlab'
reports=0
mkdir reports

mkdir in
policy good shop /usr/bin/apt Block >in/good.yaml
policy bad shop usr/bin/apt audit >in/bad.yaml
printf 'kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x}\n' >in/none.yaml
: >in/empty.yaml
sed 's/^  action: Block/  action:\n/' in/good.yaml >in/warning.yaml
{ cat in/good.yaml && echo --- && cat in/none.yaml && echo --- && cat in/bad.yaml; } >in/several.yaml
# characters of two, three and four bytes before the place
sed 's|- path: .*|- {message: "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80", pfad: x, path: /x}|' in/good.yaml >in/wide.yaml
# what would end a command, a value, an attribute, a line, or drive a terminal
printf 'apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata:\n  name: "a\\e[2J\\n::error::<&>\\"]]>%%0A,:"\n"\\x07<b>": 1\n' >in/hostile.yaml
printf 'kind: KubeArmorPolicy\nx: \377\376\001\n' >in/bytes.yaml
printf 'a: b\rc: [\r' >in/cr.yaml
cp in/bad.yaml "in/a, b: 100% <&\"'> #1 \\.yaml"
cp in/bad.yaml "$(printf 'in/new\nline\033[2J.yaml')"
cp in/bad.yaml "$(printf 'in/\377latin.yaml')"

# as FORMAT EXIT ARGUMENT...: the report is in ./out, and looked at in the end
as()
{
	format=$1 code=$2
	shift 2
	run "$code" validate --format "$format" "$@"
	reports=$((reports + 1))
	cp out reports/$reports.$format
	echo "$*" >reports/$reports.of
}

each() # EXIT ARGUMENT...
{
	for f in $formats; do
		as "$f" "$@"
	done
}

each 0 in/good.yaml
each 1 in/bad.yaml
each 0 in/warning.yaml
each 1 --strict in/warning.yaml
each 1 --fail-level warning in/warning.yaml
each 0 --fail-level error --strict in/warning.yaml
each 0 --strict in/good.yaml --ignore KA0801
each 0 in/none.yaml
each 1 --strict in/none.yaml
each 1 --fail-level note in/none.yaml
each 0 in/empty.yaml
each 1 --strict in/empty.yaml
each 1 in/several.yaml
each 1 --max 1 in/several.yaml
each 1 in/hostile.yaml
each 1 in/bytes.yaml
each 1 in/cr.yaml
each 1 in/wide.yaml
each 1 in
mkdir nothing
each 0 nothing

# what cannot be read does not hide what is wrong with the others
each 3 missing.yaml
each 3 in/bad.yaml missing.yaml in/several.yaml
run 3 validate in/bad.yaml missing.yaml
has out 'in/bad.yaml:12:15: error[KA0201]'
has err missing.yaml

# no format lets a text drive the terminal
for f in $formats; do
	run 1 validate --format "$f" in
	! grep -q "$(printf '[\001-\010\013-\037\177]')" out || fail "$f: a control character"
	python3 -c 'open("out", encoding="utf-8").read()' || fail "$f: no UTF-8"
done

# places
as json 1 in/wide.yaml
python3 - <<'END' || fail 'json: the place in wide.yaml'
import json
d = [d for d in json.load(open("out"))["diagnostics"] if d["id"] == "KA0102"][0]
text = open("in/wide.yaml", "rb").read()
assert text[d["offset"]:d["offset"] + d["length"]] == b"pfad", d
assert text.split(b"\n")[d["line"] - 1][d["column"] - 1:].startswith(b"pfad"), d
END
as sarif 1 in/wide.yaml
python3 - <<'END' || fail 'sarif: the place in wide.yaml'
import json
r = [r for r in json.load(open("out"))["runs"][0]["results"] if r["ruleId"] == "KA0102"][0]
region = r["locations"][0]["physicalLocation"]["region"]
line = open("in/wide.yaml", encoding="utf-8").read().split("\n")[region["startLine"] - 1]
units = line.encode("utf-16-le")
assert region["startLine"] == region["endLine"]
assert units[2 * region["startColumn"] - 2:2 * region["endColumn"] - 2].decode("utf-16-le") == "pfad"
END
as github 1 in/wide.yaml
has out '::error file=in/wide.yaml,line=12,col=27,endColumn=31,title=KA0102::'

# a finding keeps its fingerprint when lines are added above it
for f in sarif gitlab; do
	as $f 1 in/bad.yaml
	grep -i -e primaryLocationLineHash -e fingerprint\": out | sort >before
	cp in/bad.yaml saved
	{ printf '# one\n# two\n\n' && cat saved; } >in/bad.yaml
	as $f 1 in/bad.yaml
	grep -i -e primaryLocationLineHash -e fingerprint\": out | sort >after
	mv saved in/bad.yaml
	same before after
	[ -s before ] || fail "$f: no fingerprints"
done

# paths are relative to where the tool was called
as sarif 1 ./in//bad.yaml
has out '"uri": "in//bad.yaml"'
as sarif 1 "$T/in/bad.yaml"
has out '"uri": "in/bad.yaml"'
as gitlab 1 "$T/in/bad.yaml"
has out '"path": "in/bad.yaml"'
as sarif 1 "in/a, b: 100% <&\"'> #1 \\.yaml"
has out '"uri": "in/a%2C%20b%3A%20100%25%20%3C%26%22%27%3E%20%231%20%5C.yaml"'

# one case per document
as junit 1 in/several.yaml
has out 'tests="3" failures="1"'
has out 'name="KubeArmorPolicy/shop/good"'
as tap 0 in/empty.yaml
has out '# SKIP no policy'

# into a file, as a whole or not at all
run 1 validate --format sarif -o report.sarif in/bad.yaml
empty out
cp report.sarif reports/file.sarif
run 5 validate -o no/such/dir in/bad.yaml
empty out
run 1 validate --format sarif -o /dev/stdout in/bad.yaml
cmp -s out report.sarif || fail 'a report to /dev/stdout'
[ "$(ls | grep -c 'report.sarif')" = 1 ] || fail 'a temporary file is left'

# colours on request only
run 1 validate in/bad.yaml
hasnt out "$(printf '\033')"
run 1 validate --color always in/bad.yaml
has out "$(printf '\033[31m')error[KA0201]$(printf '\033')"
if command -v script >/dev/null; then
	TERM=xterm script -qec "'$KARMOR_C' validate in/bad.yaml" /dev/null >tty || true
	has tty "$(printf '\033[31m')"
	NO_COLOR=1 TERM=xterm script -qec "'$KARMOR_C' validate in/bad.yaml" /dev/null >tty || true
	hasnt tty "$(printf '\033')"
fi

# all reports together: python takes its time to start
python3 "$SOURCE/tests/cli/check_format.py" reports/*.[a-z]* >problems 2>&1 || fail "$(cat problems)"

finish
