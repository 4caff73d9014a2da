/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What FILE|DIR|BUNDLE|-... on a command line becomes: policies.
 *
 * A directory is read recursively, its *.yaml and *.yml in byte order of their paths; "-" is
 * standard input; a file that begins like a bundle is one. Text and names live in the
 * context's arena.
 */
#pragma once

#include "../compiler/policy/policy.h"

/* An input that could not be read, and why. */
struct ka_unread {
	const char *name, *why;
};

struct ka_input {
	struct ka_policies policies; /* read, not yet finished */
	size_t nfiles;               /* files read, bundles included */
	size_t nbundles;
	const char *bundle;       /* name of the bundle, if nbundles */
	struct ka_unread *unread; /* KA_INPUT_GO_ON */
	size_t nunread;
};

enum ka_input_flags {
	KA_INPUT_BUNDLES = 1u << 0, /* a bundle may be given; its policy text is read */
	KA_INPUT_GO_ON = 1u << 1,   /* what cannot be read is listed, the others are read */
	KA_INPUT_TEXT = 1u << 2,    /* texts alone: ctx->sources; no policy is made of them */
};

/*
 * Reads the operands in order and calls ka_policies_finish. 0: look at ctx->nerrors;
 * negative errno: an input cannot be read or memory is short (ctx->failure says which).
 * A bundle stands alone: with other operands it is -EINVAL.
 */
int ka_input_read(struct ka_ctx *ctx, const char *const *operands, size_t n, unsigned flags,
		  struct ka_input *ret) KA_MUST_CHECK;

/*
 * Whether a file that was read is a link which no operand names: one in a directory, which may
 * lead anywhere. What is written to it would not be where its name says.
 */
bool ka_input_is_elsewhere(const char *const *operands, size_t n, const char *name);
