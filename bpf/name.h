/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One path component as the matcher takes it: hashed, compared with an edge's name, scanned by
 * the byte automaton. Below match.h; compiled for BPF and for user space.
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
