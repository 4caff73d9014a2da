// SPDX-License-Identifier: Apache-2.0
#include "explain.h"

struct hearing {
	const struct ka_reader *r;
	const struct ka_policies *policies;
	const struct ka_who *who;
	struct ka_explained *out;
	size_t cap;
	struct ka_entry winner[KA_SCOPE__MAX]; /* that decided the scope */
	bool decided[KA_SCOPE__MAX];
};

/* ---- why one rule comes before another ---- */

enum kind { KIND_EXACT, KIND_EXECNAME, KIND_PATTERN, KIND_DIRECTORY };

static bool is_wild(const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '\\' && pattern[1])
			pattern++;
		else if (strchr("*?[{", *pattern))
			return true;
	}
	return false;
}

static enum kind kind_of(const struct hearing *h, const struct ka_entry *e)
{
	const struct ka_rule *rule = ka_rule_find(h->policies, h->r, e->rule);
	const struct ka_rule_rec *rec = ka_image_rule(h->r, e->rule);

	if (e->scope == KA_SCOPE_INTEGRITY)
		return KIND_EXACT;
	if (rec->list == KA_LIST_DIRECTORIES)
		return KIND_DIRECTORY;
	if (rec->list == KA_LIST_PATTERNS)
		return rule && !is_wild(rule->object) ? KIND_EXACT : KIND_PATTERN;
	return rule && rule->execname ? KIND_EXECNAME : KIND_EXACT;
}

static const char *why_lost(const struct hearing *h, const struct ka_entry *winner,
			    const struct ka_entry *loser)
{
	enum kind w = kind_of(h, winner), l = kind_of(h, loser);

	if (winner->source && !loser->source)
		return "a rule that names the source comes before one that does not";
	if (w != l && w == KIND_EXACT)
		return "an exact path comes first";
	if (w != l && w == KIND_EXECNAME)
		return "an execname comes before patterns and directories";
	if (w == KIND_DIRECTORY && l == KIND_DIRECTORY && winner->effect == loser->effect)
		return "the longer directory comes first, and among equals the first policy and rule";
	if (winner->effect == KA_EFFECT_BLOCK && loser->effect == KA_EFFECT_ALLOW && w != l)
		return "a pattern and the longest directory decide together, and Block wins";
	if (w == KIND_DIRECTORY && l == KIND_DIRECTORY)
		return "the longer directory comes first, and among equals Block wins";
	if (w != l)
		return "patterns and the longest directory decide together";
	if (winner->effect != loser->effect)
		return "Block comes before Allow of the same rank";
	return "of the same rank, the first policy and rule is named";
}

/* ---- the list, as ka_hear goes through it ---- */

static bool spares(const struct ka_entry *e, const struct ka_who *who, enum ka_op op)
{
	return !ka_about(e->flags, e->effect == KA_EFFECT_ALLOW, who->has, op);
}

static bool is_source(const struct ka_entry *e, const struct ka_who *who)
{
	return !e->source || e->source == who->class[0] || e->source == who->class[1];
}

static void judge_entry(struct hearing *h, struct ka_heard *x)
{
	const struct ka_entry *e = &x->entry;

	if (!is_source(e, h->who)) {
		x->fate = KA_FATE_SOURCE;
	} else if (spares(e, h->who, h->out->op)) {
		x->fate = KA_FATE_SPARED;
	} else if (h->decided[e->scope]) {
		x->fate = KA_FATE_LOST;
		x->winner = h->winner[e->scope].rule;
		x->why = why_lost(h, &h->winner[e->scope], e);
	} else if (e->effect == KA_EFFECT_BLOCK && (e->flags & KA_ENTRY_WOULD)) {
		x->fate = KA_FATE_WOULD;
	} else {
		x->fate = e->effect == KA_EFFECT_AUDIT ? KA_FATE_REPORTS : KA_FATE_DECIDES;
		h->decided[e->scope] = true;
		h->winner[e->scope] = *e;
	}
}

static int add(struct hearing *h, const struct ka_entry *e)
{
	struct ka_explained *out = h->out;

	if (out->n == h->cap) {
		size_t cap = h->cap ? 2 * h->cap : 16;
		struct ka_heard *v = reallocarray(out->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		out->v = v;
		h->cap = cap;
	}
	out->v[out->n] = (struct ka_heard){.entry = *e, .why = ""};
	judge_entry(h, &out->v[out->n++]);
	return 0;
}

static int hear(struct hearing *h, uint32_t list)
{
	const struct ka_entry *e = KA_AT(&h->r->view, struct ka_entry, list);
	int r = 0;

	for (uint32_t i = 0; list && i < KA_MAX_LIST && r >= 0; i++, e++) {
		if (ka_governs(h->who, e->policy))
			r = add(h, e);
		if (e->flags & KA_ENTRY_LAST)
			break;
	}
	return r;
}

int ka_explain(const struct ka_reader *r, const struct ka_policies *policies,
	       const struct ka_who *who, enum ka_category cat, enum ka_op op, const char *path,
	       struct ka_explained *ret)
{
	struct hearing h = {.r = r, .policies = policies, .who = who, .out = ret};
	uint32_t state = ka_image_walk(r, path, strlen(path));

	*ret = (struct ka_explained){.cat = cat, .op = op};
	ka_image_judge(r, who, cat, op, path, strlen(path), &ret->ruling);
	return hear(&h, KA_AT(&r->view, struct ka_state, state)->list[cat]);
}

void ka_explained_done(struct ka_explained *x)
{
	free(x->v);
	*x = (struct ka_explained){};
}
