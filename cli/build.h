/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies to a bundle in memory: compile, pick the BPF objects that the image needs, write.
 * Shared by compile and by everything that changes what is in force.
 */
#pragma once

#include "../compiler/bundle/compile.h"
#include "../runtime/bundle.h"
#include "input.h"
#include "opts.h"

#define KA_GO (-1)

/*
 * Initialises the context and reads what is to be put in force: with the warnings about danger,
 * which ka_build shows. flags: enum ka_input_flags. KA_GO, or the exit code.
 */
int ka_build_read(struct ka_ctx *ctx, const struct ka_strings *operands, unsigned flags,
		  struct ka_input *ret) KA_MUST_CHECK;
/* Looks at what ka_input_read returned: KA_GO, or says what is wrong and returns the exit code. */
int ka_build_input(const struct ka_ctx *ctx, int r) KA_MUST_CHECK;

/* In the order in which policies have their rules. */
void ka_sort_aliases(struct ka_compiled *c);

/*
 * KA_GO, or the exit code. All diagnostics of the context, those of reading included, go to
 * stderr once.
 */
int ka_build(struct ka_ctx *ctx, const struct ka_policies *policies,
	     const struct ka_compile_options *opts, struct ka_compiled *ret_compiled,
	     struct ka_bundle *ret) KA_MUST_CHECK;
