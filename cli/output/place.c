// SPDX-License-Identifier: Apache-2.0
/*
 * Places: offsets to lines and columns. What is asked in reading order costs no more than one
 * pass over the text, however long its lines are.
 */
#include "../utf8.h"
#include "output.h"

struct ka_lines {
	uint32_t *starts; /* offset of each line; NULL: not asked for yet */
	size_t n;
	struct ka_point mark; /* a place that is known already */
	uint32_t marked;      /* its offset */
};

void ka_found_done(struct ka_found *f)
{
	for (size_t i = 0; f->lines && i < f->ctx->nsources; i++)
		free(f->lines[i].starts);
	free(f->lines);
	free(f->first);
	free(f->diags);
	f->lines = NULL;
	f->first = NULL;
	f->diags = NULL;
}

static uint32_t text_start(const struct ka_source *src)
{
	return src->len >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3) ? 3 : 0;
}

/* The offset of the line after the one on which `at` is; false: it is the last. */
static bool next_line(const struct ka_source *src, size_t at, size_t *ret)
{
	while (at < src->len && src->text[at] != '\n' && src->text[at] != '\r')
		at++;
	if (at == src->len)
		return false;
	at += src->text[at] == '\r' && at + 1 < src->len && src->text[at + 1] == '\n';
	*ret = at + 1;
	return true;
}

static void index_lines(struct ka_lines *l, const struct ka_source *src)
{
	size_t n = 1, at = text_start(src);

	while (next_line(src, at, &at))
		n++;
	l->starts = calloc(n, sizeof(*l->starts));
	if (!l->starts)
		return;
	l->n = n;
	at = text_start(src);
	for (size_t i = 0; i < n; i++) {
		l->starts[i] = (uint32_t)at;
		if (!next_line(src, at, &at))
			break;
	}
	l->mark = (struct ka_point){1, 1};
	l->marked = l->starts[0];
}

static size_t line_of(const struct ka_lines *l, uint32_t offset)
{
	size_t low = 0, high = l->n;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (l->starts[mid] <= offset)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* Counts on from a place of the same line if there is one before the offset. */
static struct ka_point point_of(const struct ka_lines *l, const struct ka_source *src,
				uint32_t offset, struct ka_point known, uint32_t known_at)
{
	size_t line = line_of(l, offset), n;
	struct ka_point p = {(uint32_t)line + 1, 1};
	size_t at = l->starts[line];

	if (known.line == p.line && known_at <= offset) {
		p = known;
		at = known_at;
	}
	for (; at < offset; at += n)
		p.column += ka_utf16_units(ka_utf8_decode(src->text + at, src->len - at, &n));
	return p;
}

static struct ka_lines *lines_of(const struct ka_found *f, const struct ka_source *src)
{
	struct ka_found *own = (struct ka_found *)f; /* a cache, nothing that anybody sees */
	struct ka_lines *l;

	if (!src || !src->findings || src->len > UINT32_MAX)
		return NULL;
	if (!f->lines)
		own->lines = calloc(f->ctx->nsources, sizeof(*own->lines));
	if (!f->lines)
		return NULL;
	l = &own->lines[src->findings->order];
	if (!l->starts)
		index_lines(l, src);
	return l->starts ? l : NULL;
}

struct ka_span ka_found_range(const struct ka_found *f, const struct ka_source *src,
			      uint32_t offset, uint32_t length)
{
	struct ka_lines *l = lines_of(f, src);
	struct ka_span s = {};

	if (!l || offset < l->starts[0] || !ka_range_ok(offset, length, src->len))
		return s;
	s.from = point_of(l, src, offset, l->mark, l->marked);
	s.to = point_of(l, src, offset + length, s.from, offset);
	return s;
}

struct ka_span ka_found_span(const struct ka_found *f, const struct ka_loc *loc)
{
	struct ka_span s = {};
	struct ka_lines *l;

	if (!loc->line)
		return s;
	s = ka_found_range(f, loc->source, loc->offset, loc->length);
	/* a text that was converted while reading has other offsets */
	if (s.from.line != loc->line)
		return (struct ka_span){.from = {loc->line, loc->column ? loc->column : 1}};
	l = lines_of(f, loc->source);
	l->mark = s.from;
	l->marked = loc->offset;
	return s;
}

bool ka_loc_line(const struct ka_loc *loc, const char **ret, size_t *ret_len, size_t *ret_at)
{
	const struct ka_source *src = loc->source;
	size_t start, end, at = loc->column ? loc->column - 1 : 0;

	if (!src || !src->text || !loc->line || loc->offset > src->len || at > loc->offset)
		return false;
	start = loc->offset - at;
	if (start > text_start(src) ? src->text[start - 1] != '\n' && src->text[start - 1] != '\r'
				    : start != text_start(src))
		return false;
	for (end = loc->offset; end < src->len && end - loc->offset < 4096; end++)
		if (src->text[end] == '\n' || src->text[end] == '\r')
			break;
	*ret = src->text + start;
	*ret_len = end - start;
	*ret_at = at;
	return true;
}
