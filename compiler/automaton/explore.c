// SPDX-License-Identifier: Apache-2.0
#include "automaton.h"

/* ---- sets of positions ---- */

/*
 * A position with a loop accepts all that earlier positions of its alternative could lead to:
 * they are dropped. `v` is in order.
 */
static uint32_t prune(const struct ka_nfa *nfa, uint32_t *v, uint32_t n)
{
	const struct ka_position *p = nfa->positions;
	uint32_t kept = 0, from = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (kept > from && v[i] == v[kept - 1])
			continue;
		if (kept > from && p[v[from]].alt != p[v[i]].alt)
			from = kept;
		if (p[v[i]].loop)
			kept = from;
		v[kept++] = v[i];
	}
	return kept;
}

static int intern_set(struct ka_automaton *a, uint32_t *v, uint32_t n, uint32_t *ret)
{
	a->bytes.work += n;
	if (a->sets.bytes > KA_LIMIT_POSITIONS * sizeof(*v) || a->bytes.work > a->bytes.work_limit)
		return -E2BIG;
	return ka_intern(&a->sets, v, prune(a->nfa, v, n) * sizeof(*v), ret);
}

static bool buffer_room(struct ka_automaton *a, size_t n)
{
	return ka_grow(a->ctx, &a->buffer, &a->buffer_cap, n, sizeof(*a->buffer));
}

/* Where a set goes by a name that matches the globs of `matched` (in bytes.sets). */
static int step_set(struct ka_automaton *a, uint32_t set, uint32_t matched, uint32_t *ret)
{
	uint32_t n, m, k = 0;
	const uint32_t *from = ka_set_of(a, set, &n);
	const uint32_t *globs = ka_interned(&a->bytes.sets, matched, &m);

	a->stamp++;
	for (uint32_t i = 0; i < m / sizeof(*globs); i++)
		a->stamps[globs[i]] = a->stamp;
	if (!buffer_room(a, 2 * (size_t)n))
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct ka_position *p = &a->nfa->positions[from[i]];

		if (p->loop)
			a->buffer[k++] = from[i];
		if (!p->end && (p->glob == KA_GLOB_ANY || a->stamps[p->glob] == a->stamp))
			a->buffer[k++] = from[i] + 1;
	}
	return intern_set(a, a->buffer, k, ret);
}

static int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The set with the patterns that begin at a trie node. */
static int attach(struct ka_automaton *a, uint32_t set, uint32_t node, uint32_t *ret)
{
	const struct ka_nfa *nfa = a->nfa;
	uint32_t n;
	const uint32_t *v = ka_set_of(a, set, &n);

	*ret = set;
	if (!nfa->nodes[node].alts)
		return 0;
	if (!buffer_room(a, n))
		return -ENOMEM;
	if (n)
		memcpy(a->buffer, v, n * sizeof(*v));
	for (uint32_t i = nfa->nodes[node].alts; i; i = nfa->alts[i].next) {
		if (!buffer_room(a, n + 1))
			return -ENOMEM;
		a->buffer[n++] = nfa->alts[i].first;
	}
	qsort(a->buffer, n, sizeof(*a->buffer), compare_u32);
	return intern_set(a, a->buffer, n, ret);
}

/* ---- globs that are alive ---- */

static bool has_dots(const struct ka_nfa *nfa, uint32_t node)
{
	const struct ka_trie_node *n = &nfa->nodes[node];

	return node && (n->leaves || n->clauses[KA_COVER_DIR]);
}

/* The number of the set of globs that matter in a state; KA_NONE: no name needs a scan. */
static int alive(struct ka_automaton *a, const struct ka_key *key, uint32_t *ret)
{
	uint32_t n, k = 0, m = 0;
	const uint32_t *v = ka_set_of(a, key->set, &n);

	if (!buffer_room(a, n + 1))
		return -ENOMEM;
	if (has_dots(a->nfa, key->node))
		a->buffer[k++] = KA_GLOB_DOTS;
	for (uint32_t i = 0; i < n; i++) {
		const struct ka_position *p = &a->nfa->positions[v[i]];

		if (!p->end && p->glob != KA_GLOB_ANY)
			a->buffer[k++] = p->glob;
	}
	*ret = KA_NONE;
	if (!k)
		return 0;
	qsort(a->buffer, k, sizeof(*a->buffer), compare_u32);
	for (uint32_t i = 0; i < k; i++)
		if (!m || a->buffer[i] != a->buffer[m - 1])
			a->buffer[m++] = a->buffer[i];
	return ka_intern(&a->bytes.sets, a->buffer, m * sizeof(*a->buffer), ret);
}

