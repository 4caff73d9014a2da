/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From an operation on an object to a verdict: what the hooks call.
 *
 * ka_judge is the whole judgement, the fast way first. ka_locate finds the object's state for
 * hooks that need more than a verdict. Every error ends in ka_undecided, which denies where a
 * Block or an allow-list of the category governs.
 */
#pragma once

#include "event.bpf.h"

#define KA_ATTEMPTS 4

/* What cannot be decided is denied where it could be an escape. */
static __always_inline void ka_undecided(struct ka_subject *sub, __u32 why)
{
	__u32 flags = sub->flags, cat = sub->c.cat & 1;
	struct ka_ruling *r = &sub->c.ruling;

	r->reason = why;
	r->rule = KA_NO_RULE;
	r->audit = KA_NO_RULE;
	r->verdict = flags & KA_MEMBER_STRICT(cat)  ? KA_DENY
		     : flags & KA_MEMBER_WATCH(cat) ? KA_WOULD_DENY
						    : KA_PERMIT;
}

/*
 * Finds the object's state for `cat` (or KA_CAT_EXACT): climb, descend, and see whether the path
 * held still. Returns the enum ka_path_state; the state is in the scratch if KA_PATH_OK.
 */
__noinline int ka_locate(__u64 mnt, __u64 dentry, __u32 slot, __u32 cat)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ka_subject *sub = ka_self();
	int path;

	if (!sub)
		return KA_PATH_UNDECIDED;
	sub->c.leaf = dentry;

#pragma clang loop unroll(disable)
	for (int i = 0; i < KA_ATTEMPTS; i++) {
		__u64 root = ka_number(&sub->c, ka_ns_root(task));

		path = ka_climb(mnt, dentry, root, 0);
		if (path == KA_PATH_OK) {
			if (ka_descend(slot, cat))
				return KA_PATH_UNDECIDED;
			path = ka_climb(mnt, dentry, root, 1);
		}
		if (path != KA_PATH_CHANGED)
			return path;
		ka_count(KA_COUNT_RETRIED);
	}
	return KA_PATH_UNDECIDED;
}

static __always_inline void ka_who_of(struct ka_subject *sub, const struct ka_image *head,
				      struct ka_who *ret)
{
	ret->policies = sub->policies;
	ret->words = KA_SUBJECT_WORDS;
	ret->flags = sub->flags;
	ret->class[0] = sub->class[0];
	ret->class[1] = sub->class[1];
	ret->has = 0;
	ret->member = NULL;
	if (head->policies.count > 64 * KA_SUBJECT_WORDS)
		ret->member = ka_member_get(sub->c.slot, sub->workload);
}

/*
 * What the conditions of some rules ask of the task and the object in the scratch. Raw kernel
 * ids are compared: an id of another user namespace is another owner.
 */
static __always_inline __u32 ka_has(struct ka_case *c)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 inode = (__u64)KA_READ(struct dentry, c->leaf, d_inode);
	__u32 has = task->signal->tty ? KA_HAS_TERMINAL : 0;

	if (!inode || c->op == KA_OP_CREATE) {
		__u64 dir = (__u64)KA_READ(struct dentry, c->leaf, d_parent);

		inode = (__u64)KA_READ(struct dentry, dir, d_inode);
	}
	if (inode && KA_READ(struct inode, inode, i_uid.val) == task->cred->fsuid.val)
		has |= KA_HAS_OBJECT;
	return has;
}

/* The ruling on an object whose path and state are in the scratch; 1: deny. */
__noinline int ka_rule_on(__u32 path)
{
	struct ka_subject *sub = ka_self();
	struct ka_ruling r = {.rule = KA_NO_RULE, .audit = KA_NO_RULE};
	struct ka_view v = {};
	struct ka_who who;
	__u32 cat, list;

	if (!sub)
		return 1;
	cat = sub->c.cat & 1;
	v.img = ka_image_get(sub->c.slot);
	if (path == KA_PATH_INTERNAL) {
		/* outside file rules; executing one is no program of an allow-list */
		if (cat == KA_CAT_PROCESS && sub->c.op == KA_OP_EXEC)
			ka_posture(sub->flags, cat, &r);
		sub->c.ruling = r;
	} else if (path != KA_PATH_OK || !v.img) {
		ka_undecided(sub, path == KA_PATH_UNESTABLISHED ? KA_WHY_UNESTABLISHED
								: KA_WHY_UNDECIDED);
	} else {
		ka_who_of(sub, (const struct ka_image *)v.img, &who);
		list = KA_AT(&v, struct ka_state, sub->c.state)->list[cat];
		if (list && (KA_AT(&v, struct ka_entry, list)->flags & KA_ENTRY_ASKS))
			who.has = ka_has(&sub->c);
		ka_decide(&v, &who, list, cat, sub->c.op, &r);
		sub->c.ruling = r;
	}
	if (sub->c.ruling.verdict == KA_DENY)
		return 1;
	return 0;
}

