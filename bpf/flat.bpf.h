/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Judgements without a path: the object is a number, and its entry list lies in a table.
 */
#pragma once

#include "judge.bpf.h"

/* The entry list of an object; 0: no rule covers it. */
static __always_inline __u32 ka_list_of_index(const struct ka_view *v, __u32 cat, __u32 index)
{
	const struct ka_image *head = (const struct ka_image *)v->img;
	__u32 table = cat == KA_CAT_NETWORK ? head->sockets : head->capabilities;

	return table ? *KA_AT(v, __u32, table + 4 * index) : 0;
}

/*
 * The ruling on object `index` of a category, for the subject behind the gate; recorded unless
 * `silent`. What the record says of the object is in the scratch. 1: deny.
 */
static __always_inline int ka_judge_flat(struct ka_bench *b, __u32 cat, __u32 op, __u32 index,
					 int silent)
{
	const struct ka_image *head = (const struct ka_image *)b->img;
	struct ka_view v = {.img = b->img};
	struct ka_case *c = &b->sub->c;
	__u32 list = ka_list_of_index(&v, cat, index);
	struct ka_ruling r = {};
	struct ka_who who;

	c->slot = b->slot;
	if (!list && !(b->sub->flags & KA_MEMBER_LIST(cat)))
		return 0;
	ka_who_of(b->sub, head, &who);
	if (list && (KA_AT(&v, struct ka_entry, list)->flags & KA_ENTRY_ASKS) &&
	    bpf_get_current_task_btf()->signal->tty)
		who.has = KA_HAS_TERMINAL;
	ka_decide(&v, &who, list, cat, op, &r);
	if (r.verdict == KA_PERMIT && r.audit == KA_NO_RULE)
		return 0;
	if (!silent) {
		c->cat = cat;
		c->op = op;
		c->ruling = r;
		if (r.audit != KA_NO_RULE)
			ka_record_flat(r.audit, r.verdict == KA_PERMIT ? KA_REPORT : r.verdict);
		if (r.verdict != KA_PERMIT)
			ka_record_flat(r.rule, r.verdict);
	}
	return r.verdict == KA_DENY;
}
