// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c validate: reads policies and says what is wrong with them.
 */
#include "../compiler/format/fix.h"
#include "../compiler/lint/lint.h"
#include "files.h"
#include "judge.h"
#include "opts.h"
#include "output/output.h"
#include "report.h"

enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct opts {
	int format, fail_level, portable, colour;
	unsigned max;
	const char *kernel, *output;
	struct ka_strings ignore;
	bool strict, quiet, fix, diff;
};

static const char *const fail_levels[] = {"error", "warning", "note", NULL};
static const char *const portables[] = {"none", "kubearmor", NULL};
static const char *const colours[] = {"auto", "always", "never", NULL};

#define NO_FAIL_LEVEL (-1)
#define NO_MAX ((unsigned)-1)

static const struct ka_option options[] = {
	{"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), "FORMAT", "how to print",
	 .choices = ka_output_names},
	{"output", 'o', KA_OPT_STRING, offsetof(struct opts, output), "FILE",
	 "print into a file, which is replaced as a whole"},
	{"fail-level", 0, KA_OPT_CHOICE, offsetof(struct opts, fail_level), "LEVEL",
	 "exit 1 from this level on; error if not given", .choices = fail_levels},
	{"strict", 0, KA_OPT_FLAG, offsetof(struct opts, strict), NULL,
	 "fail on warnings; what is no policy gives one"},
	{"ignore", 0, KA_OPT_LIST, offsetof(struct opts, ignore), "ID,...",
	 "do not report these warnings and notes; may be repeated"},
	{"portable", 0, KA_OPT_CHOICE, offsetof(struct opts, portable), "TO",
	 "also report what does not work there", .choices = portables},
	{"kernel", 0, KA_OPT_STRING, offsetof(struct opts, kernel), "VERSION",
	 "also report what this kernel lacks; 'running' is this one"},
	{"fix", 0, KA_OPT_FLAG, offsetof(struct opts, fix), NULL,
	 "correct what takes no guess, then report the rest"},
	{"diff", 0, KA_OPT_FLAG, offsetof(struct opts, diff), NULL,
	 "show what --fix would change; change nothing"},
	{"max", 0, KA_OPT_UINT, offsetof(struct opts, max), "N",
	 "findings of one file that are shown; 0 is all, 200 if not given"},
	{"quiet", 'q', KA_OPT_FLAG, offsetof(struct opts, quiet), NULL,
	 "print findings only, no summary"},
	{"color", 0, KA_OPT_CHOICE, offsetof(struct opts, colour), "WHEN", "colours in text",
	 .choices = colours},
	{},
};

/* ---- options ---- */

static int ignore_one(const struct ka_command *cmd, const char *s, size_t len, struct ka_judge *j)
{
	char code[8];
	enum ka_diag_id id;

	snprintf(code, sizeof(code), "%.*s", (int)(len < sizeof(code) ? len : 0), s);
	if (!ka_diag_find(code, &id))
		return ka_usage_error(cmd, "'%.*s' is no id; `karmor-c explain-id` lists them",
				      (int)len, s);
	if (ka_diag_severity(id) == KA_ERROR)
		return ka_usage_error(cmd,
				      "%s is an error and cannot be ignored: a policy with an "
				      "error is not what it says",
				      ka_diag_code(id));
	j->ignored[id] = true;
	return KA_OPTS_GO;
}

static int ignore(const struct ka_command *cmd, const struct ka_strings *lists, struct ka_judge *j)
{
	for (size_t i = 0; i < lists->n; i++) {
		for (const char *s = lists->v[i];; s++) {
			size_t len = strcspn(s, ",");
			int r = ignore_one(cmd, s, len, j);

			if (r != KA_OPTS_GO)
				return r;
			s += len;
			if (!*s)
				break;
		}
	}
	return KA_OPTS_GO;
}

static int choose_kernel(const struct ka_command *cmd, const char *version, struct ka_judge *j)
{
	char known[256] = "";
	size_t len = 0;

	j->kernel = ka_kernel_profile(version);
	if (j->kernel)
		return KA_OPTS_GO;
	for (const char *const *k = ka_kernel_profiles; *k && len < sizeof(known); k++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", len ? ", " : "",
					*k);
	return ka_usage_error(cmd, "kernel '%s' is not known; there are: %s", version, known);
}

