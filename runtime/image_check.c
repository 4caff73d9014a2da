// SPDX-License-Identifier: Apache-2.0
/*
 * Proving an image: every offset that the matcher or an accessor may follow leads to what it
 * should. An image may come from anyone, so each byte is looked at a bounded number of times,
 * whatever the offsets say.
 */
#include "image.h"

#include "../bpf/socket.h"

struct checker {
	const uint8_t *img;
	const struct ka_image *head;
	uint32_t size;
	char *err;
	size_t err_size;
	uint8_t *ends;     /* by 8 bytes: entries from which the list is known to end */
	uint32_t *tables;  /* by 4 bytes: cells of a class table that were looked at */
	uint32_t *number;  /* by 4 bytes: of the row that begins there, + 1 */
	uint32_t *queue;   /* rows by number */
	uint32_t *classes; /* by row: how many a name can get from there */
	uint32_t nrows;
	uint64_t cells; /* of class tables looked at */
};

static int bad(struct checker *c, const char *what)
{
	snprintf(c->err, c->err_size, "the image is inconsistent: %s", what);
	return -EBADMSG;
}

static int no_memory(struct checker *c)
{
	snprintf(c->err, c->err_size, "out of memory");
	return -ENOMEM;
}

static bool in_image(const struct checker *c, uint64_t off, uint64_t len)
{
	return off >= sizeof(struct ka_image) && ka_range_ok(off, len, c->size);
}

static uint32_t word(const struct checker *c, uint32_t off)
{
	return *(const uint32_t *)(c->img + off);
}

/* States lie in one run that begins with the start. */
static bool is_state(const struct checker *c, uint32_t off)
{
	uint32_t rel = off - c->head->start;

	return off >= c->head->start && rel % sizeof(struct ka_state) == 0 &&
	       rel / sizeof(struct ka_state) < c->head->states;
}

/* ---- lists and sets ---- */

static bool entry_ok(const struct checker *c, const struct ka_entry *e)
{
	return e->rule < c->head->rules.count && e->policy < c->head->policies.count &&
	       e->source <= c->head->sources.count && e->scope < KA_SCOPE__MAX &&
	       e->effect >= KA_EFFECT_ALLOW && e->effect <= KA_EFFECT_AUDIT;
}

static int check_list(struct checker *c, uint32_t off)
{
	uint32_t at = off, n = 0;

	if (!off)
		return 0;
	for (;; at += sizeof(struct ka_entry)) {
		const struct ka_entry *e = (const void *)(c->img + at);

		if (at % 8 || !in_image(c, at, sizeof(*e)) || ++n > KA_MAX_LIST)
			return bad(c, "a list without an end");
		if (c->ends[at / 8])
			break;
		if (!entry_ok(c, e))
			return bad(c, "an entry names what is not there");
		if (e->flags & KA_ENTRY_LAST)
			break;
	}
	for (; off <= at; off += sizeof(struct ka_entry))
		c->ends[off / 8] = 1;
	return 0;
}

static int check_pset(struct checker *c, uint32_t off)
{
	const struct ka_pset *p = (const void *)(c->img + off);

	if (!off)
		return 0;
	if (off % 8 || !in_image(c, off, sizeof(*p)) || p->words > KA_POLICY_WORDS ||
	    !in_image(c, off + sizeof(*p), 8ull * p->words))
		return bad(c, "a policy set outside the image");
	return 0;
}

/* ---- the byte automaton ---- */

static int check_columns(struct checker *c)
{
	const struct ka_image *h = c->head;
	const uint16_t *columns = (const void *)(c->img + h->byte_class);

	if (h->row_bytes < 8 || h->row_bytes > 4 * 257 || h->row_bytes % 4)
		return bad(c, "rows of an impossible size");
	if (h->byte_class % 2 || !in_image(c, h->byte_class, 512))
		return bad(c, "the table of columns outside the image");
	for (int i = 0; i < 256; i++)
		if (columns[i] < 4 || columns[i] % 4 || columns[i] > h->row_bytes - 4)
			return bad(c, "a column outside the row");
	return 0;
}