/* Records what the ruling in the scratch asks for; 1: deny. */
static __always_inline int ka_conclude(struct ka_subject *sub, __u64 mnt, __u64 dentry)
{
	struct ka_ruling r = sub->c.ruling;

	if (r.audit != KA_NO_RULE)
		ka_record(mnt, dentry, r.audit, r.verdict == KA_PERMIT ? KA_REPORT : r.verdict);
	if (r.verdict != KA_PERMIT)
		ka_record(mnt, dentry, r.rule, r.verdict);
	return r.verdict == KA_DENY;
}

__noinline int ka_judge_slow(__u64 mnt, __u64 dentry, __u32 slot, __u32 cat, __u32 op)
{
	struct ka_subject *sub = ka_self();
	int path;

	if (!sub)
		return 1;
	sub->c.slot = slot;
	sub->c.cat = cat;
	sub->c.op = op;
	path = ka_locate(mnt, dentry, slot, cat);
	ka_rule_on(path);
	return ka_conclude(sub, mnt, dentry);
}

/* Denials of a hook's own (mounts, names above), which no rule names. */
__noinline int ka_refuse(__u64 mnt, __u64 dentry, __u32 op, __u32 why, __u32 would)
{
	struct ka_subject *sub = ka_self();
	struct ka_ruling r = {.rule = KA_NO_RULE, .audit = KA_NO_RULE, .reason = why};

	if (!sub)
		return 1;
	r.verdict = would ? KA_WOULD_DENY : KA_DENY;
	sub->c.cat = KA_CAT_FILE;
	sub->c.op = op;
	sub->c.ruling = r;
	return ka_conclude(sub, mnt, dentry);
}

/* The image or the subject is missing: nothing to walk with, count it; deny. */
static __always_inline int ka_lost(void)
{
	ka_count(KA_COUNT_UNDECIDED);
	ka_count(KA_COUNT_DENIED);
	return 1;
}

/* What a hook asks first. 0: permit, 1: deny; below 0: judge with what is now in b. */
static __always_inline int ka_gate(struct ka_bench *b)
{
	int gate = ka_enter(b);

	return gate == KA_GOVERNED ? -1 : gate == KA_LOST ? ka_lost() : 0;
}

/* The judgement behind the gate; 1: deny. */
static __always_inline int ka_judge_entered(struct ka_bench *b, struct ka_object *o, __u32 cat,
					    __u32 op)
{
	struct ka_case *c = &b->sub->c;

	if (ka_fast(b, o, cat, op))
		return 0;
	return ka_judge_slow(ka_number(c, o->mnt), ka_number(c, o->dentry), b->slot, cat, op);
}

/* 1: deny. */
static __always_inline int ka_judge(struct ka_object *o, __u32 cat, __u32 op)
{
	struct ka_bench b = {};
	int gate = ka_gate(&b);

	return gate < 0 ? ka_judge_entered(&b, o, cat, op) : gate;
}

/*
 * The same for operations that nobody does often: the long way at once, since the verifier's work
 * on the fast one, hook by hook, is most of what an apply takes.
 */
static __always_inline int ka_judge_rare(struct ka_object *o, __u32 cat, __u32 op)
{
	struct ka_bench b = {};
	int gate = ka_gate(&b);
	struct ka_case *c;

	if (gate >= 0)
		return gate;
	c = &b.sub->c;
	return ka_judge_slow(ka_number(c, o->mnt), ka_number(c, o->dentry), b.slot, cat, op);
}

/* A hook's return value, which the verifier must see to be one of two constants. */
static __always_inline int ka_errno(int deny)
{
	if (deny) {
		barrier_var(deny);
		return -KA_EACCES;
	}
	return 0;
}
