/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What explain was asked and what it answers, as text and as JSON.
 */
#pragma once

#include "../compiler/bundle/compile.h"
#include "explain.h"

struct ka_explain_answer {
	const char *word;                        /* "read" */
	const char *asked, *path;                /* as given, and where it leads */
	struct ka_explained judged[KA_CAT__MAX]; /* executing is judged in two categories */
	size_t n;
};

struct ka_explain_case {
	struct ka_reader reader;
	const struct ka_policies *policies;
	const struct ka_node *node;
	const char *ns; /* NULL: the node's own tasks */
	struct ka_labels labels;
	const char *sources[2];
	uint16_t class[2];
	struct ka_member member;
	const struct ka_alias *aliases; /* what links made of rules; NULL: not known */
	size_t naliases;
	struct ka_explain_answer *answers; /* malloc'ed */
	size_t n;
};

/* Judges one access and keeps the answer; strings stay the caller's. */
int ka_explain_ask(struct ka_explain_case *c, const char *word, enum ka_op op, const char *asked,
		   const char *path) KA_MUST_CHECK;
void ka_explain_case_done(struct ka_explain_case *c);

/* All answers on stdout; return the exit code: KA_EXIT_NO if something is denied. */
int ka_explain_print(const struct ka_explain_case *c);
int ka_explain_print_json(const struct ka_explain_case *c);
