/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the model: match.c finds which rules meet an operation, model.c decides between them.
 */
#pragma once

#include "model.h"

/* From the least to the most specific object; directories and patterns are one rank. */
enum md_rank {
	MD_RANK_NONE,
	MD_RANK_AREA,
	MD_RANK_EXECNAME,
	MD_RANK_EXACT,
	MD_RANK_WORD, /* plus MD_WORD_*; only among rules on sockets */
};

/* How one rule (with one of its sources, or without any) meets an operation. */
struct md_match {
	struct md_name name;
	enum md_action effect; /* MD_BLOCK: denies, be it an Allow for the owner alone */
	bool would;            /* denies, but its policy is in audit mode */
	bool soft;             /* denies, but may be overridden */
	bool source;
	unsigned rank;
	bool pattern;   /* of MD_RANK_AREA: a pattern, else a directory ... */
	size_t dir_len; /* ... of this length */
};

struct md_matches {
	struct md_match *v;
	size_t n, cap;
};

void md_add(struct md_matches *all, const struct md_match *m);
/* Every rule of the policies that govern. */
void md_match_rules(const struct md_set *set, const struct md_node *node,
		    const struct md_subject *who, const struct md_access *access,
		    struct md_matches *all);
/* As if there were an exact Block for each source and each allowed executable. */
void md_match_integrity(const struct md_set *set, const struct md_node *node,
			const struct md_subject *who, const struct md_access *access,
			struct md_matches *all);
