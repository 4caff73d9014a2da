// SPDX-License-Identifier: Apache-2.0
#include "layout.h"

#include "../../bpf/match.h"

#define STATE_PLACES 256
#define SPARSE_EDGES 4096
#define LOAD_PERCENT 65u /* of the edge table: misses end after a few slots */

struct writer {
	const struct ka_lowered *l;
	struct ka_automaton *a;
	uint8_t *bytes;
	size_t size, cap;
	uint32_t states;                   /* offset */
	uint32_t *names;                   /* offsets by number; 0: not written */
	uint32_t *rows, *row_order, nrows; /* numbers + 1 by row of the byte automaton, and back */
	uint32_t first_row;
	uint32_t *colours;         /* numbers of outcomes */
	uint32_t *lists;           /* offsets by number */
	uint32_t *psets;           /* offsets by number */
	struct ka_interner tables; /* class tables */
	uint32_t *table_offs, table_cap;
	struct ka_image head;
};

/* Zeroed room at the end; the offset, or an error. */
static int reserve(struct writer *w, size_t size, size_t align, uint32_t *ret)
{
	size_t at = (w->size + align - 1) & ~(align - 1), end, cap = w->cap;
	uint8_t *p;

	if (!ka_add_size(at, size, &end))
		return -E2BIG;
	if (end > KA_MAX_CLASS) {
		w->size = end;
		return -E2BIG;
	}
	while (cap < end)
		cap *= 2;
	if (cap > w->cap) {
		p = realloc(w->bytes, cap + KA_IMAGE_SLACK);
		if (!p)
			return -ENOMEM;
		memset(p + w->cap + KA_IMAGE_SLACK, 0, cap - w->cap);
		w->bytes = p;
		w->cap = cap;
	}
	w->size = end;
	*ret = at;
	return 0;
}

static int append(struct writer *w, const void *data, size_t size, size_t align, uint32_t *ret)
{
	int r = reserve(w, size, align, ret);

	if (r >= 0 && size)
		memcpy(w->bytes + *ret, data, size);
	return r;
}

static uint32_t state_off(const struct writer *w, uint32_t state)
{
	return w->states + (state & ~KA_STATE_IN_DOTS) * (uint32_t)sizeof(struct ka_state);
}

/* ---- edges and names ---- */

struct slot {
	uint64_t key;
	uint32_t home, next, name;
};

static void spell(const char *text, uint32_t len, __u64 words[KA_NAME_WORDS], struct ka_name *ret)
{
	memset(words, 0, KA_NAME_WORDS * sizeof(*words));
	memcpy(words, text, len);
	*ret = (struct ka_name){.more = len > 8 * KA_SHORT_WORDS ? words : NULL, .len = len};
	memcpy(ret->w, words, sizeof(ret->w));
}

static int place_name(struct writer *w, uint32_t name)
{
	__u64 words[KA_NAME_WORDS];
	struct ka_name n;
	uint32_t len;
	const char *text = ka_interned(&w->l->nfa.names, name, &len);

	if (w->names[name])
		return 0;
	spell(text, len, words, &n);
	w->head.names++;
	return append(w, words, (len + 7) / 8 * 8, 8, &w->names[name]);
}

