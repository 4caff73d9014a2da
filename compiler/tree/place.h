/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From libyaml's marks to places in the source.
 *
 * libyaml counts characters, and takes NEL, LS and PS for line ends; people and editors count
 * bytes and know CR, LF and CRLF. The cursor goes through the text once, forwards, so that
 * places cost linear time in all, whatever the lengths of lines.
 */
#pragma once

#include "../base/context.h"

struct ka_cursor {
	size_t offset;                 /* in the source's text */
	size_t mark_line, mark_column; /* as libyaml counts, from where its parser began */
	uint32_t line;                 /* from 1 */
	size_t line_start;             /* offset */
};

/* The cursor at the start of a source, behind a byte order mark. */
struct ka_cursor ka_cursor_start(const struct ka_source *src);
/* Goes forward to a mark; false if the mark lies behind. */
bool ka_cursor_to_mark(const struct ka_source *src, struct ka_cursor *c, size_t line,
		       size_t column);
/* Goes forward to a byte. */
void ka_cursor_to_offset(const struct ka_source *src, struct ka_cursor *c, size_t offset);
struct ka_loc ka_cursor_loc(const struct ka_source *src, const struct ka_cursor *c);
