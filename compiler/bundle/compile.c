// SPDX-License-Identifier: Apache-2.0
#include "compile.h"

#include <sodium.h>

#include "../automaton/blame.h"
#include "../policy/support.h"
#include "layout.h"

void ka_compiled_done(struct ka_compiled *c)
{
	free(c->image);
	*c = (struct ka_compiled){};
}

static void hash_text(crypto_hash_sha256_state *h, const char *text)
{
	crypto_hash_sha256_update(h, (const uint8_t *)text, strlen(text) + 1);
}

/* What a generation is known by: the policies, the options, and what a root made of links. */
static int digest(const struct ka_lowered *l, uint8_t ret[32])
{
	const struct ka_compile_options *o = l->opts;
	const uint8_t options[] = {KA_ABI, o->audit_mode, o->follow_shared, o->root_fd >= 0};
	crypto_hash_sha256_state h;
	const char *text;
	size_t len;
	int r = ka_policies_text(l->ctx, l->policies, &text, &len);

	if (r < 0)
		return r;
	crypto_hash_sha256_init(&h);
	crypto_hash_sha256_update(&h, (const uint8_t *)text, len);
	crypto_hash_sha256_update(&h, options, sizeof(options));
	for (uint32_t i = 0; o->root_fd >= 0 && i < l->naliases; i++) {
		const struct ka_alias *a = &l->aliases[i];

		hash_text(&h, ka_policy_id(l->ctx, a->policy));
		hash_text(&h, ka_rule_place(l->ctx, a->rule->section, a->rule->list, a->rule->index,
					    a->from ? a->from->index : KA_NO_FROM));
		hash_text(&h, a->path);
		hash_text(&h, a->target);
	}
	crypto_hash_sha256_final(&h, ret);
	return 0;
}

/* Subset construction, within bounds; who exceeds them is named, each policy on its own first. */
static int explore(const struct ka_lowered *l, struct ka_automaton *a)
{
	int r = l->nfa.nobjects ? ka_blame_policies(l) : 0;

	if (r < 0)
		return r;
	if (l->ctx->nerrors)
		return -EINVAL;
	r = ka_explore(a, l->ctx, &l->nfa, &ka_limits_all);
	if (r != -E2BIG)
		return r;
	r = ka_blame_all(l);
	return r < 0 ? r : -EINVAL;
}

static int annotate(const struct ka_lowered *l, struct ka_automaton *a)
{
	int r = ka_annotate_lists(a) ?: ka_annotate_flat(a) ?: ka_annotate_psets(a, l->policies->n);

	if (r != -E2BIG)
		return r;
	ka_diag(l->ctx, KA_D_TOO_MANY_STATES, (struct ka_loc){});
	return -EINVAL;
}

int ka_compile(struct ka_ctx *ctx, const struct ka_policies *policies,
	       const struct ka_compile_options *opts, struct ka_compiled *ret)
{
	struct ka_lowered l;
	struct ka_automaton a;
	uint8_t id[32];
	int r;

	*ret = (struct ka_compiled){};
	/* What cannot be enforced is never compiled, whoever asks. */
	ka_support_check(ctx, policies, NULL, true);
	if (ctx->nerrors)
		return -EINVAL;
	r = ka_lower(ctx, policies, opts, &l) ?: explore(&l, &a)
					      ?: annotate(&l, &a)
					      ?: ka_fold(&a)
					      ?: digest(&l, id)
					      ?: ka_layout(&l, &a, id, ret);
	ret->aliases = l.aliases;
	ret->naliases = l.naliases;
	return r == -E2BIG ? -EINVAL : r;
}
