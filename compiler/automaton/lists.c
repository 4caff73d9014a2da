// SPDX-License-Identifier: Apache-2.0
/*
 * Entry lists: all clauses that cover an object, ranked so that the first one that applies
 * decides (bpf/abi.h says the order, struct ka_entry). Equal lists are one.
 */
#include "automaton.h"

/* Ranks within a scope, the best first. */
enum rank {
	RANK_EXACT,
	RANK_EXECNAME,
	RANK_BLOCK_PATTERN, /* patterns decide together with the longest directory, and Block wins
			     */
	RANK_DIRECTORY,
	RANK_ALLOW_PATTERN,
	/* of sockets; a capability is exact */
	RANK_PROTOCOL = RANK_EXACT,
	RANK_TYPE,
	RANK_ALL,
};

struct ranked {
	uint64_t rank;  /* scope, source or none, rank, depth, effect */
	uint64_t place; /* policy, rule, source */
	uint32_t clause, effect;
};

struct gatherer {
	struct ka_automaton *a;
	const struct ka_nfa *nfa;
	const uint32_t *tree_above; /* by node: the next recursive directory above */
	uint32_t category;
	struct ranked *v;
	uint32_t n, cap;
	struct ka_entry *entries;
	uint32_t entries_cap;
};

static uint64_t rank_of(const struct ka_clause *c, enum rank rank, uint32_t depth)
{
	uint64_t shallow = 0xffffff - depth;

	return (uint64_t)c->scope << 56 | (uint64_t)!c->source << 55 | (uint64_t)rank << 48 |
	       shallow << 8 | (c->effect != KA_EFFECT_BLOCK);
}

/* Adds the clauses of one list. rank RANK_BLOCK_PATTERN: of a pattern, whatever the effect. */
static int gather(struct gatherer *g, uint32_t head, enum rank rank, uint32_t depth)
{
	for (uint32_t i = head; i; i = g->nfa->clauses[i].next) {
		const struct ka_clause *c = &g->nfa->clauses[i];
		enum rank own = rank;

		if (c->category != g->category || c->scope >= KA_SCOPE__MAX)
			continue;
		if (rank == RANK_BLOCK_PATTERN && c->effect == KA_EFFECT_ALLOW)
			own = RANK_ALLOW_PATTERN;
		if (!ka_grow(g->a->ctx, &g->v, &g->cap, g->n + 1, sizeof(*g->v)))
			return -ENOMEM;
		g->v[g->n++] = (struct ranked){
			.rank = rank_of(c, own, depth),
			.place = (uint64_t)c->policy << 48 | (uint64_t)c->rule << 16 | c->source,
			.clause = i,
			.effect = c->effect,
		};
	}
	return 0;
}

static int gather_acc(struct gatherer *g, uint32_t acc)
{
	uint32_t n;
	const uint32_t *v = ka_acc_of(g->a, acc, &n);
	int r = 0;

	for (uint32_t i = 0; i < n && r >= 0; i++) {
		const struct ka_trie_node *node = &g->nfa->nodes[v[i] >> 2];
		uint32_t kind = v[i] & 3;

		if (kind != KA_ACC_CHILD)
			r = gather(g, node->clauses[KA_COVER_EXACT], RANK_EXACT, 0);
		if (r >= 0 && kind != KA_ACC_EXACT)
			r = gather(g, node->clauses[KA_COVER_DIR], RANK_DIRECTORY, node->depth);
	}
	return r;
}

static int gather_set(struct gatherer *g, uint32_t set)
{
	uint32_t n, last = KA_NONE;
	const uint32_t *v = ka_set_of(g->a, set, &n);
	int r = 0;

	for (uint32_t i = 0; i < n && r >= 0; i++) {
		const struct ka_position *p = &g->nfa->positions[v[i]];
		const struct ka_goal *o = &g->nfa->objects[g->nfa->alts[p->alt].object];

		if (!p->end || g->nfa->alts[p->alt].object == last)
			continue;
		last = g->nfa->alts[p->alt].object;
		r = gather(g, o->clauses, o->execname ? RANK_EXECNAME : RANK_BLOCK_PATTERN, 0);
	}
	return r;
}

static int by_place(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	uint64_t s = x->rank >> 56, t = y->rank >> 56;

	if (s != t)
		return s < t ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->effect != y->effect)
		return x->effect < y->effect ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* A rule that covers the object in several ways (aliases, braces) keeps its best rank. */
static void sort(struct gatherer *g)
{
	uint32_t kept = 1;

	if (g->n < 2)
		return;
	qsort(g->v, g->n, sizeof(*g->v), by_place);
	for (uint32_t i = 1; i < g->n; i++)
		if (g->v[i].place != g->v[kept - 1].place ||
		    g->v[i].effect != g->v[kept - 1].effect ||
		    g->v[i].rank >> 56 != g->v[kept - 1].rank >> 56)
			g->v[kept++] = g->v[i];
	g->n = kept;
	qsort(g->v, g->n, sizeof(*g->v), by_rank);
}

