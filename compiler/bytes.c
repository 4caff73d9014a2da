// SPDX-License-Identifier: Apache-2.0
#include "bytes.h"

/* ---- columns ---- */

/* Splits the columns by one byte set. */
static void refine(struct ka_bytes *b, const uint64_t *set)
{
	uint16_t map[256][2];

	memset(map, 0xff, sizeof(map));
	b->columns = 0;
	for (unsigned c = 0; c < 256; c++) {
		uint16_t *to = &map[b->column[c]][set[c >> 6] >> (c & 63) & 1];

		if (*to == 0xffff) {
			b->sample[b->columns] = c;
			*to = b->columns++;
		}
		b->column[c] = *to;
	}
}

int ka_bytes_init(struct ka_bytes *b, struct ka_ctx *ctx, const struct ka_globs *globs,
		  const uint32_t *used, uint32_t n)
{
	KA_FREE bool *seen = calloc(globs->sets.n + 1, sizeof(*seen));
	uint32_t m;

	*b = (struct ka_bytes){.ctx = ctx, .globs = globs, .columns = 1};
	if (!seen)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t *t = ka_glob_tokens(globs, used[i], &m);

		for (uint32_t k = 0; k < m; k++) {
			if (!seen[t[k] >> 1])
				refine(b, globs->sets.items[t[k] >> 1].data);
			seen[t[k] >> 1] = true;
		}
	}
	return ka_intern_init(&b->sets, ctx);
}

/* ---- rows: sets of {glob, token}, packed as glob << 16 | token ---- */

struct builder {
	struct ka_bytes *b;
	struct ka_ctx tmp; /* memory that goes with the builder */
	const uint32_t *globs;
	uint32_t nglobs;
	struct ka_interner rows;
	uint32_t *next; /* the row being made */
	uint32_t next_cap;
	struct ka_interner classes; /* numbers of b->sets, by class */
	struct ka_scanner *out;
	uint32_t cells_cap, class_cap, matched_cap;
};

static const uint32_t *tokens_of(const struct builder *w, uint32_t item, uint32_t *m)
{
	return ka_glob_tokens(w->b->globs, w->globs[item >> 16], m);
}

/*
 * From a star on everything is accepted that an earlier token of the same glob could lead to,
 * so that earlier ones are dropped: the rows of one glob stay linear in its length.
 */
static uint32_t prune(const struct builder *w, uint32_t *v, uint32_t n)
{
	uint32_t kept = 0, from = 0, m;

	for (uint32_t i = 0; i < n; i++) {
		if (kept > from && v[i] == v[kept - 1])
			continue;
		if (kept > from && v[from] >> 16 != v[i] >> 16)
			from = kept;
		if (tokens_of(w, v[i], &m)[v[i] & 0xffff] & KA_GLOB_STAR)
			kept = from;
		v[kept++] = v[i];
	}
	return kept;
}

/* The row after one more byte. Items are in order, and each leads to itself or the next. */
static int advance(struct builder *w, const uint32_t *row, uint32_t n, uint8_t byte, uint32_t *ret)
{
	uint32_t k = 0, m;

	if (!ka_grow(&w->tmp, &w->next, &w->next_cap, 2 * (size_t)n + 1, sizeof(*w->next)))
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = row[i] & 0xffff;
		const uint32_t *t = tokens_of(w, row[i], &m);

		if (t[at] & KA_GLOB_STAR)
			w->next[k++] = row[i];
		if (at < m && ka_set_has(w->b->globs, t[at] >> 1, byte))
			w->next[k++] = row[i] + 1;
	}
	return ka_intern(&w->rows, w->next, prune(w, w->next, k) * sizeof(*row), ret);
}

/* The globs that match a name which ends in the row, as a class. */
static int classify(struct builder *w, const uint32_t *row, uint32_t n, uint32_t *ret)
{
	uint32_t k = 0, m, set, known = w->classes.n;
	int r;

	for (uint32_t i = 0; i < n; i++) {
		tokens_of(w, row[i], &m);
		if ((row[i] & 0xffff) == m)
			w->next[k++] = w->globs[row[i] >> 16];
	}
	r = ka_intern(&w->b->sets, w->next, k * sizeof(set), &set)
		    ?: ka_intern(&w->classes, &set, sizeof(set), ret);
	if (r < 0 || w->classes.n == known)
		return r;
	if (!ka_grow(w->b->ctx, &w->out->matched, &w->matched_cap, known + 1, sizeof(set)))
		return -ENOMEM;
	w->out->matched[known] = set;
	return 0;
}

