/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What shells complete, from the commands' tables. What a value is follows from what the tables
 * call it: FILE, DIR, USER, POLICY and so on.
 */
#pragma once

#include "opts.h"

enum ka_values {
	KA_VALUES_NONE, /* nothing that could be known */
	KA_VALUES_WORDS,
	KA_VALUES_FILES,
	KA_VALUES_DIRS,
	KA_VALUES_USERS,
	KA_VALUES_POLICIES, /* those in force */
	KA_VALUES_PROGRAMS,
};

struct ka_completion {
	enum ka_values values;
	char words[4096]; /* separated by blanks */
};

/* Of an option's value. */
void ka_complete_option(const struct ka_option *o, struct ka_completion *ret);
/* Of the first operand, and of those behind it. */
void ka_complete_operand(const struct ka_command *c, bool first, struct ka_completion *ret);

static inline bool ka_option_is_last(const struct ka_option *o)
{
	return !o->name && !o->letter;
}

void ka_completion_bash(FILE *out);
void ka_completion_zsh(FILE *out);
void ka_completion_fish(FILE *out);
