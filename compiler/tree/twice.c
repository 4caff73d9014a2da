// SPDX-License-Identifier: Apache-2.0
/*
 * Fields that a mapping has twice: what they are, and which of them can be put right.
 */
#include "tree.h"

#define FEW_KEYS 24u /* that are compared one by one */

static bool is_same(const struct ka_node *a, const struct ka_node *b, unsigned depth)
{
	if (a->type != b->type || depth > KA_YAML_MAX_DEPTH || a->weight != b->weight)
		return false;
	if (a->type == KA_NODE_SEQ) {
		bool same = a->nitems == b->nitems;

		for (size_t i = 0; i < a->nitems && same; i++)
			same = is_same(a->items[i], b->items[i], depth + 1);
		return same;
	}
	if (a->type == KA_NODE_MAP) {
		bool same = a->npairs == b->npairs;

		for (size_t i = 0; i < a->npairs && same; i++)
			same = !strcmp(a->pairs[i].key->str, b->pairs[i].key->str) &&
			       is_same(a->pairs[i].value, b->pairs[i].value, depth + 1);
		return same;
	}
	return a->len == b->len && !memcmp(a->str, b->str, a->len);
}

/* Whole lines of a block mapping from the key to the end of its value, if nothing else is there. */
static bool lines_of(const struct ka_pair *p, uint32_t *ret, uint32_t *ret_len)
{
	const struct ka_source *src = p->key->loc.source;
	uint32_t start = p->key->loc.offset, end = p->value->end;

	if (p->value->loc.offset < start)
		return false; /* an alias: the value stands elsewhere */
	while (start && src->text[start - 1] == ' ')
		start--;
	if (start && src->text[start - 1] != '\n')
		return false;
	while (end < src->len && strchr(" \t\r", src->text[end]) && src->text[end])
		end++;
	if (end < src->len && src->text[end] != '\n')
		return false;
	*ret = start;
	*ret_len = end + (end < src->len) - start;
	return true;
}

/* The column in which the first item's '-' stands, and nothing before it; 0: not so. */
static uint32_t dash_column(const struct ka_node *list)
{
	const struct ka_source *src = list->loc.source;
	const struct ka_loc *loc = list->nitems ? &list->items[0]->loc : NULL;
	uint32_t at;

	if (!loc || loc->offset < list->loc.offset || loc->column < 2)
		return 0;
	at = loc->offset - (loc->column - 1);
	while (at < loc->offset && src->text[at] == ' ')
		at++;
	return src->text[at] == '-' ? at - (loc->offset - loc->column) : 0;
}

/*
 * A list that is given in two pieces, one right behind the other: without the second name they are
 * one. *ret: the line of that name, if it stands alone there.
 */
static bool is_same_list(const struct ka_pair *before, const struct ka_pair *again, uint32_t *ret,
			 uint32_t *ret_len)
{
	const struct ka_node *list = again->value;
	struct ka_node name = *again->key;
	const struct ka_pair line = {.key = again->key, .value = &name};
	uint32_t column;

	if (again->value->type != KA_NODE_SEQ || !before->value ||
	    before->value->type != KA_NODE_SEQ || strcmp(before->key->str, again->key->str) != 0)
		return false;
	column = dash_column(before->value);
	if (!column || column != dash_column(list) || list->loc.offset < again->key->loc.offset)
		return false;
	name.end++; /* the colon */
	return list->loc.line > name.loc.line && lines_of(&line, ret, ret_len);
}

static const char *hint_for(const struct ka_node *value, bool same, bool list)
{
	if (same)
		return "both say the same: remove one";
	if (list)
		return "without this line both lists are one";
	return value->type >= KA_NODE_SEQ ? "move what is below it to the first one" : NULL;
}

