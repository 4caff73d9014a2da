// SPDX-License-Identifier: Apache-2.0
/*
 * github: workflow commands, which become annotations beside the changed lines.
 */
#include "../report.h"
#include "output.h"

/* Line ends would end the command, and in properties `:` and `,` would end the value. */
static void print_data(FILE *out, const char *s, bool property)
{
	for (size_t n, left = strlen(s); left; s += n, left -= n) {
		uint32_t c = ka_utf8_decode(s, left, &n);

		if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
			fprintf(out, "%%%02X", c);
		else
			ka_print_safe(out, s, n);
	}
}

static const char *command_of(enum ka_severity severity)
{
	return severity == KA_NOTE ? "notice" : ka_severity_str(severity);
}

static void print_diag(FILE *out, struct ka_found *f, const struct ka_diag *d)
{
	struct ka_span s = ka_found_span(f, &d->loc);

	fprintf(out, "::%s ", command_of(d->severity));
	if (d->loc.source) {
		fputs("file=", out);
		print_data(out, d->loc.source->name, true);
		fputc(',', out);
	}
	/* columns are refused where a finding has several lines */
	if (s.to.line > s.from.line)
		fprintf(out, "line=%u,endLine=%u,", s.from.line, s.to.line);
	else if (s.from.line)
		fprintf(out, "line=%u,col=%u,", s.from.line, s.from.column);
	if (s.to.line && s.to.line == s.from.line && s.to.column > s.from.column)
		fprintf(out, "endColumn=%u,", s.to.column);
	fprintf(out, "title=%s::", ka_diag_code(d->id));
	print_data(out, d->message, false);
	if (d->hint) {
		fputs("%0A", out);
		print_data(out, d->hint, false);
	}
	for (const struct ka_diag *more = d->more; more; more = more->more) {
		fputs("%0A", out);
		print_data(out, more->message, false);
		if (more->loc.line)
			fprintf(out, " (line %u)", more->loc.line);
	}
	fputc('\n', out);
}

void ka_output_github(FILE *out, struct ka_found *f)
{
	for (size_t i = 0; i < f->n; i++)
		print_diag(out, f, f->diags[i]);
	for (size_t i = 0; i < f->in->nunread; i++) {
		fputs("::error file=", out);
		print_data(out, f->in->unread[i].name, true);
		fputs("::", out);
		print_data(out, f->in->unread[i].why, false);
		fputc('\n', out);
	}
}