static int compare_slots(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* Sorted by key, edges are also sorted by home. False: one would lie too far from home. */
static bool fits(struct slot *v, uint32_t n, uint32_t slots)
{
	uint64_t next = 0;

	for (uint32_t i = 0; i < n; i++) {
		v[i].home = (v[i].key >> 32) * slots >> 32;
		if (next < v[i].home)
			next = v[i].home;
		if (next - v[i].home >= KA_PROBES)
			return false;
		next++;
	}
	return true;
}

static int collect_edges(const struct writer *w, struct slot **ret, uint32_t *ret_n)
{
	const struct ka_automaton *a = w->a;
	__u64 words[KA_NAME_WORDS];
	struct ka_name name;
	uint32_t n = 0, len;
	struct slot *v;

	for (uint32_t i = 0; i < a->nstates; i++)
		n += a->states[i].nedges;
	v = calloc(n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	n = 0;
	for (uint32_t i = 0; i < a->nstates; i++)
		for (uint32_t k = 0; k < a->states[i].nedges; k++) {
			const struct ka_dfa_edge *e = &a->edges[a->states[i].edges + k];

			const char *text = ka_interned(&w->l->nfa.names, e->name, &len);

			spell(text, len, words, &name);
			v[n++] = (struct slot){.key = ka_name_hash(state_off(w, i), &name),
					       .next = state_off(w, e->target),
					       .name = e->name};
		}
	*ret = v;
	*ret_n = n;
	return 0;
}

static bool keys_differ(const struct slot *v, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		if (v[i].key == v[i - 1].key)
			return false;
	return true;
}

/*
 * Puts the states where all edges get different keys, as the matcher expects: names can be
 * made to collide, but hardly for many places of their state.
 */
static int place_states(struct writer *w, struct slot **ret, uint32_t *ret_n)
{
	size_t size = w->a->nstates * sizeof(struct ka_state);
	uint32_t off;
	int r;

	w->states = w->size;
	for (int tries = 0; tries < STATE_PLACES; tries++, w->states += 8) {
		free(*ret);
		*ret = NULL;
		r = collect_edges(w, ret, ret_n);
		if (r < 0)
			return r;
		qsort(*ret, *ret_n, sizeof(**ret), compare_slots);
		if (keys_differ(*ret, *ret_n))
			return reserve(w, w->states - w->size + size, 8, &off);
	}
	return ka_fail(w->l->ctx, -EOVERFLOW, "names of these rules collide in every place");
}

static int write_edges(struct writer *w)
{
	KA_FREE struct slot *v = NULL;
	uint32_t n, slots, off, at = 0;
	int r = place_states(w, &v, &n);

	if (r < 0)
		return r;
	/* a small table may be sparse: a name without an edge then meets a free slot at once */
	slots = n < SPARSE_EDGES ? 4 * n + 1 : (uint64_t)n * 100 / LOAD_PERCENT + 1;
	while (!fits(v, n, slots))
		slots += slots / 8 + 1;
	r = reserve(w, ((size_t)slots + KA_PROBES) * sizeof(struct ka_edge), 16, &off);
	if (r < 0)
		return r;
	w->head.edges = off;
	w->head.edge_slots = slots;
	w->head.edges_used = n;
	for (uint32_t i = 0; i < n; i++) {
		struct ka_edge *e;

		r = place_name(w, v[i].name);
		if (r < 0)
			return r;
		at = at > v[i].home ? at : v[i].home;
		e = (struct ka_edge *)(w->bytes + off) + at++;
		*e = (struct ka_edge){v[i].key, v[i].next, w->names[v[i].name]};
	}
	return 0;
}

/* ---- rows and class tables ---- */

static int write_columns(struct writer *w)
{
	uint16_t columns[256];
	uint32_t off;
	int r;

	for (unsigned c = 0; c < 256; c++)
		columns[c] = 4 * (1 + w->a->bytes.column[c]);
	r = append(w, columns, sizeof(columns), 8, &off);
	if (r >= 0) {
		w->head.byte_class = off;
		w->head.row_bytes = 4 * (1 + w->a->bytes.columns);
	}
	return r;
}

/* The sets of globs that some state scans for. */
static int used_scanners(struct writer *w, uint32_t **ret, uint32_t *ret_n)
{
	const struct ka_automaton *a = w->a;
	KA_FREE bool *seen = calloc(a->bytes.sets.n + 1, sizeof(*seen));
	uint32_t *v = calloc(a->bytes.sets.n + 1, sizeof(*v)), n = 0;

	if (!seen || !v) {
		free(v);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < a->nstates; i++) {
		uint32_t globs = a->states[i].globs;

		if (globs != KA_NONE && !seen[globs]) {
			seen[globs] = true;
			v[n++] = globs;
		}
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

/* Numbers the rows that the scanners reach: w->rows by row + 1, w->row_order. */
static void number_row(struct writer *w, uint32_t row)
{
	if (w->rows[row])
		return;
	w->row_order[w->nrows] = row;
	w->rows[row] = ++w->nrows;
}

static int number_rows(struct writer *w, const uint32_t *sets, uint32_t n)
{
	const struct ka_bytes *b = &w->a->bytes;

	w->rows = ka_calloc(w->l->ctx, b->rows.n + 1, sizeof(*w->rows));
	w->row_order = ka_calloc(w->l->ctx, b->rows.n + 1, sizeof(*w->row_order));
	if (!w->rows || !w->row_order)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		number_row(w, b->scanners[sets[i]]->start);
	for (uint32_t i = 0; i < w->nrows; i++)
		for (uint32_t c = 0; c < b->columns; c++)
			number_row(w, b->cells[w->row_order[i] * b->columns + c] & ~KA_CELL_FINAL);
	return 0;
}

static uint32_t row_off(const struct writer *w, uint32_t row)
{
	return w->first_row + (w->rows[row] - 1) * w->head.row_bytes;
}

static int write_rows(struct writer *w)
{
	const struct ka_bytes *b = &w->a->bytes;
	KA_FREE uint32_t *sets = NULL;
	uint32_t n;
	int r = write_columns(w) ?: used_scanners(w, &sets, &n) ?: number_rows(w, sets, n)
				 ?: ka_bytes_colour(&w->a->bytes, sets, n, &w->colours)
				 ?: reserve(w, (size_t)w->nrows * w->head.row_bytes, 8,
					    &w->first_row);

	for (uint32_t i = 0; i < w->nrows && r >= 0; i++) {
		uint32_t *row = (uint32_t *)(w->bytes + row_off(w, w->row_order[i]));
		const uint32_t *cells = &b->cells[w->row_order[i] * b->columns];

		row[0] = w->colours[b->matched[w->row_order[i]]];
		for (uint32_t c = 0; c < b->columns; c++)
			row[1 + c] = row_off(w, cells[c] & ~KA_CELL_FINAL) |
				     (cells[c] & KA_CELL_FINAL);
	}
	w->head.rows = w->nrows;
	return r;
}

/* By the numbers of outcomes; those that this scanner never has lead to `other`. */
static int write_table(struct writer *w, const struct ka_dfa_state *s, uint32_t *ret)
{
	const struct ka_scanner *scanner = w->a->bytes.scanners[s->globs];
	const uint32_t *targets = &w->a->targets[s->targets];
	uint32_t size = 0, known = w->tables.n, id;
	KA_FREE uint32_t *offs = NULL;
	int r;

	for (uint32_t i = 0; i < scanner->nclasses; i++)
		if (w->colours[scanner->matched[i]] >= size)
			size = w->colours[scanner->matched[i]] + 1;
	offs = calloc(size, sizeof(*offs));
	if (!offs)
		return -ENOMEM;
	for (uint32_t i = 0; i < size; i++)
		offs[i] = state_off(w, targets[0]);
	for (uint32_t i = 0; i < scanner->nclasses; i++)
		offs[w->colours[scanner->matched[i]]] = state_off(w, targets[i]) |
							(targets[i] & KA_STATE_IN_DOTS);
	r = ka_intern(&w->tables, offs, size * sizeof(*offs), &id);
	if (r < 0)
		return r;
	if (!ka_grow(w->l->ctx, &w->table_offs, &w->table_cap, id + 1, sizeof(*w->table_offs)))
		return -ENOMEM;
	if (w->tables.n != known)
		r = append(w, offs, size * sizeof(*offs), 4, &w->table_offs[id]);
	*ret = w->table_offs[id];
	return r;
}

/* ---- lists and sets ---- */

static int write_list(struct writer *w, uint32_t list, uint32_t *ret)
{
	const struct ka_item *it;
	int r = 0;

	*ret = 0;
	if (!list)
		return 0;
	it = &w->a->lists.items[list - 1];
	if (!w->lists[list - 1])
		r = append(w, it->data, it->len, 16, &w->lists[list - 1]);
	*ret = w->lists[list - 1];
	return r;
}

static int write_pset(struct writer *w, uint32_t set, uint32_t *ret)
{
	const struct ka_item *it = &w->a->psets.items[set];
	struct ka_pset pset = {.words = it->len / sizeof(uint64_t)};
	uint32_t off;
	int r;

	*ret = w->psets[set];
	if (!set || *ret)
		return 0;
	r = append(w, &pset, sizeof(pset), 8, ret) ?: append(w, it->data, it->len, 8, &off);
	w->psets[set] = *ret;
	return r;
}

/* ---- states ---- */

static int write_state(struct writer *w, uint32_t i)
{
	const struct ka_dfa_state *s = &w->a->states[i];
	struct ka_state out = {.flags = s->flags, .below = s->below + 1};
	int r = 0;

	out.other = state_off(w, w->a->targets[s->targets]);
	if (s->globs != KA_NONE) {
		out.scan = row_off(w, w->a->bytes.scanners[s->globs]->start);
		r = write_table(w, s, &out.classes);
	}
	for (int cat = 0; cat < KA_CAT_PATHS && r >= 0; cat++)
		r = write_list(w, s->list[cat], &out.list[cat]);
	r = r < 0 ? r : (write_pset(w, s->move, &out.move) ?: write_pset(w, s->mount, &out.mount));
	if (r >= 0)
		memcpy(w->bytes + state_off(w, i), &out, sizeof(out));
	return r;
}

/* ---- objects without a path ---- */

/* A table of lists; none at all if every list is empty. */
static int write_flat(struct writer *w, const uint32_t *lists, uint32_t n, uint32_t *ret)
{
	bool any = false;
	uint32_t off = 0;
	int r;

	for (uint32_t i = 0; i < n; i++)
		any |= lists[i];
	*ret = 0;
	if (!any)
		return 0;
	r = reserve(w, n * sizeof(uint32_t), 8, &off);
	for (uint32_t i = 0; i < n && r >= 0; i++) {
		uint32_t list;

		r = write_list(w, lists[i], &list);
		((uint32_t *)(w->bytes + off))[i] = list;
	}
	*ret = off;
	return r;
}

/* ---- tables for people ---- */

static int write_array(struct writer *w, const void *data, uint32_t n, size_t size,
		       struct ka_table *ret)
{
	ret->count = n;
	return append(w, data, n * size, 8, &ret->off);
}

static int write_sources(struct writer *w, struct ka_string_table *strings)
{
	uint32_t n = w->l->sources.n;
	KA_FREE uint32_t *offs = calloc(n + 1, sizeof(*offs));
	int r = offs ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < n && r >= 0; i++)
		r = ka_string_table_add(strings, w->l->source_paths[i], &offs[i]);
	return r < 0 ? r : write_array(w, offs, n, sizeof(*offs), &w->head.sources);
}

static int write_strings(struct writer *w, const struct ka_string_table *strings)
{
	uint32_t off;
	int r = reserve(w, strings->size, 8, &off);

	if (r < 0)
		return r;
	for (uint32_t i = 0; i < strings->texts.n; i++)
		memcpy(w->bytes + off + strings->offsets[i], strings->texts.items[i].data,
		       strings->texts.items[i].len);
	w->head.strings = (struct ka_table){off, strings->size};
	return 0;
}

static int write_tables(struct writer *w)
{
	const struct ka_lowered *l = w->l;
	struct ka_string_table strings = l->strings;
	struct ka_image *t = &w->head;

	return write_array(w, l->policy_recs, l->policies->n, sizeof(*l->policy_recs), &t->policies)
		       ?: write_array(w, l->labels, l->nlabels, sizeof(*l->labels), &t->labels)
		       ?: write_array(w, l->spaces, l->policies->nns, sizeof(*l->spaces),
				      &t->spaces)
		       ?: write_array(w, l->rules, l->nrules, sizeof(*l->rules), &t->rules)
		       ?: write_sources(w, &strings)
		       ?: write_strings(w, &strings);
}

/* ---- the whole ---- */

static int init(struct writer *w)
{
	struct ka_ctx *ctx = w->l->ctx;

	w->cap = KA_MIN_CLASS;
	w->bytes = calloc(1, w->cap + KA_IMAGE_SLACK);
	w->names = ka_calloc(ctx, w->l->nfa.names.n + 1, sizeof(uint32_t));
	w->lists = ka_calloc(ctx, w->a->lists.n + 1, sizeof(uint32_t));
	w->psets = ka_calloc(ctx, w->a->psets.n + 1, sizeof(uint32_t));
	if (!w->bytes || !w->names || !w->lists || !w->psets)
		return -ENOMEM;
	return ka_intern_init(&w->tables, ctx);
}

static int write_all(struct writer *w, const uint8_t digest[32])
{
	uint32_t n = w->a->nstates, off;
	int r = reserve(w, sizeof(struct ka_image), 8, &off) ?: write_edges(w) ?: write_rows(w);

	for (uint32_t i = 0; i < n && r >= 0; i++)
		r = write_state(w, i);
	if (r >= 0)
		r = write_flat(w, w->a->sockets, KA_SOCKET_INDEXES, &w->head.sockets)
			    ?: write_flat(w, w->a->capabilities, KA_CAPABILITIES,
					  &w->head.capabilities);
	r = r < 0 ? r : write_tables(w);
	if (r < 0)
		return r;
	w->head.magic = KA_MAGIC;
	w->head.abi = KA_ABI;
	w->head.size = w->size;
	memcpy(w->head.digest, digest, sizeof(w->head.digest));
	w->head.start = state_off(w, w->a->start);
	w->head.hooks = w->l->hooks;
	w->head.states = n;
	memcpy(w->bytes, &w->head, sizeof(w->head));
	return 0;
}

int ka_layout(const struct ka_lowered *l, struct ka_automaton *a, const uint8_t digest[32],
	      struct ka_compiled *ret)
{
	struct writer w = {.l = l, .a = a};
	int r = init(&w) ?: write_all(&w, digest);

	if (r == -E2BIG)
		ka_diag(l->ctx, KA_D_IMAGE_TOO_BIG, (struct ka_loc){}, w.size, KA_MAX_CLASS);
	if (r < 0) {
		free(w.bytes);
		return r;
	}
	ret->image = w.bytes;
	ret->size = w.size;
	ret->capacity = w.cap;
	return 0;
}
