// SPDX-License-Identifier: Apache-2.0
#include "blame.h"

#define PARTNERS 200u /* pairs that are tried */

const struct ka_limits ka_limits_all = {
	.rows = 64u << 10, .states = 1u << 20, .fanout = 4u << 20, .work = 256ull << 20};
const struct ka_limits ka_limits_policy = {
	.rows = 12u << 10, .states = 16u << 10, .fanout = 3u << 19, .work = 32ull << 20};

struct suspects {
	const struct ka_lowered *l;
	uint32_t *objects;
	uint32_t n, cap;
	const struct ka_limits *limits;
};

static int add_object(struct ka_nfa *nfa, const struct ka_goal *from)
{
	struct ka_pattern pattern;
	const char *error;
	uint32_t object;
	bool fresh;
	int r = ka_nfa_object(nfa, from->text, KA_SPELT_PATTERN, &object, &fresh)
			?: ka_pattern_parse(&nfa->globs, from->text, &pattern, &error);

	for (uint32_t i = 0; i < pattern.n && r >= 0; i++)
		r = ka_nfa_alt(nfa, object, &pattern.alts[i]);
	return r;
}

static int add_execname(struct ka_nfa *nfa, const struct ka_goal *from)
{
	struct ka_comp comp = {.loop = true};
	struct ka_alt alt = {.comps = &comp, .n = 1};
	uint32_t object;
	bool fresh;

	return ka_nfa_object(nfa, from->text, KA_SPELT_EXECNAME, &object, &fresh)
		       ?: ka_glob_of_name(&nfa->globs, from->text, strlen(from->text), &comp.glob)
		       ?: ka_nfa_alt(nfa, object, &alt);
}

/* Builds the automaton of some patterns alone. 0: it fits, *ret is its weight; -E2BIG: not. */
static int weigh(const struct suspects *s, const uint32_t *objects, uint32_t n, uint64_t *ret)
{
	KA_CTX struct ka_ctx tmp = {};
	struct ka_automaton a;
	struct ka_nfa nfa;
	int r = ka_ctx_init(&tmp) ?: ka_nfa_init(&nfa, &tmp);

	for (uint32_t i = 0; i < n && r >= 0; i++) {
		const struct ka_goal *o = &s->l->nfa.objects[objects[i]];

		r = o->execname ? add_execname(&nfa, o) : add_object(&nfa, o);
	}
	r = r < 0 ? r : ka_explore(&a, &tmp, &nfa, s->limits);
	*ret = r < 0 ? UINT64_MAX : (uint64_t)a.nstates + a.bytes.built;
	return r;
}

/* The shortest beginning of the list that does not fit; its last pattern is a culprit. */
static int shortest(const struct suspects *s, uint32_t *ret)
{
	uint32_t fits = 0, breaks = s->n, step = 1;
	uint64_t weight;

	while (breaks - fits > 1) {
		uint32_t half = (breaks - fits) / 2, mid = fits + (step < half ? step : half);
		int r = weigh(s, s->objects, mid, &weight);

		if (r < 0 && r != -E2BIG)
			return r;
		if (r < 0)
			breaks = mid;
		else
			fits = mid;
		step *= 2; /* what breaks is dear to try, so that it is come upon from below */
	}
	*ret = breaks;
	return 0;
}

/*
 * Which other pattern makes most of it: the heaviest pair among the nearest, and whether the two
 * are more than each on its own.
 */
static int partner(const struct suspects *s, uint32_t culprit, uint32_t *ret, bool *ret_multiply)
{
	uint32_t first = culprit > PARTNERS ? culprit - PARTNERS : 0;
	uint64_t weight, heaviest = 0, own = 0, others;
	int r = weigh(s, &s->objects[culprit], 1, &own);

	for (uint32_t i = first; i < culprit && r >= 0; i++) {
		uint32_t pair[2] = {s->objects[i], s->objects[culprit]};

		r = weigh(s, pair, 2, &weight);
		if (weight > heaviest) {
			heaviest = weight;
			*ret = i;
		}
	}
	if (r < 0 && r != -E2BIG)
		return r;
	r = weigh(s, &s->objects[*ret], 1, &others);
	*ret_multiply = heaviest > own + others + own / 2;
	return r;
}

