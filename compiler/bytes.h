/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The byte automaton: which globs of a set does one name match?
 *
 * For every set of globs that is alive in some state there is one scanner. A name's bytes lead
 * from row to row, and the last row gives the class: the subset of the globs that match. Bytes
 * that no glob tells apart share a column.
 */
#pragma once

#include "../bpf/abi.h"
#include "glob.h"

#define KA_CELL_FINAL KA_ROW_FINAL /* no further byte changes the class */

struct ka_scanner {
	uint32_t nrows, nclasses;
	uint32_t *cells;   /* nrows * columns: next row, or with KA_CELL_FINAL */
	uint32_t *class;   /* of a name that ends in this row */
	uint32_t *matched; /* by class: number in ka_bytes.sets, the globs that match */
};

struct ka_bytes {
	struct ka_ctx *ctx;
	const struct ka_globs *globs;
	uint16_t column[256];
	uint8_t sample[256]; /* a byte of each column */
	uint32_t columns;
	struct ka_interner sets;      /* of globs: sorted uint32_t */
	struct ka_scanner **scanners; /* by set, NULL until needed */
	uint32_t scanners_cap;
	uint32_t rows, rows_limit;
	uint64_t work,
		work_limit; /* set elements looked at: bounds the time, the same everywhere */
};

/* `used`: the globs that may ever be alive. Limits are the caller's to set. */
int ka_bytes_init(struct ka_bytes *b, struct ka_ctx *ctx, const struct ka_globs *globs,
		  const uint32_t *used, uint32_t n) KA_MUST_CHECK;
/* The scanner of a set; -E2BIG: more rows than the limit. */
int ka_bytes_scanner(struct ka_bytes *b, uint32_t set, const struct ka_scanner **ret) KA_MUST_CHECK;
uint32_t ka_bytes_class(const struct ka_bytes *b, const struct ka_scanner *s, const char *name,
			size_t len);
