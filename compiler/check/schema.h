/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Node tree to checked tree: the second stage. What a document may contain is a table, made at
 * build time from the JSON Schemas in schemas/; this module reports what differs.
 *
 * Later stages read a tree that may have been refused: they take what has the right type and
 * leave the rest, without a diagnostic of their own.
 */
#pragma once

#include "../tree/yaml.h"

enum ka_schema_type {
	KA_SCHEMA_ANY,
	KA_SCHEMA_STRING,
	KA_SCHEMA_INT,
	KA_SCHEMA_BOOL,
	KA_SCHEMA_LIST,
	KA_SCHEMA_MAP,
};

struct ka_schema {
	enum ka_schema_type type;
	const char *description;
	const struct ka_schema_field *fields; /* of a mapping with known fields */
	size_t nfields;
	const struct ka_schema *items; /* of a list; of a mapping with any keys */
	unsigned min_items;
	const char *const *values; /* that a string may have; NULL: any */
	bool has_range;
	long long min, max;
	bool has_default, fallback; /* of a boolean: the value that means nothing */
};

struct ka_schema_field {
	const char *name;
	const struct ka_schema *schema;
	bool required;
	bool one_of; /* exactly one of the fields that are marked so must be there */
};

/* One per kind, by name. */
extern const struct ka_schema_field ka_schema_kinds[];
extern const size_t ka_schema_nkinds;

const struct ka_schema *ka_schema_of_kind(const char *kind); /* NULL: none */

/* Checks a document (a mapping) and adds a diagnostic for everything that its kind forbids. */
void ka_schema_check(struct ka_ctx *ctx, const struct ka_schema *kind, const struct ka_node *root);

/* Whether a scalar is a plain decimal number, and which. */
bool ka_node_int(const struct ka_node *n, long long *ret);
