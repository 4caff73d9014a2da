/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict: which rules match, which of them decides, and what is said when none does.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

/* From the least to the most specific object; directories and patterns are one rank. */
enum rank { RANK_NONE, RANK_AREA, RANK_EXECNAME, RANK_EXACT };

/* How one rule (with one of its sources, or without any) meets an operation. */
struct match {
	struct md_name name;
	enum md_action action;
	bool would; /* a Block of a policy in audit mode */
	bool source;
	enum rank rank;
	bool pattern;   /* of RANK_AREA: a pattern, else a directory ... */
	size_t dir_len; /* ... of this length */
};

struct matches {
	struct match *v;
	size_t n, cap;
};

static void add(struct matches *all, const struct match *m)
{
	if (all->n == all->cap) {
		all->cap = all->cap ? 2 * all->cap : 16;
		all->v = realloc(all->v, all->cap * sizeof(*all->v));
		if (!all->v)
			abort();
	}
	all->v[all->n++] = *m;
}

/* ---- does a rule match the object? ---- */

/* `object` is a path, directory or execname; the rule's own or another spelling of it. */
static enum rank object_rank(const struct md_rule *rule, const char *object, const char *path)
{
	if (rule->list == MD_DIRS)
		return md_dir_covers(object, rule->recursive, path) ? RANK_AREA : RANK_NONE;
	if (rule->execname)
		return !strcmp(strrchr(path, '/') + 1, object) ? RANK_EXECNAME : RANK_NONE;
	return md_literal_covers(object, path) ? RANK_EXACT : RANK_NONE;
}

/* A pattern without a wildcard is an exact path, in every respect. */
static enum rank literal_rank(const struct md_root *root, const char *object, bool strict,
			      const char *path)
{
	char buf[8192];
	int n;

	if (md_literal_covers(object, path))
		return RANK_EXACT;
	for (n = 0; md_spelling(root, strict, object, n, buf, sizeof(buf)); n++)
		if (md_literal_covers(buf, path))
			return RANK_EXACT;
	return RANK_NONE;
}

static enum rank pattern_rank(const struct md_root *root, const struct md_rule *rule, bool strict,
			      const char *path)
{
	char literal[8192];

	if (md_has_wildcard(rule->object))
		return md_glob(rule->object, root, strict, path) ? RANK_AREA : RANK_NONE;
	md_unescape(rule->object, literal);
	return literal_rank(root, literal, strict, path);
}

static void match_object(const struct md_root *root, const struct md_rule *rule,
			 enum md_action action, const char *path, struct match *m)
{
	/* the fixed aliases never widen what is permitted */
	bool strict = action != MD_ALLOW;
	char buf[8192];
	int n;

	if (rule->list == MD_PATTERNS) {
		m->rank = pattern_rank(root, rule, strict, path);
		m->pattern = m->rank == RANK_AREA;
		return;
	}
	m->rank = object_rank(rule, rule->object, path);
	m->dir_len = m->rank == RANK_NONE ? 0 : strlen(rule->object);
	if (rule->execname)
		return;
	for (n = 0; md_spelling(root, strict, rule->object, n, buf, sizeof(buf)); n++) {
		if (object_rank(rule, buf, path) == RANK_NONE)
			continue;
		m->rank = object_rank(rule, buf, path);
		if (strlen(buf) > m->dir_len)
			m->dir_len = strlen(buf);
	}
}

/* readOnly: Block and Audit are about changes, Allow is about everything else. */
static bool readonly_spares(const struct md_rule *rule, enum md_action action, enum md_op op)
{
	if (!rule->readonly)
		return false;
	return action == MD_ALLOW ? op == MD_CHANGE : op != MD_CHANGE;
}

static bool runs(const struct md_subject *who, const char *path)
{
	return (who->sources[0] && !strcmp(who->sources[0], path)) ||
	       (who->sources[1] && !strcmp(who->sources[1], path));
}

static bool is_source_of(const struct md_root *root, const struct md_subject *who, const char *path)
{
	char buf[8192];
	int n;

	if (runs(who, path))
		return true;
	for (n = 0; md_spelling(root, false, path, n, buf, sizeof(buf)); n++)
		if (runs(who, buf))
			return true;
	return false;
}

