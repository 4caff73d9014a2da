// SPDX-License-Identifier: Apache-2.0
#include "posture.h"

#include "../runtime/node.h"
#include "names.h"

static bool in_set(const __u64 *set, uint32_t i)
{
	return i < KA_MAX_POLICIES && (set[i / 64] >> (i % 64) & 1);
}

/* The next policy of the set, from *i on, that makes the category an allow-list. */
static const struct ka_policy_rec *next_allow(const struct ka_reader *r, const __u64 *set,
					      enum ka_category cat, uint32_t *i)
{
	for (; *i < r->head->policies.count; (*i)++) {
		const struct ka_policy_rec *p = ka_image_policy(r, *i);

		if (p && in_set(set, *i) && (p->flags & KA_POL_ALLOWS(cat)))
			return p;
	}
	return NULL;
}

static bool from_annotation(const struct ka_reader *r, const __u64 *set, enum ka_category cat,
			    struct ka_posture_origin *ret)
{
	const struct ka_policy_rec *p;
	uint32_t best = UINT32_MAX;

	ret->posture = KA_POSTURE_UNSET;
	for (uint32_t i = 0; (p = next_allow(r, set, cat, &i)); i++) {
		if (p->posture[cat] <= ret->posture)
			continue;
		ret->posture = p->posture[cat];
		best = i;
	}
	if (best == UINT32_MAX)
		return false;
	snprintf(ret->origin, sizeof(ret->origin), "the annotation karmor-c/posture of %s",
		 ka_name_policy(r, best).s);
	return true;
}

static bool from_namespace(const struct ka_reader *r, const __u64 *set, enum ka_category cat,
			   struct ka_posture_origin *ret)
{
	const struct ka_policy_rec *p;

	for (uint32_t i = 0; (p = next_allow(r, set, cat, &i)); i++) {
		if (p->ns_posture[cat] <= ret->posture)
			continue;
		ret->posture = p->ns_posture[cat];
		snprintf(ret->origin, sizeof(ret->origin), "the Namespace document of '%s'",
			 ka_image_str(r, p->ns));
	}
	return ret->posture != KA_POSTURE_UNSET;
}

bool ka_posture_find(const struct ka_reader *r, const struct ka_node *node, const __u64 *set,
		     bool host, enum ka_category cat, struct ka_posture_origin *ret)
{
	uint32_t first = 0;

	if (!next_allow(r, set, cat, &first))
		return false;
	if (from_annotation(r, set, cat, ret) || (!host && from_namespace(r, set, cat, ret)))
		return true;
	ret->posture = node->posture[host][cat];
	snprintf(ret->origin, sizeof(ret->origin), "%s", KA_CONFIG);
	if (ret->posture != KA_POSTURE_UNSET)
		return true;
	ret->posture = host ? KA_POSTURE_AUDIT : KA_POSTURE_BLOCK;
	snprintf(ret->origin, sizeof(ret->origin), "the default for %s",
		 host ? "the node's own tasks" : "workloads");
	return true;
}