static int reach_row(struct checker *c, uint32_t off)
{
	if (off % 4 || !in_image(c, off, c->head->row_bytes))
		return bad(c, "a row outside the image");
	if (c->number[off / 4])
		return 0;
	if (c->nrows >= c->head->rows)
		return bad(c, "more rows than it says");
	c->queue[c->nrows++] = off;
	c->number[off / 4] = c->nrows;
	return 0;
}

/* Reaches all rows that the scans of states begin with or lead to. */
static int reach_rows(struct checker *c)
{
	const struct ka_state *s = (const void *)(c->img + c->head->start);
	int r = 0;

	for (uint32_t i = 0; i < c->head->states && r >= 0; i++)
		if (s[i].flags & KA_STATE_SCAN)
			r = reach_row(c, s[i].scan);
	for (uint32_t i = 0; i < c->nrows && r >= 0; i++)
		for (uint32_t k = 4; k < c->head->row_bytes && r >= 0; k += 4)
			r = reach_row(c, word(c, c->queue[i] + k) & ~KA_ROW_FINAL);
	return r;
}

static uint32_t next_row(const struct checker *c, uint32_t row, uint32_t k)
{
	return c->number[(word(c, c->queue[row] + k) & ~KA_ROW_FINAL) / 4] - 1;
}

/* Rows that lead to row t are from[first[t]] to from[first[t + 1] - 1]. */
static void reverse_rows(const struct checker *c, uint32_t *first, uint32_t *from)
{
	for (uint32_t i = 0; i < c->nrows; i++)
		for (uint32_t k = 4; k < c->head->row_bytes; k += 4)
			first[next_row(c, i, k) + 2]++;
	for (uint32_t i = 2; i < c->nrows + 2; i++)
		first[i] += first[i - 1];
	for (uint32_t i = 0; i < c->nrows; i++)
		for (uint32_t k = 4; k < c->head->row_bytes; k += 4)
			from[first[next_row(c, i, k) + 1]++] = i;
}

struct row_class {
	uint32_t class, row;
};

static int by_class(const void *a, const void *b)
{
	const struct row_class *x = a, *y = b;

	return x->class > y->class ? -1 : x->class < y->class;
}

/* From the largest class down: what can still reach it, has it as its largest. */
static void spread(struct checker *c, const uint32_t *first, const uint32_t *from,
		   const struct row_class *sorted, uint32_t *stack)
{
	for (uint32_t i = 0; i < c->nrows; i++) {
		uint32_t n = 0;

		if (c->classes[sorted[i].row])
			continue;
		c->classes[sorted[i].row] = sorted[i].class + 1;
		stack[n++] = sorted[i].row;
		while (n) {
			uint32_t row = stack[--n];

			for (uint32_t k = first[row]; k < first[row + 1]; k++) {
				if (c->classes[from[k]])
					continue;
				c->classes[from[k]] = sorted[i].class + 1;
				stack[n++] = from[k];
			}
		}
	}
}

/* c->classes: by row, one more than the largest class that a name can get from there. */
static int find_classes(struct checker *c)
{
	size_t n = c->nrows, cells = n * (c->head->row_bytes / 4 - 1);
	KA_FREE uint32_t *first = calloc(n + 2, 4), *from = calloc(cells + 1, 4);
	KA_FREE uint32_t *stack = calloc(n + 1, 4);
	KA_FREE struct row_class *sorted = calloc(n + 1, sizeof(*sorted));

	if (!first || !from || !stack || !sorted)
		return no_memory(c);
	for (uint32_t i = 0; i < n; i++) {
		sorted[i] = (struct row_class){word(c, c->queue[i]), i};
		if (sorted[i].class >= c->size / 4)
			return bad(c, "a class without a place");
	}
	reverse_rows(c, first, from);
	qsort(sorted, n, sizeof(*sorted), by_class);
	spread(c, first, from, sorted, stack);
	return 0;
}

static int check_classes(struct checker *c, const struct ka_state *s)
{
	uint32_t n = c->classes[c->number[s->scan / 4] - 1], known;

	if (s->classes % 4 || !in_image(c, s->classes, 4ull * n))
		return bad(c, "a class table outside the image");
	known = c->tables[s->classes / 4];
	if (known >= n)
		return 0;
	c->cells += n - known;
	if (c->cells > c->size)
		return bad(c, "class tables that overlap");
	for (uint32_t i = known; i < n; i++)
		if (!is_state(c, word(c, s->classes + 4 * i) & ~KA_STATE_IN_DOTS))
			return bad(c, "a class leads to no state");
	c->tables[s->classes / 4] = n;
	return 0;
}