static void match_rule(const struct md_root *root, const struct md_policy *policy,
		       const struct md_rule *rule, const struct md_subject *who,
		       const struct md_access *access, struct matches *all)
{
	struct match m = {.action = md_action_of(policy, rule)};
	int i;

	if (rule->gone || rule->section != access->section)
		return;
	if (readonly_spares(rule, m.action, access->op))
		return;
	match_object(root, rule, m.action, access->path, &m);
	if (m.rank == RANK_NONE)
		return;
	m.would = policy->audit_mode && m.action == MD_BLOCK;
	m.name = (struct md_name){policy, rule, -1};
	if (!rule->nfrom)
		add(all, &m);
	m.source = true;
	for (i = 0; i < rule->nfrom; i++) {
		m.name.from = i;
		if (is_source_of(root, who, rule->from[i]))
			add(all, &m);
	}
}

static void match_all(const struct md_set *set, const struct md_node *node,
		      const struct md_subject *who, const struct md_access *access,
		      struct matches *all)
{
	int i, j;

	for (i = 0; i < set->npolicies; i++) {
		if (!md_governs(&set->policies[i], node, who))
			continue;
		for (j = 0; j < set->policies[i].nrules; j++)
			match_rule(&set->root, &set->policies[i], &set->policies[i].rules[j], who,
				   access, all);
	}
}

/* ---- which of them decides? ---- */

/* Takes out what does not satisfy `keep`. */
#define KEEP(all, keep)                                         \
	do {                                                    \
		size_t to_ = 0;                                 \
		for (size_t i_ = 0; i_ < (all)->n; i_++) {      \
			const struct match *m = &(all)->v[i_];  \
			if (keep)                               \
				(all)->v[to_++] = (all)->v[i_]; \
		}                                               \
		(all)->n = to_;                                 \
	} while (0)

/* Leaves the rules of the highest rank. */
static void keep_deciding(struct matches *all)
{
	enum rank rank = RANK_NONE;
	bool source = false;
	size_t longest = 0, i;

	for (i = 0; i < all->n; i++)
		source |= all->v[i].source;
	KEEP(all, m->source == source);
	for (i = 0; i < all->n; i++)
		if (all->v[i].rank > rank)
			rank = all->v[i].rank;
	KEEP(all, m->rank == rank);
	if (rank != RANK_AREA)
		return;
	for (i = 0; i < all->n; i++)
		if (!all->v[i].pattern && all->v[i].dir_len > longest)
			longest = all->v[i].dir_len;
	KEEP(all, m->pattern || m->dir_len == longest);
}

static int compare_names(const struct md_name *a, const struct md_name *b)
{
	int c = a->policy->host - b->policy->host;

	if (!c && !a->policy->host)
		c = strcmp(a->policy->ns, b->policy->ns);
	if (!c)
		c = strcmp(a->policy->name, b->policy->name);
	if (!c)
		c = a->rule->section - b->rule->section;
	if (!c)
		c = a->rule->list - b->rule->list;
	if (!c)
		c = (int)a->rule->index - (int)b->rule->index;
	return c ? c : a->from - b->from;
}

/*
 * Of rules of the same rank, the one that an alert names: a pattern before a directory, then
 * the first by policy and place.
 */
static struct md_name first_of(const struct matches *all)
{
	const struct match *best = NULL;
	size_t i;

	for (i = 0; i < all->n; i++) {
		const struct match *m = &all->v[i];

		if (!best || m->pattern > best->pattern ||
		    (m->pattern == best->pattern && compare_names(&m->name, &best->name) < 0))
			best = m;
	}
	return best ? best->name : (struct md_name){NULL, NULL, -1};
}

enum decision { UNMATCHED, ALLOWED, BLOCKED };

/* Of the Block and Allow rules among `all`, without the Blocks in audit mode if `enforced`. */
static enum decision decide(const struct matches *all, bool enforced, struct md_name *ret)
{
	struct matches some = {0};
	enum decision decision = UNMATCHED;
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i].action != MD_AUDIT && !(enforced && all->v[i].would))
			add(&some, &all->v[i]);
	keep_deciding(&some);
	if (some.n)
		decision = ALLOWED;
	KEEP(&some, m->action == MD_BLOCK);
	if (some.n)
		decision = BLOCKED;
	*ret = first_of(&some);
	free(some.v);
	return decision;
}

