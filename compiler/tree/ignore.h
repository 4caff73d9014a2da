/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comments that say what is meant: `# karmor-c: ignore KA0123, KA0456 reason`.
 *
 * Behind something it is about its line; on a line of its own about what comes next and all that
 * is indented deeper; before the first field of a document about the document. What looks like
 * one inside a string is none, so the reader of YAML takes part: it names the strings that reach
 * over lines, and where documents begin and end.
 */
#pragma once

#include "place.h"

#define KA_IGNORES_MAX 1024u /* comments of one source */

struct ka_remark; /* such a comment */

struct ka_remarks {
	struct ka_ctx *ctx;
	const struct ka_source *src;
	struct ka_remark *v;
	size_t n, done; /* those before `done` were dealt with */
	struct ka_places places;
	size_t cap; /* of the source's ignores */
};

/* Looks for comments, once per source. -ENOMEM. */
int ka_remarks_find(struct ka_ctx *ctx, const struct ka_source *src,
		    struct ka_remarks *ret) KA_MUST_CHECK;
/* Bytes [from, to) are one value's: what is in there is no comment. */
void ka_remarks_are_text(struct ka_remarks *r, size_t from, size_t to);
/*
 * A document was read: its first value begins at `root`, its last one ends at `last`, and the next
 * document, or the text's end, is at `end`. Fills src->findings->ignores. -ENOMEM.
 */
int ka_remarks_document(struct ka_remarks *r, size_t root, size_t last, size_t end) KA_MUST_CHECK;
/* What is before this byte belongs to nothing that could be read. */
void ka_remarks_skip(struct ka_remarks *r, size_t end);
/* The source ends: comments that are left stand before nothing. -ENOMEM. */
int ka_remarks_end(struct ka_remarks *r) KA_MUST_CHECK;

/*
 * Says which comments met nothing, once everything was checked. `portable`: 09xx were looked for;
 * otherwise comments about them are left alone.
 */
void ka_ignores_finish(struct ka_ctx *ctx, bool portable);
