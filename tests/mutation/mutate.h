/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text, and ways to break it.
 */
#pragma once

#include "../../compiler/tree/yaml.h"

/* A name or a value in the text. */
struct spot {
	uint32_t start, end, line_start; /* line_start: of the line of `start` */
	enum ka_node_type type;
	const char *str, *key; /* of a value: the name before it, or "" */
	bool is_key, is_plain;
	bool in_policy;  /* of a policy, whose fields are all known */
	bool is_foreign; /* for other tools */
	bool is_free;    /* the author's own name, or its value */
};

struct sample {
	struct ka_ctx ctx; /* spots are its memory */
	const char *name;
	char *text;
	size_t len;
	struct spot *spots;
	uint32_t nspots, cap;
};

/* *s has name, text and len. */
void sample_prepare(struct sample *s);
void sample_done(struct sample *s);

struct random {
	uint64_t state;
};

uint64_t random_next(struct random *r);
size_t random_below(struct random *r, size_t n); /* n > 0 */

enum demand {
	NOTHING,    /* this way does not fit the sample: another one */
	MUST_SHOW,  /* another meaning has to show */
	MUST_REFUSE /* that is an error, whatever the meaning */
};

/* Breaks a copy; *ret is malloc'ed. *how is a word for people. */
enum demand mutate(const struct sample *s, struct random *r, char **ret, size_t *ret_len,
		   const char **how);
