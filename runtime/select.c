// SPDX-License-Identifier: Apache-2.0
/*
 * Who is governed by what: selectors of policies, and what a set of policies makes of a member.
 */
#include <regex.h>

#include "image.h"

#define CONTAINER_NAME "kubearmor.io/container.name"

/* ---- selectors ---- */

static const char *label_of(const struct ka_labels *labels, const char *key)
{
	for (size_t i = 0; i < labels->n; i++)
		if (!strcmp(labels->keys[i], key))
			return labels->values[i];
	return NULL;
}

static bool is_any(const char *value)
{
	return !*value || !strcmp(value, "*") || !strcmp(value, ".*");
}

/* "a,b": names separated by commas and blanks */
static bool in_list(const char *list, size_t len, const char *name)
{
	const char *end = list + len, *stop;

	for (; list < end; list = stop + 1) {
		size_t n;

		while (list < end && *list == ' ')
			list++;
		stop = memchr(list, ',', end - list);
		if (!stop)
			stop = end;
		for (n = stop - list; n && list[n - 1] == ' '; n--)
			;
		if (n == strlen(name) && !memcmp(list, name, n))
			return true;
	}
	return false;
}

static bool is_container(const char *value, const struct ka_labels *labels)
{
	const char *has = label_of(labels, CONTAINER_NAME);
	size_t len = strlen(value);

	if (is_any(value))
		return true;
	if (!has)
		return false;
	if (value[0] == '[' && value[len - 1] == ']')
		return in_list(value + 1, len - 2, has);
	return !strcmp(value, has);
}

/* Any value is still one: who lacks the label is not picked. */
static bool workload_label(const char *key, const char *value, const struct ka_labels *labels)
{
	const char *has;

	if (!strcmp(key, CONTAINER_NAME))
		return is_container(value, labels);
	has = label_of(labels, key);
	return has && (is_any(value) || !strcmp(has, value));
}

/* One value of an expression: a namespace, or KEY=VALUE. */
static bool has_value(const struct ka_reader *r, const struct ka_label_rec *l, const char *ns,
		      const struct ka_labels *labels)
{
	const char *value = ka_image_str(r, l->value), *equals = strchr(value, '=');
	size_t len = equals ? (size_t)(equals - value) : 0;

	if (!strcmp(ka_image_str(r, l->key), "namespace"))
		return is_any(value) || !strcmp(value, ns);
	if (!equals)
		return false;
	if (len == strlen(CONTAINER_NAME) && !memcmp(value, CONTAINER_NAME, len))
		return is_container(equals + 1, labels);
	for (size_t i = 0; i < labels->n; i++)
		if (strlen(labels->keys[i]) == len && !memcmp(labels->keys[i], value, len))
			return is_any(equals + 1) || !strcmp(labels->values[i], equals + 1);
	return false;
}

/* The expression whose rows begin at *k, which moves behind them. In: any value; NotIn: none. */
static bool expression(const struct ka_reader *r, const struct ka_policy_rec *p, uint32_t *k,
		       const char *ns, const struct ka_labels *labels)
{
	const struct ka_label_rec *l = ka_image_label(r, p->labels + *k);
	uint16_t match = l->match, number = l->expression;
	bool any = false;

	for (; *k < p->nlabels; (*k)++) {
		l = ka_image_label(r, p->labels + *k);
		if (!l || l->match != match || l->expression != number)
			break;
		any |= has_value(r, l, ns, labels);
	}
	return any == (match == KA_MATCH_IN);
}

bool ka_selects_workload(const struct ka_reader *r, uint32_t i, const char *ns,
			 const struct ka_labels *labels)
{
	const struct ka_policy_rec *p = ka_image_policy(r, i);
	uint32_t k = 0;

	if (!p || (p->kind != KA_KIND_POLICY && p->kind != KA_KIND_CLUSTER) ||
	    (p->kind == KA_KIND_POLICY && strcmp(ka_image_str(r, p->ns), ns) != 0))
		return false;
	while (k < p->nlabels) {
		const struct ka_label_rec *l = ka_image_label(r, p->labels + k);

		if (!l)
			return false;
		if (l->match != KA_MATCH_LABEL) {
			if (!expression(r, p, &k, ns, labels))
				return false;
			continue;
		}
		if (!workload_label(ka_image_str(r, l->key), ka_image_str(r, l->value), labels))
			return false;
		k++;
	}
	return true;
}

/* The name of a label after one of two prefixes, or NULL. */
static const char *after(const char *key, const char *prefix, const char *other)
{
	if (!strncmp(key, prefix, strlen(prefix)))
		return key + strlen(prefix);
	if (!strncmp(key, other, strlen(other)))
		return key + strlen(other);
	return NULL;
}

static bool matches(const char *pattern, const char *text)
{
	regex_t re;
	bool found;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	found = !regexec(&re, text, 0, NULL, 0);
	regfree(&re);
	return found;
}

static bool node_label(const struct ka_node *node, const char *key, const char *value)
{
	const char *name = after(key, "kubernetes.io/", "kubearmor.io/"), *has;

	if (name && !strcmp(name, "hostname"))
		return is_any(value) || in_list(value, strlen(value), node->hostname);
	if (name && !strcmp(name, "hostnamereg"))
		return is_any(value) || matches(value, node->hostname);
	name = after(key, "kubernetes.io/", "beta.kubernetes.io/");
	if (name && !strcmp(name, "os"))
		return is_any(value) || !strcmp(value, node->os);
	if (name && !strcmp(name, "arch"))
		return is_any(value) || !strcmp(value, node->arch);
	has = label_of(&node->labels, key);
	return has && (is_any(value) || !strcmp(has, value));
}

