// SPDX-License-Identifier: Apache-2.0
#include "bytes.h"

#define ROW_BYTES (48u << 20)    /* of all rows and outcomes */
#define COLOUR_CELLS (16u << 20) /* scanners times outcomes / 64 */

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

/* ---- marks ---- */

/* The marks of one glob, one more than it has tokens. */
static void mark_glob(struct ka_bytes *b, uint32_t glob, bool *seen)
{
	uint32_t m;
	const uint32_t *t = ka_glob_tokens(b->globs, glob, &m);

	b->first_mark[glob] = b->nmarks;
	for (uint32_t i = 0; i <= m; i++) {
		struct ka_mark *mark = &b->marks[b->nmarks++];

		*mark = (struct ka_mark){.glob = glob, .star = t[i] & KA_GLOB_STAR, .end = i == m};
		if (i == m)
			break;
		mark->set = t[i] >> 1;
		if (!seen[mark->set])
			refine(b, b->globs->sets.items[mark->set].data);
		seen[mark->set] = true;
	}
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int ka_bytes_init(struct ka_bytes *b, struct ka_ctx *ctx, const struct ka_globs *globs,
		  const uint32_t *used, uint32_t n)
{
	KA_FREE bool *seen = calloc(globs->sets.n + 1, sizeof(*seen));
	KA_FREE bool *done = calloc(globs->globs.n + 1, sizeof(*done));
	uint32_t total = 0, none;
	int r;

	*b = (struct ka_bytes){.ctx = ctx, .globs = globs, .columns = 1};
	for (uint32_t i = 0; i < globs->globs.n; i++)
		total += globs->globs.items[i].len / sizeof(uint32_t);
	b->marks = ka_calloc(ctx, total, sizeof(*b->marks));
	b->first_mark = ka_calloc(ctx, globs->globs.n, sizeof(*b->first_mark));
	if (!seen || !done || !b->marks || !b->first_mark)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		if (!done[used[i]])
			mark_glob(b, used[i], seen);
		done[used[i]] = true;
	}
	r = ka_intern_init(&b->sets, ctx) ?: ka_intern_init(&b->rows, ctx)
					  ?: ka_intern_init(&b->stars, ctx);
	/* number 0 is the empty set */
	return r < 0 ? r
		     : (ka_intern(&b->sets, NULL, 0, &none)
				?: ka_intern(&b->stars, NULL, 0, &none));
}

/* ---- rows ---- */

static bool buffer_room(struct ka_bytes *b, size_t n)
{
	return ka_grow(b->ctx, &b->buffer, &b->buffer_cap, n, sizeof(*b->buffer));
}

static const uint32_t *marks_of(const struct ka_interner *in, uint32_t id, uint32_t *n)
{
	const uint32_t *v = ka_interned(in, id, n);

	*n /= sizeof(*v);
	return v;
}

static bool follows(const struct ka_bytes *b, uint32_t mark, uint32_t column)
{
	return !b->marks[mark].end && ka_set_has(b->globs, b->marks[mark].set, b->sample[column]);
}

/* What the stars of a set lead to, once and for all rows that have them. */
static int after_stars(struct ka_bytes *b, uint32_t stars)
{
	struct ka_after_stars *a;
	uint32_t n, total = 0;
	const uint32_t *v = marks_of(&b->stars, stars, &n);

	if (!ka_grow(b->ctx, &b->after, &b->after_cap, stars + 1, sizeof(*b->after)))
		return -ENOMEM;
	a = &b->after[stars];
	if (a->first)
		return 0;
	b->work += (uint64_t)(n + 1) * b->columns;
	if (b->work > b->work_limit)
		return -E2BIG;
	for (uint32_t c = 0; c < b->columns; c++)
		for (uint32_t i = 0; i < n; i++)
			total += follows(b, v[i], c);
	a->list = ka_calloc(b->ctx, total, sizeof(*a->list));
	a->ends = ka_calloc(b->ctx, n, sizeof(*a->ends));
	a->first = ka_calloc(b->ctx, b->columns + 1, sizeof(*a->first));
	if (!a->list || !a->ends || !a->first)
		return -ENOMEM;
	total = 0;
	for (uint32_t c = 0; c < b->columns; c++) {
		for (uint32_t i = 0; i < n; i++)
			if (follows(b, v[i], c))
				a->list[total++] = v[i] + 1;
		a->first[c + 1] = total;
	}
	for (uint32_t i = 0; i < n; i++)
		if (b->marks[v[i]].end)
			a->ends[a->nends++] = b->marks[v[i]].glob;
	a->certain = a->nends == n;
	return 0;
}

