/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From policies to the automaton's terms: rules are numbered, sources get classes, links and
 * aliases are resolved, and every {rule, source} becomes a clause of the NFA. The tables that
 * only people read (policies, labels, rules) come out as the image will hold them.
 *
 *   lower.c          policies, rules, clauses
 *   lower_sources.c  fromSource: classes, and what protects them
 *   lower_object.c   what a rule covers: nodes of the trie, or an object with alternatives
 *   lower_flat.c     what has no path: sockets, capabilities
 */
#pragma once

#include "../bundle/compile.h"
#include "links.h"

/* The image's strings: equal ones are stored once, offset 0 is "". */
struct ka_string_table {
	struct ka_interner texts;
	uint32_t *offsets; /* by number */
	uint32_t cap, size;
};

int ka_string_table_init(struct ka_string_table *s, struct ka_ctx *ctx) KA_MUST_CHECK;
int ka_string_table_add(struct ka_string_table *s, const char *text,
			uint32_t *ret_offset) KA_MUST_CHECK;

/* One fromSource and all its names. */
struct ka_lowered_from {
	const struct ka_from *from;
	uint32_t *sources; /* numbers in ka_lowered.sources; without aliases, the path itself */
	struct ka_path *paths;
	uint32_t n;
};

/* What rules cover: nodes, or one object of patterns. */
struct ka_places {
	uint32_t *nodes;
	uint32_t n, cap;
	enum ka_cover cover;
	uint32_t object; /* KA_NO_OBJECT: none */
	uint32_t *flat;  /* the clauses of an object without a path; NULL: none */
};

#define KA_NO_OBJECT UINT32_MAX

/* The aliases of a pattern's prefixes, for all rules that share the object. */
struct ka_prefixes {
	const char **from, **to;
	uint32_t n, cap, to_cap;
};

struct ka_lowered {
	struct ka_ctx *ctx;
	const struct ka_policies *policies;
	const struct ka_compile_options *opts;
	struct ka_links *links;
	struct ka_nfa nfa;
	struct ka_string_table strings;
	struct ka_policy_rec *policy_recs;
	struct ka_space_rec *spaces; /* one for each of policies->ns */
	struct ka_label_rec *labels;
	uint32_t nlabels, labels_cap;
	struct ka_rule_rec *rules;
	uint32_t nrules, rules_cap;
	struct ka_interner sources;    /* paths, in the order of first sight */
	uint16_t *classes;             /* by that number */
	const char **source_paths;     /* by class - 1, sorted */
	struct ka_lowered_from *froms; /* in the order of the rules */
	uint32_t nfroms, froms_cap;
	struct ka_prefixes *prefixes; /* by object */
	uint32_t prefixes_cap;
	struct ka_alias *aliases;
	uint32_t naliases, aliases_cap;
	uint32_t hooks;
};

int ka_lower(struct ka_ctx *ctx, const struct ka_policies *policies,
	     const struct ka_compile_options *opts, struct ka_lowered *ret) KA_MUST_CHECK;

/* ---- between the files of this stage ---- */

struct ka_at {
	const struct ka_policy *policy;
	const struct ka_rule *rule;
	uint32_t number; /* of the policy */
};

int ka_lower_sources(struct ka_lowered *l) KA_MUST_CHECK;
/* What one fromSource of a Block or Allow rule needs besides the rule: its path is a name, and
 * with `integrity` it may not be changed. */
int ka_lower_protect(struct ka_lowered *l, const struct ka_at *at, const struct ka_lowered_from *f,
		     uint32_t rule, bool integrity) KA_MUST_CHECK;
/* n is 0 and object KA_NO_OBJECT: nothing, which a diagnostic says. */
int ka_lower_object(struct ka_lowered *l, const struct ka_at *at,
		    struct ka_places *ret) KA_MUST_CHECK;
/* An object without a path. */
int ka_lower_flat(struct ka_lowered *l, const struct ka_at *at,
		  struct ka_places *ret) KA_MUST_CHECK;
int ka_lower_alias(struct ka_lowered *l, const struct ka_at *at, const struct ka_from *from,
		   const char *path, const char *target, bool fixed) KA_MUST_CHECK;
/* No component is longer than a file's name can be. */
bool ka_lower_possible(const struct ka_path *path);
