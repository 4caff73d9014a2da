#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is read, how much of it, and what is not waited for.
. "$SOURCE/tests/cli/lib.sh"

policy good shop /usr/bin/apt Block >good.yaml

# ---- sizes ----
truncate -s 67108865 large.yaml
run 1 validate large.yaml
has out 'large.yaml: error[KA0010]: input is too large (limit is 67108864 bytes)'
run 1 validate large.yaml good.yaml
has out '1 policy in 2 files'
truncate -s 1G huge.yaml
run 1 validate huge.yaml
has out 'KA0010'

# piped WHAT...: validate reads standard input; whoever fills it may go on for ever
piped()
{
	got=0
	"$@" 2>/dev/null | "$KARMOR_C" validate - >out 2>err || got=$?
	[ "$got" = "$want" ] || fail "$* | validate -: exit $got, expected $want"
}

want=1
piped yes '# text'
has out '<stdin>: error[KA0010]: input is too large (limit is 33554432 bytes)'
piped cat /dev/zero
has out 'KA0010'
want=0
piped cat good.yaml
has out '1 policy in 1 file'
# longer than what is read at once, in pieces of all sizes
{
	cat good.yaml
	seq 10000 | sed 's/^/# /'
	printf -- '---\n'
	sed 's/name: good/name: next/' good.yaml
} >long.yaml
piped cat long.yaml
has out '2 policies in 1 file'
piped dd if=long.yaml bs=777 status=none
has out '2 policies in 1 file'
piped true
has out 'KA0015'

# a file without a size
run 0 validate /proc/self/limits
has out 'proc/self/limits'

# ---- directories ----
mkdir -p tree/sub/.hidden
policy plain shop /usr/bin/apt Block >tree/b.yaml
policy deep shop /usr/bin/apt Block >tree/sub/a.yml
policy hidden shop /usr/bin/apt Block >tree/sub/.hidden/c.yaml
policy dotted shop /usr/bin/apt Block >tree/.d.yaml
policy other shop /usr/bin/apt Block >tree/e.txt
mkfifo tree/f.yaml
ln -s "$T/long.yaml" tree/g.yaml
ln -s . tree/sub/h.yaml
ln -s nowhere tree/i.yaml
mkdir tree/j.yaml
run 0 validate tree
has out '4 policies in 3 files'

finish
