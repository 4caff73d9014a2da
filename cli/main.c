// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c: finds the command, hands over. All knowledge is in the commands' tables.
 */
#include "../compiler/base/suggest.h"
#include "command.h"
#include "opts.h"
#include "report.h"

static const char *const groups[KA_GROUP__MAX] = {
	[KA_GROUP_LANGUAGE] = "writing policies (no root, no kernel, no network)",
	[KA_GROUP_FILES] = "compiling and asking (the same)",
	[KA_GROUP_NODE] = "what is in force on this node",
	[KA_GROUP_INSPECT] = "this node",
};

static void help_group(FILE *out, enum ka_group group)
{
	bool any = false;

	for (size_t i = 0; ka_commands[i]; i++) {
		const struct ka_command *c = ka_commands[i];

		if (c->group != group)
			continue;
		if (!any)
			fprintf(out, "\n%s:\n", groups[group]);
		any = true;
		fprintf(out, "  %-10s %s\n", c->name, c->summary);
	}
}

static void help(FILE *out)
{
	fputs("usage: karmor-c COMMAND [OPTION]... [ARGUMENT]...\n"
	      "\n"
	      "Compiles KubeArmor policies into BPF programs and tables which the kernel enforces,\n"
	      "with no process of ours left running.\n",
	      out);
	for (int g = 0; g < KA_GROUP__MAX; g++)
		help_group(out, (enum ka_group)g);
	fputs("\n"
	      "example:\n"
	      "  karmor-c validate samples/        check every policy below a directory\n"
	      "\n"
	      "`karmor-c COMMAND --help` explains a command; karmor-policy(5) the language.\n",
	      out);
}

static const struct ka_command *find(const char *name)
{
	for (size_t i = 0; ka_commands[i]; i++)
		if (!strcmp(ka_commands[i]->name, name))
			return ka_commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	struct ka_suggest near = ka_suggest_for(name, strlen(name));

	for (size_t i = 0; ka_commands[i]; i++)
		ka_suggest_try(&near, ka_commands[i]->name);
	if (near.best)
		return ka_usage_error(NULL, "unknown command '%s'; did you mean '%s'?", name,
				      near.best);
	return ka_usage_error(NULL, "unknown command '%s'", name);
}

static int help_for(int argc, char **argv)
{
	const struct ka_command *c;

	if (argc < 3) {
		help(stdout);
		return KA_EXIT_OK;
	}
	c = find(argv[2]);
	if (!c)
		return unknown(argv[2]);
	ka_opts_help(stdout, c);
	return KA_EXIT_OK;
}

/* A result that could not be written (full disk, closed pipe) is no success. */
static int flushed(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	ka_error("cannot write the output");
	return code ? code : KA_EXIT_NOT_APPLIED;
}

int main(int argc, char **argv)
{
	const struct ka_command *c;

	if (argc < 2) {
		help(stderr);
		return KA_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return flushed(help_for(argc, argv));
	if (!strcmp(argv[1], "--version")) {
		puts("karmor-c " KA_VERSION);
		return flushed(KA_EXIT_OK);
	}
	if (argv[1][0] == '-')
		return ka_usage_error(NULL, "unknown option '%s'", argv[1]);
	c = find(argv[1]);
	if (!c)
		return unknown(argv[1]);
	return flushed(c->run(c, argc - 1, argv + 1));
}
