// SPDX-License-Identifier: Apache-2.0
#include "yaml.h"

#include <yaml.h>

#include "place.h"
#include "yaml_error.h"

#define STR_TAG "tag:yaml.org,2002:"

/* What has been read of one open collection. */
struct frame {
	struct ka_node *node;
	const char *anchor;
	struct ka_pair *pairs;     /* malloc'ed, kept from one collection to the next; */
	size_t n, cap;             /* a list uses only the values */
	const struct ka_node *key; /* waiting for its value; NULL: the next one is a key */
	bool drop;                 /* the waiting key was refused */
};

struct anchor {
	const char *name;
	struct ka_node *node;
};

struct reader {
	struct ka_ctx *ctx;
	const struct ka_source *src;
	ka_yaml_each each;
	void *arg;
	struct ka_cursor base, here; /* where the parser began; how far places were counted */
	size_t floor;                /* offset of the document that is being read */
	struct ka_node *root;
	struct frame frames[KA_YAML_MAX_DEPTH];
	unsigned depth;
	struct anchor anchors[KA_YAML_MAX_ANCHORS];
	unsigned nanchors;
	uint32_t nodes, expanded;          /* of the document */
	uint32_t error_line, error_column; /* of the last one, which is not told twice */
};

/* The document cannot be read further; the diagnostic is there. Never leaves this file. */
#define ABANDON 1

/* ---- places ---- */

static size_t offset_of(struct reader *r, const yaml_mark_t *mark)
{
	if (!ka_cursor_to_mark(r->src, &r->here, mark->line, mark->column)) {
		r->here = r->base;
		ka_cursor_to_mark(r->src, &r->here, mark->line, mark->column);
	}
	return r->here.offset;
}

static struct ka_loc loc_at(struct reader *r, const yaml_mark_t *mark)
{
	offset_of(r, mark);
	return ka_cursor_loc(r->src, &r->here);
}

/* The place of a value: underlined to its end, or to the end of its first line. */
static struct ka_loc loc_of(struct reader *r, const yaml_event_t *e)
{
	struct ka_loc loc = loc_at(r, &e->start_mark);
	size_t start = r->here.offset, end;

	end = offset_of(r, &e->end_mark);
	if (r->here.line != loc.line) {
		const char *nl = memchr(r->src->text + start, '\n', r->src->len - start);

		end = nl ? (size_t)(nl - r->src->text) : r->src->len;
		if (end > start && r->src->text[end - 1] == '\r')
			end--;
	}
	loc.length = (uint32_t)(end - start);
	return loc;
}

/* ---- values ---- */

static struct ka_node *node_new(struct reader *r, enum ka_node_type type, struct ka_loc loc)
{
	struct ka_node *n = ka_calloc(r->ctx, 1, sizeof(*n));

	if (!n)
		return NULL;
	n->type = type;
	n->loc = loc;
	n->weight = 1;
	return n;
}

static int count(struct reader *r, uint32_t weight, struct ka_loc loc)
{
	if (++r->nodes > KA_YAML_MAX_NODES) {
		ka_diag(r->ctx, KA_D_LIMIT_NODES, loc, KA_YAML_MAX_NODES);
		return ABANDON;
	}
	if (__builtin_add_overflow(r->expanded, weight, &r->expanded) ||
	    r->expanded > KA_YAML_MAX_EXPANDED) {
		ka_diag(r->ctx, KA_D_LIMIT_ALIAS, loc, KA_YAML_MAX_EXPANDED);
		return ABANDON;
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
static int drop_duplicates(struct reader *r, struct frame *f)
{
	KA_FREE struct ka_pair **sorted = NULL;
	size_t kept = 0;

	if (f->n < 2)
		return 0;
	sorted = reallocarray(NULL, f->n, sizeof(*sorted));
	if (!sorted)
		return ka_fail(r->ctx, -ENOMEM, "out of memory");
	for (size_t i = 0; i < f->n; i++)
		sorted[i] = &f->pairs[i];
	qsort(sorted, f->n, sizeof(*sorted), by_key);
	for (size_t i = 1, first = 0; i < f->n; i++) {
		if (strcmp(sorted[i]->key->str, sorted[first]->key->str))
			first = i;
		else
			diag_duplicate(r->ctx, sorted[first], sorted[i]);
	}
	for (size_t i = 0; i < f->n; i++)
		if (f->pairs[i].value)
			f->pairs[kept++] = f->pairs[i];
	f->n = kept;
	return 0;
}

/* The collection is complete: its values move from the frame into the tree. */
static int seal(struct reader *r, struct frame *f)
{
	struct ka_node *n = f->node;
	int err;

	if (n->type == KA_NODE_MAP) {
		err = drop_duplicates(r, f);
		if (err)
			return err;
		n->pairs = ka_calloc(r->ctx, f->n, sizeof(*n->pairs));
		if (!n->pairs)
			return -ENOMEM;
		if (f->n)
			memcpy(n->pairs, f->pairs, f->n * sizeof(*n->pairs));
		n->npairs = f->n;
		return 0;
	}
	n->items = ka_calloc(r->ctx, f->n, sizeof(*n->items));
	if (!n->items)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++)
		n->items[i] = f->pairs[i].value;
	n->nitems = f->n;
	return 0;
}

static int frame_add(struct reader *r, struct frame *f, struct ka_node *value)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 16;
		struct ka_pair *pairs = reallocarray(f->pairs, cap, sizeof(*pairs));

		if (!pairs)
			return ka_fail(r->ctx, -ENOMEM, "out of memory");
		f->pairs = pairs;
		f->cap = cap;
	}
	f->pairs[f->n++] = (struct ka_pair){.key = f->key, .value = value};
	f->key = NULL;
	return 0;
}

