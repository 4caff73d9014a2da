// SPDX-License-Identifier: Apache-2.0
#include "posture.h"

#include "../runtime/node.h"
#include "names.h"

static bool in_set(const __u64 *set, uint32_t i)
{
	return i < KA_MAX_POLICIES && (set[i / 64] >> (i % 64) & 1);
}

/*
 * The policies that make the category an allow-list. Those in audit mode speak only where no
 * other does: they may neither make denials nor prevent them.
 */
struct allows {
	const struct ka_reader *r;
	const __u64 *set;
	enum ka_category cat;
	bool enforced;
};

/* The next of them, from *i on. */
static const struct ka_policy_rec *next_allow(const struct allows *a, uint32_t *i)
{
	for (; *i < a->r->head->policies.count; (*i)++) {
		const struct ka_policy_rec *p = ka_image_policy(a->r, *i);

		if (p && in_set(a->set, *i) && (p->flags & KA_POL_ALLOWS(a->cat)) &&
		    !(a->enforced && (p->flags & KA_POL_WOULD)))
			return p;
	}
	return NULL;
}

static bool from_annotation(const struct allows *a, struct ka_posture_origin *ret)
{
	const struct ka_policy_rec *p;
	uint32_t best = UINT32_MAX;

	ret->posture = KA_POSTURE_UNSET;
	for (uint32_t i = 0; (p = next_allow(a, &i)); i++) {
		if (p->posture[a->cat] <= ret->posture)
			continue;
		ret->posture = p->posture[a->cat];
		best = i;
	}
	if (best == UINT32_MAX)
		return false;
	snprintf(ret->origin, sizeof(ret->origin), "the annotation karmor-c/posture of %s",
		 ka_name_policy(a->r, best).s);
	return true;
}

static bool from_namespace(const struct allows *a, const char *ns, struct ka_posture_origin *ret)
{
	const struct ka_space_rec *space = ka_image_space(a->r, ns);

	if (!space || space->posture[a->cat] == KA_POSTURE_UNSET)
		return false;
	ret->posture = space->posture[a->cat];
	snprintf(ret->origin, sizeof(ret->origin), "the Namespace document of '%s'", ns);
	return true;
}

bool ka_posture_find(const struct ka_reader *r, const struct ka_node *node, const __u64 *set,
		     const char *ns, enum ka_category cat, struct ka_posture_origin *ret)
{
	struct allows a = {r, set, cat, true};
	uint32_t first = 0;

	a.enforced = next_allow(&a, &first);
	first = 0;
	if (!next_allow(&a, &first))
		return false;
	if (from_annotation(&a, ret) || (ns && from_namespace(&a, ns, ret)))
		return true;
	ret->posture = node->posture[!ns][cat];
	snprintf(ret->origin, sizeof(ret->origin), "%s", KA_CONFIG);
	if (ret->posture != KA_POSTURE_UNSET)
		return true;
	ret->posture = !ns ? KA_POSTURE_AUDIT : KA_POSTURE_BLOCK;
	snprintf(ret->origin, sizeof(ret->origin), "the default for %s",
		 !ns ? "the node's own tasks" : "workloads");
	return true;
}
