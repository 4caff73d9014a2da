/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to policies, for tests of the front end. Includes cmocka, so it comes first.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../compiler/policy/policy.h"

static inline const struct ka_source *source_of(struct ka_ctx *ctx, const char *text, size_t len)
{
	struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));

	assert_non_null(src);
	src->name = "test.yaml";
	src->text = ka_strndup(ctx, text, len);
	src->len = len;
	assert_non_null(src->text);
	return src;
}

static inline void read_into(struct ka_ctx *ctx, const char *text, struct ka_policies *set)
{
	assert_int_equal(ka_policies_read(ctx, source_of(ctx, text, strlen(text)), set), 0);
}

/* Reads and finishes. */
static inline struct ka_policies read_all(struct ka_ctx *ctx, const char *text)
{
	struct ka_policies set = {};

	read_into(ctx, text, &set);
	assert_int_equal(ka_policies_finish(ctx, &set), 0);
	return set;
}

/* The n-th diagnostic of an id, counted from 0; NULL: there are not so many. */
static inline const struct ka_diag *diag_of(const struct ka_ctx *ctx, enum ka_diag_id id, size_t n)
{
	for (size_t i = 0; i < ctx->ndiags; i++)
		if (ctx->diags[i]->id == id && !n--)
			return ctx->diags[i];
	return NULL;
}

static inline void expect(const struct ka_ctx *ctx, enum ka_diag_id id, unsigned line,
			  unsigned column)
{
	const struct ka_diag *d = diag_of(ctx, id, 0);

	if (!d)
		fail_msg("no %s", ka_diag_code(id));
	assert_int_equal(d->loc.line, line);
	assert_int_equal(d->loc.column, column);
}

static inline void expect_clean(const struct ka_ctx *ctx)
{
	if (ctx->nerrors || ctx->nwarnings)
		fail_msg("%s: %s", ka_diag_code(ctx->diags[0]->id), ctx->diags[0]->message);
}