/*
 * Moves the stars among the marks in the buffer to a set of stars, which replaces `stars`. From
 * a star on everything is accepted that earlier marks of the same glob could lead to, so that
 * those are dropped: the rows of one glob stay linear in its length.
 */
static int take_stars(struct ka_bytes *b, uint32_t *n, uint32_t *stars)
{
	uint32_t old, k = 0, kept = 0, at = 0;
	const uint32_t *v = marks_of(&b->stars, *stars, &old);
	uint32_t *out;

	if (!ka_grow(b->ctx, &b->star_buffer, &b->star_cap, (size_t)old + *n,
		     sizeof(*b->star_buffer)))
		return -ENOMEM;
	out = b->star_buffer;
	if (old)
		memcpy(out, v, old * sizeof(*v));
	k = old;
	for (uint32_t i = 0; i < *n; i++)
		if (b->marks[b->buffer[i]].star)
			out[k++] = b->buffer[i];
	if (k == old)
		return 0;
	b->work += k;
	qsort(out, k, sizeof(*out), compare_u32);
	for (uint32_t i = 0; i < k; i++) {
		if (kept && b->marks[out[kept - 1]].glob == b->marks[out[i]].glob)
			kept--; /* the last star of a glob counts */
		out[kept++] = out[i];
	}
	k = 0;
	for (uint32_t i = 0; i < *n; i++) {
		uint32_t mark = b->buffer[i];

		while (at < kept && b->marks[out[at]].glob != b->marks[mark].glob && out[at] < mark)
			at++;
		if (b->marks[mark].star ||
		    (at < kept && out[at] >= mark && b->marks[out[at]].glob == b->marks[mark].glob))
			continue;
		b->buffer[k++] = mark;
	}
	*n = k;
	return ka_intern(&b->stars, out, kept * sizeof(*out), stars) ?: after_stars(b, *stars);
}

/* Interns the row of a set of stars and the n marks in the buffer. */
static int intern_row(struct ka_bytes *b, uint32_t stars, uint32_t n, uint32_t *ret)
{
	uint32_t kept = 0;
	int r;

	qsort(b->buffer, n, sizeof(*b->buffer), compare_u32);
	for (uint32_t i = 0; i < n; i++)
		if (!kept || b->buffer[i] != b->buffer[kept - 1])
			b->buffer[kept++] = b->buffer[i];
	n = kept;
	r = take_stars(b, &n, &stars);
	if (r < 0)
		return r;
	if (!buffer_room(b, (size_t)n + 1))
		return -ENOMEM;
	memmove(b->buffer + 1, b->buffer, n * sizeof(*b->buffer));
	b->buffer[0] = stars;
	if (b->rows.bytes + 2 * b->stars.bytes + b->sets.bytes > ROW_BYTES)
		return -E2BIG;
	return ka_intern(&b->rows, b->buffer, (n + 1) * sizeof(*b->buffer), ret);
}

/* The row after one more byte. */
static int advance(struct ka_bytes *b, const uint32_t *row, uint32_t n, uint32_t column,
		   uint32_t *ret)
{
	const struct ka_after_stars *a = &b->after[row[0]];
	uint32_t k = a->first[column + 1] - a->first[column];

	if (!buffer_room(b, (size_t)n + k))
		return -ENOMEM;
	if (k)
		memcpy(b->buffer, a->list + a->first[column], k * sizeof(*b->buffer));
	for (uint32_t i = 1; i < n; i++)
		if (follows(b, row[i], column))
			b->buffer[k++] = row[i] + 1;
	b->work += k + 1;
	return intern_row(b, row[0], k, ret);
}

/* The globs that match a name which ends in the row. */
static int outcome(struct ka_bytes *b, const uint32_t *row, uint32_t n, uint32_t *ret)
{
	const struct ka_after_stars *a = &b->after[row[0]];
	uint32_t k = a->nends;

	b->work += k;
	if (!buffer_room(b, (size_t)n + k))
		return -ENOMEM;
	if (k)
		memcpy(b->buffer, a->ends, k * sizeof(*b->buffer));
	for (uint32_t i = 1; i < n; i++)
		if (b->marks[row[i]].end)
			b->buffer[k++] = b->marks[row[i]].glob;
	/* marks are numbered in the order in which globs were first used */
	qsort(b->buffer, k, sizeof(*b->buffer), compare_u32);
	return ka_intern(&b->sets, b->buffer, k * sizeof(*b->buffer), ret);
}

