/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy's canonical text as JSON: the same document in the other notation.
 */
#pragma once

#include <jansson.h>

#include "../compiler/policy.h"

/* NULL when the text is no single document; which canonical text always is. */
json_t *ka_policy_json(struct ka_ctx *ctx, const struct ka_policy *p);
