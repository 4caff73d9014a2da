/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command is. One cmd_*.c per command, each with one extern const below; commands.c
 * lists them in the table that dispatch, help and completion read.
 */
#pragma once

#include "../runtime/util.h"

/* Exit codes; documented in karmor-c(1). */
enum ka_exit {
	KA_EXIT_OK = 0,
	KA_EXIT_NO = 1,          /* the answer is no: findings, differences */
	KA_EXIT_USAGE = 2,       /* the command line is wrong */
	KA_EXIT_INPUT = 3,       /* an input cannot be read */
	KA_EXIT_KERNEL = 4,      /* the kernel lacks something */
	KA_EXIT_NOT_APPLIED = 5, /* not applied, the old state is in force; system failures */
	KA_EXIT_RUN = 125,       /* run: its own failure */
};

enum ka_group {
	KA_GROUP_LANGUAGE, /* writing policies; like the next one it needs no root and no kernel */
	KA_GROUP_FILES,    /* policies and bundles in files */
	KA_GROUP_NODE,     /* changes or shows what is in force */
	KA_GROUP_INSPECT,  /* looks at the node */
	KA_GROUP__MAX
};

struct ka_option;

struct ka_command {
	const char *name;
	const char *args;    /* "FILE|DIR|-..." */
	const char *summary; /* one line, lower case, no full stop */
	const char *help;    /* paragraphs for `karmor-c CMD --help`, or NULL */
	enum ka_group group;
	const struct ka_option *options; /* ends with a zero row; --help is always there */
	bool first_operand_ends;         /* options end at the first operand (`run`) */
	/* argv[0] is the command's name; returns an exit code. */
	int (*run)(const struct ka_command *cmd, int argc, char **argv);
};

/* In the order in which help lists them; NULL at the end. */
extern const struct ka_command *const ka_commands[];

extern const struct ka_command ka_cmd_apply;
extern const struct ka_command ka_cmd_compile;
extern const struct ka_command ka_cmd_completion;
extern const struct ka_command ka_cmd_delete;
extern const struct ka_command ka_cmd_explain;
extern const struct ka_command ka_cmd_explain_id;
extern const struct ka_command ka_cmd_fmt;
extern const struct ka_command ka_cmd_get;
extern const struct ka_command ka_cmd_inspect;
extern const struct ka_command ka_cmd_logs;
extern const struct ka_command ka_cmd_mode;
extern const struct ka_command ka_cmd_off;
extern const struct ka_command ka_cmd_probe;
extern const struct ka_command ka_cmd_run;
extern const struct ka_command ka_cmd_schema;
extern const struct ka_command ka_cmd_status;
extern const struct ka_command ka_cmd_validate;
