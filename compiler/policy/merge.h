/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of policies by {kind, namespace, name}: find, compare, put together, take away; and the
 * mode of a policy. For whoever changes what is in force.
 */
#pragma once

#include "policy.h"

/* Which policy of `set` has the same {kind, namespace, name}; NULL: none. */
struct ka_policy *ka_set_find(const struct ka_policies *set, const struct ka_policy *p);
int ka_set_add(struct ka_ctx *ctx, struct ka_policies *set, struct ka_policy *p) KA_MUST_CHECK;

enum ka_diff { KA_DIFF_CREATED, KA_DIFF_CHANGED, KA_DIFF_UNCHANGED };
/* What `p` is to the set that was in force before. */
enum ka_diff ka_set_diff(const struct ka_policies *old, const struct ka_policy *p);
const char *ka_diff_str(enum ka_diff d);

/*
 * ret = old without `gone` (NULL: all of it), with those of `files` (NULL: none) added or
 * replaced; finished. `old` stays as it is, so that both can be compared.
 */
int ka_set_merge(struct ka_ctx *ctx, const struct ka_policies *old, const struct ka_policies *gone,
		 const struct ka_policies *files, struct ka_policies *ret) KA_MUST_CHECK;

/* A copy of the policy in the wanted mode, its text alike (itself, if it is in it already). */
int ka_policy_set_mode(struct ka_ctx *ctx, struct ka_policy *p, bool audit,
		       struct ka_policy **ret) KA_MUST_CHECK;
/* All policies of the set, in place. */
int ka_policies_set_mode(struct ka_ctx *ctx, struct ka_policies *set, bool audit) KA_MUST_CHECK;
