// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

static struct ka_node *node_new(struct ka_tree *t, enum ka_node_type type, struct ka_loc loc)
{
	struct ka_node *n = ka_calloc(t->ctx, 1, sizeof(*n));

	if (!n)
		return NULL;
	n->type = type;
	n->loc = loc;
	n->weight = 1;
	return n;
}

static int count(struct ka_tree *t, uint32_t weight, struct ka_loc loc)
{
	if (++t->nodes > KA_YAML_MAX_NODES) {
		ka_diag(t->ctx, KA_D_LIMIT_NODES, loc, KA_YAML_MAX_NODES);
		return KA_TREE_ABANDON;
	}
	if (__builtin_add_overflow(t->expanded, weight, &t->expanded) ||
	    t->expanded > KA_YAML_MAX_EXPANDED) {
		ka_diag(t->ctx, KA_D_LIMIT_ALIAS, loc, KA_YAML_MAX_EXPANDED);
		return KA_TREE_ABANDON;
	}
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct ka_pair *x = *(const struct ka_pair *const *)a;
	const struct ka_pair *y = *(const struct ka_pair *const *)b;
	int r = strcmp(x->key->str, y->key->str);

	if (r)
		return r;
	return x < y ? -1 : x > y;
}

static void diag_duplicate(struct ka_ctx *ctx, const struct ka_pair *first, struct ka_pair *again)
{
	struct ka_diag *d = ka_diag(ctx, KA_D_DUP_KEY, again->key->loc, again->key->str);

	ka_diag_note(ctx, d, first->key->loc, "first given here");
	if (!strcmp(again->key->str, "apiVersion"))
		ka_diag_hint(ctx, d, "documents are separated by a line '---'");
	again->value = NULL; /* to be dropped */
}

/* The first one stays, so that later stages see one value for one field. */
static int drop_duplicates(struct ka_tree *t, struct ka_frame *f)
{
	KA_FREE struct ka_pair **sorted = NULL;
	size_t kept = 0;

	if (f->n < 2)
		return 0;
	sorted = reallocarray(NULL, f->n, sizeof(*sorted));
	if (!sorted)
		return ka_fail(t->ctx, -ENOMEM, "out of memory");
	for (size_t i = 0; i < f->n; i++)
		sorted[i] = &f->pairs[i];
	qsort(sorted, f->n, sizeof(*sorted), by_key);
	for (size_t i = 1, first = 0; i < f->n; i++) {
		if (strcmp(sorted[i]->key->str, sorted[first]->key->str))
			first = i;
		else
			diag_duplicate(t->ctx, sorted[first], sorted[i]);
	}
	for (size_t i = 0; i < f->n; i++)
		if (f->pairs[i].value)
			f->pairs[kept++] = f->pairs[i];
	f->n = kept;
	return 0;
}

/* The collection is complete: its values move from the frame into the tree. */
static int seal(struct ka_tree *t, struct ka_frame *f)
{
	struct ka_node *n = f->node;
	int err;

	if (n->type == KA_NODE_MAP) {
		err = drop_duplicates(t, f);
		if (err)
			return err;
		n->pairs = ka_calloc(t->ctx, f->n, sizeof(*n->pairs));
		if (!n->pairs)
			return -ENOMEM;
		if (f->n)
			memcpy(n->pairs, f->pairs, f->n * sizeof(*n->pairs));
		n->npairs = f->n;
		return 0;
	}
	n->items = ka_calloc(t->ctx, f->n, sizeof(*n->items));
	if (!n->items)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++)
		n->items[i] = f->pairs[i].value;
	n->nitems = f->n;
	return 0;
}

static int frame_add(struct ka_tree *t, struct ka_frame *f, struct ka_node *value)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 16;
		struct ka_pair *pairs = reallocarray(f->pairs, cap, sizeof(*pairs));

		if (!pairs)
			return ka_fail(t->ctx, -ENOMEM, "out of memory");
		f->pairs = pairs;
		f->cap = cap;
	}
	f->pairs[f->n++] = (struct ka_pair){.key = f->key, .value = value};
	f->key = NULL;
	return 0;
}

/* A node that stands where a field's name is expected. */
static void take_key(struct ka_tree *t, struct ka_frame *f, const struct ka_node *n, bool plain)
{
	struct ka_diag *d;

	f->key = n;
	f->drop = false;
	if (n->type == KA_NODE_STRING && !(plain && !strcmp(n->str, "<<")))
		return;
	f->drop = true;
	if (n->type == KA_NODE_STRING) {
		d = ka_diag(t->ctx, KA_D_MERGE_KEY, n->loc);
		ka_diag_hint(t->ctx, d, "write the fields out, or use an alias as a whole value");
		return;
	}
	d = ka_diag(t->ctx, KA_D_KEY_TYPE, n->loc);
	if (n->type < KA_NODE_SEQ)
		ka_diag_hint(t->ctx, d, "this one is %s; quote it: '%s'", ka_node_type_str(n->type),
			     n->str);
}

