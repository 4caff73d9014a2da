/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns: AppArmor globs, taken apart into globs over single components.
 *
 *   /home/{alice,bob}-?/x**y/[a-z]*.conf
 *
 * Braces are multiplied out, the alternatives split at their slashes, and every `**` becomes
 * a loop over whole components, where it stays inside one component a `*`. So an alternative
 * is a list of component globs, some with "any components before".
 *
 * A component glob is a list of byte sets, some with "any bytes before": the same shape one
 * level below. Equal globs have equal numbers.
 */
#pragma once

#include "../base/intern.h"

#define KA_GLOB_ANY 0u        /* `*`: every name */
#define KA_GLOB_DOTS 1u       /* `..?*`: the children that atomic volumes are made of */
#define KA_GLOB_STAR 1u       /* of a token: any bytes before */
#define KA_PATTERN_ALTS 1024u /* alternatives of one pattern, braces and `**` multiplied out */

/* A glob's data: `m` tokens (byte set << 1 | KA_GLOB_STAR), then one that tells of a last star. */
struct ka_globs {
	struct ka_ctx *ctx;
	struct ka_interner sets;  /* uint64_t[4] each */
	struct ka_interner globs; /* uint32_t[m + 1] each */
};

struct ka_comp {
	uint32_t glob;
	bool loop; /* any number of components may come before */
};

struct ka_alt {
	struct ka_comp *comps;
	uint32_t n;
	bool tail; /* any number of components may follow */
};

struct ka_pattern {
	struct ka_alt *alts;
	uint32_t n, cap;
	bool wild;  /* has a wildcard, a class or braces; else it is an exact path */
	bool empty; /* an alternative matches no absolute path and was left out */
};

int ka_globs_init(struct ka_globs *g, struct ka_ctx *ctx) KA_MUST_CHECK;

/*
 * Takes a pattern apart. -EINVAL: malformed, *reterr is a phrase that says how ("class without
 * an end"); -E2BIG: more alternatives than KA_PATTERN_ALTS.
 */
int ka_pattern_parse(struct ka_globs *g, const char *text, struct ka_pattern *ret,
		     const char **reterr) KA_MUST_CHECK;

/* The glob that matches one name only. */
int ka_glob_of_name(struct ka_globs *g, const char *name, size_t len, uint32_t *ret) KA_MUST_CHECK;
/* The name that a glob without wildcards matches; false: it has some. `ret` has room for
 * KA_MAX_NAME bytes; a longer name, which no file has, gives false, too. */
bool ka_glob_name(const struct ka_globs *g, uint32_t glob, char *ret, size_t *ret_len);

static inline const uint32_t *ka_glob_tokens(const struct ka_globs *g, uint32_t glob, uint32_t *m)
{
	const uint32_t *t = ka_interned(&g->globs, glob, m);

	*m = *m / sizeof(*t) - 1;
	return t;
}

static inline bool ka_set_has(const struct ka_globs *g, uint32_t set, uint8_t byte)
{
	const uint64_t *w = g->sets.items[set].data;

	return w[byte >> 6] >> (byte & 63) & 1;
}
