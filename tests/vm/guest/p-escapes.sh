# vm: smp=2 timeout=900
# SPDX-License-Identifier: Apache-2.0
# Proof 5: ways out of a policy. Each table is tried first where no policy holds (control): there the
# way is open, so that a denial later means that the policy closed it.
. ./lib.sh
LONG=/srv/p0-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/p1-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/p2-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/p3-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/
S=/srv/secret/token
./fixture-escapes.sh

# 60 components below the closed directory; 3,000 bytes; beyond PATH_MAX only by chdir
D60=/srv/secret$(printf '/d%.0s' $(seq 60))
D3000=/srv/secret$(printf '/%0200d%.0s' $(seq 101 115 | sed 's/$/ /'))
C200=$(printf '%0200d' 7)
mkdir -p "$D60" "$D3000" "$LONG/sub"
for d in "$D60" "$D3000" "$LONG" "$LONG/sub"; do
	echo content >"$d/f"
done
ka-try chdir /srv/secret , dig "$C200" 40 , creat-or-w f >/dev/null
ka-try chdir /srv/secret , dig d 300 , creat-or-w f >/dev/null
ka-try chdir /srv/secret , dig d 2100 , creat-or-w f >/dev/null

# another mount namespace to enter, and a directory mounted nowhere else
unshare -m sleep 100000 &
NS=$!

closed() {
	cat <<-T
		EACCES open-r $S
		EACCES unshare-m , open-r $S
		EACCES unshare-u , open-r $S
		EACCES unshare-p , open-r $S
		EACCES unshare-p , unshare-u , fork , open-r $S
		EACCES setns /proc/$NS/ns/mnt , open-r $S
		EACCES setns /proc/$NS/ns/mnt , unshare-m , open-r $S
		EACCES open-r $D60/f
		EACCES open-r $D3000/f
		EACCES open-r $LONG/f
		EACCES open-r $LONG/sub/f
		EACCES chdir /srv/secret , descend $C200 40 , open-r f
		EACCES chdir /srv/secret , descend d 300 , open-r f
		EACCES chdir /srv/secret , descend d 2100 , open-r f
		EACCES chroot /srv/secret , open-r /token
		EACCES chroot-only /srv , open-r /secret/token
		EACCES chroot-only /srv/free , open-r ../../srv/secret/token
		EACCES open-r /proc/self/root$S
		EACCES open-r /proc/1/root$S
		EACCES chdir /srv/secret , open-r /proc/self/cwd/token
		EACCES keep-path $S , open-r /proc/self/fd/100
		EACCES keep-path $S , kept-reopen-r
		EACCES open-uring $S
		EACCES fork , open-r $S
		EACCES double-fork , open-r $S
		EACCES setsid , fork , setsid , open-r $S
		EACCES/8 threads 8 , open-r $S
		EACCES threads 1 , fork , open-r $S
		EACCES cgroup /sys/fs/cgroup/elsewhere , fork , open-r $S
		EACCES user 1000 , open-r $S
		EACCES exec-fails /srv/bin/text , open-r $S
		EACCES exec /srv/bin/blocked nothing
		EACCES execfd /srv/bin/blocked nothing
		EACCES execat /srv/bin blocked nothing
		EACCES exec-thread /srv/bin/blocked nothing
		EACCES fork , exec /srv/bin/blocked nothing
		EACCES unshare-m , exec /srv/bin/blocked nothing
		EACCES chroot /srv , exec /bin/blocked nothing
		EACCES exec /proc/self/root/srv/bin/blocked nothing
		EACCES open-rw-mmap /srv/ro/file
		EACCES keep-r /srv/ro/file , kept-reopen-w
		keep-w=EACCES! keep-w /srv/ro/file , kept-truncate
		EACCES truncate /srv/ro/file
		EACCES rename /srv/above /srv/above2
		EACCES rename /srv/above/inner /srv/above/renni
		EACCES rename /srv/secret /srv/free/s
		EACCES rename /srv /vrs
		EACCES exchange /srv/above /srv/free
		EACCES exchange /srv/free /srv/above
		EACCES link $S /srv/free/l
		EACCES keep-path $S , kept-link /srv/free/l
		EACCES symlink $S /srv/free/s , open-r /srv/free/s
		EACCES bind /srv/secret /srv/mnt/a
		EACCES rbind / /srv/mnt/a
		EACCES unshare-m , bind /srv/secret /srv/mnt/a
		EACCES move-mount /srv/secret /srv/mnt/a
		EACCES mount tmpfs /srv/secret
		EACCES mount tmpfs /srv
		EACCES mount tmpfs /srv/bin
		EACCES fsmount tmpfs /srv/secret
		EACCES open-tree /srv/secret token
		EACCES open-tree / srv/secret/token
		EACCES open-tree-exec /srv/bin blocked nothing
		EACCES fsmount-creat tmpfs new
		EACCES umount /srv/mnt/b
		EACCES umount-lazy /srv/mnt/b
		EACCES move /srv/mnt/b /srv/mnt/a
		EACCES pivot-root /srv/mnt/b /srv/mnt/b/old
		ok mount tmpfs /srv/mnt/a
		ok unshare-m , mount proc /srv/mnt/a
		ok! unshare-m , mount tmpfs /srv/mnt/a , umount /srv/mnt/a
		ok make-private /srv/mnt/b
		ok open-r /srv/mnt/b/file
		ok open-r /etc/hostname
		ok exec /srv/bin/other nothing
		ok exec-thread /srv/bin/other nothing
		ok unshare-m , open-r /etc/hostname
		ok setns /proc/$NS/ns/mnt , open-r /etc/hostname
		ok chroot /srv , open-r /data/db
	T
}

