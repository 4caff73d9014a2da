/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The keyed hash of a path, by which a subject remembers what it executes.
 *
 * SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012) over 64-bit
 * words instead of a byte stream: for each component from the root down its length, then its
 * bytes in zero-padded little-endian words. That encoding is injective, and without the key
 * nobody can construct a path that collides with a source's. The root directory is the empty
 * sequence. Never 0: that means "no path" and matches no fromSource.
 */
#pragma once

#include "abi.h"

#ifndef __bpf__
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#endif

struct ka_sip {
	__u64 v0, v1, v2, v3;
	__u64 words;
};

static __always_inline __u64 ka_rotl(__u64 x, int n)
{
	return (x << n) | (x >> (64 - n));
}

static __always_inline void ka_sip_round(struct ka_sip *s)
{
	s->v0 += s->v1;
	s->v1 = ka_rotl(s->v1, 13) ^ s->v0;
	s->v0 = ka_rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = ka_rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = ka_rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = ka_rotl(s->v1, 17) ^ s->v2;
	s->v2 = ka_rotl(s->v2, 32);
}

static __always_inline void ka_sip_start(struct ka_sip *s, __u64 k0, __u64 k1)
{
	s->v0 = k0 ^ 0x736f6d6570736575ull;
	s->v1 = k1 ^ 0x646f72616e646f6dull;
	s->v2 = k0 ^ 0x6c7967656e657261ull;
	s->v3 = k1 ^ 0x7465646279746573ull;
	s->words = 0;
}

static __always_inline void ka_sip_word(struct ka_sip *s, __u64 m)
{
	s->v3 ^= m;
	ka_sip_round(s);
	ka_sip_round(s);
	s->v0 ^= m;
	s->words++;
}

static __always_inline __u64 ka_sip_end(struct ka_sip *s)
{
	__u64 h;

	ka_sip_word(s, s->words << 56);
	s->v2 ^= 0xff;
	ka_sip_round(s);
	ka_sip_round(s);
	ka_sip_round(s);
	ka_sip_round(s);
	h = s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
	return h ? h : 1;
}
