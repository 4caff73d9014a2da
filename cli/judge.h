/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The language's verdict on policies: what validate does between its options and what it prints.
 *
 *   read -> finish -> what cannot be enforced -> lint -> ignores that ignored nothing
 */
#pragma once

#include "../compiler/policy/support.h"
#include "input.h"

struct ka_judge {
	unsigned lint; /* enum ka_lint_flags */
	bool strict;   /* this and the next two as in ka_ctx */
	bool ignored[KA_D__MAX];
	size_t diags_max;
	const struct ka_kernel_profile *kernel; /* NULL: whatever it offers */
};

/* A source as it should be. */
struct ka_correction {
	char *text; /* NULL: as it was */
	size_t len;
	bool stuck; /* a correction did not make it better; nothing more is tried */
};

struct ka_corrections {
	struct ka_correction *v; /* of each source, in their order */
	size_t n;
	size_t made, sources; /* how many corrections, in how many sources */
};

/* Reads the operands as ka_input_read does, and judges them. Initialises the context. */
int ka_judge_read(const struct ka_judge *j, struct ka_ctx *ctx, const char *const *operands,
		  size_t n, struct ka_input *ret) KA_MUST_CHECK;

/*
 * Makes every correction that the diagnostics of `ctx` carry, judges the result, and so on until
 * there is nothing more to correct; all in memory. A source that would not be better for it (see
 * ka_fix_is_good) stays. What is corrected at last is in *ret, the verdict on it replaces the
 * contents of *ctx and *in. `first` gets what *ctx was: the texts as they were read live there.
 * Nothing to correct: nothing is moved.
 */
int ka_judge_correct(const struct ka_judge *j, struct ka_ctx *ctx, struct ka_input *in,
		     struct ka_ctx *first, struct ka_corrections *ret) KA_MUST_CHECK;
void ka_corrections_done(struct ka_corrections *c);
#define KA_CORRECTIONS KA_CLEANUP(ka_corrections_done)
