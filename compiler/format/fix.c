// SPDX-License-Identifier: Apache-2.0
#include "fix.h"

/* Positions of the text at which a correction was made, its ends included. */
struct touched {
	uint64_t *bits;
};

static bool is_touched(const struct touched *t, size_t at)
{
	return t->bits[at / 64] >> at % 64 & 1;
}

static void touch(struct touched *t, size_t at)
{
	t->bits[at / 64] |= UINT64_C(1) << at % 64;
}

/* Corrections that only meet are kept apart as well: the next round makes the other one. */
static bool is_free(const struct touched *t, const struct ka_source *src, const struct ka_fix *fix)
{
	size_t end = 0;

	for (; fix; fix = fix->next) {
		/* out of the text, or edits that overlap: a mistake of ours */
		if (!ka_range_ok(fix->offset, fix->length, src->len) || fix->offset < end)
			return false;
		end = (size_t)fix->offset + fix->length;
		for (size_t at = fix->offset; at <= (size_t)fix->offset + fix->length; at++)
			if (is_touched(t, at))
				return false;
	}
	return true;
}

static void take(struct touched *t, const struct ka_fix *fix)
{
	for (; fix; fix = fix->next)
		for (size_t at = fix->offset; at <= (size_t)fix->offset + fix->length; at++)
			touch(t, at);
}

static int by_offset(const void *a, const void *b)
{
	const struct ka_edit *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->length < y->length ? -1 : x->length > y->length; /* insertions first */
}

static size_t count_edits(const struct ka_diag *const *diags, size_t n)
{
	size_t edits = 0;

	for (size_t i = 0; i < n; i++)
		for (const struct ka_fix *fix = diags[i]->fix; fix; fix = fix->next)
			edits++;
	return edits;
}

/* Which corrections can be made together: all edits of one, or none. */
static int choose(const struct ka_source *src, const struct ka_diag *const *diags, size_t n,
		  struct ka_fixed *f)
{
	size_t most = count_edits(diags, n);
	KA_FREE uint64_t *bits = calloc(src->len / 64 + 1, sizeof(*bits));
	struct touched t = {.bits = bits};

	f->edits = calloc(most + 1, sizeof(*f->edits));
	f->made = calloc(n + 1, sizeof(*f->made));
	if (!bits || !f->edits || !f->made)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct ka_fix *fix = diags[i]->fix;

		if (!fix || diags[i]->loc.source != src || !is_free(&t, src, fix))
			continue;
		take(&t, fix);
		f->made[f->nmade++] = diags[i];
		for (; fix; fix = fix->next)
			f->edits[f->nedits++] = (struct ka_edit){.offset = fix->offset,
								 .length = fix->length,
								 .text = fix->text,
								 .len = strlen(fix->text)};
	}
	qsort(f->edits, f->nedits, sizeof(*f->edits), by_offset);
	return 0;
}

static int write_text(const struct ka_source *src, struct ka_fixed *f)
{
	size_t size = src->len, at = 0;

	for (size_t i = 0; i < f->nedits; i++)
		if (!ka_add_size(size, f->edits[i].len, &size))
			return -ENOMEM;
	f->text = malloc(size + 1);
	if (!f->text)
		return -ENOMEM;
	for (size_t i = 0; i < f->nedits; i++) {
		struct ka_edit *e = &f->edits[i];

		memcpy(f->text + f->len, src->text + at, e->offset - at);
		f->len += e->offset - at;
		e->to = f->len;
		memcpy(f->text + f->len, e->text, e->len);
		f->len += e->len;
		at = (size_t)e->offset + e->length;
	}
	memcpy(f->text + f->len, src->text + at, src->len - at);
	f->len += src->len - at;
	f->text[f->len] = '\0';
	return 0;
}

int ka_fix_make(const struct ka_source *src, const struct ka_diag *const *diags, size_t n,
		struct ka_fixed *ret)
{
	int r;

	*ret = (struct ka_fixed){};
	r = choose(src, diags, n, ret);
	if (!r)
		r = write_text(src, ret);
	if (r)
		ka_fixed_done(ret);
	return r;
}

void ka_fixed_done(struct ka_fixed *f)
{
	free(f->text);
	free(f->edits);
	free(f->made);
	*f = (struct ka_fixed){};
}

int ka_fix_apply(const struct ka_source *src, const struct ka_diag *const *diags, size_t n,
		 char **ret, size_t *ret_len, size_t *ret_applied)
{
	KA_FIXED struct ka_fixed f = {};
	int r = ka_fix_make(src, diags, n, &f);

	if (r)
		return r;
	*ret = KA_TAKE(f.text);
	*ret_len = f.len;
	*ret_applied = f.nmade;
	return 0;
}
