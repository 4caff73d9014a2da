// SPDX-License-Identifier: Apache-2.0
/*
 * Rules beside other rules: given twice, never deciding, contradicting. Only what is certain from
 * the texts alone: two spellings of one alias (/bin and /usr/bin) are two rules here, since
 * people write both on purpose.
 */
#include "linter.h"

struct look {
	struct ka_linter *l;
	uint32_t policy, rule;
	const struct ka_rule *r;
	struct ka_at by; /* what was found */
};

static bool is_self(const struct look *k, struct ka_at at)
{
	return at.policy == k->policy && at.rule == k->rule;
}

/* Whether other rules of the owner say the same as `said`, for each source of the rule. */
static bool is_said(struct look *k, struct ka_said said, uint32_t owner)
{
	uint32_t n = k->r->nfrom ? k->r->nfrom : 1;

	said.owner = owner;
	for (uint32_t i = 0; i < n; i++) {
		said.source = k->r->nfrom ? k->r->from[i].path : NULL;
		if (!ka_index_find(k->l, &said, &k->by) || is_self(k, k->by))
			return false;
	}
	return true;
}

/* The same in any group that governs all that the rule's policy does. */
static bool is_said_above(struct look *k, const struct ka_said *said)
{
	const struct ka_group *g = &k->l->groups.v[k->l->groups.of[k->policy]];

	for (uint32_t i = 0; i < g->nabove; i++)
		if (k->l->groups.v[g->above[i]].blocks[k->r->section] &&
		    is_said(k, *said, ka_owner_of_group(k->l, g->above[i])))
			return true;
	return false;
}

static const struct ka_rule *found(const struct look *k)
{
	return ka_rule_at(k->l, k->by);
}

/* ---- twice ---- */

/* System calls have sources that are directories, of which the index knows the text alone. */
static bool has_plain_sources(const struct ka_rule *r)
{
	for (uint32_t i = 0; i < r->nfrom; i++)
		if (r->from[i].path[strlen(r->from[i].path) - 1] == '/')
			return false;
	return true;
}

static bool is_twice(struct look *k)
{
	struct ka_said said;
	struct ka_diag *d;

	ka_said_of(k->r, NULL, &said);
	if (!has_plain_sources(k->r) || !is_said(k, said, ka_owner_of_policy(k->l, k->policy)))
		return false;
	if (found(k)->nfrom > k->r->nfrom) {
		d = ka_diag(k->l->ctx, KA_D_RULE_SHADOWED, k->r->loc,
			    "another rule says the same for all its sources");
		ka_diag_note(k->l->ctx, d, found(k)->loc, "that rule");
	} else {
		d = ka_diag(k->l->ctx, KA_D_RULE_TWICE, k->r->loc);
		ka_diag_note(k->l->ctx, d, found(k)->loc, "given here, too");
	}
	ka_diag_hint(k->l->ctx, d, "one of them is enough");
	return true;
}

static bool is_twice_elsewhere(struct look *k)
{
	const struct ka_group *g = &k->l->groups.v[k->l->groups.of[k->policy]];
	struct ka_said said;
	struct ka_diag *d;

	ka_said_of(k->r, NULL, &said);
	if (!has_plain_sources(k->r))
		return false;
	for (uint32_t i = 0; i < g->nabove; i++) {
		if (!is_said(k, said, ka_owner_of_group(k->l, g->above[i])) ||
		    k->by.policy == k->policy)
			continue;
		d = ka_diag(k->l->ctx, KA_D_RULE_ELSEWHERE, k->r->loc,
			    k->l->set->v[k->by.policy]->name);
		ka_diag_note(k->l->ctx, d, found(k)->loc, "that rule");
		return true;
	}
	return false;
}

/* ---- covered by a wider rule with the same action ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || !strcmp(a, b);
}

/* An alert could tell them apart: then both may be wanted. */
static bool reports_alike(const struct ka_rule *a, const struct ka_rule *b)
{
	return a->severity == b->severity && same_text(a->message, b->message) &&
	       same_text(a->tags, b->tags);
}

/*
 * The conditions of a rule that does at least the same; `step` counts what is tried. An Allow
 * with ownerOnly or allowedArgs denies, too, so one without them is no wider.
 */
static bool wider(uint8_t own, uint8_t action, unsigned step, uint8_t *ret)
{
	const uint8_t narrow = KA_IF_READ_ONLY | KA_IF_OWNER | KA_IF_TERMINAL | KA_IF_ARGS;
	uint8_t c = step & 1 ? own | KA_IF_RECURSIVE : own;

	if (step & 2) {
		c &= (uint8_t)~KA_IF_TERMINAL;
	} else if (step & 4) {
		if (action == KA_EFFECT_ALLOW && own & (KA_IF_OWNER | KA_IF_ARGS))
			return false;
		c &= (uint8_t)~narrow;
	}
	*ret = c;
	return c != own;
}

static const char *why_wider(const struct ka_rule *r, const struct ka_rule *by)
{
	if (r->recursive != by->recursive)
		return "the same dir is given with recursive, too";
	return "the same is given without its condition, too";
}