static void say_duplicate(struct ka_tree *t, const struct ka_frame *f, const struct ka_pair *first,
			  const struct ka_pair *again)
{
	bool same = is_same(first->value, again->value, 0), list, fix;
	uint32_t offset, len, name, name_len;
	const char *hint;
	struct ka_diag *d;

	if (f->two || ka_tree_was_said(t, KA_D_DUP_KEY, again->key->loc))
		return;
	fix = same && !f->flow && lines_of(again, &offset, &len);
	list = !same && !f->flow && is_same_list(again - 1, again, &name, &name_len);
	hint = hint_for(again->value, same, list);
	d = ka_diag(t->ctx, KA_D_DUP_KEY, again->key->loc, again->key->str);
	ka_diag_note(t->ctx, d, first->key->loc, "first given here");
	if (hint)
		ka_diag_hint(t->ctx, d, "%s", hint);
	if (fix)
		ka_diag_fix(t->ctx, d, offset, len, "");
	else if (list)
		ka_diag_fix(t->ctx, d, name, name_len, "");
}

static const struct ka_pair *find_pair(const struct ka_frame *f, const char *key, size_t from)
{
	for (size_t i = from; i < f->n; i++)
		if (!strcmp(f->pairs[i].key->str, key))
			return &f->pairs[i];
	return NULL;
}

/*
 * apiVersion and kind a second time, one behind the other: two documents without a `---` between
 * them. That is one mistake, whatever else is there twice.
 */
static void find_two_documents(struct ka_tree *t, struct ka_frame *f)
{
	const struct ka_pair *first = find_pair(f, "apiVersion", 0), *again;
	uint32_t start;
	struct ka_diag *d;

	if (t->depth != 1 || f->flow || !first)
		return;
	again = find_pair(f, "apiVersion", (size_t)(first - f->pairs) + 1);
	if (!again || again + 1 == f->pairs + f->n || strcmp(again[1].key->str, "kind") != 0)
		return;
	f->two = true;
	if (ka_tree_was_said(t, KA_D_DUP_KEY, again->key->loc))
		return;
	d = ka_diag(t->ctx, KA_D_DUP_KEY, again->key->loc, again->key->str);
	ka_diag_note(t->ctx, d, first->key->loc, "first given here");
	ka_diag_hint(t->ctx, d, "a document begins here: put a line '---' before it");
	start = again->key->loc.offset - (again->key->loc.column - 1);
	if (again->key->loc.column == 1)
		ka_diag_fix(t->ctx, d, start, 0, "---\n");
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

static void drop_among_few(struct ka_tree *t, struct ka_frame *f)
{
	uint32_t dropped = 0;
	size_t kept = 0;

	for (size_t i = 1; i < f->n; i++) {
		const struct ka_node *key = f->pairs[i].key;

		for (size_t k = 0; k < i; k++) {
			const struct ka_node *other = f->pairs[k].key;

			if (key->len != other->len || memcmp(key->str, other->str, key->len) != 0)
				continue;
			say_duplicate(t, f, &f->pairs[k], &f->pairs[i]);
			dropped |= 1u << i;
			break;
		}
	}
	for (size_t i = 0; i < f->n; i++)
		if (!(dropped & 1u << i))
			f->pairs[kept++] = f->pairs[i];
	f->n = kept;
}

static int drop_among_many(struct ka_tree *t, struct ka_frame *f)
{
	KA_FREE struct ka_pair **sorted = reallocarray(NULL, f->n, sizeof(*sorted));
	size_t kept = 0;

	if (!sorted)
		return ka_fail(t->ctx, -ENOMEM, "out of memory");
	for (size_t i = 0; i < f->n; i++)
		sorted[i] = &f->pairs[i];
	qsort(sorted, f->n, sizeof(*sorted), by_key);
	for (size_t i = 1, first = 0; i < f->n; i++) {
		if (strcmp(sorted[i]->key->str, sorted[first]->key->str) != 0) {
			first = i;
			continue;
		}
		say_duplicate(t, f, sorted[first], sorted[i]);
		sorted[i]->value = NULL;
	}
	for (size_t i = 0; i < f->n; i++)
		if (f->pairs[i].value)
			f->pairs[kept++] = f->pairs[i];
	f->n = kept;
	return 0;
}

/* The first one stays, so that later stages see one value for one field. */
int ka_tree_drop_twice(struct ka_tree *t, struct ka_frame *f)
{
	f->two = false;
	find_two_documents(t, f);
	if (f->n > FEW_KEYS)
		return drop_among_many(t, f);
	drop_among_few(t, f);
	return 0;
}
