/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that goes all at once: of a compilation (context.h), of one document (tree/tree.h).
 * Strings lie close together, everything else is aligned to 16.
 */
#pragma once

#include "../../runtime/util.h"

struct ka_arena_chunk;

/* All zero: empty. */
struct ka_arena {
	struct ka_arena_chunk *first;
	size_t total;  /* of all chunks */
	char *strings; /* where the next string goes */
	size_t strings_left;
};

/* Zeroed; NULL on ENOMEM. */
void *ka_arena_alloc(struct ka_arena *a, size_t size) KA_MUST_CHECK;
/* s[len] and a NUL; NULL on ENOMEM. */
char *ka_arena_strndup(struct ka_arena *a, const char *s, size_t len) KA_MUST_CHECK;
/* Forgets everything that was given; memory for the next round is kept. */
void ka_arena_reset(struct ka_arena *a);
void ka_arena_done(struct ka_arena *a);
