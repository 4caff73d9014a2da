// SPDX-License-Identifier: Apache-2.0
#include "judge.h"

#include "../compiler/format/fix.h"
#include "../compiler/lint/lint.h"
#include "../compiler/tree/ignore.h"
#include "output/output.h"

#define ROUNDS 8u /* what a correction brings to light can mostly be corrected as well */

static int begin(const struct ka_judge *j, struct ka_ctx *ctx)
{
	int r = ka_ctx_init(ctx);

	if (r < 0)
		return r;
	ctx->lint = j->lint;
	ctx->strict = j->strict;
	ctx->diags_max = j->diags_max;
	memcpy(ctx->ignored, j->ignored, sizeof(ctx->ignored));
	return 0;
}

static int judge(const struct ka_judge *j, struct ka_ctx *ctx, const struct ka_policies *set)
{
	int r;

	ka_support_check(ctx, set, j->kernel, false);
	r = ka_lint(ctx, set, j->lint);
	if (!r)
		ka_ignores_finish(ctx, j->lint & KA_LINT_PORTABLE);
	return r;
}

int ka_judge_read(const struct ka_judge *j, struct ka_ctx *ctx, const char *const *operands,
		  size_t n, struct ka_input *ret)
{
	int r = begin(j, ctx);

	if (!r)
		r = ka_input_read(ctx, operands, n, KA_INPUT_BUNDLES | KA_INPUT_GO_ON, ret);
	return r ? r : judge(j, ctx, &ret->policies);
}

/* ---- corrections ---- */

void ka_corrections_done(struct ka_corrections *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].text);
	free(c->v);
	*c = (struct ka_corrections){};
}

/* One round: what the diagnostics of a verdict correct in each source. */
struct round {
	struct ka_fixed *v;
	size_t n, made;
};

static void round_done(struct round *r)
{
	for (size_t i = 0; r->v && i < r->n; i++)
		ka_fixed_done(&r->v[i]);
	free(r->v);
}

static void leave(struct round *r, size_t i)
{
	r->made -= r->v[i].nmade;
	ka_fixed_done(&r->v[i]);
	r->v[i] = (struct ka_fixed){};
}

static int correct_once(const struct ka_ctx *ctx, const struct ka_corrections *so_far,
			struct round *ret)
{
	KA_FOUND struct ka_found f = {.ctx = ctx};
	int r = ka_found_open(&f);

	ret->n = ctx->nsources;
	ret->v = calloc(ret->n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < ret->n && !r; i++) {
		struct ka_part part = ka_found_part(&f, i);

		if (so_far->v[i].stuck || !part.n)
			continue;
		r = ka_fix_make(part.source, part.diags, part.n, &ret->v[i]);
		ret->made += ret->v[i].nmade;
		if (!ret->v[i].nmade)
			leave(ret, i);
	}
	return r;
}

/* The sources of `was` again, with what is to change in them. */
static int read_again(struct ka_ctx *ctx, const struct ka_ctx *was, const struct round *change,
		      struct ka_policies *into)
{
	int r = 0;

	for (size_t i = 0; i < was->nsources && !r; i++) {
		struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));
		const struct ka_fixed *c = &change->v[i];

		if (!src)
			return -ENOMEM;
		src->name = was->sources[i]->name; /* of the first context, which stays */
		src->text = c->text ? c->text : was->sources[i]->text;
		src->len = c->text ? c->len : was->sources[i]->len;
		r = ka_source_open(ctx, src);
		if (!r)
			r = ka_policies_read(ctx, src, into);
	}
	return r ? r : ka_policies_finish(ctx, into);
}

static int judge_again(const struct ka_judge *j, const struct ka_ctx *was,
		       const struct round *change, struct ka_ctx *ctx, struct ka_policies *ret)
{
	int r = begin(j, ctx);

	*ret = (struct ka_policies){};
	if (!r)
		r = read_again(ctx, was, change, ret);
	return r ? r : judge(j, ctx, ret);
}

/* How many sources are no better; they are taken out of the round. */
static size_t leave_bad(const struct ka_ctx *was, const struct ka_ctx *is, struct round *change,
			struct ka_corrections *all)
{
	size_t bad = 0;

	for (size_t i = 0; i < change->n; i++) {
		if (!change->v[i].text ||
		    ka_fix_is_good(&change->v[i], was->sources[i], was, is->sources[i], is))
			continue;
		leave(change, i);
		all->v[i].stuck = true;
		bad++;
	}
	return bad;
}

static void adopt(struct ka_corrections *all, struct round *change)
{
	for (size_t i = 0; i < change->n; i++) {
		if (!change->v[i].text)
			continue;
		free(all->v[i].text);
		all->v[i].text = KA_TAKE(change->v[i].text);
		all->v[i].len = change->v[i].len;
	}
	all->made += change->made;
}

/* 1: something was corrected. */
static int again(const struct ka_judge *j, struct ka_ctx *ctx, struct ka_input *in,
		 struct ka_ctx *first, struct ka_corrections *all)
{
	KA_CLEANUP(round_done) struct round change = {};
	struct ka_policies policies = {};
	struct ka_ctx now = {};
	int r = correct_once(ctx, all, &change);

	while (!r && change.made) {
		r = judge_again(j, ctx, &change, &now, &policies);
		if (!r && !leave_bad(ctx, &now, &change, all))
			break;
		ka_ctx_done(&now);
	}
	if (r || !change.made)
		return r;
	if (first->arena)
		ka_ctx_done(ctx);
	else
		*first = *ctx;
	*ctx = now;
	in->policies = policies;
	adopt(all, &change);
	return 1;
}

int ka_judge_correct(const struct ka_judge *j, struct ka_ctx *ctx, struct ka_input *in,
		     struct ka_ctx *first, struct ka_corrections *ret)
{
	int r = 1;

	ret->n = ctx->nsources;
	ret->v = calloc(ret->n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (unsigned i = 0; i < ROUNDS && r > 0; i++)
		r = again(j, ctx, in, first, ret);
	for (size_t i = 0; i < ret->n; i++)
		ret->sources += ret->v[i].text != NULL;
	return r < 0 ? r : 0;
}
