/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All bytes of one input, read once into the memory where they stay. What is too large is found
 * out before it is read where the size is known, and after KA_INPUT_PIPE_MAX bytes elsewhere.
 */
#pragma once

#include <sys/stat.h>

#include "../compiler/base/context.h"

#define KA_INPUT_PIPE_MAX ((size_t)32 << 20)

struct ka_bytes {
	const char *text; /* the context's; "" if there is too much */
	size_t len;
	size_t limit; /* that is exceeded; 0: the text is all there */
};

/* `st`: of fd. 0, also when there is too much; negative errno with a line in ctx->failure. */
int ka_input_bytes(struct ka_ctx *ctx, int fd, const struct stat *st, const char *name,
		   struct ka_bytes *ret) KA_MUST_CHECK;
