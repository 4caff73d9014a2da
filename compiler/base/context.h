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

struct ka_findings;

struct ka_source {
	const char *name; /* as the user gave it: a path, or "<stdin>" */
	const char *text; /* not NUL-terminated */
	size_t len;
	struct ka_findings
		*findings; /* ka_source_open; NULL: nothing is ignored or counted apart */
};

/* A place in a source: line and column count from 1, the column in bytes. line 0: no place. */
struct ka_loc {
	const struct ka_source *source;
	uint32_t line, column;
	uint32_t offset; /* bytes from the start of the text */
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

/* A correction that needs no guess: these bytes of the diagnostic's source become that text. */
struct ka_fix {
	uint32_t offset, length;
	const char *text;
	struct ka_fix *next; /* belongs to the same correction: all or none; offsets ascend */
};

struct ka_diag {
	enum ka_diag_id id;
	enum ka_severity severity;
	struct ka_loc loc;
	const char *message;
	const char *hint; /* what to do, or NULL */
	const struct ka_diag
		*more;      /* a note about the other end (first definition, ...), or NULL */
	struct ka_fix *fix; /* or NULL */
};

/* What was said about one source so far, and what its comments say not to. */
struct ka_findings {
	size_t order;                   /* of the source in ctx->sources */
	size_t counts[KA_ERROR + 1];    /* of each severity, kept or not */
	size_t kept, remarks, left_out; /* remarks: notes and warnings among the kept */
	const struct ka_ignore *ignores;
	size_t nignores;
	bool remarks_read; /* comments were looked for: a source may be read again */
};

/* Lines of a source on which an id is not reported: `# karmor-c: ignore KA0123 reason`. */
struct ka_ignore {
	enum ka_diag_id id;
	uint32_t first, last; /* lines */
	bool *used;           /* shared by all ranges of one comment */
	struct ka_loc loc;    /* of the id in the comment */
};

struct ka_ctx {
	struct ka_arena *arena;
	struct ka_diag **diags; /* in the order in which they were found */
	size_t ndiags, diags_cap;
	size_t remarks;                   /* notes and warnings among them */
	const struct ka_source **sources; /* as they were opened */
	size_t nsources, sources_cap;
	struct ka_findings placeless; /* of diagnostics without an opened source */
	size_t diags_max;             /* kept per source; 0: the default. More are only counted */
	/* Counts are of what is reported, kept or not; what is ignored is in nignored alone. */
	size_t nerrors, nwarnings, nnotes, left_out, nignored;
	bool pass_templates;     /* those that speak of something else are no errors */
	unsigned lint;           /* enum ka_lint_flags: what to look for while reading */
	bool strict;             /* documents without a policy are warnings, no notes */
	bool ignored[KA_D__MAX]; /* ids that are not reported: warnings and notes only */
	int failed;              /* negative errno of the first system failure, 0 */
	char failure[256];       /* one line about it */
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

/* Whether bytes [from, to) of the text speak of KubeArmor: nobody else's business then. */
bool ka_source_is_ours(const struct ka_source *src, size_t from, size_t to);

/* Prepares a source for being read: its findings are counted apart. -ENOMEM. */
int ka_source_open(struct ka_ctx *ctx, struct ka_source *src) KA_MUST_CHECK;

/*
 * Adds a diagnostic; its message is made from the id's text (diag_ids.def) and the arguments.
 * Returns it, so that a hint or a note can be added; never NULL (on ENOMEM a static dummy).
 */
struct ka_diag *ka_diag(struct ka_ctx *ctx, enum ka_diag_id id, struct ka_loc loc, ...);
void ka_diag_hint(struct ka_ctx *ctx, struct ka_diag *d, const char *fmt, ...) KA_PRINTF(3, 4);
void ka_diag_note(struct ka_ctx *ctx, struct ka_diag *d, struct ka_loc loc, const char *fmt, ...)
	KA_PRINTF(4, 5);
/* Bytes [offset, offset + length) of the diagnostic's source should be `text`, which is copied. */
void ka_diag_fix(struct ka_ctx *ctx, struct ka_diag *d, uint32_t offset, uint32_t length,
		 const char *text);
/*
 * Takes back what was said last about bytes [from, to) of a source: what is there turned out to
 * be none of our business.
 */
void ka_diags_withdraw(struct ka_ctx *ctx, const struct ka_source *src, uint32_t from, uint32_t to);
const char *ka_diag_code(enum ka_diag_id id); /* "KA0102" */
enum ka_severity ka_diag_severity(enum ka_diag_id id);
/* "KA0102", "ka102" or "102"; false: there is none. */
bool ka_diag_find(const char *code, enum ka_diag_id *ret);

/* Records a system failure with a line of context; returns err (negative errno). */
int ka_fail(struct ka_ctx *ctx, int err, const char *fmt, ...) KA_PRINTF(3, 4);
