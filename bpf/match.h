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

#include "abi.h"

#ifdef __bpf__
#include "kernel.h"
#define KA_LOOP(n, fn, ctx) bpf_loop(n, fn, ctx, 0)

/*
 * x, of which the verifier knows nothing any more: what it learned of a number on one path would
 * keep that path apart from others. u: any number that it does not know either.
 */
#define KA_FORGET(x, u)                                                        \
	({                                                                     \
		__u64 ka_x = (x), ka_u = (u);                                  \
		asm volatile("%1 -= %1\n\t%0 += %1" : "+r"(ka_x), "+r"(ka_u)); \
		ka_x;                                                          \
	})
#else
#define KA_LOOP(n, fn, ctx)                              \
	do {                                             \
		for (__u32 ka_i = 0; ka_i < (n); ka_i++) \
			if (fn(ka_i, ctx))               \
				break;                   \
	} while (0)
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#endif

struct ka_view {
	const __u8 *img;
#ifndef __bpf__
	__u32 mask; /* size class - 1 */
#endif
};

/* In a program the mask is a constant (kernel.h), read anew each time: the 6.1 verifier forgets
 * it where the compiler keeps it on the stack. */
#ifdef __bpf__
#define KA_AT(view, type, off) ((const type *)((view)->img + ((off)&ka_mask)))
#else
#define KA_AT(view, type, off) ((const type *)((view)->img + ((off) & (view)->mask)))
#endif

/* ---- names ---- */

/*
 * One path component. Bytes are packed little-endian into words, the last one zero-padded;
 * names of up to 40 bytes may live in w (the kernel's inline names), any in `more`.
 */
#define KA_SHORT_WORDS 5u
struct ka_name {
	__u64 w[KA_SHORT_WORDS];
	const __u64 *more; /* KA_NAME_WORDS words that stand for w; NULL: w is meant */
	__u32 len;
#ifdef __bpf__
	__u64 unknown;               /* a number that the verifier does not know, for KA_LEN */
	const volatile __u32 *again; /* len once more in a map, which does even better; or NULL */
#endif
};

/*
 * A name's length, as if never looked at. Each comparison teaches the verifier something about a
 * length; to forget it where paths meet keeps them one path.
 */
#ifdef __bpf__
#define KA_LEN(n) ((n)->again ? *(n)->again : (__u32)KA_FORGET((n)->len, (n)->unknown))
#else
#define KA_LEN(n) ((n)->len)
#endif

static __always_inline __u64 ka_mix(__u64 h, __u64 w)
{
	h ^= w;
	h *= 0x9E3779B97F4A7C15ull;
	return h ^ (h >> 32);
}

static __always_inline __u64 ka_hash_start(__u32 state, __u32 len)
{
	return (__u64)state * 0xD6E8FEB86659FD93ull + len;
}

/* One pass over the words of a long name: to hash it, to compare it, or to scan it. */
struct ka_pass {
	struct ka_view view;
	const __u64 *w;
	__u64 hash;
	__u32 off; /* of the words compared with, or of the row */
	__u32 len;
	__u32 differ;
};

static long ka_hash_one_word(__u32 i, void *arg)
{
	struct ka_pass *p = arg;

	if (8 * i >= p->len)
		return 1;
	p->hash = ka_mix(p->hash, p->w[i & (KA_NAME_WORDS - 1)]);
	return 0;
}

static long ka_compare_one_word(__u32 i, void *arg)
{
	struct ka_pass *p = arg;
	struct ka_view v = p->view;

	if (8 * i >= p->len)
		return 1;
	if (*KA_AT(&v, __u64, p->off + 8 * i) == p->w[i & (KA_NAME_WORDS - 1)])
		return 0;
	p->differ = 1;
	return 1;
}

/* Eight bytes of a name; returns 1 once the class is certain. */
static __always_inline int ka_scan_word(const struct ka_view *v, __u32 *row, __u64 w, __u32 left)
{
	__u32 base = ((const struct ka_image *)v->img)->byte_class;

#ifdef __bpf__
#pragma clang loop unroll(disable)
#endif
	for (__u32 i = 0; i < 8; i++, w >>= 8) {
		__u32 next;

		if (i >= left)
			return 1;
		next = *KA_AT(v, __u32, *row + *KA_AT(v, __u16, base + 2 * (__u32)(w & 0xff)));
		*row = next & ~KA_ROW_FINAL;
		if (next & KA_ROW_FINAL)
			return 1;
	}
	return 0;
}

static long ka_scan_one_word(__u32 i, void *arg)
{
	struct ka_pass *p = arg;
	struct ka_view v = p->view;
	__u32 row = p->off;
	int end;

	if (8 * i >= p->len)
		return 1;
	end = ka_scan_word(&v, &row, p->w[i & (KA_NAME_WORDS - 1)], p->len - 8 * i);
	p->off = row;
	if (end)
		return 1;
	return 0;
}