/* A node that stands where a field's name is expected. */
static void take_key(struct reader *r, struct frame *f, const struct ka_node *n, bool plain)
{
	struct ka_diag *d;

	f->key = n;
	f->drop = false;
	if (n->type == KA_NODE_STRING && !(plain && !strcmp(n->str, "<<")))
		return;
	f->drop = true;
	if (n->type == KA_NODE_STRING) {
		d = ka_diag(r->ctx, KA_D_MERGE_KEY, n->loc);
		ka_diag_hint(r->ctx, d, "write the fields out, or use an alias as a whole value");
		return;
	}
	d = ka_diag(r->ctx, KA_D_KEY_TYPE, n->loc);
	if (n->type < KA_NODE_SEQ)
		ka_diag_hint(r->ctx, d, "this one is %s; quote it: '%s'", ka_node_type_str(n->type),
			     n->str);
}

/* A complete node finds its place. */
static int place(struct reader *r, struct ka_node *n, bool plain)
{
	struct frame *f;
	uint32_t sum;

	if (!r->depth) {
		r->root = n;
		return 0;
	}
	f = &r->frames[r->depth - 1];
	if (__builtin_add_overflow(f->node->weight, n->weight, &sum))
		sum = UINT32_MAX;
	f->node->weight = sum;
	if (f->node->type == KA_NODE_MAP && !f->key) {
		take_key(r, f, n, plain);
		return 0;
	}
	if (f->node->type == KA_NODE_MAP && f->drop) {
		f->key = NULL;
		return 0;
	}
	return frame_add(r, f, n);
}

static int remember(struct reader *r, const char *anchor, struct ka_node *n)
{
	if (!anchor)
		return 0;
	if (r->nanchors == KA_YAML_MAX_ANCHORS) {
		ka_diag(r->ctx, KA_D_LIMIT_ANCHORS, n->loc, KA_YAML_MAX_ANCHORS);
		return ABANDON;
	}
	r->anchors[r->nanchors++] = (struct anchor){.name = anchor, .node = n};
	return 0;
}

static int anchor_name(struct reader *r, const yaml_char_t *anchor, const char **ret)
{
	*ret = NULL;
	if (!anchor)
		return 0;
	*ret = ka_strndup(r->ctx, (const char *)anchor, strlen((const char *)anchor));
	return *ret ? 0 : -ENOMEM;
}

/* ---- events ---- */

/* The type that a tag asks for; -1: none that we know. */
static int type_of_tag(const char *tag)
{
	static const struct {
		const char *name;
		enum ka_node_type type;
	} tags[] = {
		{"str", KA_NODE_STRING}, {"int", KA_NODE_INT},   {"float", KA_NODE_FLOAT},
		{"bool", KA_NODE_BOOL},  {"null", KA_NODE_NULL}, {"seq", KA_NODE_SEQ},
		{"map", KA_NODE_MAP},
	};

	if (strncmp(tag, STR_TAG, strlen(STR_TAG)))
		return -1;
	for (size_t i = 0; i < KA_ARRAY_SIZE(tags); i++)
		if (!strcmp(tag + strlen(STR_TAG), tags[i].name))
			return tags[i].type;
	return -1;
}

