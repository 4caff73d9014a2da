/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing the policies in force: the one pipeline behind apply, delete and mode.
 *
 *   open -> read what is in force -> (the command makes `wanted` of it) -> build -> check ->
 *   commit -> report
 *
 * Every step returns KA_GO or the exit code, after having said on stderr what happened. Until
 * commit nothing has changed; when commit fails the old generation is in force.
 */
#pragma once

#include "../runtime/node.h"
#include "build.h"

enum ka_change_flags {
	KA_CHANGE_DRY_RUN = 1u << 0,       /* look only: no lock, nothing is made */
	KA_CHANGE_CREATE = 1u << 1,        /* make the pins where they are missing */
	KA_CHANGE_FORCE = 1u << 2,         /* do not mind the lock-out check */
	KA_CHANGE_REPLACE = 1u << 3,       /* what is in force need not be readable */
	KA_CHANGE_FOLLOW_SHARED = 1u << 4, /* as in ka_compile_options */
};

struct ka_change {
	struct ka_ctx *ctx;
	unsigned int flags;
	struct ka_node_handle h;
	bool attached; /* h is open: something of ours is pinned */
	struct ka_node node;

	struct ka_ctx old_ctx;
	struct ka_bundle old_bundle; /* bytes NULL: nothing was in force */
	struct ka_policies old;
	struct ka_policies wanted; /* finished; set by the command */

	struct ka_compiled compiled;
	struct ka_bundle bundle; /* what is to be in force */
	bool swapped;
};

void ka_change_done(struct ka_change *c);
#define KA_CHANGE KA_CLEANUP(ka_change_done)

/* Probes (unless dry), takes the lock, identifies the node, reads what is in force. */
int ka_change_open(struct ka_change *c) KA_MUST_CHECK;
/* A bundle's policies; their diagnostics were shown when they were compiled. -EBADMSG: errors. */
int ka_change_policies(struct ka_ctx *ctx, const struct ka_bundle *b,
		       struct ka_policies *ret) KA_MUST_CHECK;
/* wanted = what is in force, with `files` created or changed; by {kind, namespace, name}. */
int ka_change_merge(struct ka_change *c, const struct ka_policies *files) KA_MUST_CHECK;
/* wanted = what is in force, without `gone`. */
int ka_change_without(struct ka_change *c, const struct ka_policies *gone) KA_MUST_CHECK;
/* Compiles `wanted` in the node's root and makes the bundle. */
int ka_change_build(struct ka_change *c) KA_MUST_CHECK;
/* The lock-out check, and the swap; neither when nothing changes, no swap when dry. */
int ka_change_commit(struct ka_change *c) KA_MUST_CHECK;

/* Says what went wrong, with the hint; returns the exit code. */
int ka_report_error(const struct ka_error *e);