static bool is_inside_wider(struct look *k)
{
	struct ka_said said;
	struct ka_diag *d;
	uint8_t own;

	ka_said_of(k->r, NULL, &said);
	own = said.conditions;
	for (unsigned step = 1; step < 6; step++) {
		if (step == 3 || !wider(own, k->r->action, step, &said.conditions))
			continue;
		if (said.shape != KA_SHAPE_DIR && said.conditions & KA_IF_RECURSIVE)
			continue;
		said.extra = said.conditions & KA_IF_ARGS ? k->r->extra : NULL;
		if (!is_said(k, said, ka_owner_of_policy(k->l, k->policy)) ||
		    !reports_alike(k->r, found(k)))
			continue;
		d = ka_diag(k->l->ctx, KA_D_RULE_SHADOWED, k->r->loc, why_wider(k->r, found(k)));
		ka_diag_note(k->l->ctx, d, found(k)->loc, "that rule decides the same");
		return true;
	}
	return false;
}

/* ---- an Allow under a Block of equal rank ---- */

/*
 * A Block that spares nothing. One with readOnly, ownerOnly or allowedArgs leaves something to
 * the Allow, and the pair makes sense.
 */
static bool is_contradicted(struct look *k)
{
	struct ka_said said;
	uint8_t own;

	ka_said_of(k->r, NULL, &said);
	own = said.conditions;
	said.action = KA_EFFECT_BLOCK;
	if (k->r->section < KA_SECTION_POSTURES)
		said.extra = NULL;
	for (unsigned step = 0; step < 4; step++) {
		said.conditions = own & KA_IF_RECURSIVE;
		if (step & 1)
			said.conditions |= KA_IF_RECURSIVE;
		if (step & 2)
			said.conditions |= KA_IF_TERMINAL;
		if ((step & 1 && (said.shape != KA_SHAPE_DIR || own & KA_IF_RECURSIVE)) ||
		    (step & 2 && !(own & KA_IF_TERMINAL)))
			continue;
		if (is_said_above(k, &said))
			return true;
	}
	return false;
}

static bool contradict(struct look *k)
{
	struct ka_diag *d;

	if (k->r->section >= KA_SECTION_POSTURES && k->r->section < KA_SECTION_INGRESS)
		return false;
	if (!is_contradicted(k))
		return false;
	d = ka_diag(k->l->ctx, KA_D_RULES_CONTRADICT, k->r->loc,
		    *k->r->object ? k->r->object : ka_section_str(k->r->section));
	ka_diag_note(k->l->ctx, d, found(k)->loc, "blocked here");
	ka_diag_hint(k->l->ctx, d, "take away the one that is not meant");
	return true;
}

/* What of a pattern is compared with blocked directories: those that it begins with. */
static uint32_t literal_dir(const char *pattern, bool *ret_one_name)
{
	size_t n = strcspn(pattern, "*?[]{}\\");

	while (n && pattern[n - 1] != '/')
		n--;
	*ret_one_name = !strpbrk(pattern + n, "/{\\") && !strstr(pattern + n, "**");
	return (uint32_t)n;
}

static bool is_blocked_at(struct look *k, uint32_t len, enum ka_shape shape)
{
	struct ka_said said = {.section = k->r->section,
			       .shape = (uint8_t)shape,
			       .action = KA_EFFECT_BLOCK,
			       .object = k->r->object,
			       .len = len};

	return is_said_above(k, &said);
}

static bool is_blocked_below(struct look *k)
{
	uint32_t end, len = 0;
	enum ka_shape shape = ka_shape_of(k->r, &end);
	bool one_name = false;

	switch (shape) {
	case KA_SHAPE_GLOB:
		end = literal_dir(k->r->object, &one_name);
		break;
	case KA_SHAPE_INSIDE:
	case KA_SHAPE_BELOW:
	case KA_SHAPE_DIR:
		break;
	default:
		return false;
	}
	for (unsigned n = 0; n < KA_MAX_ABOVE && ka_next_above(k->r->object, end, &len); n++)
		if (is_blocked_at(k, len, KA_SHAPE_BELOW))
			return true;
	if (shape != KA_SHAPE_GLOB && shape != KA_SHAPE_INSIDE)
		return false;
	return end && (is_blocked_at(k, end, KA_SHAPE_BELOW) ||
		       (one_name && is_blocked_at(k, end, KA_SHAPE_INSIDE)));
}

static bool is_under_pattern(struct look *k)
{
	struct ka_diag *d;

	if (k->r->nfrom || !is_blocked_below(k))
		return false;
	d = ka_diag(k->l->ctx, KA_D_RULE_SHADOWED, k->r->loc,
		    ka_sprintf(k->l->ctx,
			       "pattern '%s' blocks all of it, and at equal rank Block wins",
			       found(k)->object));
	ka_diag_note(k->l->ctx, d, found(k)->loc, "blocked here");
	ka_diag_hint(k->l->ctx, d,
		     "an exact path outranks a pattern; a dir and a pattern are equals");
	return true;
}

static void rule(struct ka_linter *l, uint32_t policy, uint32_t number)
{
	struct look k = {
		.l = l, .policy = policy, .rule = number, .r = &l->set->v[policy]->rules[number]};

	if (is_twice(&k) || is_inside_wider(&k))
		return;
	if (k.r->action == KA_EFFECT_ALLOW &&
	    (contradict(&k) || (ka_is_path_rule(k.r) && is_under_pattern(&k))))
		return;
	if (!is_twice_elsewhere(&k))
		ka_look_for_cut(l, policy, number);
}

const struct ka_family ka_family_shadow = {.flags = KA_LINT_DEFAULT, .rule = rule};
