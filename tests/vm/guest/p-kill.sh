# vm: smp=1 timeout=1700
# SPDX-License-Identifier: Apache-2.0
# Proof 3, second half: apply is killed at every system call that changes state. The old or the new
# generation is in force, whole, and the next apply heals. KA_VM_STEP=n tries every n-th of
# a warm apply, KA_VM_COLD_STEP every n-th of a cold one, where the kernel checks all programs anew.
. ./lib.sh
D=/srv/swap
mkdir -p $D
for f in denied open only-a only-b; do
	echo content >$D/$f
done
A=../policies/swap-a.yaml B=../policies/swap-b.yaml
CALLS=bpf,openat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,write,pwrite64,fsync
CALLS+=,fdatasync,ftruncate,flock,fchmod,link,linkat,perf_event_open

# which ones COMMAND... makes, as "CALL COUNT" lines
count_calls() {
	strace -f -qq -e trace=$CALLS -e signal=none -o /run/trace "$@" >$T_OUT 2>&1 || return
	sed 's/^[0-9]* *//; s/(.*//' /run/trace | sort | uniq -c | awk '{print $2, $1}'
}

# What is in force, as a word: a, b, none (run refuses), open (nothing denied), or what is wrong.
generation() {
	local status=0
	workload swap - ka-try table /run/probe >/run/probe.out 2>&1 </dev/null || status=$?
	[ $status = 125 ] && echo none && return
	case $(sed -n 's/^not ok.*got /got-/p; s/^ok.*/as-expected/p' /run/probe.out | tr '\n' ' ') in
	"as-expected as-expected as-expected got-ok ") echo a ;;
	"as-expected as-expected got-ok as-expected ") echo b ;;
	"as-expected got-ok got-ok got-ok ") echo open ;;
	*) tr '\n' ' ' </run/probe.out ;;
	esac
}
cat >/run/probe <<-T
	ok open-r $D/open
	EACCES open-r $D/denied
	EACCES open-r $D/only-a
	EACCES open-r $D/only-b
T

# kill_everywhere STEP WHAT ALLOWED PREPARE: ALLOWED are the generations that may be in force
kill_everywhere() {
	local step=$1 what=$2 allowed=$3 prepare=$4 call count n g killed=0 bad=0 unhealed=0
	$prepare
	count_calls karmor-c apply $B >/run/calls || { not_ok "$what: apply under strace" && note <$T_OUT; }
	tr '\n' ' ' </run/calls | sed 's/^/# /'
	echo
	while read -r call count; do
		for n in $(seq $((1 + RANDOM % (count < step ? count : step))) "$step" "$count"); do
			$prepare
			strace -f -qq -e trace=none -e signal=none \
				-e inject="$call":signal=KILL:when="$n" -o /dev/null \
				karmor-c apply $B >/run/killed.out 2>&1 </dev/null
			[ $? = 137 ] && killed=$((killed + 1))
			g=$(generation)
			case " $allowed " in
			*" $g "*) ;;
			*) bad=$((bad + 1)) && echo "# $call $n: $g" ;;
			esac
			karmor-c apply $B >/run/heal.out 2>&1 </dev/null
			g=$?:$(generation)
			[ "$g" = 0:b ] || { unhealed=$((unhealed + 1)) && echo "# $call $n, healing: $g" && note </run/heal.out; }
		done
	done </run/calls
	is "$what: killed at $killed system calls" $((killed > 10)) 1
	is "$what: a whole generation is in force each time" $bad 0
	is "$what: the next apply heals each time" $unhealed 0
}

warm() { karmor-c apply $A >/run/prepare.out 2>&1 || note </run/prepare.out; }
cold() {
	karmor-c off >/run/prepare.out 2>&1
	rm -rf /var/lib/karmor-c /run/karmor-c
}
apply $A
is "generation A is in force" "$(generation)" a
RANDOM=${KA_VM_SEED:-1}
kill_everywhere "$KA_VM_STEP" warm "a b" warm
kill_everywhere "$KA_VM_COLD_STEP" cold "none open b" cold
nobody_left
done_testing
