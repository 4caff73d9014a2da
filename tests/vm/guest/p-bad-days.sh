# vm: smp=1 timeout=900
# SPDX-License-Identifier: Apache-2.0
# Bad input and bad days: a message that says what and what to do, the documented exit status, and
# the generation that was in force still in force.
. ./lib.sh
D=/srv/swap
mkdir -p $D
for f in denied open only-a only-b; do
	echo content >$D/$f
done
A=../policies/swap-a.yaml B=../policies/swap-b.yaml

still_a() { # WHEN
	table "${1// /-}" workload swap - ka-try <<-T
		ok open-r $D/open
		EACCES open-r $D/denied
		EACCES open-r $D/only-a
		ok open-r $D/only-b
	T
}
# refused STATUS TEXT WHAT COMMAND...: fails, says TEXT, and A holds as before
refused() {
	local status=$1 text=$2 what=$3
	shift 3
	expect "$status" "$what" "$@"
	says "$text" "$what: it says so"
	still_a "$what"
}

apply $A
still_a "to begin with"

# ---- input ----
refused 1 'bad.yaml:9' "a malformed policy" karmor-c apply ../policies/bad.yaml
printf 'kind: [unclosed\n' >/run/broken.yaml
refused 1 'broken.yaml:' "malformed YAML" karmor-c apply /run/broken.yaml
refused 3 'nowhere.yaml' "a file that is not there" karmor-c apply /run/nowhere.yaml
expect 0 "compile B" karmor-c compile $B -o /run/b.bundle
size=$(stat -c %s /run/b.bundle)
for part in 1 3 7; do
	head -c $((size * part / 8)) /run/b.bundle >/run/cut.bundle
	refused 3 'cut.bundle' "a bundle cut at $part of 8" karmor-c apply --replace /run/cut.bundle
done
for part in 1 2 3 4 5 6 7; do
	cp /run/b.bundle /run/flipped.bundle
	at=$((size * part / 8))
	byte=$(od -An -tu1 -j $at -N 1 /run/b.bundle)
	printf "\\x$(printf %x $((byte ^ 16)))" | dd of=/run/flipped.bundle bs=1 seek=$at conv=notrunc 2>/dev/null
	expect 3 "a bundle with a bit flipped at $part of 8" karmor-c apply --replace /run/flipped.bundle
done
still_a "after flipped bundles"
expect 3 "karmor-load refuses it too" karmor-load /run/flipped.bundle
still_a "after karmor-load"
refused 2 'unknown' "an unknown option" karmor-c apply --no-such-option $B

# ---- surroundings ----
cp $B /srv/b.yaml
expect 5 "no root" setpriv --reuid 1000 --regid 1000 --clear-groups karmor-c apply /srv/b.yaml
says 'root\|CAP_\|permitted\|ermission' "no root: it says so"
still_a "no root"

mount -o remount,ro /sys/fs/bpf
expect 5 "a read-only bpffs" karmor-c apply $B
says '/sys/fs/bpf' "a read-only bpffs: it says so"
mount -o remount,rw /sys/fs/bpf
still_a "bpffs is back"

mkdir -p /run/saved
cp -a /var/lib/karmor-c/. /run/saved/
mount -t tmpfs -o size=64k full /var/lib/karmor-c
cp -a /run/saved/. /var/lib/karmor-c/ 2>/dev/null
dd if=/dev/zero of=/var/lib/karmor-c/filler bs=4k 2>/dev/null
refused 5 'karmor-c\|No space' "a full disk" karmor-c apply $B
umount /var/lib/karmor-c
still_a "the disk is back"

karmor-c apply $B >/run/one 2>&1 &
karmor-c apply $B >/run/two 2>&1 &
karmor-c apply $B >/run/three 2>&1 &
wait %1
s1=$?
wait %2
s2=$?
wait %3
s3=$?
is "three at a time: each succeeds or says that another runs" \
	"$(for s in $s1 $s2 $s3; do [ $s = 0 ] || [ $s = 5 ] || echo "$s"; done)" ""
is "three at a time: one got through" "$( ([ $s1 = 0 ] || [ $s2 = 0 ] || [ $s3 = 0 ]) && echo yes)" yes
table b-holds workload swap - ka-try <<-T
	EACCES open-r $D/denied
	ok open-r $D/only-a
	EACCES open-r $D/only-b
T
apply $A
flock /run/karmor-c/lock sleep 20 &
sleep 0.5
refused 5 'lock\|another' "a writer that keeps the lock" timeout 30 karmor-c apply $B
kill %% 2>/dev/null
wait

# ---- the kernel ----
mount -t tmpfs none /sys/kernel/btf
expect 0 off karmor-c off
expect 4 "no BTF" karmor-c apply $B
says BTF "no BTF: it says so"
is "no BTF: nothing is pinned" "$(ls -A /sys/fs/bpf)" ""
umount /sys/kernel/btf
apply $A
still_a "BTF is back"
done_testing
