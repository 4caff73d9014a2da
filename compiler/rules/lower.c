// SPDX-License-Identifier: Apache-2.0
#include "lower.h"

#include <assert.h>

#include "../policy/decode.h"

/* ---- strings ---- */

int ka_string_table_init(struct ka_string_table *s, struct ka_ctx *ctx)
{
	uint32_t off;

	*s = (struct ka_string_table){};
	return ka_intern_init(&s->texts, ctx) ?: ka_string_table_add(s, "", &off);
}

int ka_string_table_add(struct ka_string_table *s, const char *text, uint32_t *ret_offset)
{
	uint32_t id, known = s->texts.n, len = strlen(text) + 1;
	int r = ka_intern(&s->texts, text, len, &id);

	if (r < 0)
		return r;
	if (!ka_grow(s->texts.ctx, &s->offsets, &s->cap, id + 1, sizeof(*s->offsets)))
		return -ENOMEM;
	if (s->texts.n != known) {
		s->offsets[id] = s->size;
		if (__builtin_add_overflow(s->size, len, &s->size))
			return -E2BIG;
	}
	*ret_offset = s->offsets[id];
	return 0;
}

int ka_lower_alias(struct ka_lowered *l, const struct ka_at *at, const struct ka_from *from,
		   const char *path, const char *target, bool fixed)
{
	if (!ka_grow(l->ctx, &l->aliases, &l->aliases_cap, l->naliases + 1, sizeof(*l->aliases)))
		return -ENOMEM;
	l->aliases[l->naliases++] = (struct ka_alias){.policy = at->policy,
						      .rule = at->rule,
						      .from = from,
						      .path = path,
						      .target = target,
						      .fixed = fixed};
	return 0;
}

/* ---- policies ---- */

static bool is_any(const char *value)
{
	return !*value || !strcmp(value, "*") || !strcmp(value, ".*");
}

static bool has_integrity(const struct ka_policy *p)
{
	if (p->integrity != KA_UNSET)
		return p->integrity == KA_YES;
	return p->kind != KA_KIND_HOST;
}

static uint32_t policy_flags(const struct ka_lowered *l, const struct ka_policy *p)
{
	uint32_t flags = 0;
	bool every = p->kind == KA_KIND_HOST && p->nlabels;

	for (size_t i = 0; i < p->nrules; i++) {
		if (p->rules[i].action == KA_EFFECT_ALLOW)
			flags |= KA_POL_ALLOWS(p->rules[i].section);
		if (p->rules[i].action == KA_EFFECT_BLOCK)
			flags |= KA_POL_BLOCKS(p->rules[i].section);
	}
	for (size_t i = 0; i < p->nlabels; i++)
		every &= is_any(p->labels[i].value);
	if (p->audit_mode || l->opts->audit_mode)
		flags |= KA_POL_WOULD;
	if (p->mounts == KA_YES)
		flags |= KA_POL_MOUNTS_ALLOW;
	if (p->mounts == KA_NO)
		flags |= KA_POL_MOUNTS_DENY;
	if (has_integrity(p))
		flags |= KA_POL_INTEGRITY;
	return flags | (every ? KA_POL_EVERY_NODE : 0);
}

static int add_label(struct ka_lowered *l, const char *key, const char *value, enum ka_match match,
		     size_t expression)
{
	struct ka_label_rec *rec;

	if (!ka_grow(l->ctx, &l->labels, &l->labels_cap, l->nlabels + 1, sizeof(*l->labels)))
		return -ENOMEM;
	rec = &l->labels[l->nlabels++];
	*rec = (struct ka_label_rec){.match = match, .expression = expression};
	return ka_string_table_add(&l->strings, key, &rec->key)
		       ?: ka_string_table_add(&l->strings, value, &rec->value);
}

