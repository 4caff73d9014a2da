#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# compile: the same policies give the same bytes, others give others; the file is whole or old.
. "$SOURCE/tests/cli/lib.sh"

mkdir -p one two/sub
policy web shop /usr/bin/apt Block >one/a.yaml
policy db shop /usr/bin/curl Audit >one/b.yaml
host_policy node /usr/bin/nc Block >one/c.yaml

run 0 compile -o first.bundle one/a.yaml one/b.yaml one/c.yaml
empty err
has out 'wrote first.bundle: 3 policies, 3 rules'
has out 'digest '

# order, folder, one file or many, locale, date, time zone, directory, umask
run 0 compile -o b one/c.yaml one/b.yaml one/a.yaml
same b first.bundle
cp one/a.yaml two/z.yaml
cp one/b.yaml two/sub/y.yml
cp one/c.yaml two/sub/x.yaml
run 0 compile -o b two
same b first.bundle
for f in one/b.yaml one/c.yaml one/a.yaml; do
	cat $f
	echo ---
done >stream.yaml
run 0 compile -o b stream.yaml
same b first.bundle
"$KARMOR_C" compile -o b - <stream.yaml >out 2>err || fail 'compile from stdin'
same b first.bundle
for lang in C.UTF-8 de_DE.UTF-8 tr_TR.UTF-8; do
	LC_ALL=$lang LANG=$lang TZ=Pacific/Kiritimati run 0 compile -o b one
	same b first.bundle
done
touch -d 1999-12-31 one/*.yaml
(umask 077 && cd one && "$KARMOR_C" compile -o ../b . >/dev/null)
same b first.bundle

# comments, quotes and key order mean nothing; a changed rule does
sed 's/name: web/name: "web" # the shop/' one/a.yaml >a2.yaml
run 0 compile -o b a2.yaml one/b.yaml one/c.yaml
same b first.bundle
sed 's/Block/Allow/' one/a.yaml >a3.yaml
run 0 compile -o b a3.yaml one/b.yaml one/c.yaml
differ b first.bundle
run 0 compile --audit -o b one
differ b first.bundle

# JSON says the same
run 0 compile --format json -o b one
python3 - <<'END' || fail 'compile --format json'
import json
o = json.load(open("out"))
assert o["policies"] == 3 and o["rules"] == 3 and o["bundle"] == "b", o
assert len(o["digest"]) == 64 and o["bytes"] > 0, o
assert list(o) == sorted(o), "keys are not sorted"
END

# the same policy twice is refused, and what was there stays
cp first.bundle kept
run 1 compile -o kept one/a.yaml a3.yaml
has err 'given twice'
same kept first.bundle
run 5 compile -o missing/b one
has err "cannot write 'missing/b'"
mkdir dir
run 5 compile -o dir one
[ -z "$(ls dir)" ] || fail 'a temporary file was left'
[ -z "$(find . -maxdepth 1 -name '*.??????' ! -name '*.bundle' -newer kept -type f)" ] ||
	fail 'a temporary file was left'
if [ -w /dev/full ]; then
	got=0
	"$KARMOR_C" compile -o b one >/dev/full 2>err || got=$?
	[ $got != 0 ] || fail 'a result that could not be written was a success'
fi

# links of a root: the rule on a link covers its target there, and only there
mkdir -p root/usr/bin root/bin
: >root/usr/bin/dash
ln -s ../usr/bin/dash root/bin/sh
policy sh shop /bin/sh Block >sh.yaml
run 0 compile -o with --root root sh.yaml
run 0 compile -o without sh.yaml
differ with without
run 0 compile -o again --root root sh.yaml
same with again
ln -sf / root/usr/bin/up
ln -sf ../../../../../../../etc/passwd root/bin/out
policy out shop /bin/out Block >out.yaml
run 0 compile -o b --root root out.yaml

# danger is shown where it becomes true, and the rest of what lint dislikes is not
host_policy shell /bin/sh Block >danger.yaml
run 0 compile -o danger.bundle danger.yaml
has err 'danger.yaml:11:15: warning[KA0704]'
hasnt err KA0801

finish
