/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What happened: one record per denial, would-be denial or audit, and the counters.
 *
 * Records go to an array that overwrites its oldest entry. A reader knows a torn record by
 * `seq`, which is 0 while the record is written.
 */
#pragma once

#include "walk.bpf.h"

static __always_inline void ka_count(__u32 what)
{
	__u64 *n = bpf_map_lookup_elem(&ka_counts, &what);

	if (n)
		(*n)++;
}

/* Spells the kept path into an event; from the front, components are dropped that do not fit. */
struct ka_spelling {
	struct ka_case *c;
	struct ka_deep_trail *deep;
	struct ka_event *ev;
	__u32 n, skip;
};

static long ka_spell_one(__u32 i, void *arg)
{
	struct ka_spelling *w = arg;
	struct ka_case *c = w->c;
	__u32 len, seq, pos = KA_ONCE(c->bytes);
	__u64 dentry;

	KA_OPAQUE(pos);
	if (i >= w->n)
		return 1;
	dentry = ka_kept(c, w->deep, w->n - 1 - i, &seq);
	len = KA_READ(struct dentry, dentry, d_name.len);
	if (w->skip) {
		w->skip = w->skip > len + 1 ? w->skip - len - 1 : 0;
		return 0;
	}
	if (pos >= sizeof(struct ka_event) - KA_MAX_NAME - 1)
		return 1;
	len &= KA_MAX_NAME;
	((char *)w->ev)[pos] = '/';
	if (bpf_probe_read_kernel((char *)w->ev + pos + 1, len,
				  KA_READ(struct dentry, dentry, d_name.name)) < 0)
		return 1;
	c->bytes = pos + 1 + len;
	return 0;
}

/* Returns how many bytes it wrote at offset `at` of record `index`: not many more than `cap`. */
__noinline int ka_spell(__u32 index, __u32 at, __u32 cap)
{
	struct ka_subject *sub = ka_self();
	struct ka_event *ev = bpf_map_lookup_elem(&ka_records, &index);
	struct ka_spelling w = {.ev = ev};

	if (!sub || !ev)
		return 0;
	w.c = &sub->c;
	w.n = sub->c.n;
	if (!w.n) {
		if (at < sizeof(struct ka_event))
			((char *)ev)[at] = '/';
		return 1;
	}
	if (w.n > KA_SHALLOW)
		w.deep = ka_deep_get(0);
	w.skip = sub->c.bytes > cap ? sub->c.bytes - cap : 0;
	sub->c.bytes = at; /* from here on: where the next component goes */
	bpf_loop(KA_MAX_COMPONENTS, ka_spell_one, &w, 0);
	return sub->c.bytes - at;
}

static __always_inline void ka_record_source(struct ka_case *c, struct ka_event *ev, __u32 index,
					     struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	struct file *exe = mm ? mm->exe_file : NULL;

	ev->source_len = 0;
	if (!exe || !exe->f_path.mnt)
		return;
	if (ka_climb(ka_number(c, exe->f_path.mnt), ka_number(c, exe->f_path.dentry),
		     ka_number(c, ka_ns_root(task)), 0) == KA_PATH_OK)
		ev->source_len = ka_spell(index, __builtin_offsetof(struct ka_event, source),
					  KA_EVENT_SOURCE - KA_MAX_NAME / 4);
}

static __always_inline void ka_count_verdict(__u32 verdict, __u32 reason)
{
	ka_count(verdict == KA_DENY         ? KA_COUNT_DENIED
		 : verdict == KA_WOULD_DENY ? KA_COUNT_WOULD
					    : KA_COUNT_REPORTED);
	if (reason == KA_WHY_UNESTABLISHED)
		ka_count(KA_COUNT_UNESTABLISHED);
	if (reason == KA_WHY_UNDECIDED)
		ka_count(KA_COUNT_UNDECIDED);
}

/* Everything but the object. The record is torn until its `seq` is set. */
static __always_inline struct ka_event *ka_record_start(struct ka_subject *sub, __u32 rule,
							__u32 verdict, __u64 *ret_number,
							__u32 *ret_index)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ka_event *ev;
	__u32 index;

	ka_count_verdict(verdict, sub->c.ruling.reason);
	*ret_number = __sync_fetch_and_add(&ka_root.next_record, 1);
	index = *ret_number % KA_RECORDS;
	*ret_index = index;
	ev = bpf_map_lookup_elem(&ka_records, &index);
	if (!ev)
		return NULL;
	KA_ONCE(ev->seq) = 0;
	ka_record_source(&sub->c, ev, index, task);
	ev->time = bpf_ktime_get_boot_ns();
	ev->pid = task->pid;
	ev->tgid = task->tgid;
	ev->ppid = task->real_parent->tgid;
	ev->uid = bpf_get_current_uid_gid();
	ev->workload = sub->workload;
	ev->root = sub->root;
	ev->rule = rule;
	ev->category = sub->c.cat;
	ev->op = sub->c.op;
	ev->verdict = verdict;
	ev->reason = sub->c.ruling.reason;
	ev->path_len = 0;
	ev->path_full = 0;
	bpf_get_current_comm(ev->comm, sizeof(ev->comm));
	return ev;
}

/*
 * Records the ruling in the scratch, on the object {mnt, dentry} (mnt 0: no path). The source is
 * spelled first: what it overruns belongs to the path, which follows.
 */
__noinline int ka_record(__u64 mnt, __u64 dentry, __u32 rule, __u32 verdict)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ka_subject *sub = ka_self();
	struct ka_event *ev;
	__u64 number;
	__u32 index;

	if (!sub)
		return 0;
	ev = ka_record_start(sub, rule, verdict, &number, &index);
	if (!ev)
		return 0;
	if (mnt) {
		ka_climb(mnt, dentry, ka_number(&sub->c, ka_ns_root(task)), 0);
		ev->path_full = sub->c.n ? sub->c.bytes : 1;
		ev->path_len = ka_spell(index, __builtin_offsetof(struct ka_event, path),
					KA_EVENT_PATH - KA_MAX_NAME - 1);
	}
	KA_ONCE(ev->seq) = number + 1;
	return 0;
}

/* The same for an object without a path: what the scratch says of it. */
__noinline int ka_record_flat(__u32 rule, __u32 verdict)
{
	struct ka_subject *sub = ka_self();
	struct ka_event *ev;
	__u64 number;
	__u32 index;

	if (!sub)
		return 0;
	ev = ka_record_start(sub, rule, verdict, &number, &index);
	if (!ev)
		return 0;
	if (sub->c.cat == KA_CAT_NETWORK)
		ev->socket = sub->c.socket;
	else
		ev->capability = sub->c.capability;
	KA_ONCE(ev->seq) = number + 1;
	return 0;
}
