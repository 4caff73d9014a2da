// SPDX-License-Identifier: Apache-2.0
/*
 * Sets of policies: whose names would move when a directory is renamed, and whose names would
 * be hidden when something is mounted over it (bpf/abi.h, struct ka_state: move, mount).
 */
#include "automaton.h"

/* What counts as a name for which purpose. */
enum use {
	MOVE,        /* blocked objects, allowed executables, sources */
	MOUNT,       /* all objects of Block and Allow rules, sources */
	MOUNT_BELOW, /* of what covers an object from above: allowed executables */
	USE__MAX
};

struct marker {
	struct ka_automaton *a;
	const struct ka_nfa *nfa;
	uint32_t words;
	uint64_t *bits;
	struct ka_interner unions; /* pairs that were united */
	uint32_t *united, united_cap;
	uint32_t *own[2], *under[2]; /* by node: marks of the node, of what lies below it */
	uint32_t *tree[2]; /* by recursive directory: covers below, MOVE and MOUNT_BELOW */
	uint32_t *set[2];  /* by set of positions, + 1: MOVE and MOUNT; 0: not yet */
};

static bool counts(const struct ka_clause *c, enum use use)
{
	if (c->scope == KA_SCOPE__MAX)
		return use != MOUNT_BELOW;
	if (c->scope == KA_SCOPE_INTEGRITY || c->scope == KA_SCOPE_AUDIT)
		return false;
	if (c->effect == KA_EFFECT_ALLOW && c->category == KA_CAT_PROCESS)
		return true;
	return use == MOUNT || (use == MOVE && c->effect == KA_EFFECT_BLOCK);
}

static int intern_bits(struct marker *m, uint32_t *ret)
{
	uint32_t n = m->words;

	while (n && !m->bits[n - 1])
		n--;
	return ka_intern(&m->a->psets, m->bits, n * sizeof(*m->bits), ret);
}

static void load_bits(struct marker *m, uint32_t set)
{
	uint32_t len;
	const uint64_t *w = ka_interned(&m->a->psets, set, &len);

	for (uint32_t i = 0; i < len / sizeof(*w); i++)
		m->bits[i] |= w[i];
}

static void clear_bits(struct marker *m)
{
	memset(m->bits, 0, m->words * sizeof(*m->bits));
}

/* *into |= set */
static int unite(struct marker *m, uint32_t *into, uint32_t set)
{
	uint32_t pair[2] = {*into, set}, id, known = m->unions.n;
	int r;

	if (!set || *into == set)
		return 0;
	if (!*into) {
		*into = set;
		return 0;
	}
	r = ka_intern(&m->unions, pair, sizeof(pair), &id);
	if (r < 0)
		return r;
	if (m->unions.n != known) {
		if (!ka_grow(m->a->ctx, &m->united, &m->united_cap, id + 1, sizeof(*m->united)))
			return -ENOMEM;
		clear_bits(m);
		load_bits(m, pair[0]);
		load_bits(m, pair[1]);
		r = intern_bits(m, &m->united[id]);
	}
	*into = m->united[id];
	return r;
}

/* *into |= the policies of a list's clauses that count */
static int mark(struct marker *m, uint32_t *into, uint32_t head, enum use use)
{
	bool any = false;
	uint32_t set;
	int r;

	clear_bits(m);
	for (uint32_t i = head; i; i = m->nfa->clauses[i].next) {
		const struct ka_clause *c = &m->nfa->clauses[i];

		if (!counts(c, use))
			continue;
		m->bits[c->policy >> 6] |= 1ull << (c->policy & 63);
		any = true;
	}
	if (!any)
		return 0;
	r = intern_bits(m, &set);
	return r < 0 ? r : unite(m, into, set);
}

static uint32_t object_clauses(const struct marker *m, uint32_t alt)
{
	return m->nfa->objects[m->nfa->alts[alt].object].clauses;
}

/* ---- by trie node ---- */

/* The node's own marks; patterns that begin here have their object here or below. */
static int mark_node(struct marker *m, uint32_t node, enum use use)
{
	const struct ka_trie_node *n = &m->nfa->nodes[node];
	uint32_t *own = &m->own[use][node];
	int r = mark(m, own, n->named, use);

	for (int i = 0; i < KA_COVER__MAX && r >= 0; i++)
		r = mark(m, own, n->clauses[i], use);
	for (uint32_t i = n->alts; i && r >= 0; i = m->nfa->alts[i].next)
		if (use == MOVE || !m->nfa->positions[m->nfa->alts[i].first].loose)
			r = mark(m, own, object_clauses(m, i), use);
	return r;
}

static int mark_trie(struct marker *m, enum use use)
{
	int r = 0;

	for (uint32_t i = m->nfa->nnodes - 1; i >= KA_ROOT_NODE && r >= 0; i--) {
		uint32_t parent = m->nfa->nodes[i].parent, *under = &m->under[use][parent];

		r = mark_node(m, i, use);
		if (r >= 0 && parent)
			r = unite(m, under, m->own[use][i]) ?: unite(m, under, m->under[use][i]);
	}
	return r;
}

/* What recursive directories cover below themselves; parents come first. */
static int mark_trees(struct marker *m)
{
	int r = 0;

	for (uint32_t i = KA_ROOT_NODE; i < m->nfa->nnodes && r >= 0; i++) {
		const struct ka_trie_node *n = &m->nfa->nodes[i];
		uint32_t head = n->clauses[KA_COVER_TREE];

		m->tree[0][i] = m->tree[0][n->parent];
		m->tree[1][i] = m->tree[1][n->parent];
		if (head)
			r = mark(m, &m->tree[0][i], head, MOVE)
				    ?: mark(m, &m->tree[1][i], head, MOUNT_BELOW);
	}
	return r;
}

