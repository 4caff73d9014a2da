/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a diagnostic means, at length. The texts are the NN-*.md beside this header; gen.py makes
 * the table of them at build time, and karmor-diagnostics(7).
 */
#pragma once

#include "../context.h"

struct ka_explanation {
	const char *name;     /* "RULE_SHADOWED" */
	const char *title;    /* its first sentence, without the full stop */
	const char *text;     /* paragraphs for a terminal of 80 columns, a newline at the end */
	const char *markdown; /* the same as it was written */
};

/* Never NULL. */
const struct ka_explanation *ka_diag_explain(enum ka_diag_id id);