/* Objects that were matched lead nowhere: states that differ in them alone go on alike. */
static int live_part(struct ka_automaton *a, uint32_t set, uint32_t *ret)
{
	uint32_t n, k = 0, id;
	const uint32_t *v = ka_set_of(a, set, &n);
	int r;

	if (!ka_grow(a->ctx, &a->live, &a->live_cap, set + 1, sizeof(*a->live)) ||
	    !buffer_room(a, n))
		return -ENOMEM;
	if (a->live[set]) {
		*ret = a->live[set] - 1;
		return 0;
	}
	for (uint32_t i = 0; i < n; i++)
		if (!a->nfa->positions[v[i]].end || a->nfa->positions[v[i]].loop)
			a->buffer[k++] = v[i];
	r = ka_intern(&a->sets, a->buffer, k * sizeof(*v), &id);
	a->live[set] = id + 1;
	*ret = id;
	return r;
}

/* The sets that the classes of a scanner lead to from `set`; remembered by pair. */
static int steps_of(struct ka_automaton *a, uint32_t set, uint32_t globs,
		    const struct ka_scanner *scanner, uint32_t *ret)
{
	uint32_t pair[2] = {set, globs}, id, known = a->pairs.n;
	uint32_t n = scanner ? scanner->nclasses : 1, first = a->nmoves;
	int r = ka_intern(&a->pairs, pair, sizeof(pair), &id);

	if (r < 0)
		return r;
	if (a->pairs.n == known) {
		*ret = a->steps[id];
		return 0;
	}
	if (!ka_grow(a->ctx, &a->steps, &a->steps_cap, id + 1, sizeof(*a->steps)) ||
	    !ka_grow(a->ctx, &a->moves, &a->moves_cap, (size_t)first + n, sizeof(*a->moves)))
		return -ENOMEM;
	for (uint32_t i = 0; i < n && r >= 0; i++)
		r = step_set(a, set, scanner ? scanner->matched[i] : 0, &a->moves[first + i]);
	if (r < 0)
		return r;
	a->steps[id] = first;
	a->nmoves += n;
	*ret = first;
	return 0;
}

/* ---- keys ---- */

struct arrival {
	uint32_t child; /* of key->node by that name; 0: none */
	uint32_t leaf;  /* of key->dots by that name, if it has exact clauses; 0: none */
	bool dots;      /* the name begins with `..` */
	uint32_t set;
};

static bool is_marked(const struct ka_trie_node *n)
{
	return n->clauses[KA_COVER_EXACT] || n->clauses[KA_COVER_DIR] ||
	       n->clauses[KA_COVER_TREE] || n->named;
}

static int arrive(struct ka_automaton *a, const struct ka_key *key, const struct arrival *to,
		  uint32_t *ret)
{
	const struct ka_trie_node *nodes = a->nfa->nodes, *child = &nodes[to->child];
	struct ka_key next = {.tree = key->tree, .set = to->set};
	uint32_t acc[4], n = 0;
	int r;

	if (to->child && is_marked(child))
		acc[n++] = to->child << 2 | KA_ACC_OWN;
	if (to->leaf)
		acc[n++] = to->leaf << 2 | KA_ACC_EXACT;
	if (key->node && nodes[key->node].clauses[KA_COVER_DIR])
		acc[n++] = key->node << 2 | KA_ACC_CHILD;
	if (key->dots && nodes[key->dots].clauses[KA_COVER_DIR])
		acc[n++] = key->dots << 2 | KA_ACC_CHILD;
	qsort(acc, n, sizeof(*acc), compare_u32);
	if (to->child && (child->children || child->clauses[KA_COVER_DIR]))
		next.node = to->child;
	if (to->child && child->clauses[KA_COVER_TREE])
		next.tree = to->child;
	if (to->dots && has_dots(a->nfa, key->node))
		next.dots = key->node;
	r = ka_intern(&a->accs, acc, n * sizeof(*acc), &next.acc);
	if (r < 0)
		return r;
	if (to->child) {
		r = attach(a, next.set, to->child, &next.set);
		if (r < 0)
			return r;
	}
	r = ka_intern(&a->keys, &next, sizeof(next), ret);
	if (r < 0)
		return r;
	return a->keys.n > a->limits.states ? -E2BIG : 0;
}

