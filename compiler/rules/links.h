/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links and aliases: the other names of a path.
 *
 * The kernel never sees a symlink's name, so a rule on a path that passes through links is a
 * rule on what they lead to as well. With a root they are read there, component by component
 * and never leaving it; without one the fixed aliases (/bin and /usr/bin, ...) are taken for
 * granted where that only makes rules stricter.
 *
 * A root may belong to a container that changes it meanwhile. Whatever it shows, only names
 * come out, and nothing outside is opened.
 */
#pragma once

#include "../automaton/nfa.h"

struct ka_links;

/* root_fd -1: no root. The descriptor stays the caller's. */
int ka_links_new(struct ka_ctx *ctx, int root_fd, struct ka_links **ret) KA_MUST_CHECK;

struct ka_names {
	struct ka_path *v; /* without the path itself; the last one is where it leads in the end */
	uint32_t n;
	bool fixed;          /* from the table of fixed aliases */
	struct ka_path link; /* the last component is a link: its own path; n is 0 if it is none */
};

/* The other names of a path. `strict`: fixed aliases may be used, the rule blocks or audits. */
int ka_links_names(struct ka_links *l, const struct ka_path *path, bool strict,
		   struct ka_names *ret) KA_MUST_CHECK;

/*
 * If many programs share the file that `path` (names.link) leads to: their names, joined by
 * ", "; else NULL in *ret.
 */
int ka_links_shared(struct ka_links *l, const struct ka_path *path, const struct ka_path *target,
		    const char **ret) KA_MUST_CHECK;