static __always_inline void ka_pass_start(struct ka_pass *p, const struct ka_view *v,
					  const struct ka_name *n)
{
	p->view = *v;
	p->w = n->more;
	p->len = KA_LEN(n);
	p->differ = 0;
}

/* Never 0: that marks a free edge. */
static __always_inline __u64 ka_name_hash_in(struct ka_pass *p, __u32 state,
					     const struct ka_name *n)
{
	__u32 len = KA_LEN(n);
	__u64 h = ka_hash_start(state & ~KA_STATE_IN_DOTS, len);

	if (n->more) {
		p->hash = h;
		KA_LOOP(KA_NAME_WORDS, ka_hash_one_word, p);
		h = p->hash;
	} else {
		h = ka_mix(h, n->w[0]);
		if (len > 8) {
			h = ka_mix(h, n->w[1]);
			if (len > 16) {
				h = ka_mix(h, n->w[2]);
				if (len > 24) {
					h = ka_mix(h, n->w[3]);
					if (len > 32)
						h = ka_mix(h, n->w[4]);
				}
			}
		}
	}
	return h ? h : 1;
}

/* The same for those who have no pass under way. */
static __always_inline __u64 ka_name_hash(__u32 state, const struct ka_name *n)
{
	struct ka_pass p = {.w = n->more, .len = KA_LEN(n)};

	return ka_name_hash_in(&p, state, n);
}

static __always_inline int ka_name_is(struct ka_pass *p, const struct ka_view *v, __u32 off,
				      const struct ka_name *n)
{
	const __u64 *w = KA_AT(v, __u64, off);
	__u32 len = KA_LEN(n);

	if (n->more) {
		p->off = off;
		KA_LOOP(KA_NAME_WORDS, ka_compare_one_word, p);
		return !p->differ;
	}
	if (w[0] != n->w[0])
		return 0;
	if (len <= 8)
		return 1;
	if (w[1] != n->w[1])
		return 0;
	if (len <= 16)
		return 1;
	if (w[2] != n->w[2])
		return 0;
	if (len <= 24)
		return 1;
	if (w[3] != n->w[3])
		return 0;
	return len <= 32 || w[4] == n->w[4];
}

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

struct ka_who {
	const __u64 *policies; /* KA_SUBJECT_WORDS words, or KA_POLICY_WORDS: see words */
	__u32 words;
	__u32 flags; /* ka_member.flags */
	__u16 class[2];
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
	__u32 done;               /* bits of enum ka_scope: decided */
	__u32 end;                /* the whole list was heard */
	__u32 deny, would, audit; /* rule + 1 */
	__u32 deny_scope, would_scope;
	__u32 spared; /* an Allow of a scope decided */
};

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

static __always_inline int ka_applies(const struct ka_entry *e, const struct ka_who *who, __u32 op)
{
	__u32 source = e->source;

	if (source && source != who->class[0] && source != who->class[1])
		return 0;
	if ((e->flags & KA_ENTRY_READONLY) && (e->effect == KA_EFFECT_ALLOW) == ka_is_change(op))
		return 0;
	if ((e->flags & KA_ENTRY_NO_MMAP) && op == KA_OP_MAP_EXEC)
		return 0;
	return ka_governs(who, e->policy);
}

/* Hears one entry; returns 1 at the end of the list. */
static __always_inline int ka_hear(struct ka_hearing *h, const struct ka_view *v,
				   const struct ka_who *who, __u32 i)
{
	const struct ka_entry *e = KA_AT(v, struct ka_entry, h->off + i * sizeof(struct ka_entry));
	__u32 scope = 1u << (e->scope & 7), flags = e->flags, effect = e->effect;

	if (flags & KA_ENTRY_LAST)
		h->end = 1;
	if ((h->done & scope) || !ka_applies(e, who, h->op))
		return h->end;
	if (effect == KA_EFFECT_BLOCK && (flags & KA_ENTRY_WOULD)) {
		if (!h->would) {
			h->would = e->rule + 1;
			h->would_scope = e->scope;
		}
		return h->end;
	}
	h->done |= scope;
	if (effect == KA_EFFECT_AUDIT) {
		h->audit = e->rule + 1;
	} else if (effect == KA_EFFECT_BLOCK && !h->deny) {
		h->deny = e->rule + 1;
		h->deny_scope = e->scope;
	}
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
		if (h.deny) {
			ret->verdict = KA_DENY;
			ret->reason = h.deny_scope == KA_SCOPE_INTEGRITY ? KA_WHY_INTEGRITY
									 : KA_WHY_RULE;
			ret->rule = h.deny - 1;
			return;
		}
		if (h.would) {
			ret->verdict = KA_WOULD_DENY;
			ret->reason = h.would_scope == KA_SCOPE_INTEGRITY ? KA_WHY_INTEGRITY
									  : KA_WHY_RULE;
			ret->rule = h.would - 1;
		}
		if (h.done & KA_SCOPES_OF_RULES)
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
