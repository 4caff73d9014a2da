# vm: smp=1 timeout=1700
# SPDX-License-Identifier: Apache-2.0
# Proof 3, second half: apply is killed at every system call that changes state. The old or the new
# generation is in force, whole, and the next apply heals. KA_VM_STEP=n tries every n-th call of a
# warm apply, KA_VM_COLD_STEP of a cold one, where the kernel checks all programs anew (1 tries all).
. ./lib.sh
exec 2>/dev/null # bash tells of each that was killed
D=/srv/swap
mkdir -p $D
for f in denied open only-a only-b; do
	echo content >$D/$f
done
cp /usr/local/bin/ka-try $D/blocked
A=../policies/swap-a.yaml B=../policies/swap-b.yaml COLD=../policies/cold.yaml
CALLS=bpf,openat,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,write,pwrite64,fsync
CALLS+=,fdatasync,ftruncate,fchmod,link,linkat,symlink

# calls_of FILE: an apply of FILE, as lines "CALL N": its N-th CALL changes state
calls_of() {
	strace -qq -e trace=$CALLS -e signal=none -o /run/trace karmor-c apply "$1" >$T_OUT 2>&1 || return
	awk '{
		call = $0
		sub(/\(.*/, "", call)
		n[call]++
		if (call == "bpf" && !/BPF_(MAP_CREATE|MAP_UPDATE_ELEM|MAP_UPDATE_BATCH|MAP_DELETE_ELEM|MAP_FREEZE|PROG_LOAD|BTF_LOAD|LINK_CREATE|LINK_UPDATE|LINK_DETACH|RAW_TRACEPOINT_OPEN|ITER_CREATE|OBJ_PIN)/)
			next
		if (call == "openat" && !/O_CREAT|O_WRONLY|O_RDWR/)
			next
		if (call == "write" && /^write\([12],/)
			next
		print call, n[call]
	}' /run/trace
}

# What a table of one workload says, as words; none: run refuses.
probe() {
	local status=0
	workload "$1" - ka-try table "$2" >/run/probe.out 2>&1 </dev/null || status=$?
	[ $status = 125 ] && echo none && return
	sed -n 's/^ok.*/met/p; t; s/^not ok.*got //p' /run/probe.out | tr '\n' ' '
}

cat >/run/probe-warm <<-T
	ok open-r $D/open
	EACCES open-r $D/denied
	EACCES open-r $D/only-a
	EACCES open-r $D/only-b
T
warm_state() {
	case $(probe swap /run/probe-warm) in
	"met met met ok ") echo a ;;
	"met met ok met ") echo b ;;
	*) tr '\n' ' ' </run/probe.out ;;
	esac
}
warm() { karmor-c apply $A >/run/prepare.out 2>&1 || note </run/prepare.out; }

cat >/run/probe-cold <<-T
	ok exec /usr/local/bin/ka-try nothing
	EACCES exec $D/blocked nothing
T
cold_state() {
	case $(probe cold /run/probe-cold) in
	"met met ") echo b ;;
	"met ok ") echo open ;;
	none) echo none ;;
	*) tr '\n' ' ' </run/probe.out ;;
	esac
}
cold() {
	karmor-c off >/run/prepare.out 2>&1 || note </run/prepare.out
	rm -rf /var/lib/karmor-c /run/karmor-c
}

# kill_everywhere PREPARE STEP FILE ALLOWED: ALLOWED are the states that may be found afterwards
kill_everywhere() {
	local prepare=$1 step=$2 file=$3 allowed=$4 call n g killed=0 bad=0 unhealed=0 tried=0
	$prepare
	calls_of "$file" >/run/calls || { not_ok "$prepare: apply under strace" && note <$T_OUT; }
	echo "# $prepare: $(cut -d' ' -f1 /run/calls | sort | uniq -c | tr -s ' \n' ' '), every $step"
	awk -v step="$step" -v at="$((RANDOM % step))" 'NR % step == at' /run/calls >/run/chosen
	while read -r call n; do
		$prepare
		strace -qq -e trace="$call" -e signal=none -e inject="$call":signal=KILL:when="$n" -o /dev/null \
			karmor-c apply "$file" >/run/killed.out 2>&1 </dev/null
		[ $? = 137 ] && killed=$((killed + 1))
		g=$(${prepare}_state)
		case " $allowed " in
		*" $g "*) ;;
		*) bad=$((bad + 1)) && echo "# killed at $call $n: $g" ;;
		esac
		karmor-c apply "$file" >/run/heal.out 2>&1 </dev/null
		g=$?:$(${prepare}_state)
		[ "$g" = 0:b ] || { unhealed=$((unhealed + 1)) && echo "# healing after $call $n: $g" && note </run/heal.out; }
		tried=$((tried + 1))
		[ $((tried % 10)) = 0 ] && echo "# $prepare: $tried tried, $bad bad, $unhealed not healed"
	done </run/chosen
	is "$prepare: killed at $killed system calls that change state" $((killed > 5)) 1
	is "$prepare: a whole generation is in force each time" $bad 0
	is "$prepare: the next apply heals each time" $unhealed 0
}

RANDOM=${KA_VM_SEED:-1}
kill_everywhere cold "$KA_VM_COLD_STEP" $COLD "none open b"
cold
warm
is "generation A is in force" "$(warm_state)" a
kill_everywhere warm "$KA_VM_STEP" $B "a b"
nobody_left
done_testing
