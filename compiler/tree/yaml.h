/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes to node trees: the first stage. libyaml's events become a tree in which every key and
 * value knows its place in the source.
 *
 * Everything is bounded, each bound with its own diagnostic. Scalars are resolved as the
 * Kubernetes tools do (YAML 1.1): a plain `off` is a boolean, a plain `1` a number, and what
 * must be a string has to be quoted then. An alias is the anchored node itself, so a tree may
 * be a DAG; its expanded size is bounded. Nothing is cyclic.
 */
#pragma once

#include "../base/context.h"

#define KA_YAML_MAX_SIZE ((size_t)64 << 20) /* bytes of one source */
#define KA_YAML_MAX_DEPTH 64u
#define KA_YAML_MAX_NODES (8u << 20)    /* values of one document, keys included */
#define KA_YAML_MAX_EXPANDED (1u << 20) /* values that aliases add, in all documents */
#define KA_YAML_MAX_ANCHORS 128u        /* of one document */
#define KA_YAML_MAX_SCALAR (64u << 10)  /* bytes of one value */
#define KA_YAML_MAX_BROKEN 64u          /* documents that are given up */
#define KA_YAML_MAX_DIRECTIVES 32u      /* lines that begin with '%' */

enum ka_node_type {
	KA_NODE_STRING,
	KA_NODE_INT,
	KA_NODE_FLOAT,
	KA_NODE_BOOL,
	KA_NODE_NULL,
	KA_NODE_SEQ,
	KA_NODE_MAP,
};

struct ka_pair;

/*
 * A scalar's place is that of its spelling, quotes included, anchor and tag not; length is of what
 * stands on its first line. A collection's place is where it begins.
 */
struct ka_node {
	enum ka_node_type type : 8;
	uint32_t weight : 24; /* values in this tree, aliases expanded */
	uint32_t end;         /* offset behind its last byte; line ends do not count */
	struct ka_loc loc;
	union {
		struct {
			const char *str; /* NUL-terminated, no NUL inside; for every scalar type */
			size_t len;
		};
		struct {
			struct ka_node **items;
			size_t nitems;
		};
		struct {
			struct ka_pair *pairs;
			size_t npairs;
		};
	};
};

struct ka_pair {
	const struct ka_node *key; /* a string */
	struct ka_node *value;
};

/*
 * Calls `each` for every document of the source that could be read, in order, with its root
 * (NULL for an empty document). After a syntax error reading resumes at the next `---` line.
 * 0, also when diagnostics were added; negative errno from `each` or for system failures.
 */
typedef int (*ka_yaml_each)(struct ka_ctx *ctx, const struct ka_node *root, void *arg);
int ka_yaml_read(struct ka_ctx *ctx, const struct ka_source *src, ka_yaml_each each,
		 void *arg) KA_MUST_CHECK;
/* The same, but a document's nodes are gone when `each` returns; strings and places stay. */
int ka_yaml_walk(struct ka_ctx *ctx, const struct ka_source *src, ka_yaml_each each,
		 void *arg) KA_MUST_CHECK;

/* A mapping's value or NULL; NULL too when `map` is NULL or no mapping. */
const struct ka_pair *ka_node_pair(const struct ka_node *map, const char *key);
const struct ka_node *ka_node_get(const struct ka_node *map, const char *key);
bool ka_node_true(const struct ka_node *n);           /* a boolean that is true */
const char *ka_node_type_str(enum ka_node_type type); /* "a string", "a number", ... */

/* What a plain scalar is. */
enum ka_node_type ka_scalar_type(const char *s, size_t len);
