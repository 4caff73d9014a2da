/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The matcher: one step of the automaton, and the decision over an entry list.
 *
 * The only code that decides. The kernel programs, `explain`, the model test and the fuzzers
 * all compile this file. What differs between them is where names come from (dentries or a
 * string) and that a program must loop with bpf_loop; see KA_LOOP. The verifier wants the
 * callbacks' return values to be plainly 0 or 1, hence their last lines.
 *
 * Memory safety does not rest on the image being sane: every offset is masked into the
 * image's size class, and an image buffer is KA_IMAGE_SLACK longer than its class. So a
 * corrupt image can decide wrongly, but never read elsewhere.
 */
#pragma once

#include "name.h"

/* ---- one step ---- */

/* The state that an edge by name leads to; 0: there is none. */
static __always_inline __u32 ka_edge(struct ka_pass *p, const struct ka_view *v, __u32 state,
				     const struct ka_name *n)
{
	const struct ka_image *head = (const struct ka_image *)v->img;
	__u64 h = ka_name_hash_in(p, state, n);
	__u32 off = head->edges +
		    (__u32)(((h >> 32) * head->edge_slots) >> 32) * sizeof(struct ka_edge);

	const struct ka_edge *e;
	__u64 key;

	/* No two edges of an image have the same key (the compiler sees to it), so the first that
	 * has this name's key is the only candidate. */
#ifdef __bpf__
#pragma clang loop unroll(disable)
#endif
	for (__u32 i = 0; i < KA_PROBES; i++) {
		e = KA_AT(v, struct ka_edge, off);
		key = e->key;
		if (key == h)
			return ka_name_is(p, v, e->name, n) ? e->next : 0;
		if (!key)
			return 0;
		off += sizeof(struct ka_edge);
	}
	return 0;
}

/* The class of a name: what the byte automaton says that starts at `row`. */
static __always_inline __u32 ka_class(struct ka_pass *p, const struct ka_view *v, __u32 row,
				      const struct ka_name *n)
{
	if (n->more) {
		p->off = row;
		KA_LOOP(KA_NAME_WORDS, ka_scan_one_word, p);
		row = p->off;
	} else if (!ka_scan_word(v, &row, n->w[0], KA_LEN(n)) && KA_LEN(n) > 8 &&
		   !ka_scan_word(v, &row, n->w[1], KA_LEN(n) - 8) && KA_LEN(n) > 16 &&
		   !ka_scan_word(v, &row, n->w[2], KA_LEN(n) - 16) && KA_LEN(n) > 24 &&
		   !ka_scan_word(v, &row, n->w[3], KA_LEN(n) - 24) && KA_LEN(n) > 32) {
		ka_scan_word(v, &row, n->w[4], KA_LEN(n) - 32);
	}
	return *KA_AT(v, __u32, row);
}

/* Where a component leads. `last`: the object itself is called so. */
static __always_inline __u32 ka_step(const struct ka_view *v, __u32 state, const struct ka_name *n,
				     int last)
{
	const struct ka_state *s = KA_AT(v, struct ka_state, state);
	__u32 flags = s->flags;
	struct ka_pass p = {};

	if (n->more)
		ka_pass_start(&p, v, n);
	if (flags & KA_STATE_NAMES) {
		__u32 next = ka_edge(&p, v, state, n);

		if (next)
			return next;
	}
	if ((flags & KA_STATE_SCAN) && (last || !(flags & KA_STATE_SCAN_LAST)) &&
	    !(state & KA_STATE_IN_DOTS))
		return *KA_AT(v, __u32, s->classes + 4 * ka_class(&p, v, s->scan, n));
	return s->other;
}

/* Equal for two states below which the same rules hold. */
static __always_inline __u32 ka_below(const struct ka_view *v, __u32 state)
{
	return KA_AT(v, struct ka_state, state)->below | (state & KA_STATE_IN_DOTS);
}

/* ---- the decision ---- */

#define KA_HAS_OBJECT (1u << 0)   /* owns the object; of a creation, its directory */
#define KA_HAS_TERMINAL (1u << 1) /* a controlling terminal */

struct ka_who {
	const __u64 *policies; /* KA_SUBJECT_WORDS words, or KA_POLICY_WORDS: see words */
	__u32 words;
	__u32 flags; /* ka_member.flags */
	__u16 class[2];
	__u32 has; /* KA_HAS_*; needed only for lists with KA_ENTRY_ASKS */
#ifdef __bpf__
	const struct ka_member
		*member; /* for the policies beyond the cached words; NULL: not looked up */
#endif
};

struct ka_ruling {
	__u32 verdict; /* KA_PERMIT, KA_DENY, KA_WOULD_DENY; KA_REPORT: by an audit posture */
	__u32 reason;
	__u32 rule;  /* that decided, or KA_NO_RULE */
	__u32 audit; /* the Audit rule that reports besides, or KA_NO_RULE */
};

