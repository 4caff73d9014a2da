/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every stage of the compiler shares: memory and diagnostics.
 *
 * One context per compilation. All memory of the stages comes from its arena and goes with
 * it, so stages free nothing. Mistakes of the user are collected as diagnostics and never
 * printed here; a stage goes on after one to find more, and the pipeline stops between stages
 * when there are errors. System failures travel up as negative errno.
 */
#pragma once

#include "../../runtime/util.h"

/* ---- memory ---- */

struct ka_arena;

/* ---- positions ---- */

struct ka_source {
	const char *name; /* as the user gave it: a path, or "<stdin>" */
	const char *text; /* not NUL-terminated */
	size_t len;
};

/* A place in a source: line and column count from 1, the column in bytes. line 0: no place. */
struct ka_loc {
	const struct ka_source *source;
	uint32_t line, column;
	uint32_t length; /* bytes to underline; 0: one caret */
};

/* ---- diagnostics ---- */

enum ka_severity { KA_NOTE, KA_WARNING, KA_ERROR };

enum ka_diag_id {
#define KA_DIAG(id, number, severity, text) KA_D_##id,
#include "diag_ids.def"
#undef KA_DIAG
	KA_D__MAX
};

struct ka_diag {
	enum ka_diag_id id;
	enum ka_severity severity;
	struct ka_loc loc;
	const char *message;
	const char *hint; /* what to do, or NULL */
	const struct ka_diag
		*more; /* a note about the other end (first definition, ...), or NULL */
};

struct ka_ctx {
	struct ka_arena *arena;
	struct ka_diag *diags; /* in the order in which they were found */
	size_t ndiags, diags_cap;
	size_t nerrors, nwarnings, nnotes, left_out;
	int failed;        /* negative errno of the first system failure, 0 */
	char failure[256]; /* one line about it */
};

int ka_ctx_init(struct ka_ctx *ctx) KA_MUST_CHECK;
void ka_ctx_done(struct ka_ctx *ctx);
#define KA_CTX KA_CLEANUP(ka_ctx_done)

/* Zeroed memory of the context, aligned to 16; NULL on ENOMEM, which is remembered in ctx->failed.
 */
void *ka_alloc(struct ka_ctx *ctx, size_t size) KA_MUST_CHECK;
void *ka_calloc(struct ka_ctx *ctx, size_t n, size_t size) KA_MUST_CHECK;
char *ka_strndup(struct ka_ctx *ctx, const char *s, size_t len) KA_MUST_CHECK;
char *ka_sprintf(struct ka_ctx *ctx, const char *fmt, ...) KA_MUST_CHECK KA_PRINTF(2, 3);

/*
 * Adds a diagnostic; its message is made from the id's text (diag_ids.def) and the arguments.
 * Returns it, so that a hint or a note can be added; never NULL (on ENOMEM a static dummy).
 */
struct ka_diag *ka_diag(struct ka_ctx *ctx, enum ka_diag_id id, struct ka_loc loc, ...);
void ka_diag_hint(struct ka_ctx *ctx, struct ka_diag *d, const char *fmt, ...) KA_PRINTF(3, 4);
void ka_diag_note(struct ka_ctx *ctx, struct ka_diag *d, struct ka_loc loc, const char *fmt, ...)
	KA_PRINTF(4, 5);
const char *ka_diag_code(enum ka_diag_id id); /* "KA0102" */

/* Records a system failure with a line of context; returns err (negative errno). */
int ka_fail(struct ka_ctx *ctx, int err, const char *fmt, ...) KA_PRINTF(3, 4);
