// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes are a policy file. Reading must end, must stay inside its memory, and what is
 * accepted must survive being written as canonical text.
 */
#include "../../compiler/policy/policy.h"
#include "fuzz.h"

/* The text of what was read; NULL: something was refused. */
static const char *text_of(struct ka_ctx *ctx, const uint8_t *data, size_t size, size_t *len)
{
	struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));
	struct ka_policies set = {};
	const char *text;

	if (!src)
		return NULL;
	*src = (struct ka_source){.name = "input", .text = (const char *)data, .len = size};
	if (ka_policies_read(ctx, src, &set) < 0 || ka_policies_finish(ctx, &set) < 0)
		return NULL;
	if (ctx->nerrors || ka_policies_text(ctx, &set, &text, len) < 0)
		return NULL;
	return text;
}

static void check_places(const struct ka_ctx *ctx)
{
	for (size_t i = 0; i < ctx->ndiags; i++) {
		const struct ka_diag *d = ctx->diags[i];

		if (!d->message || (d->loc.line && !d->loc.column))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	KA_CTX struct ka_ctx ctx = {};
	const char *first, *second;
	size_t len, len_again;

	if (ka_ctx_init(&ctx) < 0)
		return 0;
	first = text_of(&ctx, data, size, &len);
	check_places(&ctx);
	if (!first)
		return 0;
	second = text_of(&ctx, (const uint8_t *)first, len, &len_again);
	if (!second || len != len_again || memcmp(first, second, len) != 0)
		abort();
	return 0;
}
