// SPDX-License-Identifier: Apache-2.0
#include "intern.h"

#include <sys/random.h>

#define FIRST_SLOTS 64u

uint64_t ka_hash_bytes(uint64_t seed, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = seed ^ (len * 0x9E3779B97F4A7C15ull), w;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * 0xD6E8FEB86659FD93ull;
		h ^= h >> 32;
	}
	if (len) {
		w = 0;
		memcpy(&w, p, len);
		h = (h ^ w) * 0xD6E8FEB86659FD93ull;
		h ^= h >> 32;
	}
	h = (h + seed) * 0x9E3779B97F4A7C15ull;
	return h ^ (h >> 29);
}

bool ka_grow(struct ka_ctx *ctx, void *array, uint32_t *cap, size_t want, size_t size)
{
	void **p = array, *bigger;
	size_t n = *cap ? *cap : 16;

	if (want <= *cap)
		return true;
	while (n < want)
		n *= 2;
	if (n > UINT32_MAX)
		return false;
	bigger = ka_calloc(ctx, n, size);
	if (!bigger)
		return false;
	if (*cap)
		memcpy(bigger, *p, *cap * size);
	*p = bigger;
	*cap = n;
	return true;
}

int ka_intern_init(struct ka_interner *in, struct ka_ctx *ctx)
{
	*in = (struct ka_interner){.ctx = ctx, .mask = FIRST_SLOTS - 1};
	if (getrandom(&in->seed, sizeof(in->seed), GRND_NONBLOCK) < 0)
		in->seed = 0x5bd1e995; /* early boot: numbers do not depend on it */
	in->slots = ka_calloc(ctx, FIRST_SLOTS, sizeof(*in->slots));
	return in->slots ? 0 : -ENOMEM;
}

static int rehash(struct ka_interner *in)
{
	uint32_t mask = in->mask * 4 + 3;
	uint32_t *slots = ka_calloc(in->ctx, (size_t)mask + 1, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < in->n; i++) {
		uint32_t s = in->items[i].hash & mask;

		while (slots[s])
			s = (s + 1) & mask;
		slots[s] = i + 1;
	}
	in->slots = slots;
	in->mask = mask;
	return 0;
}

static int add(struct ka_interner *in, const void *data, size_t len, uint32_t hash)
{
	void *copy = NULL;

	if (!ka_grow(in->ctx, &in->items, &in->cap, in->n + 1, sizeof(*in->items)))
		return -ENOMEM;
	if (len) {
		copy = ka_alloc(in->ctx, len);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, data, len);
	}
	in->items[in->n++] = (struct ka_item){copy, len, hash};
	in->bytes += len;
	return 0;
}

int ka_intern(struct ka_interner *in, const void *data, size_t len, uint32_t *ret)
{
	uint32_t hash = ka_hash_bytes(in->seed, data, len), s;
	int r;

	if (len > UINT32_MAX)
		return -E2BIG;
	for (s = hash & in->mask; in->slots[s]; s = (s + 1) & in->mask) {
		const struct ka_item *it = &in->items[in->slots[s] - 1];

		if (it->hash == hash && it->len == len && (!len || !memcmp(it->data, data, len))) {
			*ret = in->slots[s] - 1;
			return 0;
		}
	}
	r = add(in, data, len, hash);
	if (r < 0)
		return r;
	in->slots[s] = in->n;
	*ret = in->n - 1;
	return in->n * 2u > in->mask ? rehash(in) : 0;
}
