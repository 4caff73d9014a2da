/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict: which of the matching rules decides, and what is said when none does.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"

/* ---- one scope ---- */

/* Takes out what does not satisfy `keep`. */
#define KEEP(all, keep)                                           \
	do {                                                      \
		size_t to_ = 0;                                   \
		for (size_t i_ = 0; i_ < (all)->n; i_++) {        \
			const struct md_match *m = &(all)->v[i_]; \
			if (keep)                                 \
				(all)->v[to_++] = (all)->v[i_];   \
		}                                                 \
		(all)->n = to_;                                   \
	} while (0)

/* Leaves the rules of the highest rank. */
static void keep_deciding(struct md_matches *all)
{
	unsigned rank = MD_RANK_NONE;
	bool source = false;
	size_t longest = 0, i;

	for (i = 0; i < all->n; i++)
		source |= all->v[i].source;
	KEEP(all, m->source == source);
	for (i = 0; i < all->n; i++)
		if (all->v[i].rank > rank)
			rank = all->v[i].rank;
	KEEP(all, m->rank == rank);
	if (rank != MD_RANK_AREA)
		return;
	for (i = 0; i < all->n; i++)
		if (!all->v[i].pattern && all->v[i].dir_len > longest)
			longest = all->v[i].dir_len;
	KEEP(all, m->pattern || m->dir_len == longest);
}

static int compare_names(const struct md_name *a, const struct md_name *b)
{
	int c = (int)a->policy->kind - (int)b->policy->kind;

	if (!c)
		c = strcmp(a->policy->ns, b->policy->ns);
	if (!c)
		c = strcmp(a->policy->name, b->policy->name);
	if (!c)
		c = (int)a->rule->section - (int)b->rule->section;
	if (!c)
		c = (int)a->rule->list - (int)b->rule->list;
	if (!c)
		c = (int)a->rule->index - (int)b->rule->index;
	return c ? c : a->from - b->from;
}

/*
 * Of rules of the same rank, the one that an alert names: a pattern before a directory, then
 * the first by policy and place.
 */
static const struct md_match *first_of(const struct md_matches *all)
{
	const struct md_match *best = NULL;
	size_t i;

	for (i = 0; i < all->n; i++) {
		const struct md_match *m = &all->v[i];

		if (!best || m->pattern > best->pattern ||
		    (m->pattern == best->pattern && compare_names(&m->name, &best->name) < 0))
			best = m;
	}
	return best;
}

static struct md_name name_of(const struct md_match *m)
{
	return m ? m->name : (struct md_name){NULL, NULL, -1};
}

enum decision { UNMATCHED, ALLOWED, BLOCKED };

/* Which matches are looked at. */
struct view {
	bool enforced; /* without the denials of policies in audit mode */
	bool firm;     /* without those that may be overridden */
	enum md_kind scope;
};

/* What one scope says, and the denial that says it. */
static enum decision decide_scope(const struct md_matches *all, const struct view *v,
				  struct md_match *ret)
{
	struct md_matches some = {0};
	enum decision decision = UNMATCHED;
	size_t i;

	for (i = 0; i < all->n; i++) {
		const struct md_match *m = &all->v[i];

		if (m->effect != MD_AUDIT && m->name.policy->kind == v->scope &&
		    !(v->enforced && m->would) && !(v->firm && m->soft))
			md_add(&some, m);
	}
	keep_deciding(&some);
	if (some.n)
		decision = ALLOWED;
	KEEP(&some, m->effect == MD_BLOCK);
	if (some.n) {
		decision = BLOCKED;
		*ret = *first_of(&some);
	}
	free(some.v);
	return decision;
}

/* ---- the scopes together ---- */

static const enum md_kind scopes[] = {MD_CLUSTER, MD_POLICY, MD_HOST};

/*
 * The stricter verdict holds. A Block that may be overridden counts for nothing here: it never
 * permits, so what its own scope would deny without it is denied with it.
 */
static bool denied_firmly(const struct md_matches *all, bool enforced, struct md_name *ret)
{
	struct md_match m;
	unsigned i;

	for (i = 0; i < MD_KINDS; i++) {
		struct view v = {.enforced = enforced, .firm = true, .scope = scopes[i]};

		if (decide_scope(all, &v, &m) != BLOCKED)
			continue;
		*ret = m.name;
		return true;
	}
	return false;
}

