/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing canonical YAML; private to canon.c and canon_rules.c.
 *
 * Everything is written twice: first to nowhere, to know the length, then into a buffer of just
 * that length. So nothing can fail in between, and large policies need no memory beside it.
 */
#pragma once

#include "policy.h"

struct ka_text_out {
	char *to; /* NULL: count only */
	size_t n;
};

static inline void ka_put_bytes(struct ka_text_out *o, const char *s, size_t len)
{
	if (o->to)
		memcpy(o->to + o->n, s, len);
	o->n += len;
}

static inline void ka_put(struct ka_text_out *o, const char *s)
{
	ka_put_bytes(o, s, strlen(s));
}

void ka_put_blanks(struct ka_text_out *o, unsigned n);
void ka_put_number(struct ka_text_out *o, uint64_t v);
/* A string, in quotes where YAML would take it for anything else. */
void ka_put_string(struct ka_text_out *o, const char *s);
/* "key: value\n" */
void ka_put_field(struct ka_text_out *o, unsigned indent, const char *key, const char *value);
/* "key: [a, b]\n" of a list of words, of what commas separate. */
void ka_put_words(struct ka_text_out *o, unsigned indent, const char *key,
		  const struct ka_words *words);
void ka_put_commas(struct ka_text_out *o, unsigned indent, const char *key, const char *list);

/* The sections of spec that hold rules. */
void ka_put_rules(struct ka_text_out *o, const struct ka_policy *p);
