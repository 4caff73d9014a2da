# vm: smp=1 timeout=300 kernels=6.1 append=preempt=full
# SPDX-License-Identifier: Apache-2.0
# 6.1 with preempt=full: task storage cannot be relied on there, so apply refuses.
. ./lib.sh
expect 4 "apply" karmor-c apply ../policies/swap-a.yaml
says 'preempt' "apply names the reason"
expect 4 "probe" karmor-c probe
is "nothing is pinned" "$(ls -A /sys/fs/bpf)" ""
done_testing