/* ---- one state ---- */

struct visit {
	struct ka_key key;
	uint32_t live;
	struct ka_dfa_state state;
	const struct ka_scanner *scanner;
	uint32_t steps;
};

static int one_target(struct ka_automaton *a, struct visit *v, uint32_t class, uint32_t *ret)
{
	struct arrival to = {.set = a->moves[v->steps + class]};
	uint32_t m;

	if (v->scanner) {
		const uint32_t *globs = ka_interned(&a->bytes.sets, v->scanner->matched[class], &m);

		m /= sizeof(*globs);
		for (uint32_t k = 0; k < m && globs[k] <= KA_GLOB_DOTS; k++)
			to.dots |= globs[k] == KA_GLOB_DOTS;
	}
	return arrive(a, &v->key, &to, ret);
}

/* Off the trie many states go on alike; *ret: where they said so first, or KA_NONE. */
static int known_ways(struct ka_automaton *a, const struct visit *v, uint32_t *ret)
{
	uint32_t key[2] = {v->live, v->key.tree}, id, known = a->off_trie.n;
	int r;

	*ret = KA_NONE;
	if (v->key.node || v->key.dots)
		return 0;
	r = ka_intern(&a->off_trie, key, sizeof(key), &id);
	if (r < 0)
		return r;
	if (!ka_grow(a->ctx, &a->ways, &a->ways_cap, id + 1, sizeof(*a->ways)))
		return -ENOMEM;
	if (a->off_trie.n == known)
		*ret = a->ways[id];
	else
		a->ways[id] = a->ntargets;
	return 0;
}

static int other_names(struct ka_automaton *a, struct visit *v)
{
	uint32_t n = v->scanner ? v->scanner->nclasses : 1, ways;
	int r = known_ways(a, v, &ways);

	v->state.targets = ways != KA_NONE ? ways : a->ntargets;
	a->fanout += n;
	if (r >= 0 && a->fanout > a->limits.fanout)
		r = -E2BIG;
	if (r < 0 || ways != KA_NONE)
		return r;
	if (!ka_grow(a->ctx, &a->targets, &a->targets_cap, a->ntargets + n, sizeof(*a->targets)))
		return -ENOMEM;
	for (uint32_t i = 0; i < n && r >= 0; i++)
		r = one_target(a, v, i, &a->targets[a->ntargets + i]);
	a->ntargets += n;
	return r;
}

static int edge(struct ka_automaton *a, struct visit *v, uint32_t name, uint32_t child,
		uint32_t leaf)
{
	struct arrival to = {.child = child, .leaf = leaf};
	struct ka_dfa_edge *e;
	uint32_t len, class;
	const char *s = ka_interned(&a->nfa->names, name, &len);

	if (a->nedges >= KA_LIMIT_EDGES)
		return -E2BIG;
	if (!ka_grow(a->ctx, &a->edges, &a->edges_cap, a->nedges + 1, sizeof(*e)))
		return -ENOMEM;
	class = v->scanner ? ka_bytes_class(&a->bytes, v->scanner, s, len) : 0;
	to.set = a->moves[v->steps + class];
	to.dots = len > 2 && s[0] == '.' && s[1] == '.';
	e = &a->edges[a->nedges++];
	e->name = name;
	e->otherwise = a->targets[v->state.targets + class];
	return arrive(a, &v->key, &to, &e->target);
}

static bool is_leaf(const struct ka_nfa *nfa, uint32_t node)
{
	return node && nfa->nodes[node].clauses[KA_COVER_EXACT];
}

static int edges(struct ka_automaton *a, struct visit *v)
{
	const struct ka_nfa *nfa = a->nfa;
	uint32_t node = v->key.node, dots = v->key.dots, other;
	int r = 0;

	v->state.edges = a->nedges;
	for (uint32_t c = node ? nfa->nodes[node].child : 0; c && r >= 0;
	     c = nfa->nodes[c].sibling) {
		other = dots ? ka_nfa_child(nfa, dots, nfa->nodes[c].name) : 0;
		r = edge(a, v, nfa->nodes[c].name, c, is_leaf(nfa, other) ? other : 0);
	}
	for (uint32_t c = dots ? nfa->nodes[dots].child : 0; c && r >= 0; c = nfa->nodes[c].sibling)
		if (is_leaf(nfa, c) && !(node && ka_nfa_child(nfa, node, nfa->nodes[c].name)))
			r = edge(a, v, nfa->nodes[c].name, 0, c);
	v->state.nedges = a->nedges - v->state.edges;
	return r;
}

