// SPDX-License-Identifier: Apache-2.0
#include "judge.h"

#include "../compiler/format/fix.h"
#include "../compiler/lint/lint.h"
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
		(void)0;
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

static void adopt(struct ka_correction *to, struct ka_correction *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!from[i].text)
			continue;
		free(to[i].text);
		to[i] = from[i];
		from[i] = (struct ka_correction){};
	}
}

/* What the diagnostics of this verdict correct. */
static int correct_once(const struct ka_ctx *ctx, struct ka_corrections *ret)
{
	KA_FOUND struct ka_found f = {.ctx = ctx};
	int r = ka_found_open(&f);

	ret->n = ctx->nsources;
	ret->v = calloc(ret->n + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < ret->n && !r; i++) {
		struct ka_part part = ka_found_part(&f, i);
		struct ka_correction *c = &ret->v[i];
		size_t made = 0;

		r = ka_fix_apply(part.source, part.diags, part.n, &c->text, &c->len, &made);
		ret->made += made;
		if (!made) {
			free(c->text);
			*c = (struct ka_correction){};
		}
	}
	return r;
}

/* The sources of `was` again, with what is to change in them. */
static int read_again(struct ka_ctx *ctx, const struct ka_ctx *was,
		      const struct ka_corrections *change, struct ka_policies *into)
{
	int r = 0;

	for (size_t i = 0; i < was->nsources && !r; i++) {
		struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));
		const struct ka_correction *c = &change->v[i];

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

/* One round; 1: there was something to correct. */
static int again(const struct ka_judge *j, struct ka_ctx *ctx, struct ka_input *in,
		 struct ka_ctx *first, struct ka_corrections *all)
{
	KA_CORRECTIONS struct ka_corrections change = {};
	struct ka_policies policies = {};
	struct ka_ctx now = {};
	int r = correct_once(ctx, &change);

	if (r || !change.made)
		return r;
	r = begin(j, &now);
	if (!r)
		r = read_again(&now, ctx, &change, &policies);
	if (!r)
		r = judge(j, &now, &policies);
	if (r) {
		ka_ctx_done(&now);
		return r;
	}
	if (first->arena)
		ka_ctx_done(ctx);
	else
		*first = *ctx;
	*ctx = now;
	in->policies = policies;
	adopt(all->v, change.v, change.n);
	all->made += change.made;
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
