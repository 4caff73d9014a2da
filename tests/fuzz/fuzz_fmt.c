// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes are formatted. What comes out means the same: the policies' canonical text does not
 * change. Formatting it again changes nothing. ka_fmt() looks at values and comments itself and
 * says so when it fails: that is a finding here.
 */
#include "../../compiler/format/fmt.h"
#include "../../compiler/policy/policy.h"
#include "fuzz.h"

static struct ka_source *source_new(struct ka_ctx *ctx, const char *text, size_t len)
{
	struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));

	if (!src)
		abort();
	*src = (struct ka_source){.name = "input", .text = text, .len = len};
	if (ka_source_open(ctx, src))
		abort();
	return src;
}

/* The canonical text, in the context's memory; NULL: something was refused. */
static const char *meaning_of(struct ka_ctx *ctx, const char *text, size_t len, size_t *ret_len)
{
	struct ka_policies set = {};
	const char *canonical;

	if (ka_policies_read(ctx, source_new(ctx, text, len), &set) ||
	    ka_policies_finish(ctx, &set))
		abort();
	if (ctx->nerrors)
		return NULL;
	if (ka_policies_text(ctx, &set, &canonical, ret_len))
		abort();
	return canonical;
}

static int format(const char *text, size_t len, char **ret, size_t *ret_len)
{
	KA_CTX struct ka_ctx ctx = {};
	int r;

	if (ka_ctx_init(&ctx))
		abort();
	r = ka_fmt(&ctx, source_new(&ctx, text, len), ret, ret_len);
	if (r && r != -EINVAL)
		abort();
	if (r && !ctx.nerrors)
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	KA_CTX struct ka_ctx before = {}, after = {};
	KA_FREE char *once = NULL, *twice = NULL;
	const char *text = (const char *)data, *was, *is;
	size_t len, again, was_len, is_len;

	if (format(text, size, &once, &len))
		return 0;
	if (format(once, len, &twice, &again) || len != again || memcmp(once, twice, len) != 0)
		abort();
	if (ka_ctx_init(&before) || ka_ctx_init(&after))
		abort();
	was = meaning_of(&before, text, size, &was_len);
	is = meaning_of(&after, once, len, &is_len);
	/* warnings may be about the layout itself: a line that only seems to be an item */
	if (!was != !is || before.nerrors != after.nerrors)
		abort();
	if (was && (was_len != is_len || memcmp(was, is, was_len) != 0))
		abort();
	return 0;
}
