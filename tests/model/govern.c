/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a policy governs, and what an allow-list does with what no rule matches.
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

/* ---- selectors ---- */

static const char *label_value(const struct md_label *labels, int n, const char *key)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(labels[i].key, key))
			return labels[i].value;
	return NULL;
}

/* `list` is names separated by commas */
static bool in_comma_list(const char *list, const char *name)
{
	size_t len = strlen(name), n;

	for (;; list += n + 1) {
		n = strcspn(list, ",");
		if (n == len && !strncmp(list, name, n))
			return true;
		if (!list[n])
			return false;
	}
}

static bool is_any(const char *value)
{
	return !strcmp(value, "*") || !strcmp(value, ".*") || !*value;
}

static bool node_label_is(const struct md_node *node, const struct md_label *want)
{
	const char *has;

	if (!strcmp(want->key, "kubernetes.io/hostname") ||
	    !strcmp(want->key, "kubearmor.io/hostname"))
		return is_any(want->value) || in_comma_list(want->value, node->hostname);
	if (!strcmp(want->key, "kubernetes.io/os") || !strcmp(want->key, "beta.kubernetes.io/os"))
		return !strcmp(want->value, node->os);
	if (!strcmp(want->key, "kubernetes.io/arch") ||
	    !strcmp(want->key, "beta.kubernetes.io/arch"))
		return !strcmp(want->value, node->arch);
	has = label_value(node->labels, node->nlabels, want->key);
	return has && !strcmp(has, want->value);
}

bool md_governs(const struct md_policy *policy, const struct md_node *node,
		const struct md_subject *who)
{
	const char *has;
	int i;

	if (policy->gone || policy->host != who->host)
		return false;
	if (!policy->host && strcmp(policy->ns, who->ns) != 0)
		return false;
	for (i = 0; i < policy->nlabels; i++) {
		if (policy->host) {
			if (!node_label_is(node, &policy->labels[i]))
				return false;
			continue;
		}
		has = label_value(who->labels, who->nlabels, policy->labels[i].key);
		if (!has || strcmp(has, policy->labels[i].value) != 0)
			return false;
	}
	return true;
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

static enum md_posture of_namespace(const struct md_set *set, const struct md_subject *who)
{
	int i;

	for (i = 0; i < set->nnamespaces && !who->host; i++)
		if (!strcmp(set->namespaces[i].name, who->ns))
			return set->namespaces[i].file_posture;
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
		posture = of_namespace(set, who);
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
	return !policy->host;
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

static bool blocks(const struct md_policy *policy, enum md_section section)
{
	int i;

	for (i = 0; i < policy->nrules; i++)
		if (!policy->rules[i].gone && policy->rules[i].section == section &&
		    md_action_of(policy, &policy->rules[i]) == MD_BLOCK)
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
