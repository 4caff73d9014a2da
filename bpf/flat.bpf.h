/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Judgements without a path: the object is a number, and its entry list lies in a table.
 */
#pragma once

#include "judge.bpf.h"

/*
 * The ruling on object `index` of a category, for a subject that is governed; recorded unless
 * `silent`. What the record says of the object is in the scratch. 1: deny.
 */
__noinline int ka_judge_flat(__u32 slot, __u32 cat, __u32 op, __u32 index, __u32 silent)
{
	struct ka_subject *sub = ka_self();
	struct ka_ruling r = {};
	const struct ka_image *head;
	struct ka_view v = {};
	struct ka_who who;
	__u32 table, list = 0;

	if (!sub)
		return 1;
	sub->c.slot = slot;
	sub->c.cat = cat;
	sub->c.op = op;
	v.img = ka_image_get(slot);
	if (!v.img)
		return 1;
	head = (const struct ka_image *)v.img;
	table = cat == KA_CAT_NETWORK ? head->sockets : head->capabilities;
	if (table)
		list = *KA_AT(&v, __u32, table + 4 * index);
	ka_who_of(sub, head, &who);
	if (list && (KA_AT(&v, struct ka_entry, list)->flags & KA_ENTRY_ASKS) &&
	    bpf_get_current_task_btf()->signal->tty)
		who.has = KA_HAS_TERMINAL;
	ka_decide(&v, &who, list, cat, op, &r);
	sub->c.ruling = r;
	if (!silent && r.audit != KA_NO_RULE)
		ka_record_flat(r.audit, r.verdict == KA_PERMIT ? KA_REPORT : r.verdict);
	if (!silent && r.verdict != KA_PERMIT)
		ka_record_flat(r.rule, r.verdict);
	if (r.verdict == KA_DENY)
		return 1;
	return 0;
}
