// SPDX-License-Identifier: Apache-2.0
/*
 * junit: one suite per file, one case per document.
 */
#include "../report.h"
#include "documents.h"
#include "uri.h"
#include "xml.h"

struct counts {
	size_t tests, failures;
};

static void name_of(char *ret, size_t size, const struct ka_document *d)
{
	const struct ka_policy *p = d->policy;

	if (d->policies == 1)
		snprintf(ret, size, "%s/%s%s%s", ka_kind_str(p->kind), p->ns, *p->ns ? "/" : "",
			 p->name);
	else if (d->policies)
		snprintf(ret, size, "%zu policies from line %u", d->policies, d->first);
	else
		snprintf(ret, size, "document %u (line %u)", d->number, d->first);
}

/* The findings at or above the fail level, or those below it, as text. */
static void print_text(FILE *out, const struct ka_found *f, const struct ka_document *d, bool fatal)
{
	KA_FREE char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return;
	for (size_t i = 0; i < d->n; i++)
		if ((d->diags[i]->severity >= f->fail_level) == fatal)
			ka_text_diag(to, d->diags[i], false);
	if (!fclose(to))
		ka_xml_text(out, text, size, false);
}

static const struct ka_diag *first_fatal(const struct ka_found *f, const struct ka_document *d,
					 size_t *ret_n)
{
	const struct ka_diag *first = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < d->n; i++) {
		if (d->diags[i]->severity < f->fail_level)
			continue;
		if (!first)
			first = d->diags[i];
		++*ret_n;
	}
	return first;
}

static void print_failure(FILE *out, const struct ka_found *f, const struct ka_document *d)
{
	size_t n;
	const struct ka_diag *first = first_fatal(f, d, &n);
	KA_FREE char *message = NULL;

	if (n > 1 && asprintf(&message, "%s (and %zu more)", first->message, n - 1) < 0)
		message = NULL;
	fputs("      <failure", out);
	ka_xml_attribute(out, "type", ka_diag_code(first->id));
	ka_xml_attribute(out, "message", message ? message : first->message);
	fputc('>', out);
	print_text(out, f, d, true);
	fputs("</failure>\n", out);
}

static bool has_remarks(const struct ka_found *f, const struct ka_document *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->diags[i]->severity < f->fail_level)
			return true;
	return false;
}

static void print_case(FILE *out, const struct ka_found *f, const char *file,
		       const struct ka_document *d)
{
	char name[1024];

	name_of(name, sizeof(name), d);
	fputs("    <testcase", out);
	ka_xml_attribute(out, "classname", file);
	ka_xml_attribute(out, "name", name);
	ka_xml_attribute(out, "file", file);
	fprintf(out, " line=\"%u\" time=\"0\"", d->first);
	if (!d->n) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	if (d->fails)
		print_failure(out, f, d);
	if (has_remarks(f, d)) {
		fputs("      <system-out>", out);
		print_text(out, f, d, false);
		fputs("</system-out>\n", out);
	}
	fputs("    </testcase>\n", out);
}

/* What could not be kept may be what fails. */
static void print_left_out(FILE *out, const struct ka_part *part, const char *file)
{
	fputs("    <testcase", out);
	ka_xml_attribute(out, "classname", file);
	ka_xml_attribute(out, "name", "findings that are not shown");
	fprintf(out,
		" time=\"0\">\n      <failure type=\"left-out\" message=\"%zu more findings\"/>\n"
		"    </testcase>\n",
		part->left_out);
}

static struct counts count(const struct ka_found *f, size_t i, const struct ka_policy **by_place)
{
	struct counts c = {};
	struct ka_document_walk w;
	struct ka_document d;

	ka_documents_of(&w, f, i, by_place);
	while (ka_document_next(&w, &d)) {
		c.tests++;
		c.failures += d.fails;
	}
	return c;
}

static bool hides_failure(const struct ka_found *f, const struct ka_part *part, struct counts c)
{
	return !c.failures && ka_part_fails(f, part);
}

static void print_suite(FILE *out, const struct ka_found *f, size_t i,
			const struct ka_policy **by_place)
{
	struct ka_part part = ka_found_part(f, i);
	const char *file = ka_relative_name(part.source->name);
	struct counts c = count(f, i, by_place);
	bool hidden = hides_failure(f, &part, c);
	struct ka_document_walk w;
	struct ka_document d;

	fputs("  <testsuite", out);
	ka_xml_attribute(out, "name", file);
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n",
		c.tests + hidden, c.failures + hidden);
	ka_documents_of(&w, f, i, by_place);
	while (ka_document_next(&w, &d))
		print_case(out, f, file, &d);
	if (hidden)
		print_left_out(out, &part, file);
	fputs("  </testsuite>\n", out);
}

static void print_unread(FILE *out, const struct ka_unread *u)
{
	fputs("  <testsuite", out);
	ka_xml_attribute(out, "name", ka_relative_name(u->name));
	fputs(" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0\">\n    <testcase",
	      out);
	ka_xml_attribute(out, "classname", ka_relative_name(u->name));
	fputs(" name=\"reading\" time=\"0\">\n      <error type=\"unreadable\"", out);
	ka_xml_attribute(out, "message", u->why);
	fputs("/>\n    </testcase>\n  </testsuite>\n", out);
}

/* Findings about no file: about policies together. */
static struct ka_document placeless(const struct ka_found *f)
{
	struct ka_part part = ka_found_part(f, f->ctx->nsources);
	struct ka_document d = {.number = 1, .first = 1, .diags = part.diags, .n = part.n};
	size_t n;

	d.fails = first_fatal(f, &d, &n);
	return d;
}

static void print_placeless(FILE *out, const struct ka_found *f, const struct ka_document *d)
{
	fprintf(out,
		"  <testsuite name=\"all policies\" tests=\"1\" failures=\"%d\" errors=\"0\" "
		"skipped=\"0\" time=\"0\">\n",
		d->fails);
	print_case(out, f, "all policies", d);
	fputs("  </testsuite>\n", out);
}

void ka_output_junit(FILE *out, struct ka_found *f)
{
	KA_FREE const struct ka_policy **by_place = NULL;
	struct counts all = {.tests = f->in->nunread};
	struct ka_document none = placeless(f);

	if (ka_policies_by_place(f, &by_place) < 0)
		return;
	for (size_t i = 0; i < f->ctx->nsources; i++) {
		struct ka_part part = ka_found_part(f, i);
		struct counts c = count(f, i, by_place);
		bool hidden = hides_failure(f, &part, c);

		all.tests += c.tests + hidden;
		all.failures += c.failures + hidden;
	}
	all.tests += none.n > 0;
	all.failures += none.fails;
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites name=\"karmor-c validate\" tests=\"%zu\" failures=\"%zu\" "
		"errors=\"%zu\" skipped=\"0\" time=\"0\">\n",
		all.tests, all.failures, f->in->nunread);
	for (size_t i = 0; i < f->ctx->nsources; i++)
		print_suite(out, f, i, by_place);
	if (none.n)
		print_placeless(out, f, &none);
	for (size_t i = 0; i < f->in->nunread; i++)
		print_unread(out, &f->in->unread[i]);
	fputs("</testsuites>\n", out);
}
