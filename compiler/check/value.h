/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of fields: paths, patterns, names. Each check adds its diagnostics and says whether
 * the value can be used.
 */
#pragma once

#include "../tree/yaml.h"

#define KA_MAX_PATH 4096u /* bytes of a path or pattern */

enum ka_path_type { KA_PATH_OBJECT, KA_PATH_DIR, KA_PATH_SOURCE };

/* NULL, and what is no string (the schema has told), give false without a diagnostic. */
bool ka_check_path(struct ka_ctx *ctx, const struct ka_node *n, enum ka_path_type type);
bool ka_check_pattern(struct ka_ctx *ctx, const struct ka_node *n);
bool ka_check_execname(struct ka_ctx *ctx, const struct ka_node *n);
/* what: "name" or "namespace"; max: bytes. */
bool ka_check_name(struct ka_ctx *ctx, const struct ka_node *n, const char *what, size_t max);
bool ka_check_label_key(struct ka_ctx *ctx, const struct ka_node *n);
