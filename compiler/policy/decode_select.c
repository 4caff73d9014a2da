// SPDX-License-Identifier: Apache-2.0
/*
 * Whom a policy governs: selector and nodeSelector.
 */
#include "../check/value.h"
#include "decode.h"

/* ---- matchLabels ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct ka_label *)a)->key, ((const struct ka_label *)b)->key);
}

static int decode_labels(struct ka_ctx *ctx, const struct ka_node *labels, bool node,
			 struct ka_label **ret, size_t *ret_n)
{
	if (!labels || labels->type != KA_NODE_MAP || !labels->npairs)
		return 0;
	*ret = ka_calloc(ctx, labels->npairs, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	for (size_t i = 0; i < labels->npairs; i++) {
		const struct ka_pair *l = &labels->pairs[i];

		if (ka_check_label_key(ctx, l->key) &&
		    ka_check_label_value(ctx, l->key->str, l->value, node))
			(*ret)[(*ret_n)++] = (struct ka_label){
				.key = l->key->str, .value = l->value->str, .loc = l->key->loc};
	}
	qsort(*ret, *ret_n, sizeof(**ret), by_key);
	return 0;
}

/* ---- matchExpressions ---- */

static int compare_words(const struct ka_words *a, const struct ka_words *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		int r = strcmp(a->v[i].text, b->v[i].text);

		if (r)
			return r;
	}
	return a->n < b->n ? -1 : a->n > b->n;
}

static int by_expression(const void *a, const void *b)
{
	const struct ka_expression *x = a, *y = b;
	int r = strcmp(x->key, y->key);

	if (!r)
		r = (int)x->not_in - (int)y->not_in;
	return r ? r : compare_words(&x->values, &y->values);
}

/* One that says nothing that could be used (the schema has told) is left out. */
static int decode_expression(struct ka_ctx *ctx, const struct ka_node *item,
			     struct ka_expression *ret, size_t *n)
{
	const struct ka_node *key = ka_node_get(item, "key");
	const struct ka_node *operator= ka_node_get(item, "operator");
	bool namespace;
	int r;

	if (!ka_is_string(key) || !ka_is_string(operator))
		return 0;
	namespace = !strcmp(key->str, "namespace");
	*ret = (struct ka_expression){
		.key = key->str, .not_in = !strcmp(operator->str, "NotIn"), .loc = key->loc};
	r = ka_take_words(ctx, ka_node_get(item, "values"),
			  namespace ? ka_check_expression_namespace : ka_check_expression_label,
			  &ret->values);
	*n += ret->values.n != 0;
	return r;
}

static int decode_expressions(struct ka_ctx *ctx, const struct ka_pair *list, struct ka_policy *p)
{
	size_t n = 0, kept = 0;
	int r = 0;

	if (!list || list->value->type != KA_NODE_SEQ || !list->value->nitems)
		return 0;
	p->expressions = ka_calloc(ctx, list->value->nitems, sizeof(*p->expressions));
	if (!p->expressions)
		return -ENOMEM;
	for (size_t i = 0; i < list->value->nitems && !r; i++)
		r = decode_expression(ctx, list->value->items[i], &p->expressions[n], &n);
	if (n)
		ka_policy_place(ctx, p, KA_FEATURE_EXPRESSIONS, list->key);
	qsort(p->expressions, n, sizeof(*p->expressions), by_expression);
	for (size_t i = 0; i < n; i++)
		if (!kept || by_expression(&p->expressions[kept - 1], &p->expressions[i]))
			p->expressions[kept++] = p->expressions[i];
	p->nexpressions = kept;
	return r;
}

/* ---- selectors ---- */

static bool is_empty(const struct ka_node *n)
{
	return !n || n->type == KA_NODE_NULL || (n->type == KA_NODE_MAP && !n->npairs) ||
	       (n->type == KA_NODE_SEQ && !n->nitems);
}

/* Whether the schema has told that it is no selector; what is missing then is no wish. */
static bool is_refused(const struct ka_node *spec, const struct ka_node *selector)
{
	if (is_empty(spec) || spec->type != KA_NODE_MAP)
		return true;
	if (is_empty(selector))
		return false;
	for (size_t i = 0; selector->type == KA_NODE_MAP && i < selector->npairs; i++)
		if (strcmp(selector->pairs[i].key->str, "matchLabels") != 0 &&
		    strcmp(selector->pairs[i].key->str, "matchExpressions") != 0)
			return true;
	return selector->type != KA_NODE_MAP;
}

static int decode_selector(struct ka_ctx *ctx, const struct ka_node *spec, struct ka_policy *p)
{
	const struct ka_node *selector = ka_node_get(spec, "selector");
	const struct ka_node *labels = ka_node_get(selector, "matchLabels");
	const struct ka_pair *more = ka_node_pair(selector, "matchExpressions");

	if (!is_refused(spec, selector) && is_empty(labels) &&
	    is_empty(more ? more->value : NULL)) {
		if (p->kind == KA_KIND_POLICY)
			ka_diag(ctx, KA_D_NO_SELECTOR, p->loc, p->ns);
		else
			ka_diag(ctx, KA_D_NO_SELECTOR_CLUSTER, p->loc);
	}
	return decode_labels(ctx, labels, false, &p->labels, &p->nlabels)
		       ?: decode_expressions(ctx, more, p);
}

static int decode_node_selector(struct ka_ctx *ctx, const struct ka_node *spec, struct ka_policy *p)
{
	const struct ka_pair *selector = ka_node_pair(spec, "nodeSelector");
	const struct ka_node *labels;

	if (!selector || selector->value->type != KA_NODE_MAP)
		return 0; /* the schema tells */
	labels = ka_node_get(selector->value, "matchLabels");
	if (labels && labels->type == KA_NODE_MAP && !labels->npairs)
		ka_diag_hint(ctx, ka_diag(ctx, KA_D_NO_NODE_SELECTOR, selector->key->loc),
			     "for every node: matchLabels: {kubernetes.io/hostname: '*'}");
	return decode_labels(ctx, labels, true, &p->labels, &p->nlabels);
}

/* The selector of a network policy: whose packets, on the nodes that the nodeSelector picks. */
static int decode_pods(struct ka_ctx *ctx, const struct ka_node *spec, struct ka_policy *p)
{
	const struct ka_node *selector = ka_node_get(spec, "selector");

	return decode_labels(ctx, ka_node_get(selector, "matchLabels"), false, &p->pods, &p->npods)
		       ?: decode_expressions(ctx, ka_node_pair(selector, "matchExpressions"), p);
}

int ka_decode_select(struct ka_ctx *ctx, const struct ka_node *spec, struct ka_policy *p)
{
	if (!spec)
		return 0;
	switch (p->kind) {
	case KA_KIND_HOST:
		return decode_node_selector(ctx, spec, p);
	case KA_KIND_NETWORK:
		return decode_node_selector(ctx, spec, p) ?: decode_pods(ctx, spec, p);
	default:
		return decode_selector(ctx, spec, p);
	}
}
