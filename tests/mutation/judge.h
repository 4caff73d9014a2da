/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a text says: to the tool (findings, canonical text), and to a second, simpler reader that
 * takes only the tree (meaning). When the meaning of a text changes, the tool has to show it.
 */
#pragma once

#include "../../compiler/policy/policy.h"
#include "../../compiler/tree/yaml.h"

struct verdict {
	struct ka_ctx ctx; /* everything below is its memory */
	size_t errors;
	const char *findings; /* ids and messages, sorted */
	const char *text;     /* canonical; "" with errors */
	const char *meaning;
};

void judge(const char *text, size_t len, struct verdict *ret);
void verdict_done(struct verdict *v);
#define VERDICT KA_CLEANUP(verdict_done)

/* Fields that a rule inherits. */
bool is_inherited(const char *key);
/* Of metadata: what a server adds, and what is for other tools. */
bool is_foreign(const char *key);
/* Mappings whose keys are the author's. */
bool has_free_keys(const char *key);
bool is_our_annotation(const char *key);
