// SPDX-License-Identifier: Apache-2.0
#include "output.h"

const char *const ka_severity_names[] = {"note", "warning", "error", NULL};

const struct ka_output ka_outputs[] = {
	{"text", ka_output_text},     {"json", ka_output_json},     {"sarif", ka_output_sarif},
	{"junit", ka_output_junit},   {"github", ka_output_github}, {"tap", ka_output_tap},
	{"gitlab", ka_output_gitlab},
};

const char *const ka_output_names[] = {"text",   "json", "sarif",  "junit",
				       "github", "tap",  "gitlab", NULL};

const char *ka_severity_str(enum ka_severity severity)
{
	return ka_severity_names[severity];
}

const char *ka_plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- the order ---- */

struct ranked {
	const struct ka_diag *diag;
	size_t source, order; /* as they were opened; as it was found */
};

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static const char *name_of(const struct ka_diag *d)
{
	return d->loc.source ? d->loc.source->name : "";
}

static int by_place(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	const struct ka_loc *p = &x->diag->loc, *q = &y->diag->loc;
	int r = compare(x->source, y->source);

	/* sources that were not opened have no order but their names' */
	if (!r && p->source != q->source)
		r = strcmp(name_of(x->diag), name_of(y->diag));
	if (!r)
		r = compare(p->line, q->line);
	if (!r)
		r = compare(p->column, q->column);
	return r ? r : compare(x->order, y->order);
}

static size_t source_of(const struct ka_ctx *ctx, const struct ka_diag *d)
{
	const struct ka_source *src = d->loc.source;

	return src && src->findings ? src->findings->order : ctx->nsources;
}

int ka_found_open(struct ka_found *f)
{
	const struct ka_ctx *ctx = f->ctx;
	KA_FREE struct ranked *sorted = calloc(ctx->ndiags + 1, sizeof(*sorted));
	size_t at = 0;

	f->n = ctx->ndiags;
	f->diags = calloc(f->n + 1, sizeof(const struct ka_diag *));
	f->first = calloc(ctx->nsources + 2, sizeof(*f->first));
	if (!sorted || !f->diags || !f->first)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++)
		sorted[i] = (struct ranked){ctx->diags[i], source_of(ctx, ctx->diags[i]), i};
	if (f->n)
		qsort(sorted, f->n, sizeof(*sorted), by_place);
	for (size_t i = 0; i < f->n; i++) {
		f->diags[i] = sorted[i].diag;
		f->fixable += sorted[i].diag->fix != NULL;
		while (at <= sorted[i].source)
			f->first[at++] = i;
	}
	while (at <= ctx->nsources + 1)
		f->first[at++] = f->n;
	return 0;
}

/* ---- by source ---- */

struct ka_part ka_found_part(const struct ka_found *f, size_t i)
{
	const struct ka_ctx *ctx = f->ctx;
	bool opened = i < ctx->nsources;
	const struct ka_findings *about = opened ? ctx->sources[i]->findings : &ctx->placeless;

	return (struct ka_part){
		.source = opened ? ctx->sources[i] : NULL,
		.diags = f->diags + f->first[i],
		.n = f->first[i + 1] - f->first[i],
		.counts = about->counts,
		.left_out = about->left_out,
	};
}

bool ka_part_fails(const struct ka_found *f, const struct ka_part *part)
{
	for (int s = f->fail_level; s <= KA_ERROR; s++)
		if (part->counts[s])
			return true;
	return false;
}
