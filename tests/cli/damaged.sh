#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A bundle that is not whole is refused with 3 by everything that reads one, whatever is wrong.
. "$SOURCE/tests/cli/lib.sh"

policy web shop /usr/bin/apt Block >a.yaml
run 0 compile -o good a.yaml
size=$(wc -c <good)

refused()
{
	run 3 inspect "$1"
	empty out
	has err "$1"
	run 3 explain "$1" --namespace shop --label app=web --exec /usr/bin/apt
	empty out
	run 3 apply --dry-run "$1"
	empty out
}

for n in 1 3 4 16 63 64 65 100 $((size / 2)) $((size - 65)) $((size - 1)); do
	head -c "$n" good >"cut-$n"
	# what does not begin like a bundle is read as YAML, which is a finding
	[ "$n" -ge 4 ] && refused "cut-$n"
done
: >nothing
"$KARMOR_C" inspect nothing >out 2>err && fail 'an empty file is a bundle'

# one bit, in many places
python3 - "$size" <<'END'
import random, sys
random.seed(1)
good = open("good", "rb").read()
for i in range(24):
    at = random.randrange(4, len(good))
    bad = bytearray(good)
    bad[at] ^= 1 << random.randrange(8)
    open(f"flip-{i}", "wb").write(bad)
END
for f in flip-*; do
	got=0
	"$KARMOR_C" inspect "$f" >out 2>err || got=$?
	# also one between the sections
	[ $got = 3 ] || fail "$f: exit $got"
done

# more behind it, another version
cat good good >twice
"$KARMOR_C" inspect twice >out 2>err || [ $? = 3 ] || fail 'a doubled bundle: exit code'
run 2 apply --dry-run good a.yaml
has err "must stand alone"

finish