static __always_inline int ka_is_change(__u32 op)
{
	return op >= KA_OP_WRITE && op <= KA_OP_CHOWN;
}

struct ka_hearing {
	const struct ka_view *view;
	const struct ka_who *who;
	__u32 off; /* of the list */
	__u32 op;
	__u32 end;         /* the whole list was heard */
	__u32 audit;       /* rule + 1 */
	__u32 deny, would; /* KA_NAMED: the first Block, or the first that cannot be overridden */
	__u32 marks;       /* KA_MARK_*, each with the bits of the scopes */
};

/* A Block that a hearing names. Few words, since each doubles what the verifier walks through. */
#define KA_NAMED_SCOPE 28 /* from this bit on */
#define KA_NAMED_SOFT (1u << 31)
#define KA_NAMED_RULE(named) (((named) & ((1u << KA_NAMED_SCOPE) - 1)) - 1)

#define KA_MARK_DONE 0    /* decided, be the Blocks that can be overridden there or not */
#define KA_MARK_ALLOWED 8 /* ... by an Allow */
#define KA_MARK_SOFT 16   /* a Block that can be overridden decides */
#define KA_MARK_IF 24     /* the same if audit mode were none */

static __always_inline int ka_is_better(__u32 named, __u32 known)
{
	return !known || (known & KA_NAMED_SOFT & ~named);
}

/* Whether an Allow of a scope overrides the Blocks that can be: `mark` says where one decides. */
static __always_inline int ka_overrides(__u32 marks, __u32 mark)
{
	return (marks >> KA_MARK_ALLOWED) & ~(marks >> mark) & 0xff;
}

static __always_inline int ka_governs(const struct ka_who *who, __u32 policy)
{
	__u32 w = policy >> 6;

#ifdef __bpf__
	if (w >= KA_SUBJECT_WORDS) {
		if (!who->member)
			return 0;
		return who->member->policies[w & (KA_POLICY_WORDS - 1)] >> (policy & 63) & 1;
	}
	return who->policies[w & (KA_SUBJECT_WORDS - 1)] >> (policy & 63) & 1;
#else
	return w < who->words && (who->policies[w] >> (policy & 63) & 1);
#endif
}

/* Whether an entry's conditions on operation and task hold. */
static __always_inline int ka_about(__u32 flags, int allow, __u32 has, __u32 op)
{
	int change = (flags & KA_ENTRY_READONLY) && ka_is_change(op);

	if ((flags & KA_ENTRY_TERMINAL) && !(has & KA_HAS_TERMINAL))
		return 0;
	if (!(flags & KA_ENTRY_OWNER))
		return !(flags & KA_ENTRY_READONLY) || allow != change;
	if (allow)
		return !change && (has & KA_HAS_OBJECT);
	return change || !(has & KA_HAS_OBJECT);
}

static __always_inline int ka_applies(const struct ka_entry *e, const struct ka_who *who, __u32 op)
{
	__u32 source = e->source;

	if (source && source != who->class[0] && source != who->class[1])
		return 0;
	if (!ka_about(e->flags, e->effect == KA_EFFECT_ALLOW, who->has, op))
		return 0;
	if ((e->flags & KA_ENTRY_NO_MMAP) && op == KA_OP_MAP_EXEC)
		return 0;
	return ka_governs(who, e->policy);
}

/*
 * A Block that can be overridden leaves its scope open: what else is denied there stays denied
 * when an Allow of another scope prevails.
 */
static __always_inline void ka_hear_block(struct ka_hearing *h, const struct ka_entry *e)
{
	__u32 flags = e->flags, scope = e->scope & 7, marks = h->marks, bit = 1u << scope;
	__u32 named = (e->rule + 1) | scope << KA_NAMED_SCOPE;

	if (flags & KA_ENTRY_OVERRIDABLE) {
		named |= KA_NAMED_SOFT;
		marks |= bit << KA_MARK_IF;
	}
	if (flags & KA_ENTRY_WOULD) {
		if (ka_is_better(named, h->would) &&
		    !((named & KA_NAMED_SOFT) && (marks >> KA_MARK_SOFT & bit)))
			h->would = named;
	} else {
		marks |= bit << (named & KA_NAMED_SOFT ? KA_MARK_SOFT : KA_MARK_DONE);
		if (ka_is_better(named, h->deny))
			h->deny = named;
	}
	h->marks = marks;
}

/* Hears one entry; returns 1 at the end of the list. */
static __always_inline int ka_hear(struct ka_hearing *h, const struct ka_view *v,
				   const struct ka_who *who, __u32 i)
{
	const struct ka_entry *e = KA_AT(v, struct ka_entry, h->off + i * sizeof(struct ka_entry));
	__u32 scope = 1u << (e->scope & 7), flags = e->flags, effect = e->effect;

	if (flags & KA_ENTRY_LAST)
		h->end = 1;
	if ((h->marks & scope) || !ka_applies(e, who, h->op))
		return h->end;
	if (effect == KA_EFFECT_BLOCK) {
		ka_hear_block(h, e);
		return h->end;
	}
	if (effect == KA_EFFECT_AUDIT)
		h->audit = e->rule + 1;
	else
		scope |= scope << KA_MARK_ALLOWED;
	h->marks |= scope;
	return h->end;
}

