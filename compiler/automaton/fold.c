// SPDX-License-Identifier: Apache-2.0
/*
 * Folding: states with the same lists, the same sets and the same ways on become one. States
 * are visited from the leaves to the root, so that whole subtrees fold, as those of /bin and
 * /usr/bin where one is an alias of the other. Then what the matcher needs to stop early.
 */
#include "automaton.h"

#define SELF (UINT32_MAX - 1)
#define SELF_IN_DOTS (UINT32_MAX - 2)

/* A reference to a state may have KA_STATE_IN_DOTS. */
static uint32_t plain(uint32_t target)
{
	return target & ~KA_STATE_IN_DOTS;
}

struct folder {
	struct ka_automaton *a;
	uint32_t *canon;   /* by state: the one that stands for it */
	uint32_t *by_form; /* by form: that state */
	uint32_t by_form_cap;
	struct ka_interner forms;
	uint32_t *form, form_cap, n;
};

static int put(struct folder *f, uint32_t word)
{
	if (!ka_grow(f->a->ctx, &f->form, &f->form_cap, f->n + 1, sizeof(*f->form)))
		return -ENOMEM;
	f->form[f->n++] = word;
	return 0;
}

/* States whose turn has not come stand for themselves. */
static uint32_t stand_in(const struct folder *f, uint32_t state, uint32_t target)
{
	if (target == (state | KA_STATE_IN_DOTS))
		return SELF_IN_DOTS;
	return target == state ? SELF : f->canon[target];
}

static int compare_edges(const void *a, const void *b)
{
	const struct ka_dfa_edge *x = a, *y = b;

	return x->name < y->name ? -1 : x->name > y->name;
}

/* Drops a scan whose classes all lead to the same place, and edges that lead where their name
 * would lead without them. */
static void simplify(struct folder *f, uint32_t id)
{
	struct ka_dfa_state *s = &f->a->states[id];
	uint32_t *t = f->a->targets + s->targets, n = ka_classes_of(f->a, s), kept = 0;
	struct ka_dfa_edge *e = f->a->edges + s->edges;
	bool same = true;

	for (uint32_t i = 0; i < n; i++) {
		t[i] = f->canon[t[i]];
		same &= t[i] == t[0];
	}
	if (same)
		s->globs = KA_NONE;
	for (uint32_t i = 0; i < s->nedges; i++) {
		e[i].target = f->canon[e[i].target];
		if (e[i].target != f->canon[e[i].otherwise])
			e[kept++] = e[i];
	}
	s->nedges = kept;
	if (kept)
		qsort(e, kept, sizeof(*e), compare_edges);
}

static bool same_edges(const struct ka_automaton *a, const struct ka_dfa_state *s,
		       const struct ka_dfa_state *t)
{
	if (s->nedges != t->nedges)
		return false;
	for (uint32_t i = 0; i < s->nedges; i++)
		if (a->edges[s->edges + i].name != a->edges[t->edges + i].name ||
		    a->edges[s->edges + i].target != a->edges[t->edges + i].target)
			return false;
	return true;
}

/*
 * A directory and its children `..*` mostly differ in one thing: such a child has no such
 * children. Then the directory stands for them, too.
 */
static void borrow(struct folder *f, uint32_t id)
{
	struct ka_automaton *a = f->a;
	struct ka_dfa_state *s = &a->states[id], *dots;
	const struct ka_scanner *scanner;
	uint32_t *t = a->targets + s->targets, n;

	if (s->globs == KA_NONE || !s->nedges)
		return;
	scanner = a->bytes.scanners[s->globs];
	if (*(const uint32_t *)ka_interned(&a->bytes.sets, s->globs, &n) != KA_GLOB_DOTS ||
	    n != sizeof(uint32_t) || scanner->nclasses != 2)
		return;
	dots = &a->states[t[1]];
	if (t[1] != id && dots->globs == KA_NONE && a->targets[dots->targets] == t[0] &&
	    dots->list[0] == s->list[0] && dots->list[1] == s->list[1] && dots->move == s->move &&
	    dots->mount == s->mount && same_edges(a, s, dots))
		t[1] = id | KA_STATE_IN_DOTS;
}