static bool certain(const struct builder *w, const uint32_t *row, uint32_t n)
{
	uint32_t m;

	for (uint32_t i = 0; i < n; i++)
		if (!(tokens_of(w, row[i], &m)[row[i] & 0xffff] & KA_GLOB_STAR) ||
		    (row[i] & 0xffff) != m)
			return false;
	return true;
}

static int build_row(struct builder *w, uint32_t id)
{
	uint32_t n, columns = w->b->columns, to, len;
	const uint32_t *row = ka_interned(&w->rows, id, &n);
	int r;

	n /= sizeof(*row);
	w->b->work += (uint64_t)(n + 1) * columns;
	if (++w->b->rows > w->b->rows_limit || w->b->work > w->b->work_limit)
		return -E2BIG;
	if (!ka_grow(w->b->ctx, &w->out->cells, &w->cells_cap, (size_t)(id + 1) * columns,
		     sizeof(*w->out->cells)) ||
	    !ka_grow(w->b->ctx, &w->out->class, &w->class_cap, id + 1, sizeof(*w->out->class)) ||
	    !ka_grow(&w->tmp, &w->next, &w->next_cap, 2 * (size_t)n + 1, sizeof(*w->next)))
		return -ENOMEM;
	r = classify(w, row, n, &w->out->class[id]);
	if (r < 0)
		return r;
	for (uint32_t c = 0; c < columns; c++) {
		const uint32_t *target;

		r = advance(w, row, n, w->b->sample[c], &to);
		if (r < 0)
			return r;
		target = ka_interned(&w->rows, to, &len);
		if (certain(w, target, len / sizeof(*target)))
			to |= KA_CELL_FINAL;
		w->out->cells[id * columns + c] = to;
	}
	return 0;
}

static int build(struct builder *w)
{
	uint32_t none = 0, id;
	int r;

	r = ka_intern_init(&w->rows, &w->tmp) ?: ka_intern_init(&w->classes, &w->tmp);
	if (r < 0)
		return r;
	/* class 0: no glob matches */
	r = ka_intern(&w->b->sets, NULL, 0, &none)
		    ?: ka_intern(&w->classes, &none, sizeof(none), &id);
	if (r < 0)
		return r;
	if (!ka_grow(w->b->ctx, &w->out->matched, &w->matched_cap, 1, sizeof(none)) ||
	    !ka_grow(&w->tmp, &w->next, &w->next_cap, w->nglobs, sizeof(*w->next)))
		return -ENOMEM;
	w->out->matched[0] = none;
	for (uint32_t i = 0; i < w->nglobs; i++)
		w->next[i] = i << 16;
	r = ka_intern(&w->rows, w->next, w->nglobs * sizeof(*w->next), &id);
	for (id = 0; r >= 0 && id < w->rows.n; id++)
		r = build_row(w, id);
	w->out->nrows = w->rows.n;
	w->out->nclasses = w->classes.n;
	return r;
}

int ka_bytes_scanner(struct ka_bytes *b, uint32_t set, const struct ka_scanner **ret)
{
	struct builder w = {.b = b};
	int r;

	if (!ka_grow(b->ctx, &b->scanners, &b->scanners_cap, set + 1, sizeof(void *)))
		return -ENOMEM;
	if (b->scanners[set]) {
		*ret = b->scanners[set];
		return 0;
	}
	w.globs = ka_interned(&b->sets, set, &w.nglobs);
	w.nglobs /= sizeof(*w.globs);
	if (w.nglobs > 0xffff)
		return -E2BIG;
	w.out = ka_calloc(b->ctx, 1, sizeof(*w.out));
	if (!w.out)
		return -ENOMEM;
	r = ka_ctx_init(&w.tmp);
	if (r < 0)
		return r;
	r = build(&w);
	ka_ctx_done(&w.tmp);
	if (r < 0)
		return r;
	b->scanners[set] = w.out;
	*ret = w.out;
	return 0;
}

uint32_t ka_bytes_class(const struct ka_bytes *b, const struct ka_scanner *s, const char *name,
			size_t len)
{
	uint32_t row = 0;

	for (size_t i = 0; i < len; i++) {
		row = s->cells[row * b->columns + b->column[(uint8_t)name[i]]];
		if (row & KA_CELL_FINAL)
			break;
	}
	return s->class[row & ~KA_CELL_FINAL];
}
