// SPDX-License-Identifier: Apache-2.0
/*
 * Unified diffs, by the greedy algorithm of E. Myers (1986). It takes time and memory by the
 * square of the number of differences, so it looks ahead for LOOK_AHEAD of them at a time and
 * then goes on from the furthest point: always right, shortest where there are few.
 */
#include "fix.h"

#define CONTEXT 3u
#define LOOK_AHEAD 256

struct line {
	const char *text;
	size_t len;  /* with its end */
	uint32_t id; /* equal lines have the same one */
};

struct side {
	struct line *v;
	size_t n;
	bool *changed;
};

struct diff {
	struct side a, b;
	int *furthest; /* x by number of differences and diagonal, see row() */
};

static int split(const char *text, size_t len, struct side *s)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	s->v = calloc(n + 1, sizeof(*s->v));
	s->changed = calloc(n + 2, sizeof(*s->changed));
	if (!s->v || !s->changed)
		return -ENOMEM;
	while (len) {
		const char *nl = memchr(text, '\n', len);
		size_t size = nl ? (size_t)(nl - text) + 1 : len;

		s->v[s->n++] = (struct line){.text = text, .len = size};
		text += size;
		len -= size;
	}
	return 0;
}

static int by_text(const void *a, const void *b)
{
	const struct line *x = *(struct line *const *)a, *y = *(struct line *const *)b;
	int r = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

	return r ? r : (x->len > y->len) - (x->len < y->len);
}

static int number(struct diff *d)
{
	size_t n = d->a.n + d->b.n;
	KA_FREE struct line **all = calloc(n + 1, sizeof(struct line *));

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		all[i] = i < d->a.n ? &d->a.v[i] : &d->b.v[i - d->a.n];
	qsort(all, n, sizeof(struct line *), by_text);
	for (size_t i = 1; i < n; i++)
		all[i]->id = all[i - 1]->id + (by_text(&all[i - 1], &all[i]) != 0);
	return 0;
}

static void diff_done(struct diff *d)
{
	free(d->furthest);
	free(d->a.v);
	free(d->a.changed);
	free(d->b.v);
	free(d->b.changed);
}

/* ---- the search ---- */

/* A window of both sides: what is left to compare. */
struct window {
	struct diff *d;
	const struct line *a, *b;
	int n, m; /* lines */
	size_t at_a, at_b;
};

/* The diagonals of so many steps, from -steps to steps. */
static int *row(const struct window *w, int steps)
{
	return w->d->furthest + steps * steps + steps;
}

/* Where diagonal k is reached first with `steps` differences; *ret_down: by an added line. */
static int start_of(const struct window *w, int steps, int k, bool *ret_down)
{
	const int *v;

	*ret_down = true;
	if (!steps)
		return 0;
	v = row(w, steps - 1);
	*ret_down = k == -steps || (k != steps && v[k - 1] < v[k + 1]);
	return *ret_down ? v[k + 1] : v[k - 1] + 1;
}

static int slide(const struct window *w, int x, int k)
{
	while (x < w->n && x - k < w->m && x - k >= 0 && w->a[x].id == w->b[x - k].id)
		x++;
	return x;
}

/* Marks the differences on the way to x on diagonal k. */
static void mark(const struct window *w, int steps, int k)
{
	for (; steps > 0; steps--) {
		bool down;
		int x = start_of(w, steps, k, &down);

		if (down) {
			if (x - k - 1 >= 0 && x - k - 1 < w->m)
				w->d->b.changed[w->at_b + (size_t)(x - k - 1)] = true;
			k++;
		} else {
			if (x - 1 >= 0 && x - 1 < w->n)
				w->d->a.changed[w->at_a + (size_t)(x - 1)] = true;
			k--;
		}
	}
}

struct point {
	int x, y;
};

/* Compares until the end or for LOOK_AHEAD differences; where it got. */
static struct point advance(const struct window *w)
{
	struct point best = {0, 0};
	int best_k = 0, best_steps = 0;

	for (int steps = 0; steps <= LOOK_AHEAD; steps++) {
		int *v = row(w, steps);

		for (int k = -steps; k <= steps; k += 2) {
			bool down;
			int x = slide(w, start_of(w, steps, k, &down), k), y = x - k;

			v[k] = x;
			if (x > w->n || y > w->m) /* beyond an end: leads nowhere */
				continue;
			if (x + y >= best.x + best.y) {
				best = (struct point){x, y};
				best_k = k;
				best_steps = steps;
			}
			if (x == w->n && y == w->m) {
				mark(w, steps, k);
				return best;
			}
		}
	}
	mark(w, best_steps, best_k);
	return best;
}

