/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the language's promises no program judges yet; said by probe and status, so that
 * nobody takes silence for protection.
 */
#pragma once

#include <jansson.h>

extern const char *const ka_not_covered[]; /* ends with NULL */
json_t *ka_not_covered_json(void);
