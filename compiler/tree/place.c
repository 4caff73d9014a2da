// SPDX-License-Identifier: Apache-2.0
#include "place.h"

struct ka_cursor ka_cursor_start(const struct ka_source *src)
{
	struct ka_cursor c = {.line = 1};

	if (src->len >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3))
		c.offset = c.line_start = 3;
	return c;
}

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

bool ka_cursor_to_mark(const struct ka_source *src, struct ka_cursor *c, size_t line, size_t column)
{
	if (line < c->mark_line || (line == c->mark_line && column < c->mark_column))
		return false;
	while (c->offset < src->len &&
	       (c->mark_line < line || (c->mark_line == line && c->mark_column < column)))
		step(src, c);
	return true;
}

void ka_cursor_to_offset(const struct ka_source *src, struct ka_cursor *c, size_t offset)
{
	while (c->offset < src->len && c->offset < offset)
		step(src, c);
}

struct ka_loc ka_cursor_loc(const struct ka_source *src, const struct ka_cursor *c)
{
	return (struct ka_loc){.source = src,
			       .line = c->line,
			       .offset = (uint32_t)c->offset,
			       .column = (uint32_t)(c->offset - c->line_start) + 1};
}
