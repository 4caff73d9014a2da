// SPDX-License-Identifier: Apache-2.0
#include "names.h"

#include "../compiler/policy/policy.h"

static const char *const categories[KA_CAT__MAX] = {
	[KA_CAT_FILE] = "file",
	[KA_CAT_PROCESS] = "process",
	[KA_CAT_NETWORK] = "network",
	[KA_CAT_CAPABILITIES] = "capabilities",
};
static const char *const lists[] = {
	[KA_LIST_PATHS] = "matchPaths",
	[KA_LIST_DIRECTORIES] = "matchDirectories",
	[KA_LIST_PATTERNS] = "matchPatterns",
	[KA_LIST_PROTOCOLS] = "matchProtocols",
	[KA_LIST_CAPABILITIES] = "matchCapabilities",
};

const char *ka_name_category(enum ka_category cat)
{
	return (unsigned int)cat < KA_CAT__MAX ? categories[cat] : "?";
}

const char *ka_name_posture(enum ka_posture posture)
{
	return posture == KA_POSTURE_AUDIT   ? "audit"
	       : posture == KA_POSTURE_BLOCK ? "block"
					     : "unset";
}

struct ka_text ka_name_policy(const struct ka_reader *r, uint32_t policy)
{
	const struct ka_policy_rec *p = ka_image_policy(r, policy);
	struct ka_text t = {"?"};
	const char *ns;

	if (!p || p->kind >= KA_KIND__MAX)
		return t;
	ns = ka_image_str(r, p->ns);
	snprintf(t.s, sizeof(t.s), "%s/%s%s%s", ka_kind_str((enum ka_kind)p->kind), ns,
		 ns[0] ? "/" : "", ka_image_str(r, p->name));
	return t;
}

struct ka_text ka_name_place(const struct ka_rule_rec *rule)
{
	struct ka_text t;
	int n = snprintf(t.s, sizeof(t.s), "spec.%s.%s[%u]",
			 ka_name_category((enum ka_category)rule->section),
			 rule->list < KA_ARRAY_SIZE(lists) ? lists[rule->list] : "?", rule->index);

	if (rule->from != KA_NO_FROM)
		snprintf(t.s + n, sizeof(t.s) - (size_t)n, ".fromSource[%u]", rule->from);
	return t;
}

struct ka_text ka_name_rule(const struct ka_reader *r, uint32_t rule)
{
	const struct ka_rule_rec *rec = ka_image_rule(r, rule);
	struct ka_text t = {"?"}, policy, place;

	if (!rec)
		return t;
	policy = ka_name_policy(r, rec->policy);
	place = ka_name_place(rec);
	/* Names are bounded far below this. */
	snprintf(t.s, sizeof(t.s), "%.700s %.200s", policy.s, place.s);
	return t;
}

struct ka_text ka_name_digest(const uint8_t digest[32])
{
	struct ka_text t;

	for (size_t i = 0; i < 32; i++)
		snprintf(t.s + 2 * i, 3, "%02x", digest[i]);
	return t;
}

const char *ka_plural_y(size_t n)
{
	return n == 1 ? "y" : "ies";
}

const char *ka_plural_s(size_t n)
{
	return n == 1 ? "" : "s";
}
