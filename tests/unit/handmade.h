/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images made by hand, for the tests of bpf/match.h. Nothing of the compiler takes part.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/match.h"
#include "../../runtime/util.h"

#define CAPACITY KA_MIN_CLASS

struct maker {
	_Alignas(8) __u8 img[CAPACITY + KA_IMAGE_SLACK];
	__u32 end;
	struct ka_view view;
};

static inline struct ka_image *head(struct maker *m)
{
	return (struct ka_image *)m->img;
}

static inline __u32 take(struct maker *m, __u32 size)
{
	__u32 off = (m->end + 7) & ~7u;

	m->end = off + size;
	assert_true(m->end <= CAPACITY);
	return off;
}

static inline void *at(struct maker *m, __u32 off)
{
	return m->img + off;
}

static inline struct maker *make(__u32 edge_slots)
{
	struct maker *m = calloc(1, sizeof(*m));
	__u16 *columns;

	assert_non_null(m);
	m->end = sizeof(struct ka_image);
	m->view = (struct ka_view){m->img, CAPACITY - 1};
	head(m)->edge_slots = edge_slots;
	head(m)->edges = take(m, (edge_slots + KA_PROBES) * sizeof(struct ka_edge));
	head(m)->byte_class = take(m, 256 * sizeof(__u16));
	columns = at(m, head(m)->byte_class);
	for (int i = 0; i < 256; i++)
		columns[i] = 4; /* one class for all bytes */
	head(m)->row_bytes = 8;
	return m;
}

static inline __u32 state(struct maker *m, __u32 flags, __u32 other)
{
	__u32 off = take(m, sizeof(struct ka_state));
	struct ka_state *s = at(m, off);

	s->flags = flags;
	s->other = other;
	return off;
}

/* A name as the walks hand it over; the words beyond it are filled with junk. */
struct named {
	struct ka_name name;
	__u64 words[KA_NAME_WORDS];
};

static inline void name_it(struct named *n, const char *bytes, __u32 len)
{
	memset(n, 0xa5, sizeof(*n));
	n->name.len = len;
	if (len > 8 * KA_SHORT_WORDS) {
		memset(n->words, 0, (len + 7) / 8 * 8);
		memcpy(n->words, bytes, len);
		n->name.more = n->words;
	} else {
		memset(n->name.w, 0, (len + 7) / 8 * 8);
		memcpy(n->name.w, bytes, len);
		n->name.more = NULL;
	}
}

static inline __u32 step(struct maker *m, __u32 from, const char *bytes, __u32 len, int last)
{
	struct named n;

	name_it(&n, bytes, len);
	return ka_step(&m->view, from, &n.name, last);
}
