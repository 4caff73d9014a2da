/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Did you mean": the nearest of some names within two edits.
 */
#pragma once

#include "../../runtime/util.h"

struct ka_suggest {
	const char *name;
	size_t len;
	const char *best; /* NULL: none is near enough */
	unsigned distance;
};

static inline struct ka_suggest ka_suggest_for(const char *name, size_t len)
{
	return (struct ka_suggest){.name = name, .len = len, .distance = 3};
}

/* Offers a candidate; the first of equally near ones stays. */
void ka_suggest_try(struct ka_suggest *s, const char *candidate);

/* Edits between two strings (insert, delete, replace, swap of neighbours), without case;
 * anything beyond `most` gives most + 1. */
unsigned ka_edits(const char *a, size_t alen, const char *b, size_t blen, unsigned most);