static int lower_expression(struct ka_lowered *l, const struct ka_expression *x, size_t number)
{
	int r = 0;

	for (size_t i = 0; i < x->values.n && r >= 0; i++)
		r = add_label(l, x->key, x->values.v[i].text,
			      x->not_in ? KA_MATCH_NOT_IN : KA_MATCH_IN, number);
	return r;
}

static int lower_selector(struct ka_lowered *l, const struct ka_policy *p,
			  struct ka_policy_rec *rec)
{
	int r = 0;

	rec->labels = l->nlabels;
	if (p->nexpressions > UINT16_MAX)
		return ka_fail(l->ctx, -E2BIG, "policy '%s' has too many expressions", p->name);
	for (size_t i = 0; i < p->nlabels && r >= 0; i++)
		r = add_label(l, p->labels[i].key, p->labels[i].value, KA_MATCH_LABEL, 0);
	for (size_t i = 0; i < p->nexpressions && r >= 0; i++)
		r = lower_expression(l, &p->expressions[i], i);
	rec->nlabels = l->nlabels - rec->labels;
	return r;
}

static int lower_policy(struct ka_lowered *l, uint32_t number)
{
	const struct ka_policy *p = l->policies->v[number];
	struct ka_policy_rec *rec = &l->policy_recs[number];

	rec->kind = p->kind;
	rec->severity = p->severity;
	for (int i = 0; i < KA_CAT__MAX; i++)
		rec->posture[i] = p->posture[i];
	rec->flags = policy_flags(l, p);
	return lower_selector(l, p, rec) ?: ka_string_table_add(&l->strings, p->ns, &rec->ns)
				       ?: ka_string_table_add(&l->strings, p->name, &rec->name);
}

static int lower_space(struct ka_lowered *l, uint32_t number)
{
	const struct ka_ns_posture *ns = &l->policies->ns[number];
	struct ka_space_rec *rec = &l->spaces[number];

	for (int i = 0; i < KA_CAT__MAX; i++)
		rec->posture[i] = ns->posture[i];
	return ka_string_table_add(&l->strings, ns->name, &rec->name);
}

/* ---- rules ---- */

static int add_rule(struct ka_lowered *l, const struct ka_at *at, uint32_t from, uint32_t *ret)
{
	const struct ka_rule *rule = at->rule;
	struct ka_rule_rec *rec;

	if (!ka_grow(l->ctx, &l->rules, &l->rules_cap, l->nrules + 1, sizeof(*rec)))
		return -ENOMEM;
	*ret = l->nrules++;
	rec = &l->rules[*ret];
	*rec = (struct ka_rule_rec){.index = rule->index,
				    .policy = at->number,
				    .from = from,
				    .section = rule->section,
				    .list = rule->list,
				    .action = rule->action,
				    .severity = rule->severity};
	return ka_string_table_add(&l->strings, rule->message, &rec->message)
		       ?: ka_string_table_add(&l->strings, rule->tags, &rec->tags);
}

static uint8_t scope_of(const struct ka_at *at)
{
	static const uint8_t scopes[KA_KIND__MAX] = {[KA_KIND_POLICY] = KA_SCOPE_NAMESPACE,
						     [KA_KIND_CLUSTER] = KA_SCOPE_CLUSTER,
						     [KA_KIND_HOST] = KA_SCOPE_HOST};

	return at->rule->action == KA_EFFECT_AUDIT ? KA_SCOPE_AUDIT : scopes[at->policy->kind];
}

static int place_clause(struct ka_lowered *l, const struct ka_places *places,
			const struct ka_clause *c)
{
	int r = 0;

	if (places->flat)
		return ka_nfa_clause(&l->nfa, places->flat, c);
	if (places->object != KA_NO_OBJECT)
		return ka_nfa_clause(&l->nfa, &l->nfa.objects[places->object].clauses, c);
	for (uint32_t i = 0; i < places->n && r >= 0; i++)
		r = ka_nfa_cover(&l->nfa, places->nodes[i], places->cover, c);
	return r;
}

/*
 * An Allow with ownerOnly permits the owner and denies others, and what denies must not rank
 * behind an Allow without: it becomes two.
 */