static void check_tag(struct reader *r, const yaml_char_t *tag, enum ka_node_type type,
		      struct ka_loc loc)
{
	if (tag && strcmp((const char *)tag, "!") && type_of_tag((const char *)tag) != (int)type)
		ka_diag(r->ctx, KA_D_TAG, loc, (const char *)tag);
}

static enum ka_node_type scalar_type(const yaml_event_t *e)
{
	const char *s = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	const char *tag = (const char *)e->data.scalar.tag;

	if (tag && type_of_tag(tag) == KA_NODE_STRING)
		return KA_NODE_STRING;
	if (tag && type_of_tag(tag) >= 0) /* "!!int '5'" is a number, too */
		return ka_scalar_type(s, len);
	if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || tag)
		return KA_NODE_STRING;
	return ka_scalar_type(s, len);
}

static int on_scalar(struct reader *r, const yaml_event_t *e)
{
	const char *s = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	struct ka_loc loc = loc_of(r, e);
	struct ka_node *n;
	const char *anchor;
	int err = count(r, 1, loc);

	if (err)
		return err;
	if (len > KA_YAML_MAX_SCALAR) {
		ka_diag(r->ctx, KA_D_LIMIT_SCALAR, loc, KA_YAML_MAX_SCALAR);
		return ABANDON;
	}
	if (memchr(s, 0, len)) {
		ka_diag(r->ctx, KA_D_NUL, loc, "a string");
		return ABANDON;
	}
	n = node_new(r, scalar_type(e), loc);
	if (!n)
		return -ENOMEM;
	check_tag(r, e->data.scalar.tag, n->type, loc);
	n->str = ka_strndup(r->ctx, s, len);
	n->len = len;
	if (!n->str)
		return -ENOMEM;
	err = anchor_name(r, e->data.scalar.anchor, &anchor);
	if (!err)
		err = remember(r, anchor, n);
	return err ? err : place(r, n, e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
}

/* What it stands for is left out, so that no other diagnostic follows from it. */
static int unknown_alias(struct reader *r, const char *name, struct ka_loc loc)
{
	struct ka_diag *d = ka_diag(r->ctx, KA_D_ALIAS_UNKNOWN, loc, name);
	struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;

	ka_diag_hint(r->ctx, d, "a value that begins with '*' must be quoted");
	if (!f || f->node->type != KA_NODE_MAP)
		return 0;
	if (f->key) {
		f->key = NULL;
		return 0;
	}
	f->key = node_new(r, KA_NODE_NULL, loc);
	f->drop = true;
	return f->key ? 0 : -ENOMEM;
}

static int on_alias(struct reader *r, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	struct ka_loc loc = loc_of(r, e);
	struct ka_node *n = NULL;
	int err;

	for (unsigned i = r->nanchors; i && !n; i--)
		if (!strcmp(r->anchors[i - 1].name, name))
			n = r->anchors[i - 1].node;
	if (!n)
		return unknown_alias(r, name, loc);
	err = count(r, n->weight, loc);
	return err ? err : place(r, n, false);
}

static int on_start(struct reader *r, const yaml_event_t *e, enum ka_node_type type,
		    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct ka_loc loc = loc_at(r, &e->start_mark);
	struct frame *f;
	int err = count(r, 1, loc);

	if (err)
		return err;
	if (r->depth == KA_YAML_MAX_DEPTH) {
		ka_diag(r->ctx, KA_D_LIMIT_DEPTH, loc, KA_YAML_MAX_DEPTH);
		return ABANDON;
	}
	check_tag(r, tag, type, loc);
	f = &r->frames[r->depth];
	f->node = node_new(r, type, loc);
	if (!f->node)
		return -ENOMEM;
	f->n = 0;
	f->key = NULL;
	f->drop = false;
	r->depth++;
	return anchor_name(r, anchor, &f->anchor);
}

static int on_end(struct reader *r)
{
	struct frame *f = &r->frames[r->depth - 1];
	int err = seal(r, f);

	if (err)
		return err;
	r->depth--;
	/* Known only now: an alias inside its own anchor would be a cycle. */
	err = remember(r, f->anchor, f->node);
	return err ? err : place(r, f->node, false);
}

static void forget_document(struct reader *r)
{
	r->root = NULL;
	r->depth = 0;
	r->nanchors = 0;
	r->nodes = 0;
	r->expanded = 0;
}

static int on_document_end(struct reader *r)
{
	const struct ka_node *root = r->root;

	forget_document(r);
	if (root && root->type == KA_NODE_NULL)
		root = NULL;
	return r->each(r->ctx, root, r->arg);
}

static int on_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		forget_document(r);
		r->floor = offset_of(r, &e->start_mark);
		return 0;
	case YAML_DOCUMENT_END_EVENT:
		return on_document_end(r);
	case YAML_SCALAR_EVENT:
		return on_scalar(r, e);
	case YAML_ALIAS_EVENT:
		return on_alias(r, e);
	case YAML_SEQUENCE_START_EVENT:
		return on_start(r, e, KA_NODE_SEQ, e->data.sequence_start.anchor,
				e->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return on_start(r, e, KA_NODE_MAP, e->data.mapping_start.anchor,
				e->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_end(r);
	default:
		return 0;
	}
}

/* ---- the stream ---- */

static int on_error(struct reader *r, const yaml_parser_t *p)
{
	struct ka_yaml_error e = {.ctx = r->ctx, .src = r->src, .parser = p};

	if (p->error == YAML_MEMORY_ERROR)
		return ka_fail(r->ctx, -ENOMEM, "out of memory");
	if (p->error == YAML_READER_ERROR) {
		r->here = r->base;
		ka_cursor_to_offset(r->src, &r->here, r->base.offset + p->problem_offset);
	} else {
		if (p->context)
			e.context = loc_at(r, &p->context_mark);
		offset_of(r, &p->problem_mark);
	}
	e.offset = r->here.offset;
	e.loc = ka_cursor_loc(r->src, &r->here);
	if (e.loc.line != r->error_line || e.loc.column != r->error_column)
		ka_yaml_report(&e);
	r->error_line = e.loc.line;
	r->error_column = e.loc.column;
	return ABANDON;
}

static int parse(struct reader *r, yaml_parser_t *p)
{
	yaml_event_t e;
	int err = 0;
	bool end = false;

	while (!err && !end) {
		if (!yaml_parser_parse(p, &e))
			return on_error(r, p);
		end = e.type == YAML_STREAM_END_EVENT;
		err = on_event(r, &e);
		yaml_event_delete(&e);
	}
	return err;
}

static int parse_from_base(struct reader *r)
{
	yaml_parser_t p;
	int err;

	if (!yaml_parser_initialize(&p))
		return ka_fail(r->ctx, -ENOMEM, "out of memory");
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, (const unsigned char *)r->src->text + r->base.offset,
				     r->src->len - r->base.offset);
	err = parse(r, &p);
	yaml_parser_delete(&p);
	return err;
}

