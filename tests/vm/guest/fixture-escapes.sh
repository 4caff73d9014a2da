#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# What the lines of p-escapes.sh need, made anew. Runs before each control: hence hardly a fork.
[ -d /srv ] || busybox mv /vrs /srv
cd /srv || exit 1
for moved in above data bin; do
	[ -d ${moved}2 ] && busybox mv ${moved}2 $moved
done
[ -d free/s ] && busybox mv free/s secret
for d in secret ro above above/inner data bin mnt mnt/a mnt/b free root root/old; do
	[ -d $d ] || busybox mkdir $d
done
for gone in free/*; do
	[ -e "$gone" ] && busybox rm -rf "$gone"
done
for f in secret/token ro/file above/inner/file data/db; do
	[ -s $f ] || echo content >$f
done
for p in blocked allowed tool reader other; do
	[ -s bin/$p ] || busybox cp /usr/local/bin/ka-try bin/$p
done
for p in broken text interp; do
	[ -s bin/$p ] && continue
	case $p in
	# the kernel finds out about its interpreter after it has judged the program
	broken) sed 's|/lib64/ld-linux|/etc/../nowhere|' /usr/local/lib/karmor-tests/ka-try-dynamic >bin/broken ;;
	text) echo 'no program' >bin/text ;;
	interp) echo '#!/nowhere/interpreter' >bin/interp ;;
	esac
	busybox chmod 755 bin/$p
done
[ -s bin/dynamic ] || busybox cp /usr/local/lib/karmor-tests/ka-try-dynamic bin/dynamic
exit 0
