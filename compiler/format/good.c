// SPDX-License-Identifier: Apache-2.0
/*
 * The proof of a correction: what is said about the text afterwards, beside what was said before.
 */
#include "fix.h"

/* What a mistake can hide, so that it comes to light when it is corrected. */
enum hides {
	HIDES_VALUE, /* what else is wrong with the line */
	HIDES_REST,  /* whatever comes behind it */
	HIDES_ALL,   /* all of its source: which rules hold was not known */
};

static bool is_reading(enum ka_diag_id id)
{
	return !strncmp(ka_diag_code(id), "KA00", 4);
}

static bool is_structure(enum ka_diag_id id)
{
	return !strncmp(ka_diag_code(id), "KA01", 4);
}

/* What is missing is told where it should be: at the mapping's start, before what was corrected. */
static bool is_absence(enum ka_diag_id id)
{
	return id == KA_D_MISSING_FIELD || id == KA_D_ONE_OF_FIELDS ||
	       id == KA_D_NO_NODE_SELECTOR || id == KA_D_QUOTA_HALF;
}

static enum hides hides(enum ka_diag_id id)
{
	if (id == KA_D_UNKNOWN_KIND || id == KA_D_UNKNOWN_VERSION || is_reading(id))
		return HIDES_ALL;
	return is_structure(id) ? HIDES_REST : HIDES_VALUE;
}

/* Where a byte of the old text is in the new one; of a byte that is gone, what replaced it. */
static size_t moved(const struct ka_fixed *f, size_t at)
{
	size_t from = 0, to = f->nedits;
	const struct ka_edit *e;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (f->edits[mid].offset < at)
			from = mid + 1;
		else
			to = mid;
	}
	if (!from)
		return at;
	e = &f->edits[from - 1]; /* the last one before it */
	if (at < (size_t)e->offset + e->length)
		return e->to;
	return e->to + e->len + (at - e->offset - e->length);
}

struct said {
	enum ka_diag_id id;
	size_t at;
};

static int by_place(const void *a, const void *b)
{
	const struct said *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static bool was_said(const struct said *v, size_t n, enum ka_diag_id id, size_t at)
{
	struct said key = {.id = id, .at = at};

	return n && bsearch(&key, v, n, sizeof(*v), by_place);
}

/* What the corrections of a text can have brought to light. */
struct hidden {
	bool all, reading;
	size_t rest; /* from here on */
	struct said *lines, *gone;
	size_t n;
};

static size_t line_of(const struct ka_fixed *f, size_t at)
{
	const char *nl = at <= f->len ? memrchr(f->text, '\n', at) : NULL;

	return nl ? (size_t)(nl - f->text) + 1 : 0;
}

static int find_hidden(const struct ka_fixed *f, struct hidden *h)
{
	h->rest = SIZE_MAX;
	h->lines = calloc(f->nmade + 1, sizeof(*h->lines));
	h->gone = calloc(f->nmade + 1, sizeof(*h->gone));
	if (!h->lines || !h->gone)
		return -ENOMEM;
	h->n = f->nmade;
	for (size_t i = 0; i < f->nmade; i++) {
		enum ka_diag_id id = f->made[i]->id;
		size_t at = moved(f, f->made[i]->loc.offset);

		h->gone[i] = (struct said){id, at};
		h->lines[i] = (struct said){(enum ka_diag_id)0, line_of(f, at)};
		h->all |= hides(id) == HIDES_ALL;
		h->reading |= is_reading(id);
		if (hides(id) == HIDES_REST && at < h->rest)
			h->rest = at;
	}
	qsort(h->gone, h->n, sizeof(*h->gone), by_place);
	qsort(h->lines, h->n, sizeof(*h->lines), by_place);
	return 0;
}

static void hidden_done(struct hidden *h)
{
	free(h->lines);
	free(h->gone);
}

/* Whether the error was there before, rather than made by a correction. */
static bool was_hidden(const struct hidden *h, const struct ka_fixed *f, const struct ka_diag *d)
{
	if (is_reading(d->id) && !h->reading)
		return false;
	if (h->rest != SIZE_MAX && is_absence(d->id))
		return true;
	return h->all || d->loc.offset >= h->rest ||
	       was_said(h->lines, h->n, (enum ka_diag_id)0, line_of(f, d->loc.offset));
}

static int by_address(const void *a, const void *b)
{
	const struct ka_diag *x = *(const struct ka_diag *const *)a;
	const struct ka_diag *y = *(const struct ka_diag *const *)b;

	return x < y ? -1 : x > y;
}

/* What was said before and not corrected. */
static int find_left(const struct ka_fixed *f, const struct ka_source *was,
		     const struct ka_ctx *before, struct said **ret, size_t *ret_n)
{
	KA_FREE const struct ka_diag **made = calloc(f->nmade + 1, sizeof(const struct ka_diag *));
	struct said *v = calloc(before->ndiags + 1, sizeof(*v));
	size_t n = 0;

	*ret = v;
	if (!made || !v)
		return -ENOMEM;
	memcpy(made, f->made, f->nmade * sizeof(const struct ka_diag *));
	qsort(made, f->nmade, sizeof(const struct ka_diag *), by_address);
	for (size_t i = 0; i < before->ndiags; i++) {
		const struct ka_diag *d = before->diags[i];

		if (d->loc.source == was &&
		    !bsearch(&d, made, f->nmade, sizeof(const struct ka_diag *), by_address))
			v[n++] = (struct said){d->id, moved(f, d->loc.offset)};
	}
	qsort(v, n, sizeof(*v), by_place);
	*ret_n = n;
	return 0;
}

bool ka_fix_is_good(const struct ka_fixed *f, const struct ka_source *was,
		    const struct ka_ctx *before, const struct ka_source *is,
		    const struct ka_ctx *after)
{
	KA_CLEANUP(hidden_done) struct hidden h = {};
	KA_FREE struct said *left = NULL;
	size_t n = 0;

	if (find_hidden(f, &h) || find_left(f, was, before, &left, &n))
		return false;
	for (size_t i = 0; i < after->ndiags; i++) {
		const struct ka_diag *d = after->diags[i];

		if (d->loc.source != is || was_said(left, n, d->id, d->loc.offset))
			continue;
		if (was_said(h.gone, h.n, d->id, d->loc.offset))
			return false;
		if (d->severity == KA_ERROR && !was_hidden(&h, f, d))
			return false;
	}
	return true;
}
