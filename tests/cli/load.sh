#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# karmor-load as people call it: options, exit codes, what it refuses, and how small it is.
. "$SOURCE/tests/cli/lib.sh"

: "${KARMOR_LOAD:?is the loader under test}"

# load EXIT ARGUMENT...: like run
load()
{
	compiler=$KARMOR_C
	KARMOR_C=$KARMOR_LOAD
	run "$@"
	KARMOR_C=$compiler
}

# ---- usage ----

load 2
has err 'one BUNDLE is needed'
load 2 one two
has err 'one BUNDLE is needed'
load 2 --no-such-option file
has err "try 'karmor-load --help'"
empty out
load 0 --version
has out 'karmor-load '
load 0 --help
empty err
for option in dry-run quiet replace force debug help version; do
	has out "--$option"
	grep -q "Fl -$option\|, -$option\| -$option" "$SOURCE/man/karmor-load.8" ||
		fail "karmor-load(8) lacks --$option"
done

# ---- what cannot be read ----

policy one ns /usr/bin/x Block >one.yaml
run 0 compile one.yaml -o whole
load 3 missing
has err 'missing: No such file or directory'
load 3 .
has err 'Is a directory'
load 3 /dev/null
load 3 one.yaml
has err 'not a bundle'
: >empty
load 3 empty
has err 'not a bundle'
size=$(wc -c <whole)
for keep in 10 1000 $((size / 2)) $((size - 1)); do
	head -c "$keep" whole >cut
	load 3 cut
	has err 'error: cut: '
done
for at in 70 5000 $((size / 2)) $((size - 40)); do
	{
		head -c "$at" whole
		head -c 1 /dev/zero | tr '\0' '\377'
		tail -c +$((at + 2)) whole
	} >flipped
	cmp -s whole flipped || load 3 flipped
done
empty out

# ---- how small it is ----

libraries=$(ldd "$KARMOR_LOAD" | awk '{ print $1 }')
for unwanted in yaml jansson xdp; do
	case $libraries in
	*"$unwanted"*) fail "karmor-load links $unwanted" ;;
	esac
done
case $libraries in
*libasan* | *libubsan*) ;;
*)
	strip -o stripped "$KARMOR_LOAD"
	bytes=$(wc -c <stripped)
	[ "$bytes" -le 200000 ] || fail "karmor-load has $bytes bytes"
	;;
esac

finish
