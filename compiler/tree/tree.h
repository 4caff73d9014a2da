/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grows one document's node tree from the events of yaml.c, which knows libyaml; private to
 * the two. All bounds of a document but the length of a value are kept here.
 */
#pragma once

#include "yaml.h"

/* What has been read of one open collection. */
struct ka_frame {
	struct ka_node *node;
	const char *anchor;
	struct ka_pair *pairs;     /* malloc'ed, kept from one collection to the next; */
	size_t n, cap;             /* a list uses only the values */
	const struct ka_node *key; /* waiting for its value; NULL: the next one is a key */
	bool drop;                 /* the waiting key was refused */
};

struct ka_anchor {
	const char *name;
	struct ka_node *node;
};

struct ka_tree {
	struct ka_ctx *ctx;
	struct ka_node *root;
	struct ka_frame frames[KA_YAML_MAX_DEPTH];
	unsigned depth;
	struct ka_anchor anchors[KA_YAML_MAX_ANCHORS];
	unsigned nanchors;
	uint32_t nodes, expanded; /* values so far, without and with aliases expanded */
};

/* The document cannot be read further; the diagnostic is there. */
#define KA_TREE_ABANDON 1

/* Forgets the document, for the next one. */
void ka_tree_reset(struct ka_tree *t);
void ka_tree_done(struct ka_tree *t);

/*
 * 0, KA_TREE_ABANDON or negative errno. `anchor` may be NULL. `plain`: the scalar has no
 * quotes, so `<<` would be a merge key.
 */
int ka_tree_scalar(struct ka_tree *t, const struct ka_node *scalar, const char *anchor,
		   bool plain) KA_MUST_CHECK;
int ka_tree_alias(struct ka_tree *t, const char *name, struct ka_loc loc) KA_MUST_CHECK;
int ka_tree_open(struct ka_tree *t, enum ka_node_type type, const char *anchor,
		 struct ka_loc loc) KA_MUST_CHECK;
int ka_tree_close(struct ka_tree *t) KA_MUST_CHECK;