static int intern_list(struct gatherer *g, uint32_t *ret)
{
	uint32_t id, asks = 0;
	int r;

	*ret = 0;
	if (!g->n)
		return 0;
	sort(g);
	if (g->n > KA_MAX_LIST || g->a->lists.bytes > KA_LIMIT_ENTRIES * sizeof(struct ka_entry))
		return -E2BIG;
	if (!ka_grow(g->a->ctx, &g->entries, &g->entries_cap, g->n, sizeof(*g->entries)))
		return -ENOMEM;
	for (uint32_t i = 0; i < g->n; i++) {
		const struct ka_clause *c = &g->nfa->clauses[g->v[i].clause];

		if (c->flags & (KA_ENTRY_OWNER | KA_ENTRY_TERMINAL))
			asks = KA_ENTRY_ASKS;
		g->entries[i] = (struct ka_entry){
			.rule = c->rule,
			.policy = c->policy,
			.source = c->source,
			.scope = c->scope,
			.effect = c->effect,
			.flags = c->flags | (i + 1 == g->n ? KA_ENTRY_LAST : 0),
		};
	}
	g->entries[0].flags |= asks;
	r = ka_intern(&g->a->lists, g->entries, g->n * sizeof(*g->entries), &id);
	*ret = id + 1;
	return r;
}

static int annotate(struct gatherer *g, uint32_t state)
{
	const struct ka_key *key = ka_state_key(g->a, state);
	int r;

	for (g->category = 0; g->category < KA_CAT_PATHS; g->category++) {
		g->n = 0;
		r = gather_acc(g, key->acc);
		for (uint32_t t = key->tree; t && r >= 0; t = g->tree_above[t])
			r = gather(g, g->nfa->nodes[t].clauses[KA_COVER_TREE], RANK_DIRECTORY,
				   g->nfa->nodes[t].depth);
		r = r < 0 ? r : gather_set(g, key->set);
		r = r < 0 ? r : intern_list(g, &g->a->states[state].list[g->category]);
		if (r < 0)
			return r;
	}
	return 0;
}

int ka_annotate_lists(struct ka_automaton *a)
{
	const struct ka_trie_node *nodes = a->nfa->nodes;
	uint32_t *above = ka_calloc(a->ctx, a->nfa->nnodes, sizeof(*above));
	struct gatherer g = {.a = a, .nfa = a->nfa, .tree_above = above};
	int r = above ? 0 : -ENOMEM;

	/* parents have smaller numbers than their children */
	for (uint32_t i = KA_ROOT_NODE + 1; i < a->nfa->nnodes && r >= 0; i++) {
		uint32_t p = nodes[i].parent;

		above[i] = nodes[p].clauses[KA_COVER_TREE] ? p : above[p];
	}
	for (uint32_t i = 0; i < a->nstates && r >= 0; i++)
		r = annotate(&g, i);
	return r;
}

/* ---- sockets and capabilities ---- */

static bool has_protocol(enum ka_net_kind kind, enum ka_net_word word)
{
	static const uint8_t words[KA_NET_KINDS] = {
		[KA_KIND_TCP] = 1u << KA_NET_TCP,
		[KA_KIND_UDP] = 1u << KA_NET_UDP,
		[KA_KIND_ICMP] = 1u << KA_NET_ICMP,
		[KA_KIND_ICMPV6] = 1u << KA_NET_ICMPV6,
		[KA_KIND_SCTP] = 1u << KA_NET_SCTP,
		[KA_KIND_RAW] = 1u << KA_NET_RAW,
		[KA_KIND_RAW_ICMP] = 1u << KA_NET_RAW | 1u << KA_NET_ICMP,
		[KA_KIND_RAW_ICMPV6] = 1u << KA_NET_RAW | 1u << KA_NET_ICMPV6,
	};

	return words[kind] >> word & 1;
}

static bool has_type(uint32_t type, bool packet, enum ka_net_word word)
{
	static const enum ka_net_word words[KA_NET_TYPE_SLOTS] = {
		[KA_TYPE_OTHER] = KA_NET__MAX,          [KA_TYPE_STREAM] = KA_NET_STREAM,
		[KA_TYPE_DGRAM] = KA_NET_DGRAM,         [KA_TYPE_RDM] = KA_NET_RDM,
		[KA_TYPE_SEQPACKET] = KA_NET_SEQPACKET, [KA_TYPE_DCCP] = KA_NET_DCCP,
		[KA_TYPE_PACKET] = KA_NET_PACKET,       [7] = KA_NET__MAX,
	};

	return words[type] == word || (packet && word == KA_NET_PACKET);
}

/* Whether rules on the word are about sockets of this index. */
static bool covers(uint32_t index, uint32_t word)
{
	uint32_t type = index / 2 % KA_NET_TYPE_SLOTS;

	if (word < KA_NET_PROTOCOLS)
		return has_protocol(index / 2 / KA_NET_TYPE_SLOTS, word);
	return word == KA_NET_ALL || has_type(type, index & 1, word);
}

static int annotate_socket(struct gatherer *g, uint32_t index)
{
	int r = 0;

	g->n = 0;
	for (uint32_t word = 0; word < KA_NET__MAX && r >= 0; word++)
		if (covers(index, word))
			r = gather(g, g->nfa->words[word],
				   word < KA_NET_PROTOCOLS ? RANK_PROTOCOL
				   : word < KA_NET_TYPES   ? RANK_TYPE
							   : RANK_ALL,
				   0);
	return r < 0 ? r : intern_list(g, &g->a->sockets[index]);
}

int ka_annotate_flat(struct ka_automaton *a)
{
	struct gatherer g = {.a = a, .nfa = a->nfa, .category = KA_CAT_NETWORK};
	int r = 0;

	for (uint32_t i = 0; i < KA_SOCKET_INDEXES && r >= 0; i++)
		r = annotate_socket(&g, i);
	g.category = KA_CAT_CAPABILITIES;
	for (uint32_t i = 0; i < KA_CAPABILITIES && r >= 0; i++) {
		g.n = 0;
		r = gather(&g, a->nfa->capabilities[i], RANK_EXACT, 0);
		if (r >= 0)
			r = intern_list(&g, &a->capabilities[i]);
	}
	return r;
}
