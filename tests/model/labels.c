/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random selectors, and workloads that they pick or just fail to pick.
 */
#include <stdio.h>
#include <string.h>

#include "draw.h"

#define CONTAINER "kubearmor.io/container.name"

const char *const md_spaces[3] = {"default", "n1", "n2"};

static const char *const keys[] = {"app", "tier", "example.com/role"};
static const char *const values[] = {"web", "db"};
static const char *const asked_values[] = {"web", "web", "web", "db", "db", "*", ".*", ""};
static const char *const containers[] = {"front", "back"};
static const char *const asked_containers[] = {"front", "[front,back]", "[back]", "[other, front]",
					       "*",     ".*",           ""};

#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* ---- selectors ---- */

static void node_selector(struct md_random *r, struct md_policy *p)
{
	static const struct md_label choice[] = {
		{"kubernetes.io/hostname", "*"},
		{"kubernetes.io/hostname", "alpha"},
		{"kubernetes.io/hostname", "beta,alpha"},
		{"kubernetes.io/hostname", "beta, alpha"},
		{"kubernetes.io/hostname", "beta"},
		{"kubearmor.io/hostname", "alpha"},
		{"kubernetes.io/hostnamereg", "^al.*"},
		{"kubearmor.io/hostnamereg", "b.*"},
		{"kubearmor.io/hostnamereg", "[a-c]l(pha|ef)$"},
		{"kubernetes.io/os", "linux"},
		{"kubernetes.io/arch", "amd64"},
		{"kubernetes.io/arch", "arm64"},
		{"beta.kubernetes.io/arch", "amd64"},
		{"beta.kubernetes.io/os", "*"},
		{"pool", "blue"},
		{"pool", "green"},
		{"pool", "*"},
		{"rack", "*"},
	};
	int i;

	do {
		struct md_label l = PICK(r, choice);

		for (i = 0; i < p->nlabels && strcmp(p->labels[i].key, l.key); i++)
			;
		if (i == p->nlabels)
			p->labels[p->nlabels++] = l;
	} while (p->nlabels < MD_MAX_LABELS && md_chance(r, 20));
}

static void match_labels(struct md_random *r, struct md_policy *p)
{
	unsigned i;

	for (i = 0; i < NKEYS; i++)
		if (md_chance(r, 20))
			p->labels[p->nlabels++] = (struct md_label){keys[i], PICK(r, asked_values)};
	if (md_chance(r, 15))
		p->labels[p->nlabels++] = (struct md_label){CONTAINER, PICK(r, asked_containers)};
}

static const char *some_value(struct md_random *r, struct md_pool *pool, bool is_namespace)
{
	char buf[64];

	if (is_namespace)
		return md_chance(r, 10) ? "*" : PICK(r, md_spaces);
	if (md_chance(r, 15))
		snprintf(buf, sizeof(buf), CONTAINER "=%s", PICK(r, asked_containers));
	else
		snprintf(buf, sizeof(buf), "%s=%s", PICK(r, keys), PICK(r, asked_values));
	return md_dup(pool, buf);
}

static void expressions(struct md_random *r, struct md_pool *pool, unsigned percent,
			struct md_policy *p)
{
	while (p->nexpressions < MD_MAX_EXPRESSIONS && md_chance(r, percent)) {
		struct md_expression *e = &p->expressions[p->nexpressions++];

		/* a policy of a namespace has that one */
		e->is_namespace = p->kind == MD_CLUSTER && md_chance(r, 50);
		e->not_in = md_chance(r, 40);
		do
			e->values[e->nvalues++] = some_value(r, pool, e->is_namespace);
		while (e->nvalues < MD_MAX_VALUES && md_chance(r, 50));
		percent /= 2;
	}
}

void md_make_selector(struct md_random *r, struct md_pool *pool, enum md_flavour flavour,
		      struct md_policy *p)
{
	p->ns = "";
	switch (p->kind) {
	case MD_POLICY:
		p->ns = flavour == MD_FOR_VM || flavour == MD_CLOSE ? "n1" : PICK(r, md_spaces);
		if (flavour == MD_CLOSE)
			break;
		match_labels(r, p);
		expressions(r, pool, 20, p);
		break;
	case MD_CLUSTER:
		if (flavour != MD_CLOSE)
			expressions(r, pool, 80, p);
		break;
	default:
		node_selector(r, p);
	}
}

/* ---- workloads ---- */

/* What the policy asks for, if it does. */
static const char *wanted(struct md_random *r, const struct md_policy *p, const char *key)
{
	const char *other = strcmp(key, CONTAINER) ? PICK(r, values) : PICK(r, containers);
	const char *value;
	size_t len = strlen(key);
	int i;

	for (i = 0; i < p->nlabels; i++) {
		value = p->labels[i].value;
		if (!strcmp(p->labels[i].key, key) && md_chance(r, 90))
			return *value && !strpbrk(value, "*[") ? value : other;
	}
	for (i = 0; i < p->nexpressions; i++) {
		value = p->expressions[i].values[0];
		if (!p->expressions[i].is_namespace && !strncmp(value, key, len) &&
		    value[len] == '=' && md_chance(r, 70))
			return value[len + 1] && !strpbrk(value, "*[") ? value + len + 1 : other;
	}
	return other;
}

static const char *wanted_space(struct md_random *r, const struct md_policy *p)
{
	int i;

	if (p->kind == MD_POLICY && md_chance(r, 85))
		return p->ns;
	for (i = 0; i < p->nexpressions; i++)
		if (p->expressions[i].is_namespace && !p->expressions[i].not_in &&
		    strcmp(p->expressions[i].values[0], "*") && md_chance(r, 70))
			return p->expressions[i].values[0];
	return PICK(r, md_spaces);
}

void md_make_workload(struct md_random *r, const struct md_policy *p, struct md_subject *ret)
{
	unsigned i;

	ret->ns = wanted_space(r, p);
	for (i = 0; i < NKEYS; i++)
		if (md_chance(r, 80))
			ret->labels[ret->nlabels++] =
				(struct md_label){keys[i], wanted(r, p, keys[i])};
	if (md_chance(r, 60))
		ret->labels[ret->nlabels++] = (struct md_label){CONTAINER, wanted(r, p, CONTAINER)};
}
