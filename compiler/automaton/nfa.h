/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All path rules of all policies as one nondeterministic automaton over path components.
 *
 * Literal paths and directories are nodes of a trie. Patterns and execnames are alternatives:
 * rows of positions, each before a component glob, attached to the trie node of their literal
 * prefix. What a rule says of an object is a clause; a node and an alternative's end hold
 * lists of clauses. After this stage nothing knows rules' spelling.
 *
 *   lower.c fills it, automaton.c makes it deterministic, lists.c ranks its clauses
 */
#pragma once

#include "../../bpf/abi.h"
#include "../../bpf/socket.h"
#include "glob.h"

#define KA_ROOT_NODE 1u /* node 0 is none */

/* What a clause is about; also its place among its node's lists. */
enum ka_cover {
	KA_COVER_EXACT, /* the object itself, and the same name in a child `..*` of its directory */
	KA_COVER_DIR,   /* it, its children, and theirs if a child's name begins with `..` */
	KA_COVER_TREE,  /* it and everything below */
	KA_COVER__MAX
};

/* One rule with one source. */
struct ka_clause {
	uint32_t rule;
	uint32_t next; /* in its list; 0: last */
	uint16_t policy;
	uint16_t source;
	uint8_t category;
	uint8_t scope; /* KA_SCOPE__MAX: only names a source, enters no list */
	uint8_t effect;
	uint8_t flags; /* KA_ENTRY_* */
};

struct ka_trie_node {
	uint32_t name; /* in names */
	uint32_t parent, child, last_child, sibling;
	uint32_t clauses[KA_COVER__MAX];
	uint32_t named; /* clauses that only say that this path is a source */
	uint32_t alts;  /* first attached alternative */
	uint32_t depth;
	uint32_t children;
	bool leaves; /* some child has exact clauses */
};

/* The positions of an alternative are numbered from `first`; the last one accepts. */
struct ka_nfa_alt {
	uint32_t first, n; /* n components, so n + 1 positions */
	uint32_t next;     /* attached to the same node */
	uint32_t object;
};

struct ka_position {
	uint32_t glob; /* of the next component; unused at the end */
	uint32_t alt;
	bool end;
	bool loop;  /* any components may come before (at the end: may follow) */
	bool loose; /* reached only through a loop */
};

/* What a pattern or execname covers; equal texts share one. */
struct ka_goal {
	uint32_t clauses;
	bool execname;
	struct ka_loc loc; /* of the first rule, for diagnostics */
	const char *text;
	uint32_t policy; /* of the first rule */
};

struct ka_nfa {
	struct ka_ctx *ctx;
	struct ka_globs globs;
	struct ka_interner names;
	struct ka_trie_node *nodes;
	uint32_t nnodes, nodes_cap;
	uint32_t *slots, slots_mask; /* children by {parent, name} */
	struct ka_clause *clauses;
	uint32_t nclauses, clauses_cap;
	struct ka_nfa_alt *alts;
	uint32_t nalts, alts_cap;
	struct ka_position *positions;
	uint32_t npositions, positions_cap;
	struct ka_goal *objects;
	uint32_t nobjects, objects_cap;
	/* Clauses about objects without a path. */
	uint32_t words[KA_NET__MAX], capabilities[KA_CAPABILITIES];
	struct ka_interner texts; /* of objects: text, then enum ka_spelling */
};

int ka_nfa_init(struct ka_nfa *nfa, struct ka_ctx *ctx) KA_MUST_CHECK;

/* A path taken apart; the components point into someone's text. */
struct ka_part {
	const char *name;
	uint32_t len;
};

struct ka_path {
	struct ka_part *parts;
	uint32_t n;
};

/* Splits at slashes; empty components are left out. */
int ka_path_split(struct ka_ctx *ctx, const char *text, struct ka_path *ret) KA_MUST_CHECK;
/* "/a/b" */
char *ka_path_join(struct ka_ctx *ctx, const struct ka_path *path) KA_MUST_CHECK;

/* The node of a path, made if it is missing. */
int ka_nfa_node(struct ka_nfa *nfa, const struct ka_path *path, uint32_t *ret) KA_MUST_CHECK;
uint32_t ka_nfa_child(const struct ka_nfa *nfa, uint32_t node, uint32_t name); /* 0: none */
/* Adds a clause to a list; *head is the list. The clause's `next` is set here. Twice the same
 * is added once. */
int ka_nfa_clause(struct ka_nfa *nfa, uint32_t *head, const struct ka_clause *c) KA_MUST_CHECK;
int ka_nfa_cover(struct ka_nfa *nfa, uint32_t node, enum ka_cover cover,
		 const struct ka_clause *c) KA_MUST_CHECK;

enum ka_spelling { KA_SPELT_PATTERN, KA_SPELT_ALIASED, KA_SPELT_EXECNAME };

/* The object of a pattern's or execname's text; *ret_new: it has no alternatives yet. */
int ka_nfa_object(struct ka_nfa *nfa, const char *text, enum ka_spelling how, uint32_t *ret,
		  bool *ret_new) KA_MUST_CHECK;
/* Attaches an alternative, whose literal prefix becomes a path of the trie. */
int ka_nfa_alt(struct ka_nfa *nfa, uint32_t object, const struct ka_alt *alt) KA_MUST_CHECK;