bool ka_selects_node(const struct ka_reader *r, uint32_t i, const struct ka_node *node)
{
	const struct ka_policy_rec *p = ka_image_policy(r, i);

	/* a selector without labels selects no node: the compiler refuses it */
	if (!p || p->kind != KA_KIND_HOST || !p->nlabels)
		return false;
	for (uint32_t k = 0; k < p->nlabels; k++) {
		const struct ka_label_rec *l = ka_image_label(r, p->labels + k);

		if (!l || !node_label(node, ka_image_str(r, l->key), ka_image_str(r, l->value)))
			return false;
	}
	return true;
}

/* ---- members ---- */

static bool is_member(const struct ka_member *m, uint32_t policy)
{
	return m->policies[policy / 64] >> (policy % 64) & 1;
}

static enum ka_posture strictest(enum ka_posture a, enum ka_posture b)
{
	return a > b ? a : b;
}

/*
 * The posture of a category that is an allow-list: what the Allow policies say, their namespace,
 * the node's configuration, the default. `enforced`: as if those in audit mode were not there,
 * which may neither make denials nor prevent them.
 */
static enum ka_posture posture_of(const struct ka_reader *r, const struct ka_node *node,
				  const struct ka_member *m, const char *ns, enum ka_category cat,
				  bool enforced)
{
	const struct ka_space_rec *space = ns ? ka_image_space(r, ns) : NULL;
	enum ka_posture said = KA_POSTURE_UNSET;
	const struct ka_policy_rec *p;

	for (uint32_t i = 0; (p = ka_image_policy(r, i)); i++) {
		if (!is_member(m, i))
			continue;
		if ((p->flags & KA_POL_ALLOWS(cat)) && !(enforced && (p->flags & KA_POL_WOULD)))
			said = strictest(said, p->posture[cat]);
	}
	if (said != KA_POSTURE_UNSET)
		return said;
	if (space && space->posture[cat] != KA_POSTURE_UNSET)
		return space->posture[cat];
	if (node->posture[!ns][cat] != KA_POSTURE_UNSET)
		return node->posture[!ns][cat];
	return !ns ? KA_POSTURE_AUDIT : KA_POSTURE_BLOCK;
}

struct sum {
	bool allows, allows_enforced;
	bool blocks, blocks_would;
};

static struct sum sum_up(const struct ka_reader *r, const struct ka_member *m, enum ka_category cat)
{
	const struct ka_policy_rec *p;
	struct sum s = {};

	for (uint32_t i = 0; (p = ka_image_policy(r, i)); i++) {
		bool would = p->flags & KA_POL_WOULD;

		if (!is_member(m, i))
			continue;
		if (p->flags & KA_POL_ALLOWS(cat)) {
			s.allows = true;
			s.allows_enforced |= !would;
		}
		if (p->flags & KA_POL_BLOCKS(cat)) {
			s.blocks |= !would;
			s.blocks_would |= would;
		}
	}
	return s;
}

static uint32_t category_flags(const struct ka_reader *r, const struct ka_node *node,
			       const struct ka_member *m, const char *ns, enum ka_category cat)
{
	struct sum s = sum_up(r, m, cat);
	uint32_t flags = 0;
	bool denies = s.allows_enforced &&
		      posture_of(r, node, m, ns, cat, true) == KA_POSTURE_BLOCK;
	bool would = !denies && s.allows &&
		     posture_of(r, node, m, ns, cat, false) == KA_POSTURE_BLOCK;

	if (s.allows)
		flags |= KA_MEMBER_LIST(cat);
	if (denies)
		flags |= KA_MEMBER_POSTURE(cat);
	if (would)
		flags |= KA_MEMBER_WOULD(cat);
	if (s.blocks || denies)
		flags |= KA_MEMBER_STRICT(cat);
	if (s.blocks_would || would)
		flags |= KA_MEMBER_WATCH(cat);
	return flags;
}

/* What one policy that blocks or allows asks for besides its verdicts. */
static uint32_t policy_flags(const struct ka_policy_rec *p)
{
	bool would = p->flags & KA_POL_WOULD;
	bool mounts = p->kind == KA_KIND_HOST ? p->flags & KA_POL_MOUNTS_DENY
					      : !(p->flags & KA_POL_MOUNTS_ALLOW);
	bool rules = false, paths = false;
	uint32_t flags = 0;

	for (int cat = 0; cat < KA_CAT__MAX; cat++) {
		rules |= p->flags & (KA_POL_ALLOWS(cat) | KA_POL_BLOCKS(cat));
		if (cat + 1 == KA_CAT_PATHS)
			paths = rules;
	}
	if (!rules)
		return 0;
	if (paths && mounts)
		flags |= would ? KA_MEMBER_MOUNTS_WOULD : KA_MEMBER_MOUNTS;
	return flags | (would ? 0 : KA_MEMBER_ABOVE);
}

void ka_member_make(const struct ka_reader *r, const struct ka_node *node, const char *ns,
		    const struct ka_labels *labels, struct ka_member *ret)
{
	const struct ka_policy_rec *p;

	*ret = (struct ka_member){};
	for (uint32_t i = 0; i < KA_MAX_POLICIES && (p = ka_image_policy(r, i)); i++) {
		bool governs = ns ? ka_selects_workload(r, i, ns, labels)
				  : ka_selects_node(r, i, node);

		if (!governs)
			continue;
		ret->policies[i / 64] |= 1ull << (i % 64);
		ret->flags |= KA_MEMBER_GOVERNED | policy_flags(p);
	}
	for (int cat = 0; cat < KA_CAT__MAX; cat++)
		ret->flags |= category_flags(r, node, ret, ns, cat);
}
