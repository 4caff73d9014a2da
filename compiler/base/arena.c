// SPDX-License-Identifier: Apache-2.0
#include "arena.h"

#define ALIGN 16u
#define CHUNK_MIN (64u << 10)
#define CHUNK_MAX (1u << 20)
#define STRINGS (8u << 10) /* of one block of strings */

struct ka_arena_chunk {
	struct ka_arena_chunk *next;
	size_t size, used; /* of data */
	_Alignas(ALIGN) unsigned char data[];
};

/* Chunks grow with the arena, so that a large one is not made of many small ones. */
static size_t chunk_size(const struct ka_arena *a)
{
	size_t size = CHUNK_MIN;

	while (size < CHUNK_MAX && size < a->total / 4)
		size *= 2;
	return size;
}

static struct ka_arena_chunk *chunk_new(struct ka_arena *a, size_t need)
{
	size_t size = chunk_size(a), bytes;
	bool own = need > size / 4;
	struct ka_arena_chunk *c;

	if (own)
		size = need;
	if (!ka_add_size(sizeof(*c), size, &bytes))
		return NULL;
	c = calloc(1, bytes);
	if (!c)
		return NULL;
	c->size = size;
	a->total += size;
	/* What has a chunk of its own goes behind the current one, whose rest stays in use. */
	if (own && a->first) {
		c->next = a->first->next;
		a->first->next = c;
	} else {
		c->next = a->first;
		a->first = c;
	}
	return c;
}

void *ka_arena_alloc(struct ka_arena *a, size_t size)
{
	struct ka_arena_chunk *c = a->first;
	size_t need;
	void *p;

	if (!ka_add_size(size ? size : 1, ALIGN - 1, &need))
		return NULL;
	need &= ~(size_t)(ALIGN - 1);
	if (!c || c->size - c->used < need) {
		c = chunk_new(a, need);
		if (!c)
			return NULL;
	}
	p = c->data + c->used;
	c->used += need;
	return p;
}

char *ka_arena_strndup(struct ka_arena *a, const char *s, size_t len)
{
	size_t bytes;
	char *p;

	if (!ka_add_size(len, 1, &bytes))
		return NULL;
	if (bytes > STRINGS / 4) {
		p = ka_arena_alloc(a, bytes);
	} else {
		if (bytes > a->strings_left) {
			a->strings = ka_arena_alloc(a, STRINGS);
			a->strings_left = a->strings ? STRINGS : 0;
		}
		p = a->strings;
		if (p) {
			a->strings += bytes;
			a->strings_left -= bytes;
		}
	}
	if (p && len)
		memcpy(p, s, len);
	return p;
}

static bool is_kept(const struct ka_arena_chunk *c)
{
#ifdef __SANITIZE_ADDRESS__
	return false; /* whoever still uses what is gone shall be seen */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return false;
#endif
#endif
	return c->size <= CHUNK_MAX;
}

void ka_arena_reset(struct ka_arena *a)
{
	struct ka_arena_chunk *kept = NULL, *next;

	for (struct ka_arena_chunk *c = a->first; c; c = next) {
		next = c->next;
		if (!kept && is_kept(c))
			kept = c;
		else
			free(c);
	}
	*a = (struct ka_arena){.first = kept};
	if (!kept)
		return;
	a->total = kept->size;
	kept->next = NULL;
	memset(kept->data, 0, kept->used);
	kept->used = 0;
}

void ka_arena_done(struct ka_arena *a)
{
	struct ka_arena_chunk *next;

	for (struct ka_arena_chunk *c = a->first; c; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct ka_arena){};
}
