// SPDX-License-Identifier: Apache-2.0
#include "linter.h"

static const struct ka_family *const families[] = {
	&ka_family_never, &ka_family_shadow, &ka_family_source, &ka_family_select,
	&ka_family_more,  &ka_family_danger, &ka_family_form,   &ka_family_portable,
};

static void run(struct ka_linter *l, const struct ka_family *f)
{
	for (uint32_t p = 0; p < l->set->n; p++) {
		if (f->policy)
			f->policy(l, p);
		for (uint32_t i = 0; f->rule && i < l->set->v[p]->nrules; i++)
			f->rule(l, p, i);
	}
	if (f->set)
		f->set(l);
}

int ka_lint(struct ka_ctx *ctx, const struct ka_policies *set, unsigned flags)
{
	struct ka_linter l = {.ctx = ctx, .set = set, .flags = flags};
	int r = ka_groups_make(ctx, set, &l.groups);

	if (!r)
		r = ka_index_make(&l);
	for (size_t i = 0; !r && i < KA_ARRAY_SIZE(families); i++)
		if (families[i]->flags & flags)
			run(&l, families[i]);
	ka_index_done(&l);
	return r < 0 ? r : ctx->failed;
}
