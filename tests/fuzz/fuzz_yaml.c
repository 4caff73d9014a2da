// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes are a policy file. Reading must end and stay inside its memory; every finding points
 * into the text, at the line and column of its byte, and corrections lie in it one behind the
 * other. What is accepted survives being written as canonical text.
 */
#include "../../compiler/lint/lint.h"
#include "../../compiler/policy/support.h"
#include "../../compiler/tree/ignore.h"
#include "../../compiler/tree/yaml.h"
#include "fuzz.h"

#define ALL (KA_LINT_DEFAULT | KA_LINT_DANGER | KA_LINT_PORTABLE)

static struct ka_source *source_new(struct ka_ctx *ctx, const void *data, size_t size)
{
	struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));

	if (!src)
		abort();
	*src = (struct ka_source){.name = "input", .text = data, .len = size};
	if (ka_source_open(ctx, src))
		abort();
	return src;
}

/* ---- places ---- */

static const struct ka_diag *last; /* that was looked at */

static void wrong(const char *what, const struct ka_loc *loc)
{
	if (last)
		fprintf(stderr, "%s: %s\n", ka_diag_code(last->id), last->message);
	fprintf(stderr, "%u:%u, byte %u, length %u: %s\n", loc->line, loc->column, loc->offset,
		loc->length, what);
	if (loc->source)
		fprintf(stderr, "%.*s\n", (int)loc->source->len, loc->source->text);
	abort();
}

/* Whether an offset has this line and column, counted anew. */
static void check_place(const struct ka_source *src, const struct ka_loc *loc)
{
	uint32_t line = 1;
	size_t start = src->len >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3) ? 3 : 0;

	if (!loc->line)
		return;
	if (loc->source != src || !ka_range_ok(loc->offset, loc->length, src->len))
		wrong("outside of the text", loc);
	for (size_t i = start; i < loc->offset; i++) {
		bool cr = src->text[i] == '\r' && (i + 1 == src->len || src->text[i + 1] != '\n');

		if (!cr && src->text[i] != '\n')
			continue;
		line++;
		start = i + 1;
	}
	if (loc->line != line || loc->column != loc->offset - start + 1)
		wrong("not where its byte is", loc);
}

static void check_fix(const struct ka_source *src, const struct ka_fix *fix)
{
	size_t at = 0;

	for (; fix; fix = fix->next) {
		if (fix->offset < at || !ka_range_ok(fix->offset, fix->length, src->len))
			abort();
		at = fix->offset + fix->length;
	}
}

static void check_diags(const struct ka_ctx *ctx, const struct ka_source *src)
{
	for (size_t i = 0; i < ctx->ndiags; i++) {
		const struct ka_diag *d = ctx->diags[i];

		last = d;
		if (!d->message || !*d->message)
			wrong("no message", &d->loc);
		check_fix(src, d->fix);
		for (; d; d = d->more)
			check_place(src, &d->loc);
	}
	last = NULL;
}

static void check_node(const struct ka_source *src, const struct ka_node *n)
{
	check_place(src, &n->loc);
	if (n->end < n->loc.offset || n->end > src->len)
		abort();
	for (size_t i = 0; n->type == KA_NODE_SEQ && i < n->nitems; i++)
		if (n->items[i]->loc.offset >= n->loc.offset) /* no alias */
			check_node(src, n->items[i]);
	for (size_t i = 0; n->type == KA_NODE_MAP && i < n->npairs; i++) {
		check_node(src, n->pairs[i].key);
		if (n->pairs[i].value->loc.offset >= n->pairs[i].key->loc.offset)
			check_node(src, n->pairs[i].value);
	}
}

static int check_document(struct ka_ctx *ctx, const struct ka_node *root, void *arg)
{
	(void)ctx;
	if (root)
		check_node(arg, root);
	return 0;
}

/* Places are counted from the start for each node, so only short texts are looked at. */
static void check_tree(const uint8_t *data, size_t size)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_source *src;

	if (size > 2000)
		return;
	if (ka_ctx_init(&ctx))
		abort();
	src = source_new(&ctx, data, size);
	if (ka_yaml_read(&ctx, src, check_document, src))
		abort();
}

/* ---- policies ---- */

/* The text of what was read; NULL: something was refused. */
static const char *text_of(struct ka_ctx *ctx, const uint8_t *data, size_t size, size_t *len)
{
	struct ka_source *src = source_new(ctx, data, size);
	struct ka_policies set = {};
	const char *text;

	ctx->lint = ALL;
	if (ka_policies_read(ctx, src, &set) || ka_policies_finish(ctx, &set))
		abort();
	ka_support_check(ctx, &set, NULL, false);
	if (ka_lint(ctx, &set, ALL))
		abort();
	ka_ignores_finish(ctx, true);
	check_diags(ctx, src);
	if (ctx->nerrors)
		return NULL;
	if (ka_policies_text(ctx, &set, &text, len))
		abort();
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	KA_CTX struct ka_ctx ctx = {};
	KA_CTX struct ka_ctx again = {};
	const char *first, *second;
	size_t len, len_again;

	if (ka_ctx_init(&ctx) || ka_ctx_init(&again))
		abort();
	check_tree(data, size);
	first = text_of(&ctx, data, size, &len);
	if (!first)
		return 0;
	second = text_of(&again, (const uint8_t *)first, len, &len_again);
	if (!second || len != len_again || memcmp(first, second, len) != 0)
		abort();
	return 0;
}