/* ---- by set of positions ---- */

/*
 * MOVE: what may be covered below, loops included. MOUNT: what is named here, and what may be
 * named below other than through a loop; a loop at the end counts for allowed executables.
 */
static int mark_set(struct marker *m, uint32_t set, enum use use, uint32_t *ret)
{
	uint32_t n, all = 0;
	const uint32_t *v = ka_set_of(m->a, set, &n);
	int r = 0;

	if (m->set[use][set]) {
		*ret = m->set[use][set] - 1;
		return 0;
	}
	for (uint32_t i = 0; i < n && r >= 0; i++) {
		const struct ka_position *p = &m->nfa->positions[v[i]];
		uint32_t head = object_clauses(m, p->alt);

		if (use == MOVE && (!p->end || p->loop))
			r = mark(m, &all, head, MOVE);
		else if (use == MOUNT && p->end)
			r = mark(m, &all, head, p->loop ? MOUNT_BELOW : MOUNT);
		else if (use == MOUNT && !p->loose)
			r = mark(m, &all, head, MOUNT);
	}
	m->set[use][set] = all + 1;
	*ret = all;
	return r;
}

/* ---- by state ---- */

/* The literal leaves of a directory, in a child of it that begins with `..`. */
static int mark_leaves(struct marker *m, uint32_t dir, enum use use, uint32_t *into)
{
	int r = 0;

	for (uint32_t c = m->nfa->nodes[dir].child; c && r >= 0; c = m->nfa->nodes[c].sibling)
		r = mark(m, into, m->nfa->nodes[c].clauses[KA_COVER_EXACT], use);
	return r;
}

static int annotate_move(struct marker *m, const struct ka_key *key, uint32_t *ret)
{
	const struct ka_trie_node *nodes = m->nfa->nodes;
	uint32_t set;
	int r = mark_set(m, key->set, MOVE, &set);

	*ret = m->tree[0][key->tree];
	if (r >= 0)
		r = unite(m, ret, set);
	if (r >= 0 && key->node)
		r = unite(m, ret, m->under[MOVE][key->node])
			    ?: mark(m, ret, nodes[key->node].clauses[KA_COVER_DIR], MOVE);
	if (r >= 0 && key->dots)
		r = mark_leaves(m, key->dots, MOVE, ret)
			    ?: mark(m, ret, nodes[key->dots].clauses[KA_COVER_DIR], MOVE);
	return r;
}

static int annotate_mount(struct marker *m, const struct ka_key *key, uint32_t *ret)
{
	const struct ka_trie_node *nodes = m->nfa->nodes;
	uint32_t set, n;
	const uint32_t *acc = ka_acc_of(m->a, key->acc, &n);
	int r = mark_set(m, key->set, MOUNT, &set);

	*ret = m->tree[1][key->tree];
	if (r >= 0)
		r = unite(m, ret, set);
	for (uint32_t i = 0; i < n && r >= 0; i++) {
		uint32_t node = acc[i] >> 2;

		if ((acc[i] & 3) == KA_ACC_OWN)
			r = unite(m, ret, m->own[MOUNT][node]);
		else if ((acc[i] & 3) == KA_ACC_EXACT)
			r = mark(m, ret, nodes[node].clauses[KA_COVER_EXACT], MOUNT);
		else
			r = mark(m, ret, nodes[node].clauses[KA_COVER_DIR], MOUNT_BELOW);
	}
	if (r >= 0 && key->node)
		r = unite(m, ret, m->under[MOUNT][key->node]);
	if (r >= 0 && key->dots)
		r = mark_leaves(m, key->dots, MOUNT, ret);
	return r;
}

static int make_tables(struct marker *m)
{
	struct ka_ctx *ctx = m->a->ctx;

	m->bits = ka_calloc(ctx, m->words + 1, sizeof(*m->bits));
	for (int i = 0; i < 2; i++) {
		m->own[i] = ka_calloc(ctx, m->nfa->nnodes, sizeof(uint32_t));
		m->under[i] = ka_calloc(ctx, m->nfa->nnodes, sizeof(uint32_t));
		m->tree[i] = ka_calloc(ctx, m->nfa->nnodes, sizeof(uint32_t));
		m->set[i] = ka_calloc(ctx, m->a->sets.n, sizeof(uint32_t));
		if (!m->own[i] || !m->under[i] || !m->tree[i] || !m->set[i])
			return -ENOMEM;
	}
	return m->bits ? ka_intern_init(&m->unions, ctx) : -ENOMEM;
}

int ka_annotate_psets(struct ka_automaton *a, uint32_t policies)
{
	struct marker m = {.a = a, .nfa = a->nfa, .words = (policies + 63) / 64};
	int r = make_tables(&m);

	r = r < 0 ? r : (mark_trie(&m, MOVE) ?: mark_trie(&m, MOUNT) ?: mark_trees(&m));
	for (uint32_t i = 0; i < a->nstates && r >= 0; i++) {
		const struct ka_key *key = ka_state_key(a, i);

		r = annotate_move(&m, key, &a->states[i].move)
			    ?: annotate_mount(&m, key, &a->states[i].mount);
	}
	return r;
}
