/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies by what people type: [KIND/][NAMESPACE/]NAME.
 */
#pragma once

#include "../compiler/policy/policy.h"
#include "../runtime/util.h"

/* Whether the words name the policy. KIND in any case, with or without "KubeArmor". */
bool ka_named(const struct ka_policy *p, const char *name);

/*
 * The one policy of the set that is named. KA_GO and *ret; or says that there is none (with
 * the nearest) or several (with all of them), and returns the exit code.
 */
int ka_find_one(struct ka_ctx *ctx, const struct ka_policies *set, const char *name,
		struct ka_policy **ret) KA_MUST_CHECK;
