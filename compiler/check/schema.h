/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Node tree to checked tree: the second stage. What a document may contain is a table, made at
 * build time from the JSON Schemas in schemas/; this module reports what differs.
 *
 *   schema.c       the walk
 *   schema_say.c   values that are wrong, and how to right them
 *   schema_home.c  fields that are unknown, and where they belong
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
	const char *example;                  /* a value as YAML in one line, or NULL */
	const struct ka_schema_field *fields; /* of a mapping, in their canonical order */
	size_t nfields;
	const uint8_t *at; /* by ka_schema_name(): place in fields, counted from 1; 0: none */
	uint64_t required; /* a bit for each place in fields */
	uint64_t one_of;   /* exactly one of these must be there */
	const struct ka_schema *items; /* of a list; of a mapping: of what is not in fields */
	unsigned min_items;
	const char *const *values; /* that a string may have; NULL: any */
	bool any_case;             /* of values */
	const char *prefix;        /* that values may have besides, or NULL */
	long long min, max;        /* of an integer */
	/* With the field at place `when` more is demanded: `also` has in values what is required.
	 */
	unsigned when;
	const struct ka_schema *also;
};

struct ka_schema_field {
	const char *name;
	const struct ka_schema *schema;
};

/* One per kind, by name. */
extern const struct ka_schema_field ka_schema_kinds[];
extern const size_t ka_schema_nkinds;

const struct ka_schema *ka_schema_of_kind(const char *kind); /* NULL: none */

/* The number of a field's name among all of the language; 0: there is none such. */
unsigned ka_schema_name(const char *s, size_t len);
/* A mapping's field; NULL: it has none of this name. */
const struct ka_schema_field *ka_schema_field(const struct ka_schema *map, const char *name,
					      size_t len);

/* Checks a document (a mapping) and adds a diagnostic for everything that its kind forbids. */
void ka_schema_check(struct ka_ctx *ctx, const struct ka_schema *kind, const struct ka_node *root);

/* Whether a scalar is a plain decimal number, and which. */
bool ka_node_int(const struct ka_node *n, long long *ret);