static int make_judge(const struct ka_command *cmd, const struct opts *o, struct ka_judge *j)
{
	int r;

	j->lint = KA_LINT_DANGER | KA_LINT_DEFAULT | (o->portable ? KA_LINT_PORTABLE : 0);
	j->strict = o->strict;
	j->diags_max = o->max == NO_MAX ? 0 : o->max ? o->max : SIZE_MAX;
	r = ignore(cmd, &o->ignore, j);
	if (r == KA_OPTS_GO && o->kernel)
		r = choose_kernel(cmd, o->kernel, j);
	return r;
}

static int check_usage(const struct ka_command *cmd, const struct opts *o,
		       const struct ka_strings *operands)
{
	if (!operands->n)
		return ka_usage_error(cmd, "nothing to validate: name a file, a directory or '-'");
	if (o->fix && o->diff)
		return ka_usage_error(cmd,
				      "--fix changes files, --diff changes nothing: choose one");
	if (o->diff && o->format && !o->output)
		return ka_usage_error(cmd, "--diff is printed in place of the report; --output "
					   "FILE says where the report goes");
	for (size_t i = 0; o->fix && i < operands->n; i++)
		if (!strcmp(operands->v[i], "-"))
			return ka_usage_error(cmd, "--fix cannot change standard input; --diff "
						   "shows what it would change");
	return KA_OPTS_GO;
}

/* ---- verdict ---- */

static enum ka_severity fail_level(const struct opts *o)
{
	static const enum ka_severity levels[] = {KA_ERROR, KA_WARNING, KA_NOTE};

	if (o->fail_level != NO_FAIL_LEVEL)
		return levels[o->fail_level];
	return o->strict ? KA_WARNING : KA_ERROR;
}

/* An input that could not be read is no verdict, whatever was found in the others. */
static int exit_code(const struct ka_ctx *ctx, const struct ka_input *in, enum ka_severity level)
{
	const size_t counts[] = {
		[KA_NOTE] = ctx->nnotes, [KA_WARNING] = ctx->nwarnings, [KA_ERROR] = ctx->nerrors};

	if (in->nunread)
		return KA_EXIT_INPUT;
	for (int s = level; s <= KA_ERROR; s++)
		if (counts[s])
			return KA_EXIT_NO;
	return KA_EXIT_OK;
}

/* ---- report ---- */

static bool is_coloured(const struct opts *o, FILE *out)
{
	if (o->colour != COLOUR_AUTO)
		return o->colour == COLOUR_ALWAYS;
	return out == stdout && ka_is_coloured(out);
}

static int print_into(const char *path, const struct ka_output *format, struct ka_found *f)
{
	KA_FREE char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	int r;

	if (!to)
		return -ENOMEM;
	format->print(to, f);
	r = fclose(to) ? -ENOMEM : ka_file_replace(path, text, size);
	if (r < 0)
		ka_error("cannot write '%s': %s", path, strerror(-r));
	return r;
}

static int report(const struct opts *o, struct ka_found *f)
{
	const struct ka_output *format = &ka_outputs[o->format];

	for (size_t i = 0; i < f->in->nunread; i++)
		ka_error("%s", f->in->unread[i].why);
	if (ka_found_open(f) < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	if (o->output)
		return print_into(o->output, format, f) < 0 ? KA_EXIT_NOT_APPLIED : f->exit_code;
	if (!o->diff)
		format->print(stdout, f);
	return f->exit_code;
}

/* ---- corrections ---- */

static int print_diffs(const struct ka_ctx *was, const struct ka_corrections *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct ka_source *src = was->sources[i];
		KA_FREE char *diff = NULL;

		if (!c->v[i].text)
			continue;
		if (ka_text_diff(src->name, src->text, src->len, c->v[i].text, c->v[i].len,
				 &diff)) {
			ka_error("out of memory");
			return KA_EXIT_NOT_APPLIED;
		}
		ka_print_diff(diff);
	}
	fflush(stdout);
	if (c->made)
		fprintf(stderr, "%zu correction%s in %zu file%s; --fix makes %s\n", c->made,
			ka_plural(c->made), c->sources, ka_plural(c->sources),
			c->made == 1 ? "it" : "them");
	else
		fputs("nothing that could be corrected without guessing\n", stderr);
	return KA_EXIT_OK;
}

static int write_fix(const struct ka_source *src, const struct ka_correction *c,
		     const struct ka_strings *operands)
{
	int r;

	if (ka_input_is_elsewhere(operands->v, operands->n, src->name)) {
		ka_error("cannot correct '%s': it is a link, name the file where it leads",
			 src->name);
		return -ELOOP;
	}
	r = ka_file_rewrite(src->name, src->text, src->len, c->text, c->len);
	if (r)
		ka_error("cannot correct '%s': %s", src->name,
			 r == -ESTALE ? "it was changed meanwhile" : strerror(-r));
	return r;
}

