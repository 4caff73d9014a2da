/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Capabilities: asked after the kernel granted it, whatever the user namespace.
 *
 *   capable   the use
 */
#include "flat.bpf.h"

#define KA_CAP_NOAUDIT 2u /* CAP_OPT_NOAUDIT, include/linux/security.h */

static __always_inline int ka_eperm(int deny)
{
	if (deny) {
		barrier_var(deny);
		return -KA_EPERM;
	}
	return 0;
}

/* Whether the task works through io_uring: itself, or as one of its workers. */
static __always_inline int ka_has_uring(struct task_struct *task)
{
	if (task->flags & KA_PF_IO_WORKER)
		return 1;
	return bpf_core_field_exists(task->io_uring) && task->io_uring;
}

/*
 * Credentials that the kernel put on the task for a while, such as those of who mounted an
 * overlay, are no use by the task: what it asked for was judged at the upper layer. Through
 * io_uring a task puts on its own of another time, so there every use is one.
 */
static __always_inline int ka_is_borrowed(const struct cred *cred)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return (__u64)cred != (__u64)task->real_cred && !ka_has_uring(task);
}

SEC("lsm/capable")
int BPF_PROG(capable, const struct cred *cred, struct user_namespace *ns, int cap,
	     unsigned int opts)
{
	struct ka_bench b = {};
	int gate;

	if (ka_is_free() || ka_is_borrowed(cred))
		return 0;
	gate = ka_gate(&b);
	if (gate >= 0)
		return ka_eperm(gate);
	b.sub->c.capability = cap;
	return ka_eperm(ka_judge_flat(&b, KA_CAT_CAPABILITIES, KA_OP_CAPABLE,
				      cap & (KA_CAPABILITIES - 1), opts & KA_CAP_NOAUDIT));
}
