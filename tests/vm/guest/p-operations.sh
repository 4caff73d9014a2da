# vm: smp=1 timeout=900
# SPDX-License-Identifier: Apache-2.0
# Proof 6: every operation on ext4, tmpfs and overlayfs alike, with one event per denial. The same
# tables first where no policy holds (control): there all of it works.
. ./lib.sh

operations() {
	cat <<-T
		# closed: neither read nor changed
		EACCES open-r /t/closed/f
		EACCES open-w /t/closed/f
		EACCES open-rw /t/closed/f
		EACCES open-rw-mmap /t/closed/f
		EACCES open-append /t/closed/f
		EACCES open-trunc /t/closed/f
		EACCES open-r-trunc /t/closed/f
		EACCES open-uring /t/closed/f
		EACCES openat2 /t/closed/f
		EACCES open-r /t/closed/sub/f
		EACCES open-r /t/free/link
		EACCES open-r /t/free/../closed/f
		EACCES list /t/closed
		EACCES list /t/closed/sub
		EACCES creat /t/closed/new
		EACCES creat-or-w /t/closed/f
		EACCES unlink /t/closed/g
		EACCES rename /t/closed/g /t/closed/new
		EACCES rename /t/closed/g /t/free/new
		EACCES rename /t/free/g /t/closed/new
		EACCES rename /t/free/g /t/closed/g
		EACCES exchange /t/closed/g /t/free/g
		EACCES exchange /t/free/g /t/closed/g
		EACCES link /t/closed/f /t/free/new
		EACCES link /t/free/f /t/closed/new
		EACCES symlink /t/free/f /t/closed/new
		ok symlink /t/closed/f /t/free/new-link
		EACCES mkdir /t/closed/new
		EACCES rmdir /t/closed/dir
		EACCES mknod /t/closed/new
		EACCES mkfifo /t/closed/new
		EACCES truncate /t/closed/f
		EACCES chmod /t/closed/f
		EACCES chown /t/closed/f
		EACCES lchown /t/closed/f
		EACCES chmod /t/closed
		ok stat /t/closed/f
		ok access /t/closed/f
		ok readlink /t/free/link
		ok chdir /t/closed
		# a path descriptor is no opening, what is done by it is judged
		ok keep-path /t/closed/f
		EACCES keep-path /t/closed/f , kept-reopen-r
		EACCES keep-path /t/closed , kept-openat f
		EACCES keep-path /t/closed , kept-creatat new
		EACCES keep-path /t/closed/f , kept-link /t/free/new
		EACCES chdir /t/closed , open-r f
		EACCES chdir /t/closed/sub , open-r ../f
		# read-only: read, listed, executed, but not changed
		ok open-r /t/ro/f
		ok open-r-private /t/ro/f
		ok open-uring /t/ro/f
		ok list /t/ro
		EACCES open-w /t/ro/f
		EACCES open-rw /t/ro/f
		EACCES open-rw-mmap /t/ro/f
		EACCES open-append /t/ro/f
		EACCES open-trunc /t/ro/f
		EACCES open-r-trunc /t/ro/f
		EACCES creat /t/ro/new
		EACCES creat-or-w /t/ro/f
		EACCES unlink /t/ro/g
		EACCES rename /t/ro/g /t/ro/new
		EACCES rename /t/ro/g /t/free/new
		EACCES rename /t/free/g /t/ro/g
		EACCES exchange /t/free/g /t/ro/g
		EACCES link /t/ro/f /t/free/new
		EACCES link /t/free/f /t/ro/new
		EACCES symlink /t/free/f /t/ro/new
		EACCES mkdir /t/ro/new
		EACCES rmdir /t/ro/dir
		EACCES mknod /t/ro/new
		EACCES truncate /t/ro/f
		EACCES chmod /t/ro/f
		EACCES chown /t/ro/f
		EACCES keep-r /t/ro/f , kept-chmod
		EACCES keep-r /t/ro/f , kept-chown
		EACCES keep-r /t/ro/f , kept-reopen-w
		EACCES keep-path /t/ro/f , kept-link /t/free/new
		# not recursive: the directory and its children
		EACCES list /t/shallow
		EACCES open-r /t/shallow/f
		EACCES creat /t/shallow/new
		ok open-r /t/shallow/sub/f
		ok creat /t/shallow/sub/new
		ok unlink /t/shallow/sub/new
		# one path, and patterns
		EACCES open-r /t/dir/exact
		ok open-r /t/dir/other
		EACCES open-r /t/dir/x.secret
		ok open-r /t/x.secret
		EACCES creat /t/free/new.secret
		EACCES rename /t/free/g /t/free/new.secret
		EACCES open-r /t/pat/a1x.t*t
		ok open-r /t/pat/a1x.txt
		ok open-r /t/pat/c1x.t*t
		# what no rule names
		ok open-r /t/free/f
		ok creat /t/free/new
		ok rename /t/free/new /t/free/new2
		ok link /t/free/new2 /t/free/new3
		ok chmod /t/free/new2
		ok unlink /t/free/new2
		ok truncate /t/free/f
		ok mkdir /t/free/d
		ok rename /t/free/d /t/free/e
		ok rmdir /t/free/e
		ok|EOPNOTSUPP tmpfile /t/free
		# programs
		ok exec /t/bin/free nothing
		EACCES exec /t/bin/blocked nothing
		EACCES execfd /t/bin/blocked nothing
		EACCES execat /t/bin blocked nothing
		EACCES exec-thread /t/bin/blocked nothing
		EACCES spawn /t/bin/blocked nothing
		EACCES exec /t/bin/blocked-by-name nothing
		EACCES exec /t/sbin/any nothing
		EACCES exec /t/bin/script
		EACCES map-exec /t/bin/blocked
		EACCES map-then-exec /t/bin/blocked
		ok map-exec /t/bin/free
		ok open-r /t/bin/blocked
		ok copy /t/bin/blocked /t/free/copied , exec /t/free/copied nothing
		ok memfd /t/bin/blocked nothing
	T
}

# Without a fixture after each line, what one line made is undone by the next: no control for these.
for_control() { operations | sed -E 's/^ok (creat|unlink|rename|rmdir|link|chmod) /ok! \1 /'; }

for fs in ext4 tmpfs overlayfs; do
	rm -rf /t
	mkdir /t
	[ $fs = overlayfs ] && ./fixture-operations.sh
	fresh_dir $fs /t
	./fixture-operations.sh
	control $fs-control ./fixture-operations.sh < <(for_control)
	apply ../policies/operations.yaml
	./fixture-operations.sh
	table $fs workload ops - ka-try < <(operations)
	./fixture-operations.sh
	drop_caches
	table $fs-cold workload ops - ka-try < <(operations)
	expect 0 off karmor-c off
	cd /
	umount /t 2>/dev/null
	cd - >/dev/null || exit 1
done
done_testing
