#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The man page knows every command and every option, and no others.
. "$SOURCE/tests/cli/lib.sh"

page=$SOURCE/man/karmor-c.1

# the emergency exit comes first
[ "$(sed -n '/^\.Sh DESCRIPTION/{n;p}' "$page")" = '.Nm Cm off' ] ||
	fail 'DESCRIPTION does not begin with the emergency exit'

commands=$("$KARMOR_C" --help | sed -n 's/^  \([a-z-]*\)  *[a-z].*/\1/p' | grep -vx karmor-c)
for c in $commands; do
	# from this command's item to the next command's
	awk -v c="$c" '/^\.It Cm / {on = ($3 == c)} on' "$page" >section
	[ -s section ] || fail "karmor-c.1 has no command $c"
	"$KARMOR_C" "$c" --help >help
	sed -n 's/^  \(-., \)\{0,1\}--\([a-z-]*\).*/\2/p' help | grep -vx help >options || true
	while read -r o; do
		grep -qE -e "-$o\b" section || fail "karmor-c.1: $c has no --$o"
	done <options
	sed -n 's/^\.It .*Fl -*\([a-z-]*\).*/\1/p' section | grep -v '^.$' >documented || true
	while read -r o; do
		[ -z "$o" ] || grep -qx -e "$o" options || fail "karmor-c.1: $c has no option --$o any more"
	done <documented
done

for c in $(sed '/^\.Sh FORMATS/,$d' "$page" | sed -n 's/^\.It Cm \([a-z-]*\).*/\1/p' | grep -vx help); do
	echo "$commands" | grep -qx "$c" || fail "karmor-c.1: there is no command $c"
done

# exit codes
for code in 0 1 2 3 4 5; do
	awk '/^\.Sh EXIT STATUS/ {on = 1} on' "$page" | grep -qx "\.It $code" ||
		fail "karmor-c.1: no exit status $code"
done

for p in "$SOURCE"/man/*.[1-8] "$DIAGNOSTICS_7"; do
	if command -v mandoc >/dev/null; then
		# "referenced manual not found" depends on what is installed
		mandoc -Tlint -W warning "$p" >lint 2>&1 || true
		grep -v -e 'not found' -e 'unusual Xr order' lint >real || true
		[ ! -s real ] || fail "$(cat real)"
	fi
	if command -v man >/dev/null && command -v groff >/dev/null; then
		MANPAGER=cat man -l "$p" >rendered 2>warnings || fail "man cannot render $p"
		[ -s rendered ] || fail "$p renders to nothing"
	fi
done

finish
