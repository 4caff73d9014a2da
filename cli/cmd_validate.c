// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c validate: reads policies and says what is wrong with them.
 */
#include "input.h"
#include "opts.h"
#include "report.h"

struct opts {
	int format;
	bool strict, quiet;
};

static const struct ka_option options[] = {
	{"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), "FORMAT", "how to print",
	 .choices = ka_formats},
	{"strict", 0, KA_OPT_FLAG, offsetof(struct opts, strict), NULL,
	 "warnings and documents that are no policies are findings, too"},
	{"quiet", 'q', KA_OPT_FLAG, offsetof(struct opts, quiet), NULL,
	 "print findings only, no summary"},
	{},
};

static bool has_findings(const struct ka_ctx *ctx, const struct ka_input *in, const struct opts *o)
{
	if (ctx->nerrors)
		return true;
	return o->strict && (ctx->nwarnings || in->policies.others);
}

static int print_json(const struct ka_ctx *ctx, const struct ka_input *in, bool valid)
{
	json_t *o = json_object();

	json_object_set_new(o, "valid", json_boolean(valid));
	json_object_set_new(o, "files", json_integer((json_int_t)in->nfiles));
	json_object_set_new(o, "policies", json_integer((json_int_t)in->policies.n));
	json_object_set_new(o, "errors", json_integer((json_int_t)ctx->nerrors));
	json_object_set_new(o, "warnings", json_integer((json_int_t)ctx->nwarnings));
	json_object_set_new(o, "notes", json_integer((json_int_t)ctx->nnotes));
	json_object_set_new(o, "leftOut", json_integer((json_int_t)ctx->left_out));
	json_object_set_new(o, "diagnostics", ka_report_diags_json(ctx));
	return ka_print_json(o);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_summary(const struct ka_ctx *ctx, const struct ka_input *in)
{
	printf("%zu polic%s in %zu file%s: %zu error%s, %zu warning%s, %zu note%s\n",
	       in->policies.n, in->policies.n == 1 ? "y" : "ies", in->nfiles, plural(in->nfiles),
	       ctx->nerrors, plural(ctx->nerrors), ctx->nwarnings, plural(ctx->nwarnings),
	       ctx->nnotes, plural(ctx->nnotes));
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	KA_CTX struct ka_ctx ctx = {};
	struct ka_input in = {};
	struct opts o = {};
	bool bad;
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r != KA_OPTS_GO)
		return r;
	if (!operands.n)
		return ka_usage_error(cmd, "nothing to validate: name a file, a directory or '-'");
	if (ka_ctx_init(&ctx) < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	r = ka_input_read(&ctx, operands.v, operands.n, KA_INPUT_BUNDLES, &in);
	bad = has_findings(&ctx, &in, &o);
	if (o.format == KA_FORMAT_JSON) {
		int printed = print_json(&ctx, &in, !bad && !r);

		if (printed)
			return printed;
	} else {
		ka_report_diags(stdout, &ctx);
		if (!o.quiet && !r)
			print_summary(&ctx, &in);
	}
	if (r < 0)
		return ka_report_failure(&ctx);
	return bad ? KA_EXIT_NO : KA_EXIT_OK;
}

const struct ka_command ka_cmd_validate = {
	.name = "validate",
	.args = "FILE|DIR|-...",
	.summary = "parse and check policies",
	.help = "Reads policy files, directories (recursively, *.yaml and *.yml) or standard input\n"
		"(or the text that a bundle carries),\n"
		"and prints what is wrong: file:line:column, a stable id, the line, what to do.\n"
		"Exit status: 0 valid, 1 findings, 2 usage, 3 an input cannot be read.",
	.group = KA_GROUP_FILES,
	.options = options,
	.run = run,
};
