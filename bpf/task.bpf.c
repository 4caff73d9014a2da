/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who a task is. Attached before anything that judges.
 *
 *   task_alloc   a child gets its parent's label, or is not born
 *   fork         ... and what its parent was given meanwhile
 *   iter/task    labels tasks that exist already, registers, lists
 */
#include "hash.bpf.h"
#include "judge.bpf.h"

static __always_inline void ka_inherit(struct ka_subject *child, const struct ka_subject *parent)
{
	child->workload = parent->workload;
	child->flags = parent->flags;
	child->class[0] = parent->class[0];
	child->class[1] = parent->class[1];
	for (int i = 0; i < KA_SUBJECT_WORDS; i++)
		child->policies[i] = parent->policies[i];
	child->source[0] = parent->source[0];
	child->source[1] = parent->source[1];
	child->root = parent->root;
	child->held = parent->held;
}

SEC("lsm/task_alloc")
int BPF_PROG(task_alloc, struct task_struct *task, unsigned long flags)
{
	struct task_struct *self = bpf_get_current_task_btf();
	struct ka_subject *parent, *child;

	if (!self->bpf_storage)
		return 0;
	parent = bpf_task_storage_get(&ka_subjects, self, 0, 0);
	if (!parent || !parent->workload)
		return 0;
	child = bpf_task_storage_get(&ka_subjects, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!child)
		return -KA_ENOMEM;
	ka_inherit(child, parent);
	return 0;
}

/*
 * The iterator sees a child only from here on. If it labelled the parent, or found its source,
 * after task_alloc, it may not come back for the child: what the child lacks it gets now, before
 * it runs.
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(fork, struct task_struct *self, struct task_struct *task)
{
	struct ka_subject *parent, *child;

	if (!self->bpf_storage)
		return 0;
	child = bpf_task_storage_get(&ka_subjects, task, 0, 0);
	if (child && child->workload && child->source[0])
		return 0; /* lacks nothing, as nearly always */
	parent = bpf_task_storage_get(&ka_subjects, self, 0, 0);
	if (!parent || !parent->workload)
		return 0;
	if (!child)
		child = bpf_task_storage_get(&ka_subjects, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (child)
		ka_inherit(child, parent);
	return 0;
}

/* ---- tasks that exist ---- */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ka_job);
} ka_job SEC(".maps");

/*
 * The source of a task that did not exec under our eyes. The scratch is the caller's; the label
 * exists already, so an exec meanwhile has set the source itself, and wins.
 */
static __always_inline void ka_source_of(struct task_struct *task, struct ka_subject *sub,
					 struct ka_subject *self)
{
	struct mm_struct *mm = task->mm;
	__u64 hash;

	if (!mm)
		return;
	hash = ka_hash_file(&self->c, mm->exe_file, ka_ns_root(task));
	if (hash)
		__sync_val_compare_and_swap(&sub->source[0], 0, hash);
	sub->root = 0;
}

SEC("iter/task")
int ka_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct ka_subject *sub, *self;
	__u32 zero = 0, workload, fresh;
	__u64 had;
	struct ka_job *job = bpf_map_lookup_elem(&ka_job, &zero);

	if (!task || !job)
		return 0;
	sub = bpf_task_storage_get(&ka_subjects, task, 0, 0);
	if (job->mode == KA_JOB_LIST) {
		if (sub && sub->workload) {
			struct ka_live_task live = {
				.workload = sub->workload, .tgid = task->tgid, .pid = task->pid};

			bpf_seq_write(ctx->meta->seq, &live, sizeof(live));
		}
		return 0;
	}
	if (task->flags & KA_PF_KTHREAD)
		return 0;
	if (job->mode == KA_JOB_REGISTER) {
		if ((__u32)task->tgid != job->tgid)
			return 0;
		workload = job->workload;
	} else {
		/* without a source: forked when its parent had its label, but not its source yet */
		if (sub && sub->workload && sub->source[0])
			return 0;
		if (sub && sub->workload)
			workload = sub->workload;
		else
			workload = ka_is_host(task) ? KA_WORKLOAD_HOST : KA_WORKLOAD_FOREIGN;
	}
	self = bpf_task_storage_get(&ka_subjects, bpf_get_current_task_btf(), 0,
				    BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!sub)
		sub = bpf_task_storage_get(&ka_subjects, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!sub || !self) {
		__sync_fetch_and_add(&job->failed, 1);
		return 0;
	}
	had = sub->source[0];
	fresh = sub->workload != workload;
	if (fresh) {
		/* who registers itself is governed from its next exec on, which is judged */
		sub->held = job->mode == KA_JOB_REGISTER;
		sub->workload = workload;
	}
	ka_source_of(task, sub, self);
	if (fresh || had != sub->source[0])
		__sync_fetch_and_add(&job->labelled, 1);
	return 0;
}
