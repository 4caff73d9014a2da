// SPDX-License-Identifier: Apache-2.0
/*
 * The proof of a layout, which shares nothing with what made it: the reader's trees, and comments
 * as what libyaml's scanner passes over.
 */
#include <yaml.h>

#include "layout.h"

int ka_roots_add(struct ka_ctx *ctx, const struct ka_node *root, void *arg)
{
	struct ka_roots *r = arg;

	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;
		const struct ka_node **more = ka_calloc(ctx, cap, sizeof(*more));

		if (!more)
			return -ENOMEM;
		if (r->n)
			memcpy(more, r->v, r->n * sizeof(*more));
		r->v = more;
		r->cap = cap;
	}
	r->v[r->n++] = root;
	return 0;
}

/* ---- values ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp((*(const struct ka_pair *const *)a)->key->str,
		      (*(const struct ka_pair *const *)b)->key->str);
}

static const struct ka_pair **sorted(const struct ka_node *map)
{
	const struct ka_pair **v = calloc(map->npairs + 1, sizeof(*v));

	if (!v)
		return NULL;
	for (size_t i = 0; i < map->npairs; i++)
		v[i] = &map->pairs[i];
	qsort(v, map->npairs, sizeof(*v), by_key);
	return v;
}

static int same(const struct ka_node *a, const struct ka_node *b);

static int same_map(const struct ka_node *a, const struct ka_node *b)
{
	KA_FREE const struct ka_pair **x = sorted(a), **y = sorted(b);
	int r = 1;

	if (!x || !y)
		return -ENOMEM;
	for (size_t i = 0; i < a->npairs && r == 1; i++) {
		r = same(x[i]->key, y[i]->key);
		if (r == 1)
			r = same(x[i]->value, y[i]->value);
	}
	return r;
}

/* 1, 0 or -ENOMEM. As deep as a tree can be, and as large as it can be with aliases expanded. */
static int same(const struct ka_node *a, const struct ka_node *b)
{
	int r = 1;

	if (!a || !b)
		return a == b;
	if (a->type != b->type)
		return 0;
	if (a->type == KA_NODE_MAP)
		return a->npairs == b->npairs ? same_map(a, b) : 0;
	if (a->type != KA_NODE_SEQ)
		return a->len == b->len && !memcmp(a->str, b->str, a->len);
	if (a->nitems != b->nitems)
		return 0;
	for (size_t i = 0; i < a->nitems && r == 1; i++)
		r = same(a->items[i], b->items[i]);
	return r;
}

int ka_roots_same(const struct ka_roots *a, const struct ka_roots *b, bool *ret)
{
	int r = a->n == b->n;

	for (size_t i = 0; i < a->n && r == 1; i++)
		r = same(a->v[i], b->v[i]);
	*ret = r == 1;
	return r < 0 ? r : 0;
}

/* ---- comments ---- */

struct comment {
	const char *text;
	size_t len;
};

struct comments {
	const struct ka_layout_text *text;
	struct comment *v;
	size_t n, cap;
	size_t mark, at; /* of the last token's end: characters and bytes */
};

static void comments_done(struct comments *c)
{
	free(c->v);
}

static int add_comment(struct comments *c, const char *text, size_t len)
{
	while (len && strchr(" \t", text[len - 1]))
		len--;
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		struct comment *more = reallocarray(c->v, cap, sizeof(*more));

		if (!more)
			return -ENOMEM;
		c->v = more;
		c->cap = cap;
	}
	c->v[c->n++] = (struct comment){text, len};
	return 0;
}

/* All comments of [from, to), where nothing else is. */
static int add_comments(struct comments *c, size_t from, size_t to)
{
	const char *text = c->text->text, *hash;
	size_t end;
	int r;

	while (from < to && (hash = memchr(text + from, '#', to - from))) {
		end = ka_layout_line_end(c->text, (size_t)(hash - text));
		r = add_comment(c, hash, end - (size_t)(hash - text));
		if (r)
			return r;
		from = end;
	}
	return 0;
}

static size_t offset_of(struct comments *c, size_t index)
{
	while (c->mark < index && c->at < c->text->len) {
		c->at++;
		while (c->at < c->text->len && (c->text->text[c->at] & 0xc0) == 0x80)
			c->at++;
		c->mark++;
	}
	return c->at;
}

static int on_token(struct comments *c, const yaml_token_t *t)
{
	size_t end = c->at, start = offset_of(c, t->start_mark.index);
	int r = add_comments(c, end, start);

	/* the first line of a block scalar is within its token */
	if (!r && t->type == YAML_SCALAR_TOKEN &&
	    (t->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
	     t->data.scalar.style == YAML_FOLDED_SCALAR_STYLE))
		r = add_comments(c, start, ka_layout_line_end(c->text, start));
	offset_of(c, t->end_mark.index);
	return r;
}

static int scan(struct comments *c)
{
	yaml_parser_t parser;
	yaml_token_t token;
	bool end = false;
	int r = 0;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)c->text->text, c->text->len);
	while (!r && !end) {
		if (!yaml_parser_scan(&parser, &token)) {
			r = parser.error == YAML_MEMORY_ERROR ? -ENOMEM : -EINVAL;
			break;
		}
		end = token.type == YAML_STREAM_END_TOKEN;
		r = on_token(c, &token);
		yaml_token_delete(&token);
	}
	yaml_parser_delete(&parser);
	return r;
}

static int by_text(const void *a, const void *b)
{
	const struct comment *x = a, *y = b;
	int r = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	return r ? r : (x->len > y->len) - (x->len < y->len);
}

int ka_comments_same(const struct ka_layout_text *a, const struct ka_layout_text *b, bool *ret)
{
	KA_CLEANUP(comments_done) struct comments x = {.text = a}, y = {.text = b};
	int r = scan(&x);

	if (!r)
		r = scan(&y);
	*ret = !r && x.n == y.n;
	if (!*ret || !x.n)
		return r;
	qsort(x.v, x.n, sizeof(*x.v), by_text);
	qsort(y.v, y.n, sizeof(*y.v), by_text);
	for (size_t i = 0; i < x.n && *ret; i++)
		*ret = !by_text(&x.v[i], &y.v[i]);
	return 0;
}