static long ka_hear_more(__u32 i, void *arg)
{
	struct ka_hearing *h = arg;
	struct ka_view v = *h->view;

	if (ka_hear(h, &v, h->who, i + 1))
		return 1;
	return 0;
}

#define KA_SCOPES_OF_RULES \
	((1u << KA_SCOPE_CLUSTER) | (1u << KA_SCOPE_NAMESPACE) | (1u << KA_SCOPE_HOST))

/* What no rule matches, under an allow-list. */
static __always_inline void ka_posture(__u32 member, __u32 cat, struct ka_ruling *ret)
{
	if (!(member & KA_MEMBER_LIST(cat)))
		return;
	if (member & KA_MEMBER_POSTURE(cat))
		ret->verdict = KA_DENY;
	else if (ret->verdict == KA_PERMIT)
		ret->verdict = member & KA_MEMBER_WOULD(cat) ? KA_WOULD_DENY : KA_REPORT;
	else
		return;
	ret->reason = KA_WHY_POSTURE;
	ret->rule = KA_NO_RULE;
}

static __always_inline void ka_rule_says(__u32 verdict, __u32 named, struct ka_ruling *ret)
{
	ret->verdict = verdict;
	ret->reason = (named >> KA_NAMED_SCOPE & 7) == KA_SCOPE_INTEGRITY ? KA_WHY_INTEGRITY
									  : KA_WHY_RULE;
	ret->rule = KA_NAMED_RULE(named);
}

/*
 * Decides `op` on an object whose entry list is at `list` (0: no rule covers it).
 * Verdict and reason are always set; a program must treat an unfinished hearing
 * (a list without an end, which no compiler writes) as undecided.
 */
static __always_inline void ka_decide(const struct ka_view *v, const struct ka_who *who, __u32 list,
				      __u32 cat, __u32 op, struct ka_ruling *ret)
{
	ret->verdict = KA_PERMIT;
	ret->reason = KA_WHY_NONE;
	ret->rule = KA_NO_RULE;
	ret->audit = KA_NO_RULE;

	if (list) {
		struct ka_view copy = *v;
		struct ka_hearing h = {.view = &copy, .who = who, .off = list, .op = op};

		if (!ka_hear(&h, v, who, 0))
			KA_LOOP(KA_MAX_LIST, ka_hear_more, &h);
		ret->audit = h.audit - 1;
		if (!h.end) {
			ret->verdict = KA_DENY;
			ret->reason = KA_WHY_UNDECIDED;
			return;
		}
		if (h.deny && !((h.deny & KA_NAMED_SOFT) && ka_overrides(h.marks, KA_MARK_SOFT))) {
			ka_rule_says(KA_DENY, h.deny, ret);
			return;
		}
		if (h.would && !((h.would & KA_NAMED_SOFT) && ka_overrides(h.marks, KA_MARK_IF)))
			ka_rule_says(KA_WOULD_DENY, h.would, ret);
		if (h.marks & KA_SCOPES_OF_RULES)
			return;
	}
	if (op != KA_OP_MAP_EXEC)
		ka_posture(who->flags, cat, ret);
}

/* Whether one of the subject's policies is in the set at `off` (0: empty). */
struct ka_meet {
	const struct ka_view *view;
	const struct ka_who *who;
	__u32 off, words, met;
};

static long ka_meet_word(__u32 i, void *arg)
{
	struct ka_meet *m = arg;
	struct ka_view v = *m->view;
	__u64 bits, mine;

	if (i >= m->words)
		return 1;
	bits = *KA_AT(&v, __u64, m->off + sizeof(struct ka_pset) + 8 * i);
#ifdef __bpf__
	if (i < KA_SUBJECT_WORDS)
		mine = m->who->policies[i & (KA_SUBJECT_WORDS - 1)];
	else
		mine = m->who->member ? m->who->member->policies[i & (KA_POLICY_WORDS - 1)] : 0;
#else
	mine = i < m->who->words ? m->who->policies[i] : 0;
#endif
	if (!(bits & mine))
		return 0;
	m->met = 1;
	return 1;
}

static __always_inline int ka_meets(const struct ka_view *v, const struct ka_who *who, __u32 off)
{
	struct ka_view copy = *v;
	struct ka_meet m = {.view = &copy, .who = who, .off = off};

	if (!off)
		return 0;
	m.words = KA_AT(v, struct ka_pset, off)->words;
	KA_LOOP(KA_POLICY_WORDS, ka_meet_word, &m);
	return m.met;
}
