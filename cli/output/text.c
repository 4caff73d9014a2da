// SPDX-License-Identifier: Apache-2.0
/*
 * text: for people. The line, a caret under what is meant, what to do about it.
 */
#include "../../compiler/base/explain/explain.h"
#include "../report.h"
#include "output.h"

#define LINE_WIDTH 160u /* bytes of a source line that are shown */
#define LINE_BEFORE 60u /* of which at most before the caret, once the line is cut */
#define CUT "..."

static const char *const colours[] = {
	[KA_NOTE] = "\033[36m", [KA_WARNING] = "\033[35m", [KA_ERROR] = "\033[31m"};

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
	for (int i = 0; i < 3 && *from && in_character(line, *from, len); i++)
		--*from;
	if (len - *from > LINE_WIDTH)
		*to = *from + LINE_WIDTH;
	for (int i = 0; i < 3 && in_character(line, *to, len); i++)
		++*to;
}

/* A tab takes one column here, so that marks stand where they belong, and can be seen. */
static void print_line(FILE *out, const char *line, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		if (line[i] != '\t')
			continue;
		ka_print_safe(out, line + from, i - from);
		fputs("\xe2\x86\x92", out);
		from = i + 1;
	}
	ka_print_safe(out, line + from, len - from);
}

/* One mark per character, so that it stands under what it means. */
static void print_marks(FILE *out, const char *line, size_t from, size_t at, size_t end)
{
	size_t n;

	for (size_t i = from; i < at; i += n) {
		ka_utf8_decode(line + i, at - i, &n);
		fputc(' ', out);
	}
	fputc('^', out);
	if (at >= end)
		return;
	ka_utf8_decode(line + at, end - at, &n);
	for (size_t i = at + n; i < end; i += n) {
		ka_utf8_decode(line + i, end - i, &n);
		fputc('~', out);
	}
}

static void print_excerpt(FILE *out, const struct ka_loc *loc, const char *on, const char *off)
{
	const char *line;
	size_t len, from, to, at, end;

	if (!ka_loc_line(loc, &line, &len, &at))
		return;
	cut_line(line, len, at, &from, &to);
	end = loc->length < to - at ? at + loc->length : to;

	fprintf(out, "%5u | %s", loc->line, from ? CUT : "");
	print_line(out, line + from, to - from);
	fprintf(out, "%s\n      | %*s%s", to < len ? CUT : "", from ? (int)strlen(CUT) : 0, "", on);
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

void ka_text_diag(FILE *out, const struct ka_diag *d, bool coloured)
{
	const char *on = coloured ? colours[d->severity] : "", *off = coloured ? "\033[0m" : "";

	print_place(out, &d->loc);
	fprintf(out, "%s%s[%s]%s: ", on, ka_severity_str(d->severity), ka_diag_code(d->id), off);
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

static void print_part(FILE *out, const struct ka_found *f, size_t i)
{
	struct ka_part part = ka_found_part(f, i);

	for (size_t k = 0; k < part.n; k++)
		ka_text_diag(out, part.diags[k], f->coloured);
	if (!part.left_out)
		return;
	if (part.source) {
		ka_print_safe(out, part.source->name, strlen(part.source->name));
		fputs(": ", out);
	}
	fprintf(out, "%zu more %s not shown%s\n", part.left_out, part.left_out == 1 ? "is" : "are",
		f->with_max ? "; --max 0 shows all" : "");
}

/* The first one of the highest severity is what one asks about first. */
static const struct ka_diag *worst(const struct ka_found *f)
{
	const struct ka_diag *w = NULL;

	for (size_t i = 0; i < f->n; i++)
		if (!w || f->diags[i]->severity > w->severity)
			w = f->diags[i];
	return w;
}

static void print_count(FILE *out, const char *before, size_t n, const char *what)
{
	fprintf(out, "%s%zu %s%s", before, n, what, ka_plural(n));
}

static void print_summary(FILE *out, const struct ka_found *f)
{
	const struct ka_input *in = f->in;
	const struct ka_diag *w = worst(f);

	fprintf(out, "%zu polic%s in ", in->policies.n, in->policies.n == 1 ? "y" : "ies");
	print_count(out, "", in->nfiles, "file");
	print_count(out, ": ", f->ctx->nerrors, "error");
	print_count(out, ", ", f->ctx->nwarnings, "warning");
	print_count(out, ", ", f->ctx->nnotes, "note");
	if (f->ctx->nignored)
		fprintf(out, " (%zu ignored)", f->ctx->nignored);
	if (in->nunread)
		print_count(out, "; not read: ", in->nunread, "input");
	fputc('\n', out);
	if (f->fixed)
		fprintf(out, "      = %zu %s corrected\n", f->fixed,
			f->fixed == 1 ? "was" : "were");
	if (f->fixable)
		fprintf(out, "      = --fix corrects %zu of them, --diff shows how\n", f->fixable);
	if (w && w->severity > KA_NOTE)
		fprintf(out, "      = `karmor-c explain-id %s` explains the first %s\n",
			ka_diag_code(w->id), ka_severity_str(w->severity));
}

void ka_output_text(FILE *out, struct ka_found *f)
{
	for (size_t i = 0; i <= f->ctx->nsources; i++)
		print_part(out, f, i);
	if (f->in && !f->quiet)
		print_summary(out, f);
}
