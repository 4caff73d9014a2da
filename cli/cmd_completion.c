// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c completion: scripts for shells, which packages install.
 */
#include "../compiler/check/schema.h"
#include "../compiler/policy/support.h"
#include "completion.h"
#include "report.h"

/* ---- what values there are ---- */

static void add_word(struct ka_completion *c, const char *word, size_t len)
{
	size_t used = strlen(c->words);

	c->values = KA_VALUES_WORDS;
	if (used + len + 2 < sizeof(c->words))
		snprintf(c->words + used, sizeof(c->words) - used, "%s%.*s", used ? " " : "",
			 (int)len, word);
}

static void add_ids(struct ka_completion *c)
{
	for (int i = 0; i < KA_D__MAX; i++)
		add_word(c, ka_diag_code((enum ka_diag_id)i), 6);
}

static void add_ignorable(struct ka_completion *c)
{
	for (int i = 0; i < KA_D__MAX; i++)
		if (ka_diag_severity((enum ka_diag_id)i) != KA_ERROR)
			add_word(c, ka_diag_code((enum ka_diag_id)i), 6);
}

static void add_kernels(struct ka_completion *c)
{
	for (const char *const *k = ka_kernel_profiles; *k; k++)
		add_word(c, *k, strlen(*k));
}

static void add_kinds(struct ka_completion *c)
{
	for (size_t i = 0; i < ka_schema_nkinds; i++)
		add_word(c, ka_schema_kinds[i].name, strlen(ka_schema_kinds[i].name));
}

static const struct {
	const char *word; /* in what the tables call it */
	enum ka_values values;
	void (*add)(struct ka_completion *c);
} kinds[] = {
	{"FILE", KA_VALUES_FILES, NULL},           {"BUNDLE", KA_VALUES_FILES, NULL},
	{"PATH", KA_VALUES_FILES, NULL},           {"DIR", KA_VALUES_DIRS, NULL},
	{"USER", KA_VALUES_USERS, NULL},           {"POLICY", KA_VALUES_POLICIES, NULL},
	{"NAMESPACE/", KA_VALUES_POLICIES, NULL},  {"COMMAND", KA_VALUES_PROGRAMS, NULL},
	{"ID,", KA_VALUES_WORDS, add_ignorable},   {"ID", KA_VALUES_WORDS, add_ids},
	{"VERSION", KA_VALUES_WORDS, add_kernels}, {"KIND", KA_VALUES_WORDS, add_kinds},
};

static void by_name(const char *arg, struct ka_completion *ret)
{
	for (size_t i = 0; arg && i < KA_ARRAY_SIZE(kinds); i++) {
		if (!strstr(arg, kinds[i].word))
			continue;
		ret->values = kinds[i].values;
		if (kinds[i].add)
			kinds[i].add(ret);
		return;
	}
}

void ka_complete_option(const struct ka_option *o, struct ka_completion *ret)
{
	*ret = (struct ka_completion){};
	for (size_t i = 0; o->choices && o->choices[i]; i++)
		add_word(ret, o->choices[i], strlen(o->choices[i]));
	if (!o->choices)
		by_name(o->arg, ret);
}

/* "enforce|audit [NAME]..." begins with words that are meant as they stand. */
void ka_complete_operand(const struct ka_command *c, bool first, struct ka_completion *ret)
{
	const char *arg = c->args ? c->args : "";
	size_t literal = strspn(arg, "abcdefghijklmnopqrstuvwxyz-|");

	*ret = (struct ka_completion){};
	if (!literal || *arg == '-') {
		by_name(arg, ret);
		return;
	}
	if (!first) {
		by_name(arg + literal, ret);
		return;
	}
	for (size_t len; literal; arg += len + 1, literal -= len < literal ? len + 1 : len) {
		len = strcspn(arg, "| ");
		add_word(ret, arg, len);
	}
}

/* ---- the command ---- */

static const struct {
	const char *name;
	void (*print)(FILE *out);
} shells[] = {
	{"bash", ka_completion_bash},
	{"zsh", ka_completion_zsh},
	{"fish", ka_completion_fish},
};

static const struct ka_option options[] = {{}};

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings words = {};
	int r = ka_opts_parse(cmd, argc, argv, NULL, &words);

	if (r != KA_OPTS_GO)
		return r;
	if (words.n != 1)
		return ka_usage_error(cmd, "name one shell: bash, zsh or fish");
	for (size_t i = 0; i < KA_ARRAY_SIZE(shells); i++) {
		if (strcmp(words.v[0], shells[i].name) != 0)
			continue;
		shells[i].print(stdout);
		return KA_EXIT_OK;
	}
	return ka_usage_error(cmd, "there is no completion for '%s'; there are bash, zsh and fish",
			      words.v[0]);
}

const struct ka_command ka_cmd_completion = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.summary = "print a shell's completion script",
	.help = "Packages install these scripts. Without one:\n"
		"  . <(karmor-c completion bash)\n"
		"  karmor-c completion fish | source",
	.group = KA_GROUP_FILES,
	.options = options,
	.run = run,
};
