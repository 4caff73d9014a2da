/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interning: equal byte strings get the same small number, in the order of first sight.
 *
 * Names, globs, sets of positions, entry lists: whatever the compiler compares, it compares
 * by number. Numbers depend on the order of calls alone, never on the hash, whose seed is
 * drawn at random so that no policy can be written against it.
 */
#pragma once

#include "context.h"

struct ka_item {
	const void *data;
	uint32_t len, hash;
};

struct ka_interner {
	struct ka_ctx *ctx;
	struct ka_item *items; /* by number */
	uint32_t n, cap;
	uint32_t *slots; /* number + 1; 0: free */
	uint32_t mask;
	uint64_t seed;
	size_t bytes; /* of all data */
};

int ka_intern_init(struct ka_interner *in, struct ka_ctx *ctx) KA_MUST_CHECK;
/* The number of data[len], which is copied when it is new. */
int ka_intern(struct ka_interner *in, const void *data, size_t len, uint32_t *ret) KA_MUST_CHECK;

static inline const void *ka_interned(const struct ka_interner *in, uint32_t id, uint32_t *ret_len)
{
	*ret_len = in->items[id].len;
	return in->items[id].data;
}

uint64_t ka_hash_bytes(uint64_t seed, const void *data, size_t len);

/*
 * Makes room for `want` elements in an array of the arena; false on ENOMEM. The old array is
 * left to the arena: doubling keeps that below the array's own size.
 */
bool ka_grow(struct ka_ctx *ctx, void *array, uint32_t *cap, size_t want,
	     size_t size) KA_MUST_CHECK;