static int add_clause(struct ka_lowered *l, const struct ka_places *places,
		      const struct ka_clause *c)
{
	struct ka_clause others = *c;
	int r = place_clause(l, places, c);

	if (r < 0 || !(c->flags & KA_ENTRY_OWNER) || c->effect != KA_EFFECT_ALLOW)
		return r;
	others.effect = KA_EFFECT_BLOCK;
	if (l->policy_recs[c->policy].flags & KA_POL_WOULD)
		others.flags |= KA_ENTRY_WOULD;
	l->policy_recs[c->policy].flags |= KA_POL_BLOCKS(c->category);
	return place_clause(l, places, &others);
}

static struct ka_clause clause_of(const struct ka_lowered *l, const struct ka_at *at,
				  uint32_t number)
{
	const struct ka_rule *rule = at->rule;
	struct ka_clause c = {.rule = number,
			      .policy = at->number,
			      .category = rule->section,
			      .scope = scope_of(at),
			      .effect = rule->action};

	if (rule->readonly)
		c.flags |= KA_ENTRY_READONLY;
	if (rule->action == KA_EFFECT_BLOCK && at->policy->overridable)
		c.flags |= KA_ENTRY_OVERRIDABLE;
	if (rule->owner_only)
		c.flags |= KA_ENTRY_OWNER | KA_ENTRY_NO_MMAP;
	if (rule->terminal)
		c.flags |= KA_ENTRY_TERMINAL | KA_ENTRY_NO_MMAP;
	if (rule->action == KA_EFFECT_BLOCK && (l->policy_recs[at->number].flags & KA_POL_WOULD))
		c.flags |= KA_ENTRY_WOULD;
	return c;
}

/* An executable that an Allow rule names exactly may not be changed. */
static int protect_executable(struct ka_lowered *l, const struct ka_at *at,
			      const struct ka_places *places, uint32_t number)
{
	uint32_t flags = l->policy_recs[at->number].flags;
	struct ka_clause c = {.rule = number,
			      .policy = at->number,
			      .category = KA_CAT_FILE,
			      .scope = KA_SCOPE_INTEGRITY,
			      .effect = KA_EFFECT_BLOCK,
			      .flags = KA_ENTRY_READONLY};

	if (!(flags & KA_POL_INTEGRITY) || at->rule->action != KA_EFFECT_ALLOW ||
	    at->rule->section != KA_CAT_PROCESS || places->cover != KA_COVER_EXACT ||
	    places->object != KA_NO_OBJECT)
		return 0;
	if (flags & KA_POL_WOULD)
		c.flags |= KA_ENTRY_WOULD;
	l->policy_recs[at->number].flags |= KA_POL_BLOCKS(KA_CAT_FILE);
	l->hooks |= KA_HOOKS_OPEN | KA_HOOKS_PATH;
	return add_clause(l, places, &c);
}

static int lower_from(struct ka_lowered *l, const struct ka_at *at, const struct ka_places *places,
		      const struct ka_lowered_from *f, uint32_t *ret_number)
{
	bool integrity = l->policy_recs[at->number].flags & KA_POL_INTEGRITY;
	struct ka_clause c;
	int r = add_rule(l, at, f->from->index, ret_number);

	if (r < 0)
		return r;
	c = clause_of(l, at, *ret_number);
	for (uint32_t i = 0; i < f->n && r >= 0; i++) {
		c.source = l->classes[f->sources[i]];
		r = add_clause(l, places, &c);
	}
	if (r < 0 || at->rule->action == KA_EFFECT_AUDIT)
		return r;
	if (integrity) {
		l->policy_recs[at->number].flags |= KA_POL_BLOCKS(KA_CAT_FILE);
		l->hooks |= KA_HOOKS_OPEN;
	}
	l->hooks |= KA_HOOKS_PATH | KA_HOOKS_MOUNT;
	return ka_lower_protect(l, at, f, *ret_number, integrity);
}