static int compare(struct diff *d)
{
	size_t x = 0, y = 0;

	d->furthest = calloc((size_t)(LOOK_AHEAD + 1) * (LOOK_AHEAD + 1), sizeof(int));
	if (!d->furthest)
		return -ENOMEM;
	while (x < d->a.n || y < d->b.n) {
		struct window w = {.d = d,
				   .a = d->a.v + x,
				   .b = d->b.v + y,
				   .n = (int)(d->a.n - x),
				   .m = (int)(d->b.n - y),
				   .at_a = x,
				   .at_b = y};
		struct point p = advance(&w);

		x += (size_t)p.x;
		y += (size_t)p.y;
	}
	return 0;
}

/* ---- printing ---- */

static void print_line(FILE *out, char mark, const struct line *l)
{
	fputc(mark, out);
	fwrite(l->text, 1, l->len, out);
	if (l->text[l->len - 1] != '\n')
		fputs("\n\\ No newline at end of file\n", out);
}

static void print_range(FILE *out, char mark, size_t at, size_t n)
{
	/* an empty range is named by the line before it */
	fprintf(out, "%c%zu", mark, n ? at + 1 : at);
	if (n != 1)
		fprintf(out, ",%zu", n);
}

/* Lines of both sides that belong together. */
struct hunk {
	size_t a, b, a_end, b_end;
};

/* Equal lines from here on, at most `most`. */
static size_t equal_run(const struct diff *d, size_t a, size_t most)
{
	size_t n = 0;

	while (n < most && a + n < d->a.n && !d->a.changed[a + n])
		n++;
	return n;
}

/* Grows the hunk over the changes at its end. */
static void take_changes(const struct diff *d, struct hunk *h)
{
	while (h->a_end < d->a.n && d->a.changed[h->a_end])
		h->a_end++;
	while (h->b_end < d->b.n && d->b.changed[h->b_end])
		h->b_end++;
}

static bool is_change(const struct diff *d, size_t a, size_t b)
{
	return (a < d->a.n && d->a.changed[a]) || (b < d->b.n && d->b.changed[b]);
}

/* The next hunk at or behind (a, b); false: there is none. */
static bool next_hunk(const struct diff *d, size_t a, size_t b, struct hunk *h)
{
	size_t start = a, run;

	while (!is_change(d, a, b)) {
		if (a >= d->a.n)
			return false;
		a++;
		b++;
	}
	run = a - start < CONTEXT ? a - start : CONTEXT;
	*h = (struct hunk){a - run, b - run, a, b};
	for (;;) {
		take_changes(d, h);
		/* equal lines up to the next change, if that is near */
		for (run = 0; run <= 2 * CONTEXT; run++)
			if (is_change(d, h->a_end + run, h->b_end + run))
				break;
		if (run > 2 * CONTEXT) {
			run = equal_run(d, h->a_end, CONTEXT);
			h->a_end += run;
			h->b_end += run;
			return true;
		}
		h->a_end += run;
		h->b_end += run;
	}
}

static void print_hunk(FILE *out, const struct diff *d, const struct hunk *h)
{
	size_t a = h->a, b = h->b;

	fputs("@@ ", out);
	print_range(out, '-', h->a, h->a_end - h->a);
	fputc(' ', out);
	print_range(out, '+', h->b, h->b_end - h->b);
	fputs(" @@\n", out);
	while (a < h->a_end || b < h->b_end) {
		if (a < h->a_end && d->a.changed[a]) {
			print_line(out, '-', &d->a.v[a++]);
		} else if (b < h->b_end && d->b.changed[b]) {
			print_line(out, '+', &d->b.v[b++]);
		} else {
			print_line(out, ' ', &d->a.v[a++]);
			b++;
		}
	}
}

/* A name is one word to whoever reads the diff. */
static void print_name(FILE *out, const char *mark, const char *name)
{
	fprintf(out, "%s ", mark);
	for (; *name; name++)
		fputc((unsigned char)*name < ' ' || *name == 0x7f ? '?' : *name, out);
	fputc('\n', out);
}

static int print_all(const struct diff *d, const char *name, char **ret)
{
	struct hunk h = {};
	size_t size;
	FILE *out = open_memstream(ret, &size);
	bool first = true;

	if (!out)
		return -ENOMEM;
	while (next_hunk(d, h.a_end, h.b_end, &h)) {
		if (first) {
			print_name(out, "---", name);
			print_name(out, "+++", name);
		}
		first = false;
		print_hunk(out, d, &h);
	}
	return fclose(out) ? -ENOMEM : 0;
}

int ka_text_diff(const char *name, const char *before, size_t before_len, const char *after,
		 size_t after_len, char **ret)
{
	KA_CLEANUP(diff_done) struct diff d = {};
	int r;

	*ret = NULL;
	r = split(before, before_len, &d.a);
	if (!r)
		r = split(after, after_len, &d.b);
	if (!r)
		r = number(&d);
	if (!r)
		r = compare(&d);
	if (!r)
		r = print_all(&d, name, ret);
	if (r) {
		free(*ret);
		*ret = NULL;
	}
	return r;
}
