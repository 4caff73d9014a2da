// SPDX-License-Identifier: Apache-2.0
/*
 * tap: version 14, one point per file, its findings as a YAML block.
 */
#include "../report.h"
#include "output.h"
#include "uri.h"

/* `#` begins a directive, `\` an escape. */
static void print_description(FILE *out, const char *name)
{
	for (size_t n, left = strlen(name); left; name += n, left -= n) {
		ka_utf8_decode(name, left, &n);
		if (*name == '#' || *name == '\\')
			fputc('\\', out);
		ka_print_safe(out, name, n);
	}
}

/* JSON is YAML: one finding a line. */
static void print_findings(FILE *out, const struct ka_part *part)
{
	if (!part->n)
		return;
	fputs("  ---\n  findings:\n", out);
	for (size_t i = 0; i < part->n; i++) {
		json_t *d = ka_diag_json(part->diags[i]);

		fputs("    - ", out);
		json_dumpf(d, out, JSON_ENSURE_ASCII | JSON_SORT_KEYS);
		fputc('\n', out);
		json_decref(d);
	}
	if (part->left_out)
		fprintf(out, "  left_out: %zu\n", part->left_out);
	fputs("  ...\n", out);
}

static bool has_no_policy(const struct ka_part *part)
{
	for (size_t i = 0; i < part->n; i++)
		if (part->diags[i]->id == KA_D_EMPTY_INPUT)
			return true;
	return false;
}

static void print_point(FILE *out, struct ka_found *f, const struct ka_part *part, size_t number)
{
	bool fails = ka_part_fails(f, part);

	fprintf(out, "%sok %zu - ", fails ? "not " : "", number);
	print_description(out,
			  part->source ? ka_relative_name(part->source->name) : "all policies");
	fputs(!fails && has_no_policy(part) ? " # SKIP no policy\n" : "\n", out);
	print_findings(out, part);
}

static void print_reason(FILE *out, const char *why)
{
	json_t *o = json_pack("{s:o}", "message", ka_json_bytes(why, strlen(why)));

	fputs("  ---\n  reason: ", out);
	json_dumpf(o, out, JSON_ENSURE_ASCII);
	fputs("\n  ...\n", out);
	json_decref(o);
}

void ka_output_tap(FILE *out, struct ka_found *f)
{
	struct ka_part none = ka_found_part(f, f->ctx->nsources);
	size_t n = f->ctx->nsources, points = n + (none.n > 0);

	fprintf(out, "TAP version 14\n1..%zu", points + f->in->nunread);
	fputs(points + f->in->nunread ? "\n" : " # SKIP no file\n", out);
	for (size_t i = 0; i < points; i++) {
		struct ka_part part = ka_found_part(f, i);

		print_point(out, f, &part, i + 1);
	}
	for (size_t i = 0; i < f->in->nunread; i++) {
		const struct ka_unread *u = &f->in->unread[i];

		fprintf(out, "not ok %zu - ", points + i + 1);
		print_description(out, u->name);
		fputc('\n', out);
		print_reason(out, u->why);
	}
}
