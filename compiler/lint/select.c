// SPDX-License-Identifier: Apache-2.0
/*
 * Selectors that pick nothing: conditions that exclude each other.
 */
#include "linter.h"

#define MAX_COMPARED 32u /* conditions of one selector that are compared with each other */

/* Both lists are sorted. */
static size_t count_common(const struct ka_words *a, const struct ka_words *b)
{
	size_t n = 0;

	for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
		int c = strcmp(a->v[i].text, b->v[k].text);

		n += !c;
		i += c <= 0;
		k += c >= 0;
	}
	return n;
}

/* The KEY of values KEY=VALUE if all have the same one, else 0 bytes. */
static size_t common_key(const struct ka_words *w)
{
	size_t n = w->n ? strcspn(w->v[0].text, "=") : 0;

	for (size_t i = 1; i < w->n; i++)
		if (strncmp(w->v[i].text, w->v[0].text, n) != 0 || w->v[i].text[n] != '=')
			return 0;
	return n;
}

/* A workload has one namespace, and one value of each label. */
static bool is_single(const struct ka_expression *a, const struct ka_expression *b)
{
	size_t n;

	if (!strcmp(a->key, "namespace"))
		return true;
	n = common_key(&a->values);
	return n && n == common_key(&b->values) &&
	       !strncmp(a->values.v[0].text, b->values.v[0].text, n);
}

static const char *why_nothing(const struct ka_expression *a, const struct ka_expression *b)
{
	size_t common;

	if (strcmp(a->key, b->key) != 0 || (a->not_in && b->not_in))
		return NULL;
	common = count_common(&a->values, &b->values);
	if (a->not_in != b->not_in) {
		const struct ka_expression *in = a->not_in ? b : a;

		return in->values.n && common == in->values.n ? "every value is excluded again"
							      : NULL;
	}
	if (a->values.n && b->values.n && !common && is_single(a, b))
		return "both conditions must hold, and no value is in both";
	return NULL;
}

static void compare(struct ka_linter *l, const struct ka_policy *p)
{
	size_t n = p->nexpressions < MAX_COMPARED ? p->nexpressions : MAX_COMPARED;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++) {
			const struct ka_expression *a = &p->expressions[k], *b = &p->expressions[i];
			bool later = a->loc.offset > b->loc.offset;
			const char *why = why_nothing(a, b);
			struct ka_diag *d;

			if (!why)
				continue;
			d = ka_diag(l->ctx, KA_D_SELECTS_NOTHING, later ? a->loc : b->loc, why);
			ka_diag_note(l->ctx, d, later ? b->loc : a->loc, "the other condition");
			return;
		}
	}
}

/* What is known of every node: it runs Linux. */
static void system_label(struct ka_linter *l, const struct ka_policy *p)
{
	for (size_t i = 0; i < p->nlabels; i++) {
		const char *key = p->labels[i].key, *value = p->labels[i].value;

		if (strcmp(key, "kubernetes.io/os") != 0 &&
		    strcmp(key, "beta.kubernetes.io/os") != 0)
			continue;
		if (*value && strcmp(value, "linux") != 0 && strcmp(value, "*") != 0 &&
		    strcmp(value, ".*") != 0)
			ka_diag(l->ctx, KA_D_SELECTS_NOTHING, p->labels[i].loc,
				"only nodes with linux can enforce it");
	}
}

static void policy(struct ka_linter *l, uint32_t number)
{
	const struct ka_policy *p = l->set->v[number];

	compare(l, p);
	if (p->kind == KA_KIND_HOST || p->kind == KA_KIND_NETWORK)
		system_label(l, p);
}

const struct ka_family ka_family_select = {.flags = KA_LINT_DEFAULT, .policy = policy};
