// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#define WEIGHT_MAX ((1u << 24) - 1)
#define SHORT 48u /* bytes of a string that is remembered */
#define LARGE_FRAME 65536u

static void *out_of_memory(struct ka_tree *t)
{
	ka_fail(t->ctx, -ENOMEM, "out of memory");
	return NULL;
}

static struct ka_node *node_new(struct ka_tree *t, enum ka_node_type type, struct ka_loc loc)
{
	struct ka_node *n = ka_arena_alloc(t->nodes, sizeof(*n));

	if (!n)
		return out_of_memory(t);
	n->type = type;
	n->loc = loc;
	n->weight = 1;
	n->end = loc.offset;
	return n;
}

/* A copy in the context's memory; one for all that are equal, as far as they are remembered. */
static const char *string_new(struct ka_tree *t, const char *s, size_t len)
{
	uint64_t h = len * 0x9e3779b97f4a7c15u;
	const char **slot;

	if (len > SHORT)
		return ka_strndup(t->ctx, s, len);
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
	slot = &t->strings[(h ^ h >> 32) % KA_TREE_STRINGS];
	if (*slot && !strncmp(*slot, s, len) && !(*slot)[len])
		return *slot;
	return *slot = ka_strndup(t->ctx, s, len);
}

bool ka_tree_was_said(const struct ka_tree *t, enum ka_diag_id id, struct ka_loc loc)
{
	if (!t->again)
		return false;
	for (size_t i = 0; i < t->ctx->ndiags; i++) {
		const struct ka_diag *d = t->ctx->diags[i];

		if (d->id == id && d->loc.source == loc.source && d->loc.offset == loc.offset)
			return true;
	}
	return false;
}

/* ---- bounds ---- */

static int count_node(struct ka_tree *t, struct ka_loc loc)
{
	if (++t->count <= KA_YAML_MAX_NODES)
		return 0;
	ka_diag(t->ctx, KA_D_LIMIT_NODES, loc, KA_YAML_MAX_NODES);
	return KA_TREE_ABANDON;
}

/* All documents together: many that expand a little are as slow as one that expands a lot. */
static int count_alias(struct ka_tree *t, uint32_t weight, struct ka_loc loc)
{
	t->surplus += weight;
	if (t->surplus <= KA_YAML_MAX_EXPANDED)
		return 0;
	t->surplus -= weight;
	ka_diag(t->ctx, KA_D_LIMIT_ALIAS, loc, KA_YAML_MAX_EXPANDED);
	return KA_TREE_ABANDON;
}

/* ---- collections ---- */

/* The collection is complete: its values move from the frame into the tree. */
static int seal(struct ka_tree *t, struct ka_frame *f)
{
	struct ka_node *n = f->node;
	int err;

	if (n->type == KA_NODE_MAP) {
		err = ka_tree_drop_twice(t, f);
		if (err)
			return err;
		n->pairs = ka_arena_alloc(t->nodes, f->n * sizeof(*n->pairs));
		if (!n->pairs)
			return out_of_memory(t), -ENOMEM;
		if (f->n)
			memcpy(n->pairs, f->pairs, f->n * sizeof(*n->pairs));
		n->npairs = f->n;
		return 0;
	}
	n->items = ka_arena_alloc(t->nodes, f->n * sizeof(struct ka_node *));
	if (!n->items)
		return out_of_memory(t), -ENOMEM;
	for (size_t i = 0; i < f->n; i++)
		n->items[i] = f->pairs[i].value;
	n->nitems = f->n;
	return 0;
}

/* What was needed for an uncommonly large collection is not kept while the others are read. */
static void shrink(struct ka_frame *f)
{
	if (f->cap <= LARGE_FRAME)
		return;
	free(f->pairs);
	f->pairs = NULL;
	f->cap = 0;
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

/* `on: x` is meant as a name. */
static void quote_key(struct ka_tree *t, const struct ka_node *n, struct ka_diag *d)
{
	const char *quoted = ka_sprintf(t->ctx, "'%s'", n->str);

	ka_diag_hint(t->ctx, d, "this one is %s; quote it: '%s'", ka_node_type_str(n->type),
		     n->str);
	if (quoted && n->len && n->loc.length == n->len &&
	    !memcmp(n->loc.source->text + n->loc.offset, n->str, n->len))
		ka_diag_fix(t->ctx, d, n->loc.offset, n->loc.length, quoted);
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
	if (ka_tree_was_said(t, n->type == KA_NODE_STRING ? KA_D_MERGE_KEY : KA_D_KEY_TYPE, n->loc))
		return;
	if (n->type == KA_NODE_STRING) {
		d = ka_diag(t->ctx, KA_D_MERGE_KEY, n->loc);
		ka_diag_hint(t->ctx, d, "write the fields out, or use an alias as a whole value");
		return;
	}
	d = ka_diag(t->ctx, KA_D_KEY_TYPE, n->loc);
	if (n->type < KA_NODE_SEQ)
		quote_key(t, n, d);
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
	sum = f->node->weight + n->weight;
	f->node->weight = sum < WEIGHT_MAX ? sum : WEIGHT_MAX;
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
	struct ka_frame *f = t->depth ? &t->frames[t->depth - 1] : NULL;

	if (!ka_tree_was_said(t, KA_D_ALIAS_UNKNOWN, loc)) {
		struct ka_diag *d = ka_diag(t->ctx, KA_D_ALIAS_UNKNOWN, loc, name);

		ka_diag_hint(t->ctx, d, "a value that begins with '*' must be quoted");
	}
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
	t->end = loc.offset + loc.length;
	err = count_node(t, loc);
	if (!err)
		err = count_alias(t, n->weight, loc);
	return err ? err : place(t, n, false);
}

int ka_tree_scalar(struct ka_tree *t, const struct ka_node *scalar, const char *anchor, bool plain)
{
	const char *name;
	struct ka_node *n;
	int err = count_node(t, scalar->loc);

	if (err)
		return err;
	n = node_new(t, scalar->type, scalar->loc);
	if (!n)
		return -ENOMEM;
	n->end = t->end = scalar->end;
	n->str = string_new(t, scalar->str, scalar->len);
	n->len = scalar->len;
	if (!n->str)
		return -ENOMEM;
	err = anchor_name(t, anchor, &name);
	if (!err)
		err = remember(t, name, n);
	return err ? err : place(t, n, plain);
}

int ka_tree_open(struct ka_tree *t, enum ka_node_type type, const char *anchor, bool flow,
		 struct ka_loc loc)
{
	struct ka_frame *f;
	int err = count_node(t, loc);

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
	f->flow = flow;
	t->end = loc.offset;
	t->depth++;
	return anchor_name(t, anchor, &f->anchor);
}

int ka_tree_close(struct ka_tree *t, uint32_t end)
{
	struct ka_frame *f = &t->frames[t->depth - 1];
	int err = seal(t, f);

	if (err)
		return err;
	shrink(f);
	if (end)
		t->end = end;
	f->node->end = t->end;
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
	t->count = 0;
}

void ka_tree_done(struct ka_tree *t)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(t->frames); i++)
		free(t->frames[i].pairs);
}
