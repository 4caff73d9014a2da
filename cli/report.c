// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <stdarg.h>

#include "output/output.h"

const char *const ka_formats[] = {"text", "json", NULL};

/* ---- one line on stderr ---- */

static void say(const char *prefix, const char *fmt, va_list ap) KA_PRINTF(2, 0);
static void say(const char *prefix, const char *fmt, va_list ap)
{
	KA_FREE char *s = NULL;

	fflush(stdout);
	fprintf(stderr, "karmor-c: %s", prefix);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	if (s)
		ka_print_safe(stderr, s, strlen(s));
	fputc('\n', stderr);
}

void ka_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
}

void ka_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("warning: ", fmt, ap);
	va_end(ap);
}

int ka_usage_error(const struct ka_command *cmd, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	fprintf(stderr, "`karmor-c %s%s--help` shows the usage\n", cmd ? cmd->name : "",
		cmd ? " " : "");
	return KA_EXIT_USAGE;
}

int ka_report_failure(const struct ka_ctx *ctx)
{
	int err = ctx->failed;

	ka_error("%s", ctx->failure[0] ? ctx->failure : strerror(-err));
	switch (err) {
	case -EINVAL:
		return KA_EXIT_USAGE;
	case -ENOMEM:
		return KA_EXIT_NOT_APPLIED;
	default:
		return KA_EXIT_INPUT;
	}
}

/* ---- results ---- */

bool ka_is_coloured(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (!no || !*no) && (!term || strcmp(term, "dumb") != 0) && isatty(fileno(out));
}

void ka_report_diags(FILE *out, const struct ka_ctx *ctx)
{
	KA_FOUND struct ka_found f = {.ctx = ctx, .coloured = ka_is_coloured(out)};
	KA_FREE char *text = NULL;
	size_t size = 0;
	FILE *to;

	if (!ctx->ndiags && !ctx->left_out)
		return;
	/* in one piece, also where the stream has no buffer */
	to = open_memstream(&text, &size);
	if (!to || ka_found_open(&f) < 0) {
		ka_error("out of memory");
		if (to)
			fclose(to);
		return;
	}
	ka_output_text(to, &f);
	if (!fclose(to))
		fwrite(text, 1, size, out);
}

void ka_dump_json(FILE *out, json_t *value)
{
	if (!value || json_dumpf(value, out, JSON_INDENT(2) | JSON_SORT_KEYS) < 0)
		ka_error("cannot write the output");
	json_decref(value);
	fputc('\n', out);
}

int ka_print_json(json_t *value)
{
	int r = value ? json_dumpf(value, stdout, JSON_INDENT(2) | JSON_SORT_KEYS) : -1;

	json_decref(value);
	if (r < 0) {
		ka_error("cannot write the output");
		return KA_EXIT_NOT_APPLIED;
	}
	putchar('\n');
	return KA_EXIT_OK;
}

static void print_diff_line(const char *line, size_t len)
{
	static const struct {
		char mark;
		const char *colour;
	} colours[] = {{'+', "32"}, {'-', "31"}, {'@', "36"}};
	const char *colour = NULL;

	for (size_t i = 0; len && i < KA_ARRAY_SIZE(colours); i++)
		if (line[0] == colours[i].mark)
			colour = colours[i].colour;
	if (colour)
		printf("\033[%sm", colour);
	ka_print_safe(stdout, line, len);
	puts(colour ? "\033[m" : "");
}

void ka_print_diff(const char *diff)
{
	if (!isatty(STDOUT_FILENO)) {
		fputs(diff, stdout); /* for patch(1): every byte as it is */
		return;
	}
	while (*diff) {
		size_t len = strcspn(diff, "\n");

		if (ka_is_coloured(stdout)) {
			print_diff_line(diff, len);
		} else {
			ka_print_safe(stdout, diff, len);
			putchar('\n');
		}
		diff += len + (diff[len] == '\n');
	}
}