/* Where nothing is denied firmly: a Block that may be overridden is, by the Allow of any scope. */
static enum decision decide_softly(const struct md_matches *all, bool enforced, struct md_name *ret)
{
	bool allowed = false, blocked = false, named = false;
	struct md_match m;
	unsigned i;

	for (i = 0; i < MD_KINDS; i++) {
		struct view v = {.enforced = enforced, .scope = scopes[i]};
		enum decision decision = decide_scope(all, &v, &m);

		allowed |= decision == ALLOWED;
		if (decision != BLOCKED)
			continue;
		blocked = true;
		/* "would deny" names what is in audit mode */
		if (named || (!enforced && !m.would))
			continue;
		*ret = m.name;
		named = true;
	}
	return allowed ? ALLOWED : blocked ? BLOCKED : UNMATCHED;
}

static struct md_name most_specific_audit(const struct md_matches *all)
{
	struct md_matches some = {0};
	struct md_name name;
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i].effect == MD_AUDIT)
			md_add(&some, &all->v[i]);
	keep_deciding(&some);
	name = name_of(first_of(&some));
	free(some.v);
	return name;
}

static bool protects(const struct md_matches *all, bool enforced, struct md_name *ret)
{
	struct md_matches some = {0};
	size_t i;

	for (i = 0; i < all->n; i++)
		if (!(enforced && all->v[i].would))
			md_add(&some, &all->v[i]);
	*ret = name_of(first_of(&some));
	free(some.v);
	return ret->policy;
}

/* ---- the whole judgement ---- */

static void posture(const struct md_unmatched *how, struct md_verdict *ret)
{
	enum md_answer answer = MD_REPORT;

	if (!how->allow_list)
		return;
	if (how->would_be_denied)
		answer = MD_WOULD_DENY;
	if (how->denied)
		answer = MD_DENY;
	/* what a rule in audit mode would deny is said, unless it is really denied here */
	if (ret->answer == MD_WOULD_DENY && answer != MD_DENY)
		return;
	ret->answer = answer;
	ret->reason = MD_BY_POSTURE;
	ret->rule = (struct md_name){NULL, NULL, -1};
}

static void say(enum md_answer answer, enum md_reason reason, const struct md_name *rule,
		struct md_verdict *ret)
{
	ret->answer = answer;
	ret->reason = reason;
	ret->rule = *rule;
}

/* What rules and the integrity of sources deny: false if nothing. */
static bool denied(const struct md_matches *rules, const struct md_matches *protected,
		   bool enforced, struct md_verdict *ret)
{
	enum md_answer answer = enforced ? MD_DENY : MD_WOULD_DENY;
	struct md_name name;

	if (denied_firmly(rules, enforced, &name))
		say(answer, MD_BY_RULE, &name, ret);
	else if (protects(protected, enforced, &name))
		say(answer, MD_BY_INTEGRITY, &name, ret);
	else if (decide_softly(rules, enforced, &name) == BLOCKED)
		say(answer, MD_BY_RULE, &name, ret);
	else
		return false;
	return true;
}

static void judge(const struct md_set *set, const struct md_node *node,
		  const struct md_subject *who, const struct md_access *access,
		  const struct md_matches *rules, const struct md_matches *protected,
		  struct md_verdict *ret)
{
	struct md_unmatched how;
	struct md_name name;

	if (denied(rules, protected, true, ret))
		return;
	denied(rules, protected, false, ret);
	/* the posture never judges a mapping */
	if (access->op != MD_MAP && decide_softly(rules, true, &name) == UNMATCHED) {
		md_unmatched(set, node, who, access->section, &how);
		posture(&how, ret);
	}
}

void md_judge(const struct md_set *set, const struct md_node *node, const struct md_subject *who,
	      const struct md_access *access, struct md_verdict *ret)
{
	struct md_matches rules = {0}, protected = {0};

	*ret = (struct md_verdict){.rule.from = -1, .audit.from = -1};
	/* no network rule, and no posture of the network, is about these */
	if (access->section == MD_NETWORK && md_socket_is_exempt(&access->socket))
		return;
	md_match_rules(set, node, who, access, &rules);
	md_match_integrity(set, node, who, access, &protected);
	ret->audit = most_specific_audit(&rules);
	judge(set, node, who, access, &rules, &protected, ret);
	free(rules.v);
	free(protected.v);
}
