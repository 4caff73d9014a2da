/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What policies make of a category: how an allow-list treats what no rule matches, and what happens
 * to what cannot be decided.
 */
#include "model.h"

#include <string.h>

enum md_action md_action_of(const struct md_policy *policy, const struct md_rule *rule)
{
	if (rule->action != MD_UNSET)
		return rule->action;
	if (policy->section_action[rule->section] != MD_UNSET)
		return policy->section_action[rule->section];
	if (policy->action != MD_UNSET)
		return policy->action;
	return MD_BLOCK;
}

/* ---- the posture ---- */

static bool allows(const struct md_policy *policy, enum md_section section)
{
	int i;

	for (i = 0; i < policy->nrules; i++)
		if (!policy->rules[i].gone && policy->rules[i].section == section &&
		    md_action_of(policy, &policy->rules[i]) == MD_ALLOW)
			return true;
	return false;
}

static enum md_posture annotated(const struct md_policy *policy, enum md_section section)
{
	if (policy->section_posture[section] != MD_POSTURE_NONE)
		return policy->section_posture[section];
	return policy->posture;
}

static enum md_posture of_namespace(const struct md_set *set, const struct md_subject *who,
				    enum md_section section)
{
	int i;

	for (i = 0; i < set->nnamespaces && !who->host; i++)
		if (!strcmp(set->namespaces[i].name, who->ns))
			return set->namespaces[i].posture[section];
	return MD_POSTURE_NONE;
}

/*
 * First found: annotations of the Allow policies, the namespace, the node, the default. Policies in
 * audit mode may neither make denials nor prevent them: `enforced` leaves them out.
 */
static enum md_posture posture_of(const struct md_set *set, const struct md_node *node,
				  const struct md_subject *who, enum md_section section,
				  bool enforced)
{
	enum md_posture posture = MD_POSTURE_NONE;
	int i;

	for (i = 0; i < set->npolicies; i++) {
		const struct md_policy *p = &set->policies[i];

		if (!md_governs(p, node, who) || !allows(p, section) || (enforced && p->audit_mode))
			continue;
		if (annotated(p, section) > posture)
			posture = annotated(p, section); /* block beats audit */
	}
	if (posture == MD_POSTURE_NONE)
		posture = of_namespace(set, who, section);
	if (posture == MD_POSTURE_NONE)
		posture = node->posture[who->host][section];
	if (posture == MD_POSTURE_NONE)
		posture = who->host ? MD_POSTURE_AUDIT : MD_POSTURE_BLOCK;
	return posture;
}

void md_unmatched(const struct md_set *set, const struct md_node *node,
		  const struct md_subject *who, enum md_section section, struct md_unmatched *ret)
{
	bool enforcing = false;
	int i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < set->npolicies; i++) {
		const struct md_policy *p = &set->policies[i];

		if (!md_governs(p, node, who) || !allows(p, section))
			continue;
		ret->allow_list = true;
		enforcing |= !p->audit_mode;
	}
	ret->denied = enforcing && posture_of(set, node, who, section, true) == MD_POSTURE_BLOCK;
	ret->would_be_denied = posture_of(set, node, who, section, false) == MD_POSTURE_BLOCK;
}

bool md_protects_sources(const struct md_policy *policy)
{
	if (policy->integrity != MD_DEFAULT)
		return policy->integrity == MD_ON;
	return policy->kind != MD_HOST;
}

/* ---- objects that cannot be established ---- */

static bool protects_anything(const struct md_policy *policy)
{
	int i;

	for (i = 0; i < policy->nrules && md_protects_sources(policy); i++) {
		const struct md_rule *rule = &policy->rules[i];
		enum md_action action = md_action_of(policy, rule);
		bool literal = rule->list == MD_PATHS ||
			       (rule->list == MD_PATTERNS && !md_has_wildcard(rule->object) &&
				!md_is_impossible(rule->object));

		if (rule->gone || action == MD_AUDIT)
			continue;
		if (rule->nfrom || (rule->section == MD_PROCESS && action == MD_ALLOW && literal &&
				    !rule->execname))
			return true;
	}
	return false;
}

/* An Allow with ownerOnly denies others. */
static bool denies(const struct md_policy *policy, const struct md_rule *rule)
{
	enum md_action action = md_action_of(policy, rule);

	return action == MD_BLOCK || (action == MD_ALLOW && rule->owner_only);
}

static bool blocks(const struct md_policy *policy, enum md_section section)
{
	int i;

	for (i = 0; i < policy->nrules; i++)
		if (!policy->rules[i].gone && policy->rules[i].section == section &&
		    denies(policy, &policy->rules[i]))
			return true;
	return section == MD_FILE && protects_anything(policy);
}

/* Denied where a Block, a protected source or an allow-list that denies governs. */
enum md_answer md_undecided(const struct md_set *set, const struct md_node *node,
			    const struct md_subject *who, enum md_section section)
{
	enum md_answer answer = MD_PERMIT;
	struct md_unmatched how;
	int i;

	for (i = 0; i < set->npolicies; i++) {
		const struct md_policy *p = &set->policies[i];

		if (!md_governs(p, node, who) || !blocks(p, section))
			continue;
		if (!p->audit_mode)
			return MD_DENY;
		answer = MD_WOULD_DENY;
	}
	md_unmatched(set, node, who, section, &how);
	if (how.allow_list && how.denied)
		return MD_DENY;
	return how.allow_list && how.would_be_denied ? MD_WOULD_DENY : answer;
}
