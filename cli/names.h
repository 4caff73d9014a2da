/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What things in an image are called when people read about them: policies, rules, categories.
 *
 * Everything comes from the image's own tables, so that a record or a refusal names the policy
 * that is in force, not a file that may have changed since.
 */
#pragma once

#include "../runtime/image.h"

struct ka_text {
	char s[1024];
};

/* "KubeArmorPolicy/ns/name"; "?" when the index is out of range. */
struct ka_text ka_name_policy(const struct ka_reader *r, uint32_t policy);
/* "spec.file.matchPaths[2].fromSource[0]" */
struct ka_text ka_name_place(const struct ka_rule_rec *rule);
/* "KubeArmorPolicy/ns/name spec.file.matchPaths[2]" */
struct ka_text ka_name_rule(const struct ka_reader *r, uint32_t rule);
const char *ka_name_category(enum ka_category cat);   /* "file" */
const char *ka_name_posture(enum ka_posture posture); /* "block" */

/* 32 bytes as hex. */
struct ka_text ka_name_digest(const uint8_t digest[32]);

/* "y" or "ies", "" or "s" */
const char *ka_plural_y(size_t n);
const char *ka_plural_s(size_t n);
