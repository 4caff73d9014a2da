/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a policy governs.
 */
#include <regex.h>
#include <string.h>

#include "model.h"

#define CONTAINER_NAME "kubearmor.io/container.name"

/* ---- values ---- */

static const char *label_value(const struct md_label *labels, int n, const char *key)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(labels[i].key, key))
			return labels[i].value;
	return NULL;
}

/* `list` is names separated by commas, and perhaps blanks */
static bool in_comma_list(const char *list, const char *name)
{
	size_t len = strlen(name), n;

	for (;; list += n + 1) {
		list += strspn(list, " ");
		n = strcspn(list, ",");
		if (n >= len && !strncmp(list, name, len) && strspn(list + len, " ") == n - len)
			return true;
		if (!list[n])
			return false;
	}
}

static bool is_any(const char *value)
{
	return !strcmp(value, "*") || !strcmp(value, ".*") || !*value;
}

/* ---- nodes ---- */

static bool is_like(const char *regex, const char *name)
{
	regex_t re;
	bool like;

	if (regcomp(&re, regex, REG_EXTENDED | REG_NOSUB))
		return false;
	like = !regexec(&re, name, 0, NULL, 0);
	regfree(&re);
	return like;
}

static bool is_key(const char *key, const char *a, const char *b)
{
	return !strcmp(key, a) || !strcmp(key, b);
}

static bool node_label_is(const struct md_node *node, const struct md_label *want)
{
	const char *has;

	if (is_key(want->key, "kubernetes.io/hostname", "kubearmor.io/hostname"))
		return is_any(want->value) || in_comma_list(want->value, node->hostname);
	if (is_key(want->key, "kubernetes.io/hostnamereg", "kubearmor.io/hostnamereg"))
		return is_any(want->value) || is_like(want->value, node->hostname);
	if (is_key(want->key, "kubernetes.io/os", "beta.kubernetes.io/os"))
		return is_any(want->value) || !strcmp(want->value, node->os);
	if (is_key(want->key, "kubernetes.io/arch", "beta.kubernetes.io/arch"))
		return is_any(want->value) || !strcmp(want->value, node->arch);
	has = label_value(node->labels, node->nlabels, want->key);
	return has && (is_any(want->value) || !strcmp(has, want->value));
}

/* ---- workloads ---- */

/* `[a,b]` or one name */
static bool is_container(const char *want, const char *has)
{
	char names[256];

	if (is_any(want))
		return true;
	if (!has)
		return false;
	if (*want != '[')
		return !strcmp(want, has);
	snprintf(names, sizeof(names), "%.*s", (int)strlen(want) - 2, want + 1);
	return in_comma_list(names, has);
}

/* Any value is still a value: a workload without the label has none. */
static bool workload_label_is(const struct md_subject *who, const char *key, const char *want)
{
	const char *has = label_value(who->labels, who->nlabels, key);

	if (!strcmp(key, CONTAINER_NAME))
		return is_container(want, has);
	return has && (is_any(want) || !strcmp(has, want));
}

static bool has_value(const struct md_expression *e, const char *value,
		      const struct md_subject *who)
{
	const char *equals;
	char key[256];

	if (e->is_namespace)
		return is_any(value) || !strcmp(value, who->ns);
	equals = strchr(value, '=');
	snprintf(key, sizeof(key), "%.*s", (int)(equals - value), value);
	return workload_label_is(who, key, equals + 1);
}

static bool holds(const struct md_expression *e, const struct md_subject *who)
{
	int i;

	for (i = 0; i < e->nvalues; i++)
		if (has_value(e, e->values[i], who))
			return !e->not_in;
	return e->not_in;
}

static bool selects_node(const struct md_policy *policy, const struct md_node *node)
{
	int i;

	for (i = 0; i < policy->nlabels; i++)
		if (!node_label_is(node, &policy->labels[i]))
			return false;
	return true;
}

static bool selects_workload(const struct md_policy *policy, const struct md_subject *who)
{
	int i;

	if (policy->kind == MD_POLICY && strcmp(policy->ns, who->ns) != 0)
		return false;
	for (i = 0; i < policy->nlabels; i++)
		if (!workload_label_is(who, policy->labels[i].key, policy->labels[i].value))
			return false;
	for (i = 0; i < policy->nexpressions; i++)
		if (!holds(&policy->expressions[i], who))
			return false;
	return true;
}

bool md_governs(const struct md_policy *policy, const struct md_node *node,
		const struct md_subject *who)
{
	if (policy->gone || (policy->kind == MD_HOST) != who->host)
		return false;
	return who->host ? selects_node(policy, node) : selects_workload(policy, who);
}
