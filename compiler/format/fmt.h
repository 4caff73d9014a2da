/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies in one layout: fields in the order of their schema, two blanks per level, lists below
 * their key, comments where they were. The text stays the author's: values keep their spelling
 * and quotes. Documents that are no policies stay as they are, byte for byte.
 */
#pragma once

#include "../base/context.h"

/*
 * *ret: malloc'ed. -EINVAL: the source cannot be read, diagnostics say why; -ENOMEM. (What they
 * say of a source without policies is no matter: it stays as it is.) What comes out is read again
 * and compared: it means the same and has the same comments, or it is
 * -ENOTRECOVERABLE, a mistake of ours, and the source must stay as it is.
 */
int ka_fmt(struct ka_ctx *ctx, const struct ka_source *src, char **ret,
	   size_t *ret_len) KA_MUST_CHECK;