# one who is the reader stays it, one who is not does not become it
reader_closed() {
	cat <<-T
		EACCES open-r /srv/data/db
		EACCES fork , open-r /srv/data/db
		EACCES threads 1 , open-r /srv/data/db
		EACCES exec-fails /srv/bin/text , open-r /srv/data/db
		EACCES exec-fails /srv/bin/interp , open-r /srv/data/db
		EACCES exec-fails /srv/bin/broken , open-r /srv/data/db
		EACCES pose /srv/bin/other , open-r /srv/data/db
		ok exec /srv/bin/other open-r /srv/data/db
		ok exec-thread /srv/bin/other open-r /srv/data/db
	T
}

from_reader() {
	cat <<-T
		ok open-r /srv/data/db
		ok double-fork , open-r /srv/data/db
		ok threads 1 , open-r /srv/data/db
		ok exec-fails /srv/bin/text , open-r /srv/data/db
		exit:1/1 exec /srv/bin/other open-r /srv/data/db
	T
}

from_other() {
	cat <<-T
		EACCES open-r /srv/data/db
		ok exec /srv/bin/reader open-r /srv/data/db
		ok exec-thread /srv/bin/reader open-r /srv/data/db
		EACCES pose /srv/bin/reader , open-r /srv/data/db
		EACCES exec-fails /srv/bin/text , open-r /srv/data/db
		EACCES rename /srv/data /srv/data2
		EACCES open-w /srv/bin/reader
		EACCES open-rw-mmap /srv/bin/reader
		EACCES open-trunc /srv/bin/reader
		EACCES copy /srv/bin/other /srv/bin/reader
		EACCES rename /srv/bin/other /srv/bin/reader
		EACCES rename /srv/bin/reader /srv/free/reader
		EACCES unlink /srv/bin/reader
		EACCES rename /srv/bin /srv/bin2
		EACCES chmod /srv/bin/reader
		EACCES mount tmpfs /srv/bin
		EACCES unshare-m , mount tmpfs /srv/bin
		ok copy /srv/bin/reader /srv/free/reader , exec-fails /srv/bin/text , nothing
		exit:1!/1 copy /srv/bin/reader /srv/free/reader2 , exec /srv/free/reader2 open-r /srv/data/db
		exit:1!/1 memfd /srv/bin/reader open-r /srv/data/db
		ok open-r /etc/hostname
		ok open-w /srv/bin/dynamic
	T
}

