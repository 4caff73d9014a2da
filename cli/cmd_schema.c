// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c schema: prints the JSON Schema of a kind, for editors and other validators.
 */
#include "../compiler/base/suggest.h"
#include "opts.h"
#include "report.h"
#include "schema_text.h"

static const struct {
	const char *name, *kind;
} short_names[] = {
	{"policy", "KubeArmorPolicy"},         {"ksp", "KubeArmorPolicy"},
	{"cluster", "KubeArmorClusterPolicy"}, {"csp", "KubeArmorClusterPolicy"},
	{"host", "KubeArmorHostPolicy"},       {"hsp", "KubeArmorHostPolicy"},
	{"network", "KubeArmorNetworkPolicy"}, {"nsp", "KubeArmorNetworkPolicy"},
};

static const struct ka_option options[] = {{}};

static const struct ka_schema_text *find(const char *name)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(short_names); i++)
		if (!strcasecmp(short_names[i].name, name))
			name = short_names[i].kind;
	for (const struct ka_schema_text *t = ka_schema_texts; t->kind; t++)
		if (!strcasecmp(t->kind, name))
			return t;
	return NULL;
}

static int unknown(const struct ka_command *cmd, const char *name)
{
	struct ka_suggest near = ka_suggest_for(name, strlen(name));

	for (size_t i = 0; i < KA_ARRAY_SIZE(short_names); i++)
		ka_suggest_try(&near, short_names[i].name);
	for (const struct ka_schema_text *t = ka_schema_texts; t->kind; t++)
		ka_suggest_try(&near, t->kind);
	if (near.best)
		return ka_usage_error(cmd, "unknown kind '%s'; did you mean '%s'?", name,
				      near.best);
	return ka_usage_error(cmd, "unknown kind '%s'; without one they are listed", name);
}

static int list(void)
{
	for (const struct ka_schema_text *t = ka_schema_texts; t->kind; t++)
		printf("%-23s %s\n", t->kind, t->description);
	return KA_EXIT_OK;
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	const struct ka_schema_text *t;
	int r = ka_opts_parse(cmd, argc, argv, NULL, &operands);

	if (r != KA_OPTS_GO)
		return r;
	if (!operands.n)
		return list();
	if (operands.n > 1)
		return ka_usage_error(cmd, "one kind at a time");
	t = find(operands.v[0]);
	if (!t)
		return unknown(cmd, operands.v[0]);
	fputs(t->text, stdout);
	return KA_EXIT_OK;
}

const struct ka_command ka_cmd_schema = {
	.name = "schema",
	.args = "[KIND]",
	.summary = "print the JSON Schema of a kind, or the list of kinds",
	.help = "KIND is a kind in any case, or policy, host, cluster, network. What is printed is\n"
		"complete in itself: JSON Schema, draft 2020-12, for editors and other validators.\n"
		"The comment '# yaml-language-server: $schema=FILE' at the top of a policy makes\n"
		"editors complete and explain its fields.\n",
	.group = KA_GROUP_LANGUAGE,
	.options = options,
	.run = run,
};
