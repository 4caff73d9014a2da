/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Option tables. A row writes straight into the command's own struct:
 *
 *   struct opts { bool strict; int format; const char *out; struct ka_strings labels; };
 *   static const struct ka_option options[] = {
 *           {"strict", 's', KA_OPT_FLAG, offsetof(struct opts, strict), .help = "..."},
 *           {"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), .arg = "FORMAT",
 *            .choices = (const char *const[]){"text", "json", NULL}, .help = "..."},
 *           {"output", 'o', KA_OPT_STRING, offsetof(struct opts, out), .arg = "FILE"},
 *           {"label", 0, KA_OPT_LIST, offsetof(struct opts, labels), .arg = "KEY=VALUE"},
 *           {}};
 *
 *   struct opts o = {};
 *   KA_STRINGS struct ka_strings operands = {};
 *   int r = ka_opts_parse(cmd, argc, argv, &o, &operands);
 *   if (r != KA_OPTS_GO)
 *           return r;
 */
#pragma once

#include "command.h"

enum ka_opt_type {
	KA_OPT_FLAG,   /* bool */
	KA_OPT_STRING, /* const char * (points into argv) */
	KA_OPT_UINT,   /* unsigned */
	KA_OPT_CHOICE, /* int: index in choices */
	KA_OPT_LIST,   /* struct ka_strings, may be repeated */
};

struct ka_option {
	const char *name; /* long, without "--" */
	char letter;      /* short, or 0 */
	enum ka_opt_type type;
	size_t offset;   /* of the field in the command's struct */
	const char *arg; /* what the value is called in help; NULL for flags */
	const char *help;
	const char *const *choices; /* NULL-terminated */
	bool hidden;
};

/* A list of strings that belong to argv. */
struct ka_strings {
	const char **v;
	size_t n;
};

void ka_strings_done(struct ka_strings *s);
#define KA_STRINGS KA_CLEANUP(ka_strings_done)
int ka_strings_add(struct ka_strings *s, const char *item) KA_MUST_CHECK;

#define KA_OPTS_GO (-1)

/*
 * Parses the command's options and operands. KA_OPTS_GO: go on; else the exit code (help was
 * printed, or what is wrong with the command line).
 */
int ka_opts_parse(const struct ka_command *cmd, int argc, char **argv, void *into,
		  struct ka_strings *operands) KA_MUST_CHECK;

/* Help of one command, from its table. */
void ka_opts_help(FILE *out, const struct ka_command *cmd);