static int visit(struct ka_automaton *a, uint32_t id)
{
	struct visit v = {.key = *ka_state_key(a, id)};
	int r = alive(a, &v.key, &v.state.globs);

	if (r < 0)
		return r;
	if (v.state.globs != KA_NONE) {
		r = ka_bytes_scanner(&a->bytes, v.state.globs, &v.scanner);
		if (r < 0)
			return r;
	}
	r = live_part(a, v.key.set, &v.live)
		    ?: steps_of(a, v.live, v.state.globs, v.scanner, &v.steps)
		    ?: other_names(a, &v)
		    ?: edges(a, &v);
	if (r < 0)
		return r;
	if (!ka_grow(a->ctx, &a->states, &a->states_cap, id + 1, sizeof(*a->states)))
		return -ENOMEM;
	a->states[id] = v.state;
	a->nstates = id + 1;
	return 0;
}

/* ---- the whole ---- */

static int begin(struct ka_automaton *a)
{
	const struct ka_trie_node *root = &a->nfa->nodes[KA_ROOT_NODE];
	struct ka_key key = {.node = KA_ROOT_NODE};
	uint32_t acc = KA_ROOT_NODE << 2 | KA_ACC_OWN, none;
	int r;

	/* number 0 of each is the empty set */
	r = ka_intern(&a->accs, NULL, 0, &none) ?: ka_intern(&a->sets, NULL, 0, &none)
						?: ka_intern(&a->psets, NULL, 0, &none);
	if (r < 0)
		return r;
	if (is_marked(root)) {
		r = ka_intern(&a->accs, &acc, sizeof(acc), &key.acc);
		if (r < 0)
			return r;
	}
	if (root->clauses[KA_COVER_TREE])
		key.tree = KA_ROOT_NODE;
	return attach(a, 0, KA_ROOT_NODE, &key.set)
		       ?: ka_intern(&a->keys, &key, sizeof(key), &a->start);
}

static int globs_used(const struct ka_nfa *nfa, uint32_t **ret, uint32_t *ret_n)
{
	uint32_t *v = calloc(nfa->npositions + 1, sizeof(*v)), n = 0;

	if (!v)
		return -ENOMEM;
	v[n++] = KA_GLOB_DOTS;
	for (uint32_t i = 0; i < nfa->npositions; i++)
		if (!nfa->positions[i].end)
			v[n++] = nfa->positions[i].glob;
	*ret = v;
	*ret_n = n;
	return 0;
}

int ka_explore(struct ka_automaton *a, struct ka_ctx *ctx, const struct ka_nfa *nfa,
	       const struct ka_limits *limits)
{
	KA_FREE uint32_t *used = NULL;
	uint32_t n;
	int r;

	*a = (struct ka_automaton){.ctx = ctx, .nfa = nfa, .limits = *limits};
	r = globs_used(nfa, &used, &n) ?: ka_bytes_init(&a->bytes, ctx, &nfa->globs, used, n)
				       ?: ka_intern_init(&a->keys, ctx)
				       ?: ka_intern_init(&a->accs, ctx)
				       ?: ka_intern_init(&a->sets, ctx)
				       ?: ka_intern_init(&a->lists, ctx)
				       ?: ka_intern_init(&a->psets, ctx)
				       ?: ka_intern_init(&a->pairs, ctx)
				       ?: ka_intern_init(&a->off_trie, ctx);
	if (r < 0)
		return r;
	a->bytes.rows_limit = limits->rows;
	a->bytes.work_limit = limits->work;
	a->stamps = ka_calloc(ctx, nfa->globs.globs.n, sizeof(*a->stamps));
	if (!a->stamps)
		return -ENOMEM;
	r = begin(a);
	for (uint32_t i = 0; i < a->keys.n && r >= 0; i++)
		r = visit(a, i);
	return r;
}
