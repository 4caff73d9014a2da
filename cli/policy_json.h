/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical text as JSON: the same documents in the other notation.
 */
#pragma once

#include <jansson.h>

#include "../compiler/policy/policy.h"

/* An array of the text's documents; NULL on failure. */
json_t *ka_text_json(struct ka_ctx *ctx, const char *text, size_t len);
/* A policy's document; NULL on failure. */
json_t *ka_policy_json(struct ka_ctx *ctx, const struct ka_policy *p);
