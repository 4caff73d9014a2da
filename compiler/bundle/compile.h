/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies to image: links resolved, rules lowered, automaton built, tables laid out as
 * bpf/abi.h says. Never touches the kernel. The same policies and the same links give the same
 * bytes on any machine.
 */
#pragma once

#include "../policy/policy.h"

struct ka_compile_options {
	/* The root directory in which links of rule paths are resolved (O_PATH|O_DIRECTORY); -1:
	 * none, then the fixed aliases of semantics section 2 apply to Block and Audit rules. */
	int root_fd;
	bool audit_mode;    /* every policy as if it had karmor-c/mode: audit */
	bool follow_shared; /* a Block whose resolved target many names share is not refused */
};

/* What a link or alias made of a rule; for `apply`, `explain` and `status`. */
struct ka_alias {
	const struct ka_policy *policy;
	const struct ka_rule *rule;
	const struct ka_from *from; /* NULL: the object, else this source */
	const char *path, *target;
	bool fixed; /* by the table of fixed aliases, not seen in a root */
};

struct ka_compiled {
	void *image;     /* malloc'ed: capacity is a size class plus KA_IMAGE_SLACK, zero-padded */
	size_t size;     /* bytes in use */
	size_t capacity; /* power of two >= KA_MIN_CLASS; the buffer has KA_IMAGE_SLACK more */
	struct ka_alias *aliases; /* in the context's arena */
	size_t naliases;
};

void ka_compiled_done(struct ka_compiled *c);

/*
 * -EINVAL when diagnostics of severity error were added (patterns that multiply, shared
 * targets, limits); other negative errno for system failures.
 */
int ka_compile(struct ka_ctx *ctx, const struct ka_policies *policies,
	       const struct ka_compile_options *opts, struct ka_compiled *ret) KA_MUST_CHECK;