/* ---- states and edges ---- */

static int check_state(struct checker *c, const struct ka_state *s)
{
	int r = 0;

	if (!is_state(c, s->other))
		return bad(c, "a state leads to no state");
	for (int i = 0; i < KA_CAT_PATHS && r >= 0; i++)
		r = check_list(c, s->list[i]);
	r = r < 0 ? r : (check_pset(c, s->move) ?: check_pset(c, s->mount));
	if (r >= 0 && (s->flags & KA_STATE_SCAN))
		r = check_classes(c, s);
	return r;
}

static int check_states(struct checker *c)
{
	const struct ka_image *h = c->head;
	const struct ka_state *s = (const void *)(c->img + h->start);
	int r;

	if (h->start % 8 || !h->states ||
	    !in_image(c, h->start, (uint64_t)h->states * sizeof(struct ka_state)))
		return bad(c, "states outside the image");
	r = reach_rows(c) ?: find_classes(c);
	for (uint32_t i = 0; i < h->states && r >= 0; i++)
		r = check_state(c, &s[i]);
	return r;
}

static int check_edges(struct checker *c)
{
	const struct ka_image *h = c->head;
	uint64_t n = (uint64_t)h->edge_slots + KA_PROBES;
	const struct ka_edge *e = (const void *)(c->img + h->edges);

	if (h->edges % 8 || !h->edge_slots || !in_image(c, h->edges, n * sizeof(*e)))
		return bad(c, "edges outside the image");
	for (uint64_t i = 0; i < n; i++) {
		if (!e[i].key)
			continue;
		if (!is_state(c, e[i].next))
			return bad(c, "an edge leads to no state");
		if (e[i].name % 8 || !in_image(c, e[i].name, 8))
			return bad(c, "a name outside the image");
	}
	return 0;
}

/* ---- tables ---- */

static int check_table(struct checker *c, const struct ka_table *t, size_t size, const char *what)
{
	if (t->off % 4 || !in_image(c, t->off, (uint64_t)t->count * size))
		return bad(c, what);
	return 0;
}

static bool is_string(const struct checker *c, uint32_t off)
{
	return off < c->head->strings.count;
}

static int check_policies(struct checker *c)
{
	const struct ka_image *h = c->head;
	const struct ka_policy_rec *p = (const void *)(c->img + h->policies.off);

	if (h->policies.count > KA_MAX_POLICIES)
		return bad(c, "too many policies");
	for (uint32_t i = 0; i < h->policies.count; i++)
		if (p[i].kind >= KA_KIND__MAX || !is_string(c, p[i].ns) ||
		    !is_string(c, p[i].name) || !is_string(c, p[i].text) ||
		    !ka_range_ok(p[i].labels, p[i].nlabels, h->labels.count))
			return bad(c, "a policy names what is not there");
	return 0;
}

static int check_records(struct checker *c)
{
	const struct ka_image *h = c->head;
	const struct ka_rule_rec *rule = (const void *)(c->img + h->rules.off);
	const struct ka_label_rec *label = (const void *)(c->img + h->labels.off);
	const struct ka_space_rec *space = (const void *)(c->img + h->spaces.off);

	for (uint32_t i = 0; i < h->rules.count; i++)
		if (rule[i].policy >= h->policies.count || rule[i].section >= KA_CAT__MAX ||
		    rule[i].list > KA_LIST_CAPABILITIES || rule[i].action < KA_EFFECT_ALLOW ||
		    rule[i].action > KA_EFFECT_AUDIT || !is_string(c, rule[i].message) ||
		    !is_string(c, rule[i].tags))
			return bad(c, "a rule names what is not there");
	for (uint32_t i = 0; i < h->spaces.count; i++)
		if (!is_string(c, space[i].name))
			return bad(c, "a namespace has a name that is not there");
	for (uint32_t i = 0; i < h->labels.count; i++)
		if (!is_string(c, label[i].key) || !is_string(c, label[i].value) ||
		    label[i].match > KA_MATCH_NOT_IN)
			return bad(c, "a label names what is not there");
	for (uint32_t i = 0; i < h->sources.count; i++)
		if (!is_string(c, word(c, h->sources.off + 4 * i)))
			return bad(c, "a source names what is not there");
	return 0;
}

