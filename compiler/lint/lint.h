/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is valid and still hardly meant: rules that never match, that do more than they seem to,
 * that would break the node. Works on typed policies, after the language and before the rules;
 * changes nothing.
 *
 * Every finding says what the kernel would do, and no finding depends on the order of files.
 */
#pragma once

#include "../policy/policy.h"

struct ka_node;

enum ka_lint_flags {
	KA_LINT_DANGER = 1u << 0,   /* 07xx: what `apply` shows, too */
	KA_LINT_DEFAULT = 1u << 1,  /* 05xx, 06xx, 08xx */
	KA_LINT_PORTABLE = 1u << 2, /* 09xx */
};

/*
 * What only the document shows (what was left out, where an action was written). Called for each
 * policy that was decoded, if ctx->lint asks for it.
 */
void ka_lint_document(struct ka_ctx *ctx, const struct ka_node *root, const struct ka_policy *p);

/* The finished set. Time is linear in the number of rules. 0, or -ENOMEM. */
int ka_lint(struct ka_ctx *ctx, const struct ka_policies *set, unsigned flags) KA_MUST_CHECK;