static void too_many(const struct suspects *s, uint32_t culprit)
{
	const struct ka_goal *g = &s->l->nfa.objects[s->objects[culprit]];
	struct ka_diag *d = ka_diag(s->l->ctx, KA_D_PATTERNS_MANY, g->loc, g->text, culprit + 1);

	ka_diag_hint(s->l->ctx, d,
		     "fewer patterns that are alive in the same directories: literal "
		     "paths and directories cost next to nothing");
}

/* Adds a diagnostic if the suspects do not fit; *ret says whether. */
static int judge(const struct suspects *s, bool *ret)
{
	const struct ka_goal *objects = s->l->nfa.objects, *a, *b;
	uint32_t n, other = 0;
	bool multiply;
	uint64_t weight;
	struct ka_diag *d;
	int r = weigh(s, s->objects, s->n, &weight);

	*ret = r == -E2BIG;
	if (r != -E2BIG)
		return r;
	r = shortest(s, &n);
	if (r < 0)
		return r;
	a = &objects[s->objects[n - 1]];
	r = weigh(s, &s->objects[n - 1], 1, &weight);
	if (r == -E2BIG) {
		ka_diag(s->l->ctx, KA_D_PATTERN_TOO_BIG, a->loc, a->text);
		return 0;
	}
	r = r < 0 ? r : partner(s, n - 1, &other, &multiply);
	if (r < 0)
		return r;
	if (!multiply) {
		too_many(s, n - 1);
		return 0;
	}
	b = &objects[s->objects[other]];
	d = ka_diag(s->l->ctx, KA_D_PATTERNS_MULTIPLY, a->loc, b->text, a->text);
	ka_diag_note(s->l->ctx, d, b->loc, "the other pattern is '%s'", b->text);
	return 0;
}

static int suspect(struct suspects *s, uint32_t object)
{
	if (!ka_grow(s->l->ctx, &s->objects, &s->cap, s->n + 1, sizeof(*s->objects)))
		return -ENOMEM;
	s->objects[s->n++] = object;
	return 0;
}

/* The patterns that a policy uses, by policy: object numbers chained through `next`. */
struct use {
	uint32_t object, next;
};

static int uses_by_policy(const struct ka_lowered *l, uint32_t *first, struct use **ret)
{
	uint32_t n = 1, cap = 0;

	*ret = NULL;
	for (uint32_t o = l->nfa.nobjects; o-- > 0;)
		for (uint32_t c = l->nfa.objects[o].clauses; c; c = l->nfa.clauses[c].next) {
			uint32_t *head = &first[l->nfa.clauses[c].policy];

			if (*head && (*ret)[*head].object == o)
				continue;
			if (!ka_grow(l->ctx, ret, &cap, n + 1, sizeof(**ret)))
				return -ENOMEM;
			(*ret)[n] = (struct use){o, *head};
			*head = n++;
		}
	return 0;
}

int ka_blame_policies(const struct ka_lowered *l)
{
	struct suspects s = {.l = l, .limits = &ka_limits_policy};
	uint32_t *first = ka_calloc(l->ctx, l->policies->n + 1, sizeof(*first));
	struct use *uses;
	bool guilty;
	int r;

	if (!first)
		return -ENOMEM;
	r = uses_by_policy(l, first, &uses);
	for (size_t p = 0; p < l->policies->n && r >= 0; p++) {
		s.n = 0;
		for (uint32_t u = first[p]; u && r >= 0; u = uses[u].next)
			r = suspect(&s, uses[u].object);
		if (r >= 0 && s.n)
			r = judge(&s, &guilty);
	}
	return r;
}

int ka_blame_all(const struct ka_lowered *l)
{
	struct suspects s = {.l = l, .limits = &ka_limits_all};
	bool guilty = false;
	int r = 0;

	for (uint32_t o = 0; o < l->nfa.nobjects && r >= 0; o++)
		r = suspect(&s, o);
	if (r >= 0 && s.n)
		r = judge(&s, &guilty);
	if (r >= 0 && !guilty)
		ka_diag(l->ctx, KA_D_TOO_MANY_STATES, (struct ka_loc){});
	return r;
}
