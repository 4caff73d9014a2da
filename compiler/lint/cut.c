// SPDX-License-Identifier: Apache-2.0
/*
 * An Allow that opens what another policy blocks: it is more exact, or holds for a source, so it
 * outranks. Within one policy that is how exceptions are written; from another one it may be news
 * to whoever wrote the Block.
 */
#include "linter.h"

struct look {
	struct ka_linter *l;
	uint32_t policy;
	const struct ka_rule *r;
	struct ka_at by;
};

static bool is_blocked(struct look *k, struct ka_said *said)
{
	const struct ka_group *g = &k->l->groups.v[k->l->groups.of[k->policy]];

	for (uint32_t i = 0; i < g->nnear; i++) {
		if (!k->l->groups.v[g->near[i]].blocks[k->r->section])
			continue;
		said->owner = ka_owner_of_group(k->l, g->near[i]);
		if (ka_index_find(k->l, said, &k->by) && k->by.policy != k->policy)
			return true;
	}
	return false;
}

/* A readOnly Allow opens nothing of a readOnly Block: changes go on to the Block. */
static bool is_blocked_in(struct look *k, uint32_t len, enum ka_shape shape, uint8_t recursive)
{
	struct ka_said said = {.section = k->r->section,
			       .shape = (uint8_t)shape,
			       .action = KA_EFFECT_BLOCK,
			       .conditions = recursive,
			       .object = k->r->object,
			       .len = len};

	if (is_blocked(k, &said))
		return true;
	said.conditions |= KA_IF_READ_ONLY;
	return !k->r->readonly && is_blocked(k, &said);
}

/*
 * From the directory above: "/" is left out, a Block of everything is there to be opened. A
 * directory that is no direct parent blocks only with recursive.
 */
static bool is_opened(struct look *k, uint32_t end)
{
	uint32_t len = 1, next = 1;

	for (unsigned n = 0; n < KA_MAX_ABOVE && ka_next_above(k->r->object, end, &next); n++) {
		len = next;
		if (is_blocked_in(k, len, KA_SHAPE_DIR, KA_IF_RECURSIVE) ||
		    is_blocked_in(k, len, KA_SHAPE_BELOW, 0))
			return true;
	}
	return len > 1 && k->r->object[end - 1] != '/' &&
	       (is_blocked_in(k, len, KA_SHAPE_DIR, 0) ||
		is_blocked_in(k, len, KA_SHAPE_INSIDE, 0));
}

/* A dir is no more exact than a pattern: these two are equals. */
static bool outranks(const struct look *k, const struct ka_rule *block)
{
	return k->r->nfrom || k->r->list == KA_LIST_PATHS || block->list == KA_LIST_DIRECTORIES;
}

void ka_look_for_cut(struct ka_linter *l, uint32_t policy, uint32_t number)
{
	struct look k = {.l = l, .policy = policy, .r = &l->set->v[policy]->rules[number]};
	uint32_t len;
	enum ka_shape shape = ka_shape_of(k.r, &len);
	struct ka_diag *d;

	if (l->set->n < 2 || k.r->action != KA_EFFECT_ALLOW || !ka_is_path_rule(k.r) ||
	    k.r->owner_only || k.r->has_args)
		return;
	if ((shape != KA_SHAPE_PATH && shape != KA_SHAPE_DIR) || !is_opened(&k, len))
		return;
	if (!outranks(&k, ka_rule_at(l, k.by)))
		return;
	d = ka_diag(l->ctx, KA_D_ALLOW_CUTS_BLOCK, k.r->loc, k.r->object,
		    l->set->v[k.by.policy]->name);
	ka_diag_note(l->ctx, d, ka_rule_at(l, k.by)->loc, "blocked here");
	ka_diag_hint(l->ctx, d,
		     k.r->nfrom ? "a rule with a source outranks one without"
				: "what is more exact outranks");
}
