#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What validate's options do, and what it says about it.
. "$SOURCE/tests/cli/lib.sh"

policy good shop /usr/bin/apt Block | sed 's/^  action/  severity: 5\n  action/' >good.yaml
policy bad shop usr/bin/apt audit >bad.yaml
sed 's/^  action: Block/  message:\n  action: Block/' good.yaml >warning.yaml
sed '/severity/d' good.yaml >note.yaml
printf 'kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x}\n' >other.yaml
: >empty.yaml

# ---- levels ----
run 0 validate good.yaml
has out '1 policy in 1 file: 0 errors, 0 warnings, 0 notes'
empty err
run 0 validate warning.yaml
has out 'warning[KA0111]'
run 1 validate --fail-level warning warning.yaml
run 1 validate --strict warning.yaml
run 0 validate --fail-level warning note.yaml
run 0 validate --strict note.yaml
run 1 validate --fail-level note note.yaml
run 1 validate --fail-level note --strict note.yaml
run 0 validate --fail-level error --strict warning.yaml
run 2 validate --fail-level fatal good.yaml
has err "'fatal'"

# ---- what is no policy ----
run 0 validate other.yaml empty.yaml
has out 'note[KA0110]'
has out 'note[KA0015]'
run 1 validate --strict other.yaml
has out 'warning[KA0110]'
run 1 validate --strict empty.yaml
has out 'warning[KA0015]'
run 0 validate --strict --ignore KA0110 good.yaml other.yaml
mkdir nothing
run 0 validate nothing
has out '0 policies in 0 files'

# ---- ignoring ----
run 0 validate --strict --ignore KA0111 warning.yaml
hasnt out KA0111
has out '(1 ignored)'
run 0 validate --strict --ignore ka801,KA0111 --ignore 110 warning.yaml other.yaml
run 2 validate --ignore KA0105 good.yaml
has err 'KA0105 is an error and cannot be ignored'
run 2 validate --ignore KA4711 good.yaml
has err "'KA4711' is no id"
run 2 validate --ignore KA0801, good.yaml
has err "'' is no id"
sed 's/^  message:/  message: # karmor-c: ignore KA0111 filled in later/' warning.yaml >meant.yaml
run 0 validate --strict meant.yaml
has out '(1 ignored)'
sed 's/audit/audit # karmor-c: ignore KA0105/' bad.yaml >error.yaml
run 1 validate error.yaml
has out 'error[KA0105]'
has out 'KA0803'

# ---- how many ----
{ cat good.yaml && for i in 1 2 3 4 5 6; do echo "  f$i: 1"; done; } >many.yaml
run 1 validate --max 3 many.yaml
[ "$(grep -c ': error\[' out)" = 3 ] || fail "--max 3 shows $(grep -c ': error\[' out)"
has out 'many.yaml: 3 more are not shown; --max 0 shows all'
has out '6 errors'
run 1 validate --max 0 many.yaml
[ "$(grep -c ': error\[' out)" = 6 ] || fail '--max 0 does not show all'
hasnt out 'not shown'
run 1 validate -q bad.yaml
hasnt out 'policy in'
run 1 validate bad.yaml
has out 'karmor-c explain-id KA0201'

# ---- kernels, portability ----
run 0 validate --kernel 6.1 good.yaml
run 0 validate --kernel 6.12 good.yaml
run 2 validate --kernel 2.4 good.yaml
has err "'2.4' is not known; there are: 6.1"
run 0 validate --portable kubearmor good.yaml
run 0 validate --portable none good.yaml
run 2 validate --portable apparmor good.yaml

# ---- standard input ----
"$KARMOR_C" validate - <bad.yaml >out || true
has out '<stdin>:12:15: error[KA0201]'
run 2 validate --fix -
has err '--diff'
"$KARMOR_C" validate --diff - <bad.yaml >out 2>err || true
has out '+  action: Audit'
has out '--- <stdin>'

# ---- corrections ----
cp bad.yaml fixed.yaml
chmod 640 fixed.yaml
ln -s fixed.yaml link.yaml
run 1 validate --diff link.yaml
has out '-  action: audit'
has out '+  action: Audit'
has err '1 correction in 1 file; --fix makes it'
same bad.yaml fixed.yaml
run 1 validate --fix link.yaml
has out '1 was corrected'
hasnt out KA0105
has out KA0201
grep -q '^  action: Audit$' fixed.yaml || fail '--fix corrects nothing'
[ "$(diff bad.yaml fixed.yaml | grep -c '^[<>]')" = 2 ] || fail '--fix changes more than the mistake'
[ -L link.yaml ] || fail '--fix replaces a link'
[ "$(stat -c %a fixed.yaml)" = 640 ] || fail "--fix changes the mode to $(stat -c %a fixed.yaml)"
cp fixed.yaml again.yaml
run 1 validate --fix fixed.yaml
same again.yaml fixed.yaml
hasnt out 'corrected'
run 1 validate --diff fixed.yaml
empty out
has err 'nothing that could be corrected'
# one correction brings the next to light
sed 's/namespace: /namespace:/; s/usr/\/usr/' bad.yaml >two.yaml
run 0 validate --fix two.yaml
has out '2 were corrected'
has two.yaml 'namespace: shop'
has two.yaml 'action: Audit'
run 2 validate --fix --diff bad.yaml
run 2 validate --diff --format sarif bad.yaml
has err '--output'
run 1 validate --diff --format sarif -o report bad.yaml
has out '+  action: Audit'
has report '"ruleId": "KA0105"'
has report '"fixes"'
run 0 compile -o good.bundle good.yaml
run 0 validate good.bundle
run 2 validate --fix good.bundle
has err 'a bundle cannot be corrected'

# ---- what cannot be read ----
mkdir dir
cp bad.yaml dir/a.yaml
ln -s "$T/no" dir/b.yaml
mkfifo dir/pipe.yaml 2>/dev/null && rm dir/pipe.yaml
run 1 validate dir
run 3 validate missing.yaml dir
has out 'dir/a.yaml:12:15: error[KA0201]'
has err 'missing.yaml'
has out 'not read: 1 input'
if [ "$(id -u)" != 0 ]; then
	chmod 0 dir/a.yaml
	run 3 validate dir good.yaml
	has err dir/a.yaml
fi

# ---- explanations ----
run 0 explain-id KA0105 502
has out 'KA0105  error  NOT_ONE_OF'
has out 'KA0502  warning  RULE_SHADOWED'
run 0 explain-id
has out 'KA0801  note'
[ "$(wc -l <out)" = "$(grep -c '^KA_DIAG(' "$SOURCE/compiler/base/diag_ids.def")" ] ||
	fail 'explain-id does not list all'
run 0 explain-id --format json ka0105
python3 -c 'import json; (d,) = json.load(open("out")); assert d["id"] == "KA0105" and d["text"] and d["markdown"] and d["title"]' ||
	fail 'explain-id as JSON'
run 2 explain-id KA9999
has err 'there is no diagnostic'

finish
