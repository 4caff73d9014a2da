// SPDX-License-Identifier: Apache-2.0
#include "rules.h"

const struct ka_rule *ka_rule_find(const struct ka_policies *policies, const struct ka_reader *r,
				   uint32_t rule)
{
	const struct ka_rule_rec *rec = ka_image_rule(r, rule);
	const struct ka_policy_rec *rp = rec ? ka_image_policy(r, rec->policy) : NULL;
	const struct ka_policy *p;

	if (!rp || rec->policy >= policies->n)
		return NULL;
	p = policies->v[rec->policy];
	if (p->kind != (enum ka_kind)rp->kind || strcmp(p->ns, ka_image_str(r, rp->ns)) != 0 ||
	    strcmp(p->name, ka_image_str(r, rp->name)) != 0)
		return NULL;
	for (size_t i = 0; i < p->nrules; i++) {
		const struct ka_rule *it = &p->rules[i];

		if (it->section == (enum ka_category)rec->section &&
		    it->list == (enum ka_list)rec->list && it->index == rec->index)
			return it;
	}
	return NULL;
}

const struct ka_from *ka_rule_from(const struct ka_rule *rule, const struct ka_rule_rec *rec)
{
	for (size_t i = 0; i < rule->nfrom; i++)
		if (rule->from[i].index == rec->from)
			return &rule->from[i];
	return NULL;
}

const char *ka_name_action(unsigned int action)
{
	static const char *const names[] = {
		[KA_EFFECT_ALLOW] = "Allow",
		[KA_EFFECT_BLOCK] = "Block",
		[KA_EFFECT_AUDIT] = "Audit",
	};

	return action < KA_ARRAY_SIZE(names) && names[action] ? names[action] : "?";
}