static int check_tables(struct checker *c)
{
	const struct ka_image *h = c->head;
	const char *strings = (const char *)c->img + h->strings.off;
	int r = check_table(c, &h->policies, sizeof(struct ka_policy_rec),
			    "policies outside the image")
			?: check_table(c, &h->labels, sizeof(struct ka_label_rec),
				       "labels outside the image")
			?: check_table(c, &h->spaces, sizeof(struct ka_space_rec),
				       "namespaces outside the image")
			?: check_table(c, &h->rules, sizeof(struct ka_rule_rec),
				       "rules outside the image")
			?: check_table(c, &h->sources, 4, "sources outside the image")
			?: check_table(c, &h->strings, 1, "strings outside the image");

	if (r < 0)
		return r;
	if (!h->strings.count || strings[0] || strings[h->strings.count - 1])
		return bad(c, "strings without an end");
	if (h->sources.count > KA_MAX_SOURCES)
		return bad(c, "too many sources");
	return check_policies(c) ?: check_records(c);
}

/* ---- categories without paths ---- */

static int check_flat(struct checker *c, uint32_t off, uint32_t n)
{
	int r = 0;

	if (!off)
		return 0;
	if (off % 4 || !in_image(c, off, 4ull * n))
		return bad(c, "a table of lists outside the image");
	for (uint32_t i = 0; i < n && r >= 0; i++)
		r = check_list(c, word(c, off + 4 * i));
	return r;
}

/* ---- the whole ---- */

static int check_head(const struct ka_image *h, size_t size, size_t capacity, char *err,
		      size_t err_size)
{
	if (capacity < KA_MIN_CLASS || capacity > KA_MAX_CLASS || (capacity & (capacity - 1)) ||
	    size > capacity) {
		snprintf(err, err_size, "the image's size class is impossible");
		return -EBADMSG;
	}
	if (size < sizeof(*h) || h->magic != KA_MAGIC) {
		snprintf(err, err_size, "this is no image");
		return -EBADMSG;
	}
	if (h->abi != KA_ABI) {
		snprintf(err, err_size, "the image has format %u, this program reads %u", h->abi,
			 KA_ABI);
		return -EPROTO;
	}
	if (h->size != size) {
		snprintf(err, err_size, "the image has %zu bytes and should have %u", size,
			 h->size);
		return -EBADMSG;
	}
	return 0;
}

static int check_all(struct checker *c)
{
	size_t words = c->size / 4 + 1, rows = c->head->rows;
	KA_FREE uint8_t *ends = calloc(words, 1);
	KA_FREE uint32_t *tables = calloc(words, 4), *number = calloc(words, 4);
	KA_FREE uint32_t *queue = NULL, *classes = NULL;

	if (rows > c->size / 8)
		return bad(c, "more rows than fit");
	queue = calloc(rows + 1, 4);
	classes = calloc(rows + 1, 4);
	if (!ends || !tables || !number || !queue || !classes)
		return no_memory(c);
	c->ends = ends;
	c->tables = tables;
	c->number = number;
	c->queue = queue;
	c->classes = classes;
	return check_tables(c) ?: check_columns(c)
				?: check_states(c)
				?: check_edges(c)
				?: check_flat(c, c->head->sockets, KA_SOCKET_INDEXES)
				?: check_flat(c, c->head->capabilities, KA_CAPABILITIES);
}

int ka_image_check(const void *image, size_t size, size_t capacity, char *err, size_t err_size,
		   struct ka_reader *ret)
{
	struct checker c = {
		.img = image, .head = image, .size = size, .err = err, .err_size = err_size};
	int r;

	*ret = (struct ka_reader){};
	r = check_head(image, size, capacity, err, err_size) ?: check_all(&c);
	if (r < 0)
		return r;
	*ret = (struct ka_reader){.head = image, .view = {.img = image, .mask = capacity - 1}};
	return 0;
}
