// SPDX-License-Identifier: Apache-2.0
#include "report.h"

#include <stdarg.h>

#define LINE_WIDTH 160u /* bytes of a source line that are shown */
#define LINE_BEFORE 60u /* of which at most before the caret, once the line is cut */

const char *const ka_formats[] = {"text", "json", NULL};

/* ---- text that comes from input ---- */

/* The code point at s; *len is set to its bytes. 0xfffd, 1 for what is no UTF-8. */
static uint32_t decode(const unsigned char *s, size_t left, size_t *len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : 4;
	uint32_t c = s[0];

	*len = 1;
	if (n == 1)
		return c;
	if ((n == 4 && s[0] >> 3 != 30) || n > left)
		return 0xfffd;
	c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0xfffd;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0xfffd;
	*len = n;
	return c;
}

/* Whether a terminal would do something else with it than show it in its place. */
static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffd || c == 0xfeff ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f);
}

void ka_print_safe(FILE *out, const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c = decode((const unsigned char *)s + i, len - i, &n);

		if (is_unsafe(c))
			fputc('?', out);
		else
			fwrite(s + i, 1, n, out);
	}
}

json_t *ka_json_bytes(const char *s, size_t len)
{
	KA_FREE char *copy = malloc(len * 3 + 1);
	size_t used = 0;

	if (!copy)
		return NULL;
	for (size_t i = 0, n; i < len; i += n) {
		if (decode((const unsigned char *)s + i, len - i, &n) == 0xfffd && n == 1) {
			memcpy(copy + used, "\xef\xbf\xbd", 3);
			used += 3;
			continue;
		}
		memcpy(copy + used, s + i, n);
		used += n;
	}
	return json_stringn(copy, used);
}

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

/* ---- the order of diagnostics ---- */

struct ranked {
	const struct ka_diag *diag;
	size_t source, order; /* rank of the source; as it was found */
};

/* Sources in the order in which they were first spoken of. */
static size_t rank_of(const struct ka_ctx *ctx, const struct ka_source *src)
{
	size_t i = 0;

	while (ctx->diags[i]->loc.source != src)
		i++;
	return i;
}