static bool is_marker(const char *s, size_t left)
{
	if (left < 3 || memcmp(s, "---", 3))
		return false;
	return left == 3 || s[3] == ' ' || s[3] == '\t' || s[3] == '\n' || s[3] == '\r';
}

/* Moves base to the first `---` line behind the document that was given up. */
static bool find_next_document(struct reader *r)
{
	const char *text = r->src->text, *nl;
	size_t at = r->here.line_start;

	while (at <= r->floor || !is_marker(text + at, r->src->len - at)) {
		nl = memchr(text + at, '\n', r->src->len - at);
		if (!nl)
			return false;
		at = (size_t)(nl - text) + 1;
	}
	if (at < r->here.offset) /* the line where reading stopped is a marker itself */
		r->here = r->base;
	ka_cursor_to_offset(r->src, &r->here, at);
	r->base = r->here;
	r->base.mark_line = 0;
	r->base.mark_column = 0;
	r->here = r->base;
	r->floor = at;
	return true;
}

static void reader_done(struct reader *r)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(r->frames); i++)
		free(r->frames[i].pairs);
}

int ka_yaml_read(struct ka_ctx *ctx, const struct ka_source *src, ka_yaml_each each, void *arg)
{
	KA_CLEANUP(reader_done)
	struct reader r = {.ctx = ctx, .src = src, .each = each, .arg = arg};
	int err;

	if (src->len > KA_YAML_MAX_SIZE) {
		ka_diag(ctx, KA_D_LIMIT_SIZE, (struct ka_loc){.source = src}, KA_YAML_MAX_SIZE);
		return 0;
	}
	r.base = ka_cursor_start(src);
	r.here = r.base;
	do {
		err = parse_from_base(&r);
		forget_document(&r);
	} while (err == ABANDON && find_next_document(&r));
	return err == ABANDON ? 0 : err;
}
