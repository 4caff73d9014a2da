/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rules meet an operation: object, conditions, source.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"

void md_add(struct md_matches *all, const struct md_match *m)
{
	if (all->n == all->cap) {
		all->cap = all->cap ? 2 * all->cap : 16;
		all->v = realloc(all->v, all->cap * sizeof(*all->v));
		if (!all->v)
			abort();
	}
	all->v[all->n++] = *m;
}

bool md_has_paths(enum md_section section)
{
	return section == MD_PROCESS || section == MD_FILE;
}

/* ---- the object ---- */

/* `object` is a path, directory or execname; the rule's own or another spelling of it. */
static enum md_rank object_rank(const struct md_rule *rule, const char *object, const char *path)
{
	if (rule->list == MD_DIRS)
		return md_dir_covers(object, rule->recursive, path) ? MD_RANK_AREA : MD_RANK_NONE;
	if (rule->execname)
		return !strcmp(strrchr(path, '/') + 1, object) ? MD_RANK_EXECNAME : MD_RANK_NONE;
	return md_literal_covers(object, path) ? MD_RANK_EXACT : MD_RANK_NONE;
}

/* A pattern without a wildcard is an exact path, in every respect. */
static enum md_rank literal_rank(const struct md_root *root, const char *object, bool strict,
				 const char *path)
{
	char buf[8192];
	int n;

	if (md_literal_covers(object, path))
		return MD_RANK_EXACT;
	for (n = 0; md_spelling(root, strict, object, n, buf, sizeof(buf)); n++)
		if (md_literal_covers(buf, path))
			return MD_RANK_EXACT;
	return MD_RANK_NONE;
}

static enum md_rank pattern_rank(const struct md_root *root, const struct md_rule *rule,
				 bool strict, const char *path)
{
	char literal[8192];

	if (md_has_wildcard(rule->object))
		return md_glob(rule->object, root, strict, path) ? MD_RANK_AREA : MD_RANK_NONE;
	md_unescape(rule->object, literal);
	return literal_rank(root, literal, strict, path);
}

static void match_path(const struct md_root *root, const struct md_rule *rule,
		       enum md_action action, const char *path, struct md_match *m)
{
	/* the fixed aliases never widen what is permitted */
	bool strict = action != MD_ALLOW;
	char buf[8192];
	int n;

	if (rule->list == MD_PATTERNS) {
		m->rank = pattern_rank(root, rule, strict, path);
		m->pattern = m->rank == MD_RANK_AREA;
		return;
	}
	m->rank = object_rank(rule, rule->object, path);
	m->dir_len = m->rank == MD_RANK_NONE ? 0 : strlen(rule->object);
	if (rule->execname)
		return;
	for (n = 0; md_spelling(root, strict, rule->object, n, buf, sizeof(buf)); n++) {
		if (object_rank(rule, buf, path) == MD_RANK_NONE)
			continue;
		m->rank = object_rank(rule, buf, path);
		if (strlen(buf) > m->dir_len)
			m->dir_len = strlen(buf);
	}
}

static void match_object(const struct md_root *root, const struct md_rule *rule,
			 enum md_action action, const struct md_access *access, struct md_match *m)
{
	int rank;

	switch (rule->section) {
	case MD_NETWORK:
		rank = md_socket_rank(rule->object, &access->socket);
		m->rank = rank ? MD_RANK_WORD + (unsigned)rank : MD_RANK_NONE;
		break;
	case MD_CAPABILITIES:
		rank = md_capability(rule->object);
		m->rank = rank >= 0 && (unsigned)rank == access->capability ? MD_RANK_EXACT
									    : MD_RANK_NONE;
		break;
	default:
		match_path(root, rule, action, access->path, m);
	}
}

/* ---- the conditions ---- */

/* Block and Audit: what the rule leaves to the others. */
static bool spares(const struct md_rule *rule, bool owner, bool change)
{
	if (rule->owner_only && rule->readonly)
		return owner && !change;
	if (rule->owner_only)
		return owner;
	return rule->readonly && !change;
}

