/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The deterministic automaton over path components, in three steps:
 *
 *   explore   subset construction: which states there are and where components lead
 *   annotate  what holds in each state: ranked entry lists, sets of policies
 *   fold      states that nobody can tell apart become one; early ends; numbers of `below`
 *
 * A state is known by its key: where it stands in the trie, which literal and directory rules
 * cover an object that ends here, the innermost recursive directory, and the set of patterns'
 * positions. Off the trie the key has no node, so that states are shared. A literal rule costs
 * one state and two edges however many there are; what patterns cost is bounded.
 */
#pragma once

#include "bytes.h"
#include "nfa.h"

#define KA_NONE UINT32_MAX

/* Bounds on what rules may multiply into; memory and time follow from them. */
#define KA_LIMIT_EDGES (3u << 20)
#define KA_LIMIT_POSITIONS (4u << 20) /* of all sets of positions */
#define KA_LIMIT_ENTRIES (2u << 20)

struct ka_limits {
	uint32_t rows, states;
	uint32_t fanout; /* classes of all states */
	uint64_t work;   /* elements of sets looked at */
};

/* How an element of `acc` covers: node << 2 | ka_acc. */
enum ka_acc { KA_ACC_OWN, KA_ACC_EXACT, KA_ACC_CHILD };

struct ka_key {
	uint32_t node; /* of the trie, if something lies below it; 0: off the trie */
	uint32_t dots; /* the directory in whose child `..*` we are; 0: none */
	uint32_t acc;  /* number in accs */
	uint32_t tree; /* innermost recursive directory at or above; 0: none */
	uint32_t set;  /* number in sets: positions of patterns */
};

struct ka_dfa_edge {
	uint32_t name, target;
	uint32_t otherwise; /* where the name would lead without this edge */
};

struct ka_dfa_state {
	uint32_t globs; /* number in bytes.sets; KA_NONE: names are not scanned */
	/* first of the scanner's nclasses; [0] is for all other names; fold may add
	 * KA_STATE_IN_DOTS to one */
	uint32_t targets;
	uint32_t edges, nedges;
	uint32_t list[KA_CAT_PATHS]; /* number in lists + 1; 0: no rule */
	uint32_t move, mount;        /* number in psets; 0: empty */
	uint32_t flags;              /* KA_STATE_*, by fold */
	uint32_t below;              /* by fold */
};

struct ka_automaton {
	struct ka_ctx *ctx;
	const struct ka_nfa *nfa;
	struct ka_limits limits;
	struct ka_bytes bytes;
	struct ka_interner keys; /* struct ka_key; number is the state, before fold */
	struct ka_interner accs; /* sorted uint32_t */
	struct ka_interner sets; /* sorted positions */
	struct ka_dfa_state *states;
	uint32_t nstates, states_cap;
	uint32_t *targets;
	uint32_t ntargets, targets_cap;
	uint32_t fanout; /* classes of all states, whether they share targets or not */
	struct ka_dfa_edge *edges;
	uint32_t nedges, edges_cap;
	uint32_t start;
	/* lists of objects that have no path, numbers + 1; 0: no rule */
	uint32_t sockets[KA_SOCKET_INDEXES], capabilities[KA_CAPABILITIES];
	struct ka_interner lists; /* struct ka_entry[] */
	struct ka_interner psets; /* uint64_t[] without trailing zeroes */
	/* of explore alone */
	uint32_t *live, live_cap; /* by set, + 1: the set without what leads nowhere */
	struct ka_interner pairs; /* {live set, globs} */
	uint32_t *steps;          /* by pair: first of the sets that classes lead to */
	uint32_t steps_cap;
	struct ka_interner off_trie; /* {live set, tree}: where names lead from off the trie */
	uint32_t *ways, ways_cap;    /* by that: first of the targets */
	uint32_t *moves, nmoves, moves_cap;
	uint32_t *stamps, stamp; /* by glob: matched by the class at hand */
	uint32_t *buffer, buffer_cap;
};

/* -E2BIG: a limit was reached. */
int ka_explore(struct ka_automaton *a, struct ka_ctx *ctx, const struct ka_nfa *nfa,
	       const struct ka_limits *limits) KA_MUST_CHECK;
int ka_annotate_lists(struct ka_automaton *a) KA_MUST_CHECK;
/* Of sockets and capabilities. */
int ka_annotate_flat(struct ka_automaton *a) KA_MUST_CHECK;
int ka_annotate_psets(struct ka_automaton *a, uint32_t policies) KA_MUST_CHECK;
int ka_fold(struct ka_automaton *a) KA_MUST_CHECK;

static inline const struct ka_key *ka_state_key(const struct ka_automaton *a, uint32_t state)
{
	return a->keys.items[state].data;
}

static inline const uint32_t *ka_acc_of(const struct ka_automaton *a, uint32_t acc, uint32_t *n)
{
	const uint32_t *v = ka_interned(&a->accs, acc, n);

	*n /= sizeof(*v);
	return v;
}

static inline const uint32_t *ka_set_of(const struct ka_automaton *a, uint32_t set, uint32_t *n)
{
	const uint32_t *v = ka_interned(&a->sets, set, n);

	*n /= sizeof(*v);
	return v;
}

static inline uint32_t ka_classes_of(const struct ka_automaton *a, const struct ka_dfa_state *s)
{
	return s->globs == KA_NONE ? 1 : a->bytes.scanners[s->globs]->nclasses;
}
