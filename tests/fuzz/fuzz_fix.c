// SPDX-License-Identifier: Apache-2.0
/*
 * Whatever validate finds in any bytes, what it offers to correct is corrected: no correction
 * makes a text worse, and where a text had no errors before, its policies mean the same
 * afterwards. Only what is no YAML may be beyond help: one quote does not mend every line.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "../../cli/judge.h"
#include "../../compiler/lint/lint.h"
#include "fuzz.h"

/* The text, as a file that has a name. */
static int file_of(const uint8_t *data, size_t size, char *name, size_t name_size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
		abort();
	snprintf(name, name_size, "/proc/self/fd/%d", fd);
	return fd;
}

static const char *meaning_of(struct ka_ctx *ctx, const struct ka_input *in, size_t *ret_len)
{
	const char *text;

	if (ka_policies_text(ctx, &in->policies, &text, ret_len))
		abort();
	return text;
}

/* Whether something is left that could be corrected, where the text can be read at all. */
static bool is_fixable(const struct ka_ctx *ctx)
{
	bool fixable = false;

	for (size_t i = 0; i < ctx->ndiags; i++) {
		fixable |= ctx->diags[i]->fix != NULL;
		if (!strncmp(ka_diag_code(ctx->diags[i]->id), "KA00", 4))
			return false;
	}
	return fixable;
}

static void show(const char *what, const struct ka_ctx *ctx)
{
	fprintf(stderr, "%s\n", what);
	for (size_t i = 0; i < ctx->nsources; i++)
		fprintf(stderr, "%.*s\n", (int)ctx->sources[i]->len, ctx->sources[i]->text);
	for (size_t i = 0; i < ctx->ndiags; i++)
		fprintf(stderr, "%u:%u %s %s%s\n", ctx->diags[i]->loc.line,
			ctx->diags[i]->loc.column, ka_diag_code(ctx->diags[i]->id),
			ctx->diags[i]->message, ctx->diags[i]->fix ? " (fix)" : "");
}

static void correct(const struct ka_judge *j, struct ka_ctx *ctx, struct ka_input *in)
{
	KA_CORRECTIONS struct ka_corrections made = {};
	KA_CTX struct ka_ctx first = {};
	size_t errors = ctx->nerrors, was_len, is_len;
	struct ka_input before = *in;
	const char *was, *is;

	if (ka_judge_correct(j, ctx, in, &first, &made))
		abort();
	if ((!made.made || made.v[0].stuck) && is_fixable(ctx)) {
		show("no better:", ctx);
		abort();
	}
	if (!made.made || errors)
		return;
	if (ctx->nerrors) {
		show("an error was made:", ctx);
		abort();
	}
	was = meaning_of(&first, &before, &was_len);
	is = meaning_of(ctx, in, &is_len);
	if (was_len == is_len && !memcmp(was, is, was_len))
		return;
	show("it means something else:", ctx);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ka_judge j = {.lint = KA_LINT_DEFAULT | KA_LINT_DANGER};
	KA_CTX struct ka_ctx ctx = {};
	struct ka_input in = {};
	char name[64];
	const char *operands[] = {name};
	KA_CLOSE int fd = file_of(data, size, name, sizeof(name));

	/* a bundle is no text */
	if (ka_judge_read(&j, &ctx, operands, 1, &in) || in.nunread || in.nbundles)
		return 0;
	correct(&j, &ctx, &in);
	return 0;
}
