/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grows one document's node tree from the events of yaml.c, which knows libyaml; private to
 * the two. All bounds of a document but the length of a value are kept here.
 */
#pragma once

#include "../base/arena.h"
#include "yaml.h"

#define KA_TREE_STRINGS 1024u /* short strings that are remembered, a power of two */

/* What has been read of one open collection. */
struct ka_frame {
	struct ka_node *node;
	const char *anchor;
	struct ka_pair *pairs;     /* malloc'ed, kept from one collection to the next; */
	size_t n, cap;             /* a list uses only the values */
	const struct ka_node *key; /* waiting for its value; NULL: the next one is a key */
	bool drop;                 /* the waiting key was refused */
	bool flow;                 /* written with braces or brackets */
	bool two;                  /* two documents that are not separated */
};

struct ka_anchor {
	const char *name;
	struct ka_node *node;
};

struct ka_tree {
	struct ka_ctx *ctx;
	struct ka_arena *nodes; /* the context's, or of one document */
	struct ka_node *root;
	struct ka_frame frames[KA_YAML_MAX_DEPTH];
	unsigned depth;
	struct ka_anchor anchors[KA_YAML_MAX_ANCHORS];
	unsigned nanchors;
	uint32_t count;   /* values of this document so far, as they were written */
	uint32_t surplus; /* values that aliases added, in all documents */
	uint32_t end;     /* of the last value */
	bool again;       /* what is read was read before: nothing is said twice */
	const char *strings[KA_TREE_STRINGS]; /* by hash: most names and values come again */
};

/* The document cannot be read further; the diagnostic is there. */
#define KA_TREE_ABANDON 1

/* Forgets the document, for the next one. */
void ka_tree_reset(struct ka_tree *t);
void ka_tree_done(struct ka_tree *t);

/* Whether this is not to be said (again). */
bool ka_tree_was_said(const struct ka_tree *t, enum ka_diag_id id, struct ka_loc loc);

/*
 * 0, KA_TREE_ABANDON or negative errno. `anchor` may be NULL. `plain`: the scalar has no
 * quotes, so `<<` would be a merge key. `end` of a collection: 0 if nothing closes it.
 */
int ka_tree_scalar(struct ka_tree *t, const struct ka_node *scalar, const char *anchor,
		   bool plain) KA_MUST_CHECK;
int ka_tree_alias(struct ka_tree *t, const char *name, struct ka_loc loc) KA_MUST_CHECK;
int ka_tree_open(struct ka_tree *t, enum ka_node_type type, const char *anchor, bool flow,
		 struct ka_loc loc) KA_MUST_CHECK;
int ka_tree_close(struct ka_tree *t, uint32_t end) KA_MUST_CHECK;

/* twice.c: a complete mapping's fields, each once. Diagnostics for the others. */
int ka_tree_drop_twice(struct ka_tree *t, struct ka_frame *f) KA_MUST_CHECK;
