/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The byte automaton: which globs of a set does one name match?
 *
 * A name's bytes lead from row to row. A row is what is left to match: equal remainders are
 * one row, whichever set of globs they come from, so that sets which differ a little share
 * almost all rows. Stars stay, so they are kept apart from what each byte changes: a thousand
 * suffixes cost little more than their bytes. The last row tells the subset of the globs that
 * match. Bytes that no glob tells apart share a column.
 *
 * For every set of globs that is alive in some state there is one scanner: the row that it
 * begins with, and the subsets that can come out.
 */
#pragma once

#include "../../bpf/abi.h"
#include "glob.h"

#define KA_CELL_FINAL KA_ROW_FINAL /* no further byte changes the outcome */

struct ka_scanner {
	uint32_t start;    /* row */
	uint32_t nclasses; /* possible outcomes; class 0: no glob matches */
	uint32_t *matched; /* by class: number in ka_bytes.sets, ascending */
};

/* One place in a glob, as a part of rows. */
struct ka_mark {
	uint32_t glob;
	uint32_t set; /* of the next byte */
	bool star, end;
};

/* What a set of stars means for all rows that have it. */
struct ka_after_stars {
	uint32_t *first, *list; /* marks it leads to, by column: list[first[c]] to
				   list[first[c + 1] - 1] */
	uint32_t *ends, nends;  /* globs that match whatever follows */
	bool certain;           /* all of them are */
};

struct ka_bytes {
	struct ka_ctx *ctx;
	const struct ka_globs *globs;
	uint16_t column[256];
	uint8_t sample[256]; /* a byte of each column */
	uint32_t columns;
	struct ka_mark *marks;
	uint32_t nmarks;
	uint32_t *first_mark;         /* by glob */
	struct ka_interner stars;     /* sorted marks that stay whatever byte comes */
	struct ka_after_stars *after; /* by that number */
	uint32_t after_cap;
	struct ka_interner rows; /* number in stars, then the other marks, sorted */
	uint32_t *cells;         /* rows * columns: next row, or with KA_CELL_FINAL */
	uint32_t cells_cap;
	uint32_t *matched; /* by row: the outcome for a name that ends here, in sets */
	uint32_t matched_cap;
	uint32_t built;               /* rows that have their cells */
	struct ka_interner sets;      /* of globs: sorted uint32_t; number 0 is empty */
	struct ka_scanner **scanners; /* by set, NULL until needed */
	uint32_t scanners_cap;
	uint32_t rows_limit;
	uint64_t work, work_limit; /* marks looked at: bounds the time, the same everywhere */
	uint32_t *buffer, buffer_cap;
	uint32_t *star_buffer, star_cap;
};

/* `used`: the globs that may ever be alive. Limits are the caller's to set. */
int ka_bytes_init(struct ka_bytes *b, struct ka_ctx *ctx, const struct ka_globs *globs,
		  const uint32_t *used, uint32_t n) KA_MUST_CHECK;
/* The scanner of a set; -E2BIG: a limit was reached. */
int ka_bytes_scanner(struct ka_bytes *b, uint32_t set, const struct ka_scanner **ret) KA_MUST_CHECK;
uint32_t ka_bytes_class(const struct ka_bytes *b, const struct ka_scanner *s, const char *name,
			size_t len);

/*
 * Numbers the outcomes of the scanners of some sets, so that rows can be shared: an outcome has
 * one number wherever it occurs, the outcomes of one scanner have different ones, and all are
 * small. *ret: by outcome (number in sets); the empty one has 0.
 */
int ka_bytes_colour(struct ka_bytes *b, const uint32_t *sets, uint32_t n,
		    uint32_t **ret) KA_MUST_CHECK;
