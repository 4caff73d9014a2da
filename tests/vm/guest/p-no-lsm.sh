# vm: smp=1 timeout=300 append=lsm=landlock,lockdown,yama
# SPDX-License-Identifier: Apache-2.0
# A kernel without bpf in its LSM list: refused with the boot parameter that would supply it.
. ./lib.sh
case $(cat /sys/kernel/security/lsm) in
*bpf*) not_ok "the kernel was to be without BPF LSM" ;;
*) ok "the kernel is without BPF LSM" ;;
esac
expect 4 "apply" karmor-c apply ../policies/swap-a.yaml
says 'lsm=.*bpf' "apply names the boot parameter"
expect 4 "probe" karmor-c probe
says 'lsm=.*bpf' "probe names the boot parameter"
expect 125 "run" karmor-c run --namespace swap -- true
is "nothing is pinned" "$(ls -A /sys/fs/bpf)" ""
expect 0 "validate needs no kernel" karmor-c validate ../policies/swap-a.yaml
expect 0 "compile needs no kernel" karmor-c compile ../policies/swap-a.yaml -o /run/bundle
expect 4 "karmor-load" karmor-load /run/bundle
done_testing
