/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What validate found, and the formats in which people and machines read it: one file per
 * format, one row per file in ka_outputs. No format decides anything: the exit status is made
 * before, and is the same for all of them.
 */
#pragma once

#include "../input.h"
#include "../utf8.h"

/* A place as editors have it: from 1, columns in UTF-16 units. line 0: none. */
struct ka_point {
	uint32_t line, column;
};

struct ka_span {
	struct ka_point from, to; /* to: behind the last unit; line 0: not known */
};

struct ka_lines;

struct ka_found {
	const struct ka_ctx *ctx;
	const struct ka_input *in; /* NULL: nothing but diagnostics is known */
	enum ka_severity fail_level;
	bool coloured, quiet, with_max; /* with_max: the command has --max */
	size_t fixed;                   /* corrections that were made */
	int exit_code;

	/* made by ka_found_open */
	const struct ka_diag **diags; /* as one reads the sources */
	size_t n, fixable;
	size_t *first;          /* of diags, for each source and for those without one */
	struct ka_lines *lines; /* of each source, once asked for */
};

/* Sorts and counts; the fields above `diags` are the caller's. -ENOMEM. */
int ka_found_open(struct ka_found *f) KA_MUST_CHECK;
void ka_found_done(struct ka_found *f);
#define KA_FOUND KA_CLEANUP(ka_found_done)

/* The findings about source i; i == ctx->nsources: those about none. */
struct ka_part {
	const struct ka_source *source; /* or NULL */
	const struct ka_diag *const *diags;
	size_t n;
	const size_t *counts; /* by severity, what was left out included */
	size_t left_out;
};

struct ka_part ka_found_part(const struct ka_found *f, size_t i);
/* Whether it has a finding at or above the fail level. */
bool ka_part_fails(const struct ka_found *f, const struct ka_part *part);

struct ka_span ka_found_span(const struct ka_found *f, const struct ka_loc *loc);
/* Bytes [offset, offset + length) of an opened source. */
struct ka_span ka_found_range(const struct ka_found *f, const struct ka_source *src,
			      uint32_t offset, uint32_t length);
/*
 * The line on which a place is, without its end, and the place in it; false: there is none, or
 * the text is not what it was read from.
 */
bool ka_loc_line(const struct ka_loc *loc, const char **ret, size_t *ret_len, size_t *ret_at);

const char *ka_severity_str(enum ka_severity severity);
const char *ka_plural(size_t n);

struct ka_output {
	const char *name;
	void (*print)(FILE *out, struct ka_found *f);
};

/* In the order of ka_output_names, which is for KA_OPT_CHOICE rows. */
extern const struct ka_output ka_outputs[];
extern const char *const ka_output_names[];
extern const char *const ka_severity_names[]; /* the order is enum ka_severity */

void ka_output_text(FILE *out, struct ka_found *f);
void ka_output_json(FILE *out, struct ka_found *f);
void ka_output_sarif(FILE *out, struct ka_found *f);
void ka_output_junit(FILE *out, struct ka_found *f);
void ka_output_github(FILE *out, struct ka_found *f);
void ka_output_tap(FILE *out, struct ka_found *f);
void ka_output_gitlab(FILE *out, struct ka_found *f);

/* One diagnostic with its line and a caret: what `text` consists of, and junit carries. */
void ka_text_diag(FILE *out, const struct ka_diag *d, bool coloured);
/* One diagnostic: {id, severity, file, line, column, length, message, hint, more, fix}. */
json_t *ka_diag_json(const struct ka_diag *d);
/* Message, and what to do about it. */
json_t *ka_message_json(const struct ka_diag *d, const char *between);