static int write_fixes(const struct ka_ctx *was, const struct ka_corrections *c,
		       const struct ka_strings *operands)
{
	int code = KA_EXIT_OK;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].text && write_fix(was->sources[i], &c->v[i], operands) < 0)
			code = KA_EXIT_NOT_APPLIED;
	return code;
}

static int failed(const struct ka_ctx *ctx)
{
	if (ctx->failed)
		return ka_report_failure(ctx);
	ka_error("out of memory");
	return KA_EXIT_NOT_APPLIED;
}

/* Without --fix and --diff nothing happens here. */
static int correct(const struct opts *o, const struct ka_judge *j, struct ka_ctx *ctx,
		   struct ka_input *in, struct ka_ctx *first, struct ka_corrections *c,
		   const struct ka_strings *operands)
{
	int r;

	if (in->nbundles) {
		ka_error("a bundle cannot be corrected; correct the files that it was made of");
		return KA_EXIT_USAGE;
	}
	r = ka_judge_correct(j, ctx, in, first, c);
	if (r < 0)
		return failed(ctx);
	if (o->diff)
		return print_diffs(c->made ? first : ctx, c);
	return c->made ? write_fixes(first, c, operands) : KA_EXIT_OK;
}

static int validate(const struct opts *o, const struct ka_judge *j,
		    const struct ka_strings *operands)
{
	KA_CORRECTIONS struct ka_corrections fixes = {};
	KA_CTX struct ka_ctx ctx = {}, first = {};
	struct ka_input in = {};
	struct ka_found f = {};
	int r, code = KA_EXIT_OK;

	if (ka_judge_read(j, &ctx, operands->v, operands->n, &in) < 0)
		return failed(&ctx);
	r = exit_code(&ctx, &in, fail_level(o));
	if (o->fix || o->diff)
		code = correct(o, j, &ctx, &in, &first, &fixes, operands);
	if (code)
		return code;
	/* --diff is a verdict on what is there, --fix on what is there now */
	if (!o->diff)
		r = exit_code(&ctx, &in, fail_level(o));
	f = (struct ka_found){
		.ctx = o->diff && first.arena ? &first : &ctx,
		.in = &in,
		.fail_level = fail_level(o),
		.coloured = is_coloured(o, o->output ? NULL : stdout),
		.quiet = o->quiet,
		.with_max = true,
		.fixed = o->fix ? fixes.made : 0,
		.exit_code = r,
	};
	code = report(o, &f);
	ka_found_done(&f);
	return code;
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	struct opts o = {.fail_level = NO_FAIL_LEVEL, .max = NO_MAX};
	struct ka_judge j = {};
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r == KA_OPTS_GO)
		r = check_usage(cmd, &o, &operands);
	if (r == KA_OPTS_GO)
		r = make_judge(cmd, &o, &j);
	if (r == KA_OPTS_GO)
		r = validate(&o, &j, &operands);
	ka_strings_done(&o.ignore);
	return r;
}

const struct ka_command ka_cmd_validate = {
	.name = "validate",
	.args = "FILE|DIR|-...",
	.summary = "say what is wrong with policies, and where",
	.help = "Reads files, directories (recursively, *.yaml and *.yml), standard input, or the text\n"
		"of a bundle, and judges the language: what is malformed, what means something else\n"
		"than it seems to, what can never match. It needs no kernel and no root.\n"
		"\n"
		"Findings have a level (error, warning, note) and an id that never changes its meaning;\n"
		"`karmor-c explain-id ID` explains one. Warnings and notes can be left out, by --ignore\n"
		"or where they are meant so:\n"
		"  - path: /usr/bin/busybox   # karmor-c: ignore KA0705 one tool is enough here\n"
		"\n"
		"Exit status, the same for every format: 0 nothing at or above the fail level,\n"
		"1 findings, 2 usage, 3 an input could not be read.\n"
		"\n"
		"examples:\n"
		"  karmor-c validate policies/\n"
		"  karmor-c validate --diff policies/             what --fix would change\n"
		"  karmor-c validate --format sarif -o out.sarif policies/\n"
		"  git show :policy.yaml | karmor-c validate -",
	.group = KA_GROUP_LANGUAGE,
	.options = options,
	.run = run,
};
