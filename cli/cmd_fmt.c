// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c fmt: policies in one layout.
 */
#include "../compiler/format/fix.h"
#include "../compiler/format/fmt.h"
#include "files.h"
#include "input.h"
#include "opts.h"
#include "report.h"

struct opts {
	bool check, diff;
};

static const struct ka_option options[] = {
	{"check", 0, KA_OPT_FLAG, offsetof(struct opts, check), NULL,
	 "write nothing, name what would change, exit 1 if there is any"},
	{"diff", 0, KA_OPT_FLAG, offsetof(struct opts, diff), NULL,
	 "the same, and show how it would change"},
	{},
};

struct run {
	const struct opts *o;
	const struct ka_strings *operands;
	size_t files, changed; /* changed: or would be */
	int code;              /* the gravest so far */
};

static void worsen(struct run *run, int code)
{
	if (code > run->code)
		run->code = code;
}

/* ---- one file ---- */

static bool is_stdin(const struct ka_source *src)
{
	return !strcmp(src->name, "<stdin>");
}

static int print_diff(const struct ka_source *src, const char *text, size_t len)
{
	KA_FREE char *diff = NULL;

	if (ka_text_diff(src->name, src->text, src->len, text, len, &diff))
		return -ENOMEM;
	ka_print_diff(diff);
	return 0;
}

static int write_file(const struct ka_source *src, const char *text, size_t len)
{
	int r = ka_file_rewrite(src->name, src->text, src->len, text, len);

	if (!r)
		return 0;
	ka_error("cannot write '%s': %s", src->name,
		 r == -ESTALE ? "it was changed meanwhile" : strerror(-r));
	return r;
}

/* What comes of a text, where it belongs. */
static void deliver(struct run *run, const struct ka_source *src, const char *text, size_t len)
{
	bool same = len == src->len && !memcmp(text, src->text, len);
	bool keep = run->o->check || run->o->diff;

	if (is_stdin(src) && !keep) {
		fwrite(text, 1, len, stdout);
		return;
	}
	if (same)
		return;
	run->changed++;
	if (keep)
		worsen(run, KA_EXIT_NO);
	else if (write_file(src, text, len) < 0)
		return worsen(run, KA_EXIT_NOT_APPLIED);
	if (!run->o->diff)
		printf("%s\n", src->name);
	else if (print_diff(src, text, len) < 0)
		worsen(run, KA_EXIT_NOT_APPLIED);
}

static void format(struct run *run, const struct ka_source *read)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_source src = *read;
	KA_FREE char *text = NULL;
	size_t len = 0;
	int r = ka_ctx_init(&ctx);

	if (!r)
		r = ka_source_open(&ctx, &src);
	if (!r)
		r = ka_fmt(&ctx, &src, &text, &len);
	if (!r)
		return deliver(run, read, text, len);
	if (r == -EINVAL) {
		ka_report_diags(stderr, &ctx);
		return worsen(run, KA_EXIT_NO);
	}
	ka_error("'%s' stays as it is: %s", src.name,
		 r == -ENOTRECOVERABLE ? "it would not mean the same; this is a mistake in karmor-c"
				       : strerror(-r));
	worsen(run, KA_EXIT_NOT_APPLIED);
}

/* ---- all of them ---- */

static void format_all(struct run *run, const struct ka_ctx *ctx)
{
	const struct ka_strings *operands = run->operands;

	for (size_t i = 0; i < ctx->nsources; i++) {
		const struct ka_source *src = ctx->sources[i];

		if (src->findings->counts[KA_ERROR]) /* too large: it was not read */
			continue;
		if (!is_stdin(src) && ka_input_is_elsewhere(operands->v, operands->n, src->name))
			continue;
		run->files++;
		format(run, src);
	}
	if (ctx->nerrors) {
		ka_report_diags(stderr, ctx);
		worsen(run, KA_EXIT_NO);
	}
}

static void print_summary(const struct run *run)
{
	fflush(stdout);
	if (run->changed && (run->o->check || run->o->diff))
		fprintf(stderr, "%zu of %zu file%s would change; `karmor-c fmt` does it\n",
			run->changed, run->files, run->files == 1 ? "" : "s");
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	KA_CTX struct ka_ctx ctx = {};
	struct ka_input in = {};
	struct opts o = {};
	struct run all = {.o = &o, .operands = &operands};
	int r = ka_opts_parse(cmd, argc, argv, &o, &operands);

	if (r != KA_OPTS_GO)
		return r;
	if (!operands.n)
		return ka_usage_error(cmd, "nothing to format: name a file, a directory or '-'");
	for (size_t i = 0; i < operands.n; i++)
		if (operands.n > 1 && !strcmp(operands.v[i], "-"))
			return ka_usage_error(cmd, "'-' stands alone: its text is all that is "
						   "printed");
	r = ka_ctx_init(&ctx);
	if (!r)
		r = ka_input_read(&ctx, operands.v, operands.n, KA_INPUT_TEXT | KA_INPUT_GO_ON,
				  &in);
	if (r < 0)
		return ka_report_failure(&ctx);
	for (size_t i = 0; i < in.nunread; i++) {
		ka_error("%s", in.unread[i].why);
		worsen(&all, KA_EXIT_INPUT);
	}
	format_all(&all, &ctx);
	print_summary(&all);
	return all.code;
}

const struct ka_command ka_cmd_fmt = {
	.name = "fmt",
	.args = "FILE|DIR|-...",
	.summary = "bring policies into one layout",
	.help = "Rewrites files in place and names those that it changed; a directory is searched for\n"
		"*.yaml and *.yml. With '-' the text comes from standard input and goes to standard\n"
		"output.\n"
		"\n"
		"Fields come into the order of their schema, unknown ones behind them; levels are\n"
		"indented by two blanks, lists stand below their key; of several blank lines one stays.\n"
		"Comments stay with what they are about: behind a value with it, alone on a line with\n"
		"what follows, indented like a block's items at its end. Values keep their spelling and\n"
		"quotes, [...] and {...} their form. A document with anchors (&a) keeps its order.\n"
		"What is no policy, a Deployment between two of them, stays as it is.\n"
		"\n"
		"The new text is read again before it is written: it has the same values and the same\n"
		"comments, or the file stays as it was. What cannot be read is reported, not changed.\n"
		"\n"
		"Exit status: 0 done, 1 --check or --diff found something or a file cannot be read as\n"
		"YAML, 2 usage, 3 an input could not be read, 5 a file could not be written.\n"
		"\n"
		"examples:\n"
		"  karmor-c fmt policies/\n"
		"  karmor-c fmt --check policies/                 for a pipeline\n"
		"  karmor-c fmt --diff new.yaml                   what it would do\n"
		"  :%!karmor-c fmt -                              in vi",
	.group = KA_GROUP_LANGUAGE,
	.options = options,
	.run = run,
};
