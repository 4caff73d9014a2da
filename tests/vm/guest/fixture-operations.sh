#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# What the lines of p-operations.sh need, made anew. Runs before each control: hence hardly a fork.
cd /t || exit 1
for d in closed closed/sub closed/dir ro ro/sub ro/dir shallow shallow/sub dir pat bin sbin free; do
	[ -d $d ] || busybox mkdir $d
done
for new in free/* closed/new* ro/new* shallow/new*; do
	case $new in
	free/f | free/g | free/link) ;;
	*) [ -e "$new" ] || [ -L "$new" ] && busybox rm -rf "$new" ;;
	esac
done
for f in closed/f closed/g closed/sub/f ro/f ro/g ro/sub/f shallow/f shallow/sub/f dir/exact dir/other \
	dir/x.secret x.secret pat/a1x.t\*t pat/a1x.txt pat/c1x.t\*t free/f free/g; do
	[ -s $f ] || echo content >$f
done
for p in bin/blocked bin/free sbin/any bin/blocked-by-name; do
	[ -s $p ] || busybox cp /usr/local/bin/ka-try $p
done
[ -L free/link ] || busybox ln -s /t/closed/f free/link
[ -s bin/script ] && exit 0
echo '#!/t/bin/blocked nothing' >bin/script
busybox chmod 755 bin/script