/* What an Allow does; with ownerOnly it denies what it does not permit. */
static enum md_action allows(const struct md_rule *rule, bool owner, bool change)
{
	if (rule->owner_only)
		return owner && !(rule->readonly && change) ? MD_ALLOW : MD_BLOCK;
	return rule->readonly && change ? MD_UNSET : MD_ALLOW;
}

/* What a rule does to an operation on its object by its source; MD_UNSET: nothing. */
static enum md_action effect_of(const struct md_rule *rule, enum md_action action,
				const struct md_subject *who, const struct md_access *access)
{
	bool change = access->op == MD_CHANGE;

	if (rule->terminal && !who->terminal)
		return MD_UNSET;
	/* a mapping is an execution only for rules that ask nothing of the task */
	if (access->op == MD_MAP && (rule->owner_only || rule->terminal))
		return MD_UNSET;
	if (action == MD_ALLOW)
		return allows(rule, access->owner, change);
	return spares(rule, access->owner, change) ? MD_UNSET : action;
}

/* ---- the source ---- */

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

/* ---- rules ---- */

static void match_rule(const struct md_root *root, const struct md_policy *policy,
		       const struct md_rule *rule, const struct md_subject *who,
		       const struct md_access *access, struct md_matches *all)
{
	enum md_action action = md_action_of(policy, rule);
	struct md_match m = {.name = {policy, rule, -1}};
	int i;

	if (rule->gone || rule->section != access->section)
		return;
	m.effect = effect_of(rule, action, who, access);
	if (m.effect == MD_UNSET)
		return;
	match_object(root, rule, action, access, &m);
	if (m.rank == MD_RANK_NONE)
		return;
	m.would = policy->audit_mode && m.effect == MD_BLOCK;
	m.soft = policy->overridable && action == MD_BLOCK;
	if (!rule->nfrom)
		md_add(all, &m);
	m.source = true;
	for (i = 0; i < rule->nfrom; i++) {
		m.name.from = i;
		if (is_source_of(root, who, rule->from[i]))
			md_add(all, &m);
	}
}

void md_match_rules(const struct md_set *set, const struct md_node *node,
		    const struct md_subject *who, const struct md_access *access,
		    struct md_matches *all)
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

/* ---- integrity of sources ---- */

/*
 * Audit rules protect nothing: they change no verdict. The fixed aliases say nothing of sources and
 * of what is allowed.
 */
static void match_protected(const struct md_root *root, const struct md_policy *policy,
			    const struct md_rule *rule, const char *path, struct md_matches *all)
{
	struct md_match m = {.name = {policy, rule, -1},
			     .effect = MD_BLOCK,
			     .would = policy->audit_mode,
			     .rank = MD_RANK_EXACT};
	enum md_action action = md_action_of(policy, rule);
	char object[8192];
	int j;

	if (rule->gone || action == MD_AUDIT)
		return;
	for (j = 0; j < rule->nfrom; j++) {
		m.name.from = j;
		if (literal_rank(root, rule->from[j], false, path) != MD_RANK_NONE)
			md_add(all, &m);
	}
	if (rule->section != MD_PROCESS || action != MD_ALLOW || rule->execname ||
	    rule->list == MD_DIRS)
		return;
	m.name.from = rule->nfrom ? 0 : -1;
	if (rule->list == MD_PATTERNS && md_has_wildcard(rule->object))
		return;
	if (rule->list == MD_PATTERNS)
		md_unescape(rule->object, object);
	else
		strcpy(object, rule->object);
	if (literal_rank(root, object, false, path) != MD_RANK_NONE)
		md_add(all, &m);
}

void md_match_integrity(const struct md_set *set, const struct md_node *node,
			const struct md_subject *who, const struct md_access *access,
			struct md_matches *all)
{
	int i, j;

	if (access->section != MD_FILE || access->op != MD_CHANGE)
		return;
	for (i = 0; i < set->npolicies; i++) {
		const struct md_policy *p = &set->policies[i];

		if (!md_governs(p, node, who) || !md_protects_sources(p))
			continue;
		for (j = 0; j < p->nrules; j++)
			match_protected(&set->root, p, &p->rules[j], access->path, all);
	}
}
