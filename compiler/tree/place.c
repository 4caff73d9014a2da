// SPDX-License-Identifier: Apache-2.0
#include "place.h"

static bool is_ascii(const char *s, size_t len)
{
	unsigned char all = 0;

	for (size_t i = 0; i < len; i++)
		all |= (unsigned char)s[i];
	return all < 0x80;
}

void ka_places_start(struct ka_places *p, const struct ka_source *src)
{
	*p = (struct ka_places){.src = src, .base.line = 1};
	if (src->len >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3))
		p->base.offset = p->base.line_start = 3;
	p->ascii = is_ascii(src->text + p->base.offset, src->len - p->base.offset);
	p->here = p->base;
}

/* ---- text of more than ASCII ---- */

/* Bytes of the character at p; 1 for what is none. */
static size_t width(const unsigned char *p, size_t left)
{
	size_t n = *p < 0xc0 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

	return n <= left ? n : 1;
}

/* NEL (c2 85), LS (e2 80 a8), PS (e2 80 a9): line ends to libyaml alone. */
static bool is_yaml_break(const unsigned char *p, size_t n)
{
	if (n == 2)
		return p[0] == 0xc2 && p[1] == 0x85;
	return n == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9);
}

/* One character (CRLF is one). */
static void step(const struct ka_source *src, struct ka_cursor *c)
{
	const unsigned char *p = (const unsigned char *)src->text + c->offset;
	size_t left = src->len - c->offset, n = width(p, left);
	bool is_break = *p == '\n' || *p == '\r';

	if (*p == '\r' && left > 1 && p[1] == '\n')
		n = 2;
	c->offset += n;
	if (is_break) {
		c->line++;
		c->line_start = c->offset;
	}
	if (is_break || is_yaml_break(p, n)) {
		c->mark_line++;
		c->mark_column = 0;
	} else {
		c->mark_column++;
	}
}

static void walk_to_mark(struct ka_places *p, const yaml_mark_t *m)
{
	struct ka_cursor *c = &p->here;

	if (m->line < c->mark_line || (m->line == c->mark_line && m->column < c->mark_column))
		*c = p->base;
	while (c->offset < p->src->len &&
	       (c->mark_line < m->line || (c->mark_line == m->line && c->mark_column < m->column)))
		step(p->src, c);
}

/* ---- any text ---- */

/* libyaml reads a line end behind a last line that has none. */
static void at_the_end(struct ka_places *p)
{
	const struct ka_source *src = p->src;
	struct ka_cursor *c = &p->here;
	char last = src->len ? src->text[src->len - 1] : '\n';

	c->offset = src->len;
	if (!c->mark_column && last != '\n' && last != '\r' && c->line > 1)
		c->line--;
	c->line_start = src->len;
	while (c->line_start > p->base.offset && src->text[c->line_start - 1] != '\n' &&
	       src->text[c->line_start - 1] != '\r')
		c->line_start--;
}

void ka_places_to_mark(struct ka_places *p, const yaml_mark_t *m)
{
	struct ka_cursor *c = &p->here;

	if (!p->ascii) {
		walk_to_mark(p, m);
		return;
	}
	*c = (struct ka_cursor){.offset = p->base.offset + m->index,
				.mark_line = m->line,
				.mark_column = m->column,
				.line = p->base.line + (uint32_t)m->line};
	c->line_start = c->offset - m->column;
	if (c->offset >= p->src->len)
		at_the_end(p);
}

/* The end of the line at `from`: behind LF, CR or CRLF; NULL: none before `to`. */
static const char *line_end(const char *from, const char *to, const char **cr)
{
	const char *lf = memchr(from, '\n', (size_t)(to - from));

	if (*cr && *cr < from)
		*cr = memchr(from, '\r', (size_t)(to - from));
	if (*cr && (!lf || *cr + 1 < lf))
		return *cr + 1;
	return lf ? lf + 1 : NULL;
}

void ka_places_to_offset(struct ka_places *p, size_t offset)
{
	struct ka_cursor *c = &p->here;
	const char *text = p->src->text, *cr, *end;

	if (offset < c->offset)
		*c = p->base;
	if (offset < c->offset)
		offset = c->offset;
	if (offset > p->src->len)
		offset = p->src->len;
	cr = memchr(text + c->offset, '\r', offset - c->offset);
	while ((end = line_end(text + c->offset, text + offset, &cr))) {
		c->line++;
		c->offset = c->line_start = (size_t)(end - text);
	}
	c->offset = offset;
}

void ka_places_rebase(struct ka_places *p, size_t offset)
{
	ka_places_to_offset(p, offset);
	p->here.mark_line = 0;
	p->here.mark_column = 0;
	p->base = p->here;
}

struct ka_loc ka_places_loc(const struct ka_places *p)
{
	return (struct ka_loc){.source = p->src,
			       .line = p->here.line,
			       .offset = (uint32_t)p->here.offset,
			       .column = (uint32_t)(p->here.offset - p->here.line_start) + 1};
}

/* ---- documents ---- */

bool ka_is_marker(const struct ka_source *src, size_t at)
{
	const char *s = src->text + at;
	size_t left = src->len - at;

	if (left < 3 || memcmp(s, "---", 3) != 0)
		return false;
	return left == 3 || (s[3] && strchr(" \t\n\r", s[3]));
}

size_t ka_next_marker(const struct ka_source *src, size_t at)
{
	const char *text = src->text, *p = text + at, *end = text + src->len;

	while ((p = memchr(p, '-', (size_t)(end - p)))) {
		if ((p == text + at || p[-1] == '\n') && ka_is_marker(src, (size_t)(p - text)))
			return (size_t)(p - text);
		while (p < end && *p == '-')
			p++;
	}
	return src->len;
}