static bool is_certain(const struct ka_bytes *b, uint32_t row)
{
	uint32_t n;
	const uint32_t *v = marks_of(&b->rows, row, &n);

	return n == 1 && b->after[v[0]].certain;
}

static int build_row(struct ka_bytes *b)
{
	uint32_t id = b->built, n, columns = b->columns, to;
	const uint32_t *row = marks_of(&b->rows, id, &n);
	int r;

	b->work += n + columns;
	if (id >= b->rows_limit || b->work > b->work_limit)
		return -E2BIG;
	if (!ka_grow(b->ctx, &b->cells, &b->cells_cap, (size_t)(id + 1) * columns,
		     sizeof(*b->cells)) ||
	    !ka_grow(b->ctx, &b->matched, &b->matched_cap, id + 1, sizeof(*b->matched)))
		return -ENOMEM;
	r = outcome(b, row, n, &b->matched[id]);
	for (uint32_t c = 0; c < columns && r >= 0; c++) {
		r = advance(b, row, n, c, &to);
		if (r >= 0)
			b->cells[id * columns + c] = to | (is_certain(b, to) ? KA_CELL_FINAL : 0);
	}
	b->built = id + 1;
	return r;
}

/* ---- scanners ---- */

static int start_row(struct ka_bytes *b, uint32_t set, uint32_t *ret)
{
	uint32_t n;
	const uint32_t *globs = ka_interned(&b->sets, set, &n);
	int r;

	n /= sizeof(*globs);
	if (!buffer_room(b, n))
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		b->buffer[i] = b->first_mark[globs[i]];
	r = after_stars(b, 0) ?: intern_row(b, 0, n, ret);
	while (r >= 0 && b->built < b->rows.n)
		r = build_row(b);
	return r;
}

/* Walks the rows from `start`, calls them `queue`; returns how many. */
static uint32_t reach(const struct ka_bytes *b, uint32_t start, bool *seen, uint32_t *queue)
{
	uint32_t n = 0;

	queue[n++] = start;
	seen[start] = true;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t c = 0; c < b->columns; c++) {
			uint32_t to = b->cells[queue[i] * b->columns + c] & ~KA_CELL_FINAL;

			if (!seen[to])
				queue[n++] = to;
			seen[to] = true;
		}
	return n;
}

/* All outcomes that a scan can have, and the empty one. */
static int find_classes(struct ka_bytes *b, struct ka_scanner *s)
{
	KA_FREE bool *seen = calloc(b->rows.n + 1, sizeof(*seen));
	KA_FREE uint32_t *queue = calloc(b->rows.n + 1, sizeof(*queue));
	uint32_t n, kept = 1;

	if (!seen || !queue)
		return -ENOMEM;
	n = reach(b, s->start, seen, queue);
	b->work += n;
	for (uint32_t i = 0; i < n; i++)
		queue[i] = b->matched[queue[i]];
	queue[n++] = 0;
	qsort(queue, n, sizeof(*queue), compare_u32);
	for (uint32_t i = 1; i < n; i++)
		if (queue[i] != queue[kept - 1])
			queue[kept++] = queue[i];
	s->matched = ka_calloc(b->ctx, kept, sizeof(*s->matched));
	if (!s->matched)
		return -ENOMEM;
	memcpy(s->matched, queue, kept * sizeof(*s->matched));
	s->nclasses = kept;
	return 0;
}

int ka_bytes_scanner(struct ka_bytes *b, uint32_t set, const struct ka_scanner **ret)
{
	struct ka_scanner *s;
	int r;

	if (!ka_grow(b->ctx, &b->scanners, &b->scanners_cap, set + 1, sizeof(void *)))
		return -ENOMEM;
	s = b->scanners[set];
	if (!s) {
		s = ka_alloc(b->ctx, sizeof(*s));
		if (!s)
			return -ENOMEM;
		r = start_row(b, set, &s->start) ?: find_classes(b, s);
		if (r < 0)
			return r;
		b->scanners[set] = s;
	}
	*ret = s;
	return 0;
}

