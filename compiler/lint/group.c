// SPDX-License-Identifier: Apache-2.0
#include "../base/intern.h"
#include "linter.h"

#define MAX_SUBSETS 5u /* labels of a selector all of whose subsets are looked for */

/* The text of a selector, of which only the labels in `taken` count. */
static int selector_text(struct ka_ctx *ctx, const struct ka_policy *p, uint32_t taken,
			 bool expressions, char **ret, size_t *ret_len)
{
	KA_FCLOSE FILE *f = open_memstream(ret, ret_len);

	if (!f)
		return ka_fail(ctx, -ENOMEM, "out of memory");
	fprintf(f, "%d%c%d%c%s%c", p->kind, 0, p->audit_mode, 0, p->ns, 0);
	for (size_t i = 0; i < p->nlabels; i++)
		if (i >= 32 || taken >> i & 1)
			fprintf(f, "%s%c%s%c", p->labels[i].key, 0, p->labels[i].value, 0);
	for (size_t i = 0; expressions && i < p->nexpressions; i++) {
		const struct ka_expression *e = &p->expressions[i];

		fprintf(f, "%c%s%c%d%c", 1, e->key, 0, e->not_in, 0);
		for (size_t k = 0; k < e->values.n; k++)
			fprintf(f, "%s%c", e->values.v[k].text, 0);
	}
	if (fclose(KA_TAKE(f)))
		return ka_fail(ctx, -ENOMEM, "out of memory");
	return 0;
}

struct maker {
	struct ka_ctx *ctx;
	struct ka_interner names; /* of groups, then of selectors that no policy has */
	struct ka_groups *to;
	const struct ka_policy **first; /* by group */
	uint32_t sizes;                 /* how many labels selectors have, as bits */
};

static int number_of(struct maker *m, const struct ka_policy *p, uint32_t taken, bool expressions,
		     uint32_t *ret)
{
	KA_FREE char *text = NULL;
	size_t len;
	int r = selector_text(m->ctx, p, taken, expressions, &text, &len);

	return r < 0 ? r : ka_intern(&m->names, text, len, ret);
}

static int make_groups(struct maker *m, const struct ka_policies *set)
{
	struct ka_groups *to = m->to;
	int r;

	for (uint32_t i = 0; i < set->n; i++) {
		r = number_of(m, set->v[i], UINT32_MAX, true, &to->of[i]);
		if (r < 0)
			return r;
		if (to->of[i] == to->n) {
			m->first[to->n] = set->v[i];
			if (set->v[i]->nlabels < 32)
				m->sizes |= 1u << set->v[i]->nlabels;
			to->n++;
		}
		to->v[to->of[i]].policies++;
	}
	return 0;
}

static int add_above(struct maker *m, uint32_t group, uint32_t taken, bool expressions)
{
	struct ka_group *g = &m->to->v[group];
	uint32_t number;
	int r;

	if (taken != UINT32_MAX && !(m->sizes >> __builtin_popcount(taken) & 1))
		return 0; /* nobody's: saves the text */
	r = number_of(m, m->first[group], taken, expressions, &number);
	if (r < 0)
		return r;
	if (number >= m->to->n)
		return 0;
	for (uint32_t i = 0; i < g->nabove; i++)
		if (g->above[i] == number)
			return 0;
	if (g->nabove == KA_GROUP_NEAR)
		g->incomplete = true;
	else
		g->above[g->nabove++] = number;
	return 0;
}

/* A selector with fewer conditions picks more. */
static int find_above(struct maker *m, uint32_t group)
{
	const struct ka_policy *p = m->first[group];
	struct ka_group *g = &m->to->v[group];
	uint32_t all = p->nlabels < 32 ? (1u << p->nlabels) - 1 : UINT32_MAX;
	int r;

	g->above = ka_calloc(m->ctx, KA_GROUP_NEAR, sizeof(*g->above));
	if (!g->above)
		return -ENOMEM;
	r = add_above(m, group, UINT32_MAX, true);
	for (uint32_t taken = 0; !r && taken <= all && p->nlabels <= MAX_SUBSETS; taken++) {
		r = add_above(m, group, taken, false);
		if (!r && p->nexpressions)
			r = add_above(m, group, taken, true);
	}
	/* Of a long selector only the empty one, and each label alone. */
	for (uint32_t i = 0; !r && i < 32 && i < p->nlabels && p->nlabels > MAX_SUBSETS; i++)
		r = add_above(m, group, 1u << i, false);
	if (!r && p->nlabels > MAX_SUBSETS && p->nlabels <= 32)
		r = add_above(m, group, 0, false);
	return r;
}

static void add_near(struct ka_group *g, uint32_t number)
{
	for (uint32_t i = 0; i < g->nnear; i++)
		if (g->near[i] == number)
			return;
	if (g->nnear == KA_GROUP_NEAR)
		g->incomplete = true;
	else
		g->near[g->nnear++] = number;
}

static int find_near(struct maker *m)
{
	struct ka_groups *to = m->to;

	for (uint32_t i = 0; i < to->n; i++) {
		to->v[i].near = ka_calloc(m->ctx, KA_GROUP_NEAR, sizeof(*to->v[i].near));
		if (!to->v[i].near)
			return -ENOMEM;
	}
	for (uint32_t i = 0; i < to->n; i++) {
		for (uint32_t k = 0; k < to->v[i].nabove; k++)
			add_near(&to->v[i], to->v[i].above[k]);
	}
	for (uint32_t i = 0; i < to->n; i++) {
		for (uint32_t k = 0; k < to->v[i].nabove; k++)
			add_near(&to->v[to->v[i].above[k]], i);
	}
	return 0;
}

static void note_actions(struct ka_groups *to, const struct ka_policies *set)
{
	for (uint32_t i = 0; i < set->n; i++) {
		struct ka_group *g = &to->v[to->of[i]];

		for (size_t k = 0; k < set->v[i]->nrules; k++) {
			const struct ka_rule *r = &set->v[i]->rules[k];

			g->allows[r->section] |= r->action == KA_EFFECT_ALLOW;
			g->blocks[r->section] |= r->action == KA_EFFECT_BLOCK;
		}
	}
}

int ka_groups_make(struct ka_ctx *ctx, const struct ka_policies *set, struct ka_groups *ret)
{
	struct maker m = {.ctx = ctx, .to = ret};
	int r;

	ret->v = ka_calloc(ctx, set->n + 1, sizeof(*ret->v));
	ret->of = ka_calloc(ctx, set->n + 1, sizeof(*ret->of));
	m.first = ka_calloc(ctx, set->n + 1, sizeof(*m.first));
	if (!ret->v || !ret->of || !m.first)
		return -ENOMEM;
	r = ka_intern_init(&m.names, ctx);
	if (!r)
		r = make_groups(&m, set);
	for (uint32_t i = 0; !r && i < ret->n; i++)
		r = find_above(&m, i);
	if (!r)
		r = find_near(&m);
	if (!r)
		note_actions(ret, set);
	return r;
}
