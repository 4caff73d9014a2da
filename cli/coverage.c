// SPDX-License-Identifier: Apache-2.0
#include "coverage.h"

const char *const ka_not_covered[] = {
	"setting or removing an extended attribute or ACL, inode flags, file times",
	"unix sockets by their path: connect, send, bind",
	"descriptors received from another task (SCM_RIGHTS, pidfd_getfd), io_uring descriptors",
	"AT_SECURE for programs that a fromSource names, where LD_PRELOAD could enter",
	"guards: ptrace and /proc/PID/mem across workloads, bpf(), modules, raw block devices",
	"tasks that enter a workload from outside (cgroup, setns); only run registers one",
	"by the kernel's own hooks: stat, access, readlink, chdir, the existence of names",
	NULL,
};

json_t *ka_not_covered_json(void)
{
	json_t *a = json_array();

	for (size_t i = 0; ka_not_covered[i]; i++)
		json_array_append_new(a, json_string(ka_not_covered[i]));
	return a;
}