uint32_t ka_bytes_class(const struct ka_bytes *b, const struct ka_scanner *s, const char *name,
			size_t len)
{
	uint32_t row = s->start, lo = 0, hi = s->nclasses;

	for (size_t i = 0; i < len; i++) {
		row = b->cells[row * b->columns + b->column[(uint8_t)name[i]]];
		if (row & KA_CELL_FINAL)
			break;
	}
	row &= ~KA_CELL_FINAL;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (s->matched[mid] <= b->matched[row])
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* ---- numbers of outcomes: colours of a graph whose edges are "in one scanner" ---- */

struct colouring {
	struct ka_bytes *b;
	const uint32_t *sets;
	uint32_t nsets, words;
	uint64_t *taken;        /* by scanner: the colours that its outcomes have */
	uint32_t *uses, *first; /* by outcome: how many scanners, where they are listed */
	uint32_t *list;
	uint32_t *order;
};

/* By outcome, which scanners have it. */
static int list_scanners(struct colouring *c)
{
	uint32_t total = 0;

	for (uint32_t i = 0; i < c->nsets; i++) {
		const struct ka_scanner *s = c->b->scanners[c->sets[i]];

		for (uint32_t k = 0; k < s->nclasses; k++)
			c->uses[s->matched[k]]++;
		total += s->nclasses;
	}
	c->list = ka_calloc(c->b->ctx, total, sizeof(*c->list));
	if (!c->list)
		return -ENOMEM;
	total = 0;
	for (uint32_t i = 0; i < c->b->sets.n; i++) {
		c->first[i] = total;
		total += c->uses[i];
		c->uses[i] = 0;
	}
	for (uint32_t i = 0; i < c->nsets; i++) {
		const struct ka_scanner *s = c->b->scanners[c->sets[i]];

		for (uint32_t k = 0; k < s->nclasses; k++)
			c->list[c->first[s->matched[k]] + c->uses[s->matched[k]]++] = i;
	}
	return 0;
}

static uint32_t free_colour(const struct colouring *c, uint32_t id)
{
	for (uint32_t w = 0; w < c->words; w++) {
		uint64_t taken = 0;

		for (uint32_t k = 0; k < c->uses[id]; k++)
			taken |= c->taken[c->list[c->first[id] + k] * c->words + w];
		if (~taken)
			return 64 * w + __builtin_ctzll(~taken);
	}
	return 64 * c->words; /* never: there are as many colours as outcomes */
}

static int by_uses(const void *a, const void *b, void *arg)
{
	const struct colouring *c = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (!x || !y) /* the empty outcome is first */
		return x ? 1 : -1;
	if (c->uses[x] != c->uses[y])
		return c->uses[x] > c->uses[y] ? -1 : 1;
	return x < y ? -1 : 1;
}

static int make_colouring(struct colouring *c)
{
	struct ka_ctx *ctx = c->b->ctx;
	uint32_t n = c->b->sets.n;
	size_t cells;

	c->words = n / 64 + 1;
	if (!ka_mul_size(c->nsets, c->words, &cells) || cells > COLOUR_CELLS)
		return -E2BIG;
	c->taken = ka_calloc(ctx, cells, sizeof(*c->taken));
	c->uses = ka_calloc(ctx, n, sizeof(*c->uses));
	c->first = ka_calloc(ctx, n, sizeof(*c->first));
	c->order = ka_calloc(ctx, n, sizeof(*c->order));
	if (!c->taken || !c->uses || !c->first || !c->order)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		c->order[i] = i;
	return list_scanners(c);
}

int ka_bytes_colour(struct ka_bytes *b, const uint32_t *sets, uint32_t n, uint32_t **ret)
{
	struct colouring c = {.b = b, .sets = sets, .nsets = n};
	uint32_t *colours = ka_calloc(b->ctx, b->sets.n, sizeof(*colours));
	int r = colours ? make_colouring(&c) : -ENOMEM;

	if (r < 0)
		return r;
	qsort_r(c.order, b->sets.n, sizeof(*c.order), by_uses, &c);
	for (uint32_t i = 0; i < b->sets.n && (!c.order[i] || c.uses[c.order[i]]); i++) {
		uint32_t id = c.order[i], colour = free_colour(&c, id);

		colours[id] = colour;
		for (uint32_t k = 0; k < c.uses[id]; k++)
			c.taken[c.list[c.first[id] + k] * c.words + colour / 64] |=
				1ull << (colour % 64);
	}
	*ret = colours;
	return 0;
}
