/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to the schema's check: where the walk is, and what it can say.
 */
#pragma once

#include "schema.h"

struct ka_check {
	struct ka_ctx *ctx;
	const struct ka_schema *kind;
	bool full; /* no more diagnostics are kept: nothing is to be thought about */
};

/* A value on the way from the document's root. */
struct ka_at {
	const struct ka_at *up; /* NULL: this is the root */
	const struct ka_schema *schema;
	const struct ka_node *node;
	const struct ka_node *key; /* the field's name, NULL: an item of a list, the root */
	uint64_t empty;            /* of a mapping: bits of fields that have no value */
	unsigned told;             /* of a mapping: unknown fields that were reported together */
};

/*
 * Reports a field that a mapping does not have, with the best guess at what was meant. Returns
 * the bits of those of its fields that it stands for, so that they are not said to be missing.
 */
uint64_t ka_check_unknown(struct ka_check *c, struct ka_at *map, const struct ka_pair *pair);

void ka_check_type(struct ka_check *c, const struct ka_at *at);
void ka_check_values(struct ka_check *c, const struct ka_at *at);
void ka_check_range(struct ka_check *c, const struct ka_at *at);
void ka_check_few(struct ka_check *c, const struct ka_schema *s, const struct ka_pair *p);

const char *ka_check_fields(struct ka_check *c, const struct ka_schema *s); /* "path, execname" */

/* Whether a diagnostic was kept, so that more can be said. */
bool ka_check_kept(struct ka_check *c, const struct ka_diag *d);

/* ---- the text behind a node ---- */

/* Whether a scalar stands in the source as it is, be it in quotes: what --fix may rewrite. */
bool ka_check_verbatim(const struct ka_node *n);
/* The one character at a node's place; 0: none. */
char ka_check_char(const struct ka_node *n);
/* Whether only blanks are before the node in its line. */
bool ka_check_first_in_line(const struct ka_node *n);