static void need_hooks(struct ka_lowered *l, const struct ka_rule *rule)
{
	if (rule->section == KA_CAT_NETWORK)
		l->hooks |= KA_HOOKS_SOCKET;
	if (rule->section == KA_CAT_CAPABILITIES)
		l->hooks |= KA_HOOKS_CAPABLE;
	if (rule->section >= KA_CAT_PATHS)
		return;
	if (rule->section == KA_CAT_PROCESS && rule->action != KA_EFFECT_ALLOW)
		l->hooks |= KA_HOOKS_MMAP;
	if (rule->section == KA_CAT_FILE)
		l->hooks |= KA_HOOKS_OPEN | KA_HOOKS_PATH;
	if (rule->action != KA_EFFECT_AUDIT)
		l->hooks |= KA_HOOKS_PATH | KA_HOOKS_MOUNT;
}

static int lower_rule(struct ka_lowered *l, const struct ka_at *at, uint32_t *from)
{
	struct ka_places places;
	uint32_t number, first = l->nrules;
	int r;

	/* ka_compile refuses the rest */
	assert(at->rule->section < KA_CAT__MAX && !at->rule->has_args);
	r = at->rule->section < KA_CAT_PATHS ? ka_lower_object(l, at, &places)
					     : ka_lower_flat(l, at, &places);

	if (r < 0)
		return r;
	need_hooks(l, at->rule);
	if (places.object != KA_NO_OBJECT && !l->nfa.objects[places.object].loc.line) {
		l->nfa.objects[places.object].loc = at->rule->loc;
		l->nfa.objects[places.object].policy = at->number;
	}
	for (size_t i = 0; i < at->rule->nfrom && r >= 0; i++)
		r = lower_from(l, at, &places, &l->froms[(*from)++], &number);
	if (!at->rule->nfrom) {
		struct ka_clause c;

		r = add_rule(l, at, KA_NO_FROM, &number);
		c = clause_of(l, at, number);
		r = r < 0 ? r : add_clause(l, &places, &c);
	}
	return r < 0 ? r : protect_executable(l, at, &places, first);
}

int ka_lower(struct ka_ctx *ctx, const struct ka_policies *policies,
	     const struct ka_compile_options *opts, struct ka_lowered *ret)
{
	struct ka_lowered *l = ret;
	uint32_t from = 0;
	int r;

	*l = (struct ka_lowered){.ctx = ctx,
				 .policies = policies,
				 .opts = opts,
				 .hooks = KA_HOOKS_TASK | KA_HOOKS_EXEC};
	if (policies->n > KA_MAX_POLICIES) {
		ka_diag(ctx, KA_D_TOO_MANY_POLICIES, policies->v[KA_MAX_POLICIES]->loc,
			KA_MAX_POLICIES);
		return -EINVAL;
	}
	l->policy_recs = ka_calloc(ctx, policies->n + 1, sizeof(*l->policy_recs));
	l->spaces = ka_calloc(ctx, policies->nns + 1, sizeof(*l->spaces));
	if (!l->policy_recs || !l->spaces)
		return -ENOMEM;
	r = ka_links_new(ctx, opts->root_fd, &l->links) ?: ka_nfa_init(&l->nfa, ctx)
							?: ka_string_table_init(&l->strings, ctx)
							?: ka_intern_init(&l->sources, ctx)
							?: ka_lower_sources(l);
	for (size_t i = 0; i < policies->nns && r >= 0; i++)
		r = lower_space(l, i);
	for (size_t i = 0; i < policies->n && r >= 0; i++) {
		r = lower_policy(l, i);
		for (size_t k = 0; k < policies->v[i]->nrules && r >= 0; k++) {
			struct ka_at at = {policies->v[i], &policies->v[i]->rules[k], i};

			r = lower_rule(l, &at, &from);
		}
	}
	if (r < 0)
		return r;
	return ctx->nerrors ? -EINVAL : 0;
}