static struct md_name most_specific_audit(const struct matches *all)
{
	struct matches some = {0};
	struct md_name name;
	size_t i;

	for (i = 0; i < all->n; i++)
		if (all->v[i].action == MD_AUDIT)
			add(&some, &all->v[i]);
	keep_deciding(&some);
	name = first_of(&some);
	free(some.v);
	return name;
}

/* ---- integrity of sources ---- */

/*
 * Audit rules protect nothing: they change no verdict. The fixed aliases say nothing of sources and
 * of what is allowed.
 */
static void match_integrity(const struct md_root *root, const struct md_policy *policy,
			    const char *path, struct matches *all)
{
	char object[8192];
	int i, j;

	for (i = 0; i < policy->nrules; i++) {
		const struct md_rule *rule = &policy->rules[i];
		struct match m = {.name = {policy, rule, -1},
				  .action = MD_BLOCK,
				  .would = policy->audit_mode,
				  .rank = RANK_EXACT};
		enum md_action action = md_action_of(policy, rule);

		if (rule->gone || action == MD_AUDIT)
			continue;
		for (j = 0; j < rule->nfrom; j++) {
			m.name.from = j;
			if (literal_rank(root, rule->from[j], false, path) != RANK_NONE)
				add(all, &m);
		}
		if (rule->section != MD_PROCESS || action != MD_ALLOW || rule->execname ||
		    rule->list == MD_DIRS)
			continue;
		m.name.from = rule->nfrom ? 0 : -1;
		if (rule->list == MD_PATTERNS && md_has_wildcard(rule->object))
			continue;
		if (rule->list == MD_PATTERNS)
			md_unescape(rule->object, object);
		else
			strcpy(object, rule->object);
		if (literal_rank(root, object, false, path) != RANK_NONE)
			add(all, &m);
	}
}

static enum decision decide_integrity(const struct md_set *set, const struct md_node *node,
				      const struct md_subject *who, const struct md_access *access,
				      bool enforced, struct md_name *ret)
{
	struct matches all = {0};
	enum decision decision;
	int i;

	for (i = 0; i < set->npolicies; i++)
		if (access->section == MD_FILE && access->op == MD_CHANGE &&
		    md_governs(&set->policies[i], node, who) &&
		    md_protects_sources(&set->policies[i]))
			match_integrity(&set->root, &set->policies[i], access->path, &all);
	decision = decide(&all, enforced, ret);
	free(all.v);
	return decision;
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

void md_judge(const struct md_set *set, const struct md_node *node, const struct md_subject *who,
	      const struct md_access *access, struct md_verdict *ret)
{
	struct md_name denying, would, integrity, would_integrity;
	enum decision now, then, intact, then_intact;
	struct md_unmatched how;
	struct matches all = {0};

	*ret = (struct md_verdict){.rule.from = -1, .audit.from = -1};
	match_all(set, node, who, access, &all);
	ret->audit = most_specific_audit(&all);
	now = decide(&all, true, &denying);
	then = decide(&all, false, &would);
	free(all.v);
	intact = decide_integrity(set, node, who, access, true, &integrity);
	then_intact = decide_integrity(set, node, who, access, false, &would_integrity);

	/* between scopes the stricter verdict holds */
	if (now == BLOCKED) {
		ret->answer = MD_DENY;
		ret->reason = MD_BY_RULE;
		ret->rule = denying;
		return;
	}
	if (intact == BLOCKED) {
		ret->answer = MD_DENY;
		ret->reason = MD_BY_INTEGRITY;
		ret->rule = integrity;
		return;
	}
	if (then == BLOCKED) {
		ret->answer = MD_WOULD_DENY;
		ret->reason = MD_BY_RULE;
		ret->rule = would;
	} else if (then_intact == BLOCKED) {
		ret->answer = MD_WOULD_DENY;
		ret->reason = MD_BY_INTEGRITY;
		ret->rule = would_integrity;
	}
	/* the posture never judges a mapping */
	if (now == UNMATCHED && access->op != MD_MAP) {
		md_unmatched(set, node, who, access->section, &how);
		posture(&how, ret);
	}
}