static int fold_state(struct folder *f, uint32_t id)
{
	struct ka_automaton *a = f->a;
	struct ka_dfa_state *s = &a->states[id];
	uint32_t known = f->forms.n, form;
	int r;

	simplify(f, id);
	borrow(f, id);
	f->n = 0;
	r = put(f, s->list[0]) ?: put(f, s->list[1]) ?: put(f, s->move) ?: put(f, s->mount)
									?: put(f, s->globs);
	for (uint32_t i = 0; i < ka_classes_of(a, s) && r >= 0; i++)
		r = put(f, stand_in(f, id, a->targets[s->targets + i]));
	for (uint32_t i = 0; i < s->nedges && r >= 0; i++)
		r = put(f, a->edges[s->edges + i].name)
			    ?: put(f, stand_in(f, id, a->edges[s->edges + i].target));
	r = r < 0 ? r : ka_intern(&f->forms, f->form, f->n * sizeof(*f->form), &form);
	if (r < 0)
		return r;
	if (!ka_grow(a->ctx, &f->by_form, &f->by_form_cap, form + 1, sizeof(*f->by_form)))
		return -ENOMEM;
	if (f->forms.n != known)
		f->by_form[form] = id;
	f->canon[id] = f->by_form[form];
	return 0;
}

static int fold_all(struct folder *f)
{
	struct ka_automaton *a = f->a;
	int r = 0;

	/* Off the trie first: these lead only to each other, those only to later ones and these. */
	for (uint32_t i = a->nstates; i-- > 0 && r >= 0;)
		if (!a->states[i].nedges)
			r = fold_state(f, i);
	for (uint32_t i = a->nstates; i-- > 0 && r >= 0;)
		if (a->states[i].nedges)
			r = fold_state(f, i);
	return r;
}

/* ---- the states that are left, numbered from the start ---- */

struct renumber {
	struct folder *f;
	uint32_t *number; /* by old state, + 1 */
	struct ka_dfa_state *states;
	uint32_t n;
	uint32_t *order; /* old states */
	uint32_t *done;  /* by first target: its classes + 1, once it is renumbered */
};

static uint32_t new_number(struct renumber *w, uint32_t target)
{
	uint32_t old = w->f->canon[plain(target)];

	if (!w->number[old]) {
		w->order[w->n] = old;
		w->number[old] = ++w->n;
	}
	return (w->number[old] - 1) | (target & KA_STATE_IN_DOTS);
}

/* States may share their targets; where one has lost its scan, it has only the first left. */
static void renumber_targets(struct renumber *w, struct ka_dfa_state *s)
{
	struct ka_automaton *a = w->f->a;
	uint32_t n = ka_classes_of(a, s), from = w->done[s->targets];

	for (uint32_t k = from ? from - 1 : 0; k < n; k++)
		a->targets[s->targets + k] = new_number(w, a->targets[s->targets + k]);
	if (n + 1 > from)
		w->done[s->targets] = n + 1;
}

static int renumber(struct folder *f)
{
	struct ka_automaton *a = f->a;
	struct renumber w = {.f = f};

	w.done = ka_calloc(a->ctx, a->ntargets + 1, sizeof(uint32_t));
	w.number = ka_calloc(a->ctx, a->nstates, sizeof(uint32_t));
	w.order = ka_calloc(a->ctx, a->nstates, sizeof(uint32_t));
	w.states = ka_calloc(a->ctx, a->nstates, sizeof(*w.states));
	if (!w.done || !w.number || !w.order || !w.states)
		return -ENOMEM;
	a->start = new_number(&w, a->start);
	for (uint32_t i = 0; i < w.n; i++) {
		struct ka_dfa_state *s = &w.states[i];

		*s = a->states[w.order[i]];
		renumber_targets(&w, s);
		for (uint32_t k = 0; k < s->nedges; k++)
			a->edges[s->edges + k].target =
				new_number(&w, a->edges[s->edges + k].target);
	}
	a->states = w.states;
	a->nstates = w.n;
	return 0;
}

/* ---- what the matcher needs ---- */

static int number_below(struct folder *f, uint32_t id)
{
	struct ka_automaton *a = f->a;
	struct ka_dfa_state *s = &a->states[id];
	int r = 0;

	f->n = 0;
	if (s->nedges) {
		r = put(f, SELF) ?: put(f, id);
	} else {
		r = put(f, s->globs);
		for (uint32_t i = 0; i < ka_classes_of(a, s) && r >= 0; i++)
			r = put(f, a->targets[s->targets + i]);
	}
	return r < 0 ? r : ka_intern(&f->forms, f->form, f->n * sizeof(*f->form), &s->below);
}

