# vm: smp=2 timeout=1500
# SPDX-License-Identifier: Apache-2.0
# Proof 3, first half: four processes hammer a path while the generation is swapped; what both deny
# never opens, what both permit is never refused.
. ./lib.sh
D=/srv/swap
mkdir -p $D/tree
for f in denied open only-a only-b more tree/x; do
	echo content >$D/$f
done
apply ../policies/swap-a.yaml
for i in 1 2 3 4; do
	workload swap - nice -n 5 hammer $((KA_VM_ATTEMPTS / 4)) /run/stop $D/denied $D/open >/run/hammer-$i 2>&1 </dev/null &
done
sleep 1
is "four hammers run" "$(pgrep -c -x hammer)" 4
failed=0 start=$(date +%s)
for i in $(seq "$KA_VM_SWAPS"); do
	f=../policies/swap-$([ $((i % 2)) = 0 ] && echo a || echo b).yaml
	karmor-c apply $f >/run/apply.out 2>&1 || { failed=$((failed + 1)) && cp /run/apply.out /run/apply.failed; }
done
is "$KA_VM_SWAPS swaps under load ($(($(date +%s) - start)) s)" $failed 0
[ -e /run/apply.failed ] && note </run/apply.failed
touch /run/stop
wait
for i in 1 2 3 4; do
	note </run/hammer-$i
	is "hammer $i: no leak, no refusal" \
		"$(sed 's/attempts [0-9]* //' /run/hammer-$i)" "leaks 0 refused 0 odd 0"
done
attempts=$(awk '{n += $2} END {print n}' /run/hammer-*)
is "at least $KA_VM_ATTEMPTS attempts ($attempts)" $((attempts >= KA_VM_ATTEMPTS)) 1
nobody_left
done_testing
