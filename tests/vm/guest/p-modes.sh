# vm: smp=1 timeout=600
# SPDX-License-Identifier: Apache-2.0
# Proof 4: delete, mode and off do exactly what they say.
. ./lib.sh
D=/srv/modes
mkdir -p $D
for f in one two three; do
	echo content >$D/$f
done
P=../policies/modes.yaml

state() { # WHAT ONE TWO THREE: ok or EACCES
	table "$1" workload modes app=m ka-try <<-T
		$2 open-r $D/one
		$3 open-r $D/two
		$4 open-r $D/three
	T
}

expect 125 "run fails where nothing is in force" workload modes app=m ka-try open-r $D/one
apply --dry-run $P
expect 125 "--dry-run changed nothing" workload modes app=m ka-try open-r $D/one
apply $P
state applied EACCES EACCES EACCES
expect 0 "the same again" karmor-c apply $P
says unchanged "it says unchanged"
expect 0 "get lists them" karmor-c get -o name
says 'modes/one' "get names the first"
says 'modes/two' "get names the second"

expect 2 "an ambiguous name is refused" karmor-c delete same
state after-ambiguous EACCES EACCES EACCES
expect 0 "delete one" karmor-c delete modes/one
state deleted ok EACCES EACCES
expect 1 "deleting what is not there is refused" karmor-c delete modes/one
expect 0 "delete -f FILE takes the rest" karmor-c delete -f ../policies/modes-two.yaml
state deleted-by-file ok ok EACCES
apply $P
state applied-again EACCES EACCES EACCES

before=$(count_records)
expect 0 "mode audit" karmor-c mode audit
NO_EVENTS=1 state audit ok ok ok
is "audit: three events" $(($(count_records) - before)) 3
is "audit: each says would deny" "$(last_records 3 | grep -ci 'would.deny')" 3
expect 0 "mode enforce" karmor-c mode enforce
state enforced EACCES EACCES EACCES
expect 0 "mode audit of one policy" karmor-c mode audit modes/one
NO_EVENTS=1 state audit-one ok EACCES EACCES
expect 0 "mode enforce of one policy" karmor-c mode enforce modes/one
state enforced-one EACCES EACCES EACCES
expect 0 "apply --audit" karmor-c apply --audit $P
NO_EVENTS=1 state apply-audit ok ok ok
apply $P
expect 0 "mode enforce again" karmor-c mode enforce
state enforced-again EACCES EACCES EACCES

expect 0 "status" karmor-c status
says modes "status names the policies"
expect 0 "status as JSON" karmor-c status --format json
expect 0 "it is JSON" jq -e . $T_OUT

karmor-c run --namespace modes --label app=m -- ka-try wait-for /run/off , open-r $D/one >/run/off.out 2>&1 </dev/null &
sleep 1
expect 0 "off" karmor-c off
touch /run/off
wait
is "off frees the workloads that run" "$(cat /run/off.out)" "wait-for: ok"
is "off leaves no pin" "$(ls -A /sys/fs/bpf)" ""
expect 125 "run fails after off" workload modes app=m ka-try open-r $D/one
expect 0 "off again changes nothing" karmor-c off

expect 0 "compile a bundle" karmor-c compile $P -o /run/modes.bundle
expect 0 "karmor-load applies it" karmor-load /run/modes.bundle
nobody_left
state loaded EACCES EACCES EACCES
expect 0 "compile a smaller one" karmor-c compile ../policies/modes-two.yaml -o /run/two.bundle
expect 5 "a bundle that would remove policies is refused" karmor-c apply /run/two.bundle
says 'modes/one' "it lists what would go"
state not-replaced EACCES EACCES EACCES
expect 0 "unless --replace" karmor-c apply --replace /run/two.bundle
state replaced ok EACCES ok

expect 3 "exit status of the command" workload modes app=m sh -c 'exit 3'
expect 127 "127 for a command that is not there" workload modes app=m /nowhere
expect 126 "126 for one that cannot be run" workload modes app=m /etc/hostname
done_testing
