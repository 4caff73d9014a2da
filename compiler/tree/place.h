/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From libyaml's marks to places in the source.
 *
 * libyaml counts characters, and takes NEL, LS and PS for line ends; people and editors count
 * bytes and know CR, LF and CRLF. Where every character is one byte, a mark is a place already.
 * In other texts a cursor goes forwards, once, so that places cost linear time in all, whatever
 * the lengths of lines.
 */
#pragma once

#include <yaml.h>

#include "../base/context.h"

struct ka_cursor {
	size_t offset;                 /* in the source's text */
	size_t mark_line, mark_column; /* as libyaml counts, from where its parser began */
	uint32_t line;                 /* from 1 */
	size_t line_start;             /* offset */
};

struct ka_places {
	const struct ka_source *src;
	bool ascii;                  /* the whole source */
	struct ka_cursor base, here; /* where the parser began; how far places were counted */
};

/* At the start of a source, behind a byte order mark. */
void ka_places_start(struct ka_places *p, const struct ka_source *src);
/* A parser begins at this offset, which lies at the start of a line. */
void ka_places_rebase(struct ka_places *p, size_t offset);
/* `here` becomes the place of a mark. */
void ka_places_to_mark(struct ka_places *p, const yaml_mark_t *mark);
/* `here` becomes the place of a byte; marks can be asked for again after a rebase only. */
void ka_places_to_offset(struct ka_places *p, size_t offset);
/* Where `here` is. */
struct ka_loc ka_places_loc(const struct ka_places *p);

/* Whether a `---` line begins here. */
bool ka_is_marker(const struct ka_source *src, size_t at);
/* The first `---` line at or behind `at`, which begins a line; the text's end if there is none. */
size_t ka_next_marker(const struct ka_source *src, size_t at);