/* The class matters for the object itself alone: nothing below any of the targets differs. */
static bool scans_last_only(const struct ka_automaton *a, const struct ka_dfa_state *s)
{
	const uint32_t *t = a->targets + s->targets;

	for (uint32_t i = 1; i < ka_classes_of(a, s); i++)
		if (a->states[plain(t[i])].below != a->states[t[0]].below)
			return false;
	return true;
}

static int set_flags(struct folder *f)
{
	struct ka_automaton *a = f->a;
	int r = ka_intern_init(&f->forms, a->ctx);

	for (uint32_t i = 0; i < a->nstates && r >= 0; i++)
		r = number_below(f, i);
	for (uint32_t i = 0; i < a->nstates && r >= 0; i++) {
		struct ka_dfa_state *s = &a->states[i];

		s->flags = s->nedges ? KA_STATE_NAMES : 0;
		if (s->globs != KA_NONE)
			s->flags |= KA_STATE_SCAN |
				    (scans_last_only(a, s) ? KA_STATE_SCAN_LAST : 0);
	}
	return r;
}

/* Every way on from a state, by number; false: there are no more. */
static bool successor(const struct ka_automaton *a, const struct ka_dfa_state *s, uint32_t i,
		      uint32_t *ret)
{
	uint32_t n = ka_classes_of(a, s);

	if (i >= n + s->nedges)
		return false;
	*ret = plain(i < n ? a->targets[s->targets + i] : a->edges[s->edges + i - n].target);
	return true;
}

/* Predecessors in one array, those of state t at [first[t], first[t + 1]). */
static int reverse(const struct ka_automaton *a, uint32_t **ret_first, uint32_t **ret_from)
{
	uint32_t *first = ka_calloc(a->ctx, a->nstates + 2, sizeof(*first)), *from, t;
	size_t n = 0;

	if (!first)
		return -ENOMEM;
	for (uint32_t i = 0; i < a->nstates; i++)
		for (uint32_t k = 0; successor(a, &a->states[i], k, &t); k++, n++)
			first[t + 2]++;
	from = ka_calloc(a->ctx, n, sizeof(*from));
	if (!from)
		return -ENOMEM;
	for (uint32_t i = 2; i < a->nstates + 2; i++)
		first[i] += first[i - 1];
	for (uint32_t i = 0; i < a->nstates; i++)
		for (uint32_t k = 0; successor(a, &a->states[i], k, &t); k++)
			from[first[t + 1]++] = i;
	*ret_first = first;
	*ret_from = from;
	return 0;
}

/* Final in a category: every state that can be reached has the same list. */
static void find_final(struct ka_automaton *a, uint32_t cat, const uint32_t *first,
		       const uint32_t *from, uint32_t *queue)
{
	uint32_t flag = KA_STATE_FINAL(cat), n = 0, t;

	for (uint32_t i = 0; i < a->nstates; i++) {
		struct ka_dfa_state *s = &a->states[i];

		s->flags |= flag;
		for (uint32_t k = 0; (s->flags & flag) && successor(a, s, k, &t); k++)
			if (a->states[t].list[cat] != s->list[cat])
				s->flags &= ~flag;
		if (!(s->flags & flag))
			queue[n++] = i;
	}
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = first[queue[i]]; k < first[queue[i] + 1]; k++)
			if (a->states[from[k]].flags & flag) {
				a->states[from[k]].flags &= ~flag;
				queue[n++] = from[k];
			}
}

int ka_fold(struct ka_automaton *a)
{
	struct folder f = {.a = a};
	uint32_t *first = NULL, *from = NULL, *queue;
	int r = ka_intern_init(&f.forms, a->ctx);

	if (r < 0)
		return r;
	f.canon = ka_calloc(a->ctx, a->nstates, sizeof(*f.canon));
	queue = ka_calloc(a->ctx, a->nstates, sizeof(*queue));
	if (!f.canon || !queue)
		return -ENOMEM;
	for (uint32_t i = 0; i < a->nstates; i++)
		f.canon[i] = i;
	r = fold_all(&f) ?: renumber(&f) ?: set_flags(&f) ?: reverse(a, &first, &from);
	if (r < 0)
		return r;
	for (uint32_t cat = 0; cat < KA_CAT_PATHS; cat++)
		find_final(a, cat, first, from, queue);
	return 0;
}