static int by_place(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	const struct ka_loc *p = &x->diag->loc, *q = &y->diag->loc;

	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	if (p->line != q->line)
		return p->line < q->line ? -1 : 1;
	if (p->column != q->column)
		return p->column < q->column ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* As one reads the sources; NULL when memory is short. */
static struct ranked *in_order(const struct ka_ctx *ctx)
{
	struct ranked *sorted = calloc(ctx->ndiags + 1, sizeof(*sorted));

	for (size_t i = 0; sorted && i < ctx->ndiags; i++)
		sorted[i] =
			(struct ranked){ctx->diags[i], rank_of(ctx, ctx->diags[i]->loc.source), i};
	if (sorted && ctx->ndiags)
		qsort(sorted, ctx->ndiags, sizeof(*sorted), by_place);
	return sorted;
}

/* ---- diagnostics as text ---- */

static const char *const severities[] = {
	[KA_NOTE] = "note", [KA_WARNING] = "warning", [KA_ERROR] = "error"};
static const char *const colours[] = {
	[KA_NOTE] = "\033[36m", [KA_WARNING] = "\033[35m", [KA_ERROR] = "\033[31m"};

static bool is_coloured(FILE *out)
{
	const char *no = getenv("NO_COLOR");

	return (!no || !*no) && isatty(fileno(out));
}

/* The line of a place, without its end. */
static bool find_line(const struct ka_loc *loc, const char **ret, size_t *ret_len)
{
	const struct ka_source *src = loc->source;
	const char *p, *end;
	uint32_t line = 1;

	if (!src || !src->text || !loc->line)
		return false;
	p = src->text;
	end = p + src->len;
	if (src->len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	while (line < loc->line && p < end) {
		if (*p == '\r' && p + 1 < end && p[1] == '\n')
			p++;
		else if (*p != '\n' && *p != '\r') {
			p++;
			continue;
		}
		p++;
		line++;
	}
	if (line != loc->line)
		return false;
	*ret = p;
	while (p < end && *p != '\n' && *p != '\r')
		p++;
	*ret_len = (size_t)(p - *ret);
	return true;
}

static bool in_character(const char *s, size_t at, size_t len)
{
	return at < len && ((unsigned char)s[at] & 0xc0) == 0x80;
}

/* Shows at most LINE_WIDTH bytes of the line; *from is where they begin. */
static void cut_line(const char *line, size_t len, size_t at, size_t *from, size_t *to)
{
	*from = 0;
	*to = len;
	if (len <= LINE_WIDTH)
		return;
	if (at > LINE_BEFORE)
		*from = at - LINE_BEFORE;
	while (*from && in_character(line, *from, len))
		--*from;
	if (len - *from > LINE_WIDTH)
		*to = *from + LINE_WIDTH;
	while (in_character(line, *to, len))
		++*to;
}

/* One mark per character, so that it stands under what it means. */
static void print_marks(FILE *out, const char *line, size_t from, size_t at, size_t end)
{
	size_t n;

	for (size_t i = from; i < at; i += n) {
		decode((const unsigned char *)line + i, at - i, &n);
		fputc(' ', out);
	}
	fputc('^', out);
	if (at >= end)
		return;
	decode((const unsigned char *)line + at, end - at, &n);
	for (size_t i = at + n; i < end; i += n) {
		decode((const unsigned char *)line + i, end - i, &n);
		fputc('~', out);
	}
}

static void print_excerpt(FILE *out, const struct ka_loc *loc, const char *on, const char *off)
{
	const char *line;
	size_t len, from, to, at, end;

	if (!find_line(loc, &line, &len))
		return;
	at = loc->column ? loc->column - 1 : 0;
	if (at > len)
		at = len;
	cut_line(line, len, at, &from, &to);
	end = at + loc->length < to ? at + loc->length : to;

	fprintf(out, "%5u | ", loc->line);
	ka_print_safe(out, line + from, to - from);
	fprintf(out, "\n      | %s", on);
	print_marks(out, line, from, at, end);
	fprintf(out, "%s\n", off);
}

static void print_place(FILE *out, const struct ka_loc *loc)
{
	if (!loc->source)
		return;
	ka_print_safe(out, loc->source->name, strlen(loc->source->name));
	if (loc->line)
		fprintf(out, ":%u:%u", loc->line, loc->column);
	fputs(": ", out);
}

static void print_diag(FILE *out, const struct ka_diag *d, bool coloured)
{
	const char *on = coloured ? colours[d->severity] : "", *off = coloured ? "\033[0m" : "";

	print_place(out, &d->loc);
	fprintf(out, "%s%s[%s]%s: ", on, severities[d->severity], ka_diag_code(d->id), off);
	ka_print_safe(out, d->message, strlen(d->message));
	fputc('\n', out);
	print_excerpt(out, &d->loc, on, off);
	if (d->hint) {
		fputs("      = ", out);
		ka_print_safe(out, d->hint, strlen(d->hint));
		fputc('\n', out);
	}
	for (const struct ka_diag *more = d->more; more; more = more->more) {
		print_place(out, &more->loc);
		fputs("note: ", out);
		ka_print_safe(out, more->message, strlen(more->message));
		fputc('\n', out);
		print_excerpt(out, &more->loc, on, off);
	}
}

void ka_report_diags(FILE *out, const struct ka_ctx *ctx)
{
	KA_FREE struct ranked *sorted = in_order(ctx);
	bool coloured = is_coloured(out);

	for (size_t i = 0; i < ctx->ndiags; i++)
		print_diag(out, sorted ? sorted[i].diag : ctx->diags[i], coloured);
	if (ctx->left_out)
		fprintf(out, "%zu more are not shown\n", ctx->left_out);
}

/* ---- diagnostics as JSON ---- */

static json_t *diag_json(const struct ka_diag *d)
{
	const struct ka_source *src = d->loc.source;
	json_t *o = json_object();

	json_object_set_new(o, "id", json_string(ka_diag_code(d->id)));
	json_object_set_new(o, "severity", json_string(severities[d->severity]));
	if (src)
		json_object_set_new(o, "file", ka_json_bytes(src->name, strlen(src->name)));
	if (d->loc.line) {
		json_object_set_new(o, "line", json_integer(d->loc.line));
		json_object_set_new(o, "column", json_integer(d->loc.column));
		json_object_set_new(o, "length", json_integer(d->loc.length));
	}
	json_object_set_new(o, "message", ka_json_bytes(d->message, strlen(d->message)));
	if (d->hint)
		json_object_set_new(o, "hint", ka_json_bytes(d->hint, strlen(d->hint)));
	if (d->more)
		json_object_set_new(o, "more", diag_json(d->more));
	return o;
}

json_t *ka_report_diags_json(const struct ka_ctx *ctx)
{
	KA_FREE struct ranked *sorted = in_order(ctx);
	json_t *a = json_array();

	for (size_t i = 0; i < ctx->ndiags; i++)
		json_array_append_new(a, diag_json(sorted ? sorted[i].diag : ctx->diags[i]));
	return a;
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
