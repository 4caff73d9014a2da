// SPDX-License-Identifier: Apache-2.0
#include "line_hash.h"

#include "../utf8.h"

#define BLOCK 100u
#define FACTOR 37u
#define END_OF_TEXT 65535u

/* How often each hash came: open addressing, at most half full. */
struct seen {
	struct {
		uint64_t hash;
		uint32_t count;
	} * v;
	size_t n, cap;
};

struct rolling {
	uint16_t window[BLOCK];
	uint32_t line_at[BLOCK]; /* the line that begins there, 0: none */
	uint64_t hash, first_factor;
	size_t at;
	uint32_t line;
	bool line_start, after_cr;
	struct seen seen;

	const uint32_t *lines;
	size_t n, next;
	char (*ret)[KA_LINE_HASH_SIZE];
};

static int grow(struct seen *s)
{
	struct seen more = {.cap = s->cap ? s->cap * 2 : 1024, .n = s->n};

	more.v = calloc(more.cap, sizeof(*more.v));
	if (!more.v)
		return -ENOMEM;
	for (size_t i = 0; i < s->cap; i++) {
		size_t k = s->v[i].hash * 0x9e3779b97f4a7c15u & (more.cap - 1);

		if (!s->v[i].count)
			continue;
		while (more.v[k].count)
			k = (k + 1) & (more.cap - 1);
		more.v[k] = s->v[i];
	}
	free(s->v);
	*s = more;
	return 0;
}

static int count(struct seen *s, uint64_t hash, uint32_t *ret)
{
	size_t k;

	if (s->n * 2 >= s->cap && grow(s) < 0)
		return -ENOMEM;
	k = hash * 0x9e3779b97f4a7c15u & (s->cap - 1);
	while (s->v[k].count && s->v[k].hash != hash)
		k = (k + 1) & (s->cap - 1);
	s->n += !s->v[k].count;
	s->v[k].hash = hash;
	*ret = ++s->v[k].count;
	return 0;
}

/* The window is full from the start of that line on. */
static int line_done(struct rolling *r)
{
	uint32_t line = r->line_at[r->at], times;

	r->line_at[r->at] = 0;
	if (count(&r->seen, r->hash, &times) < 0)
		return -ENOMEM;
	for (; r->next < r->n && r->lines[r->next] <= line; r->next++)
		snprintf(r->ret[r->next], KA_LINE_HASH_SIZE, "%llx:%u",
			 r->lines[r->next] == line ? (unsigned long long)r->hash : 0, times);
	return 0;
}

static void roll(struct rolling *r, uint16_t c)
{
	uint64_t gone = r->window[r->at];

	r->window[r->at] = c;
	r->hash = FACTOR * r->hash + c - r->first_factor * gone;
	r->at = (r->at + 1) % BLOCK;
}

static int add(struct rolling *r, uint16_t c)
{
	if (c == ' ' || c == '\t' || (r->after_cr && c == '\n')) {
		r->after_cr = false;
		return 0;
	}
	r->after_cr = c == '\r';
	if (c == '\r')
		c = '\n';
	if (r->line_at[r->at] && line_done(r) < 0)
		return -ENOMEM;
	if (r->line_start) {
		r->line_start = false;
		r->line_at[r->at] = ++r->line;
	}
	r->line_start = c == '\n';
	roll(r, c);
	return 0;
}

static int add_char(struct rolling *r, uint32_t c)
{
	if (ka_utf16_units(c) == 1)
		return add(r, (uint16_t)c);
	c -= 0x10000;
	return add(r, (uint16_t)(0xd800 + (c >> 10))) ?: add(r, (uint16_t)(0xdc00 + (c & 0x3ff)));
}

int ka_line_hashes(const char *text, size_t len, const uint32_t *lines, size_t n,
		   char (*ret)[KA_LINE_HASH_SIZE])
{
	struct rolling r = {
		.first_factor = 1, .line_start = true, .lines = lines, .n = n, .ret = ret};
	int e = 0;

	for (size_t i = 0; i < BLOCK; i++)
		r.first_factor *= FACTOR;
	for (size_t i = 0, used; i < len && !e && r.next < n; i += used)
		e = add_char(&r, ka_utf8_decode(text + i, len - i, &used));
	if (!e)
		e = add(&r, END_OF_TEXT);
	for (size_t i = 0; i < BLOCK && !e; i++) {
		if (r.line_at[r.at])
			e = line_done(&r);
		roll(&r, 0);
	}
	for (; r.next < n; r.next++)
		ret[r.next][0] = '\0';
	free(r.seen.v);
	return e;
}