/* A complete node finds its place. */
static int place(struct ka_tree *t, struct ka_node *n, bool plain)
{
	struct ka_frame *f;
	uint32_t sum;

	if (!t->depth) {
		t->root = n;
		return 0;
	}
	f = &t->frames[t->depth - 1];
	if (__builtin_add_overflow(f->node->weight, n->weight, &sum))
		sum = UINT32_MAX;
	f->node->weight = sum;
	if (f->node->type == KA_NODE_MAP && !f->key) {
		take_key(t, f, n, plain);
		return 0;
	}
	if (f->node->type == KA_NODE_MAP && f->drop) {
		f->key = NULL;
		return 0;
	}
	return frame_add(t, f, n);
}

static int remember(struct ka_tree *t, const char *anchor, struct ka_node *n)
{
	if (!anchor)
		return 0;
	if (t->nanchors == KA_YAML_MAX_ANCHORS) {
		ka_diag(t->ctx, KA_D_LIMIT_ANCHORS, n->loc, KA_YAML_MAX_ANCHORS);
		return KA_TREE_ABANDON;
	}
	t->anchors[t->nanchors++] = (struct ka_anchor){.name = anchor, .node = n};
	return 0;
}

static int anchor_name(struct ka_tree *t, const char *anchor, const char **ret)
{
	*ret = NULL;
	if (!anchor)
		return 0;
	*ret = ka_strndup(t->ctx, anchor, strlen(anchor));
	return *ret ? 0 : -ENOMEM;
}

/* What it stands for is left out, so that no other diagnostic follows from it. */
static int unknown_alias(struct ka_tree *t, const char *name, struct ka_loc loc)
{
	struct ka_diag *d = ka_diag(t->ctx, KA_D_ALIAS_UNKNOWN, loc, name);
	struct ka_frame *f = t->depth ? &t->frames[t->depth - 1] : NULL;

	ka_diag_hint(t->ctx, d, "a value that begins with '*' must be quoted");
	if (!f || f->node->type != KA_NODE_MAP)
		return 0;
	if (f->key) {
		f->key = NULL;
		return 0;
	}
	f->key = node_new(t, KA_NODE_NULL, loc);
	f->drop = true;
	return f->key ? 0 : -ENOMEM;
}

int ka_tree_alias(struct ka_tree *t, const char *name, struct ka_loc loc)
{
	struct ka_node *n = NULL;
	int err;

	for (unsigned i = t->nanchors; i && !n; i--)
		if (!strcmp(t->anchors[i - 1].name, name))
			n = t->anchors[i - 1].node;
	if (!n)
		return unknown_alias(t, name, loc);
	err = count(t, n->weight, loc);
	return err ? err : place(t, n, false);
}

int ka_tree_scalar(struct ka_tree *t, const struct ka_node *scalar, const char *anchor, bool plain)
{
	const char *name;
	struct ka_node *n;
	int err = count(t, 1, scalar->loc);

	if (err)
		return err;
	n = node_new(t, scalar->type, scalar->loc);
	if (!n)
		return -ENOMEM;
	n->str = ka_strndup(t->ctx, scalar->str, scalar->len);
	n->len = scalar->len;
	if (!n->str)
		return -ENOMEM;
	err = anchor_name(t, anchor, &name);
	if (!err)
		err = remember(t, name, n);
	return err ? err : place(t, n, plain);
}

int ka_tree_open(struct ka_tree *t, enum ka_node_type type, const char *anchor, struct ka_loc loc)
{
	struct ka_frame *f;
	int err = count(t, 1, loc);

	if (err)
		return err;
	if (t->depth == KA_YAML_MAX_DEPTH) {
		ka_diag(t->ctx, KA_D_LIMIT_DEPTH, loc, KA_YAML_MAX_DEPTH);
		return KA_TREE_ABANDON;
	}
	f = &t->frames[t->depth];
	f->node = node_new(t, type, loc);
	if (!f->node)
		return -ENOMEM;
	f->n = 0;
	f->key = NULL;
	f->drop = false;
	t->depth++;
	return anchor_name(t, anchor, &f->anchor);
}

int ka_tree_close(struct ka_tree *t)
{
	struct ka_frame *f = &t->frames[t->depth - 1];
	int err = seal(t, f);

	if (err)
		return err;
	t->depth--;
	/* Known only now: an alias inside its own anchor would be a cycle. */
	err = remember(t, f->anchor, f->node);
	return err ? err : place(t, f->node, false);
}

void ka_tree_reset(struct ka_tree *t)
{
	t->root = NULL;
	t->depth = 0;
	t->nanchors = 0;
	t->nodes = 0;
	t->expanded = 0;
}

void ka_tree_done(struct ka_tree *t)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(t->frames); i++)
		free(t->frames[i].pairs);
}