allow_list() {
	cat <<-T
		ok exec /srv/bin/tool nothing
		ok exec-thread /srv/bin/tool nothing
		ok execfd /srv/bin/tool nothing
		EACCES exec /srv/bin/other nothing
		EACCES execfd /srv/bin/other nothing
		EACCES exec-thread /srv/bin/other nothing
		EACCES memfd /srv/bin/tool nothing
		EACCES memfd /srv/bin/other nothing
		EACCES exec /lib64/ld-linux-x86-64.so.2 /usr/bin/id
		EACCES exec /lib64/ld-linux-x86-64.so.2 /srv/bin/dynamic nothing
		EACCES copy /srv/bin/tool /srv/free/tool , exec /srv/free/tool nothing
		EACCES copy /srv/bin/other /srv/bin/tool
		EACCES open-w /srv/bin/tool
		EACCES rename /srv/bin/other /srv/bin/tool
		EACCES rename /srv/bin /srv/bin2
		EACCES mount tmpfs /srv/bin
		EACCES mount tmpfs /srv
		EACCES bind /srv/free /srv/bin
		EACCES fsmount tmpfs /srv/bin
		EACCES unshare-m , mount tmpfs /srv/bin
		EACCES chroot /srv , exec /bin/other nothing
		EACCES open-tree-exec /srv/bin other nothing
		EACCES open-tree-exec /srv/bin tool nothing
		EACCES exec /srv/bin/interp
		ok open-r /srv/bin/other
		ok map-exec /srv/bin/other
	T
}

# LD_PRELOAD: the code ends the program with 77. A source is started with AT_SECURE.
preload() {
	cat <<-T
		ok setenv LD_PRELOAD $TESTS/preload.so , exec /srv/bin/reader nothing
		exit:77 setenv LD_PRELOAD $TESTS/preload.so , exec /srv/bin/dynamic nothing
	T
}

mount_b() { # a mount that no workload made
	mount -t tmpfs b /srv/mnt/b
	echo content >/srv/mnt/b/file
	mkdir /srv/mnt/b/old
}

mount --make-rprivate /
mount_b
control closed ./fixture-escapes.sh < <(closed)
control reader-closed ./fixture-escapes.sh < <(reader_closed)
control from-other ./fixture-escapes.sh < <(from_other)
control allow-list ./fixture-escapes.sh < <(allow_list | sed 's/^EACCES exec .*interp/ENOENT! &/')
./fixture-escapes.sh
rm -rf /srv/free/*

apply ../policies/escapes.yaml
table closed workload esc app=closed ka-try < <(closed)
table reader-closed workload esc app=closed /srv/bin/reader < <(reader_closed)
table from-reader workload esc app=readers /srv/bin/reader < <(from_reader)
table from-other workload esc app=readers /srv/bin/other < <(from_other)
table allow-list workload esc app=listed /srv/bin/allowed < <(allow_list)
cp $TESTS/ka-try-dynamic /srv/bin/reader.new
mv /srv/bin/reader.new /srv/bin/reader
table preload workload esc app=readers /srv/bin/other < <(preload)
nobody_left

# chdir; umount -l; open: the tree has no name any more. With mounts allowed, as umount is denied else.
sed 's|^  namespace: esc|&\n  annotations:\n    karmor-c/mounts: allow|' ../policies/escapes.yaml >/run/mounts.yaml
expect 0 "apply with mounts allowed" karmor-c apply /run/mounts.yaml
mount -t tmpfs lazy /srv/mnt/a
mkdir /srv/mnt/a/dir
echo content >/srv/mnt/a/dir/f
cp /usr/local/bin/ka-try /srv/mnt/a/dir/tool
table detached workload esc app=closed ka-try <<-T
	ok open-r /srv/mnt/a/dir/f
	EACCES chdir /srv/mnt/a/dir , umount-lazy /srv/mnt/a , open-r f
	EACCES bind /srv/free /srv/secret
	ok unshare-m , bind /srv/free /srv/mnt/b
	EACCES open-tree /srv/secret token
	EACCES unshare-m , mount tmpfs /srv/secret
T
kill $NS
done_testing
