// SPDX-License-Identifier: Apache-2.0
#include "context.h"

#include <stdarg.h>

#include "arena.h"

#define DIAGS_MAX 200u     /* kept per source; more are only counted */
#define DIAGS_TOTAL 20000u /* kept of all sources */
#define MESSAGE_MAX 800u   /* bytes of one message; values that are longer are cut */

/* ---- memory ---- */

int ka_ctx_init(struct ka_ctx *ctx)
{
	*ctx = (struct ka_ctx){};
	ctx->arena = calloc(1, sizeof(*ctx->arena));
	return ctx->arena ? 0 : -ENOMEM;
}

void ka_ctx_done(struct ka_ctx *ctx)
{
	if (!ctx->arena)
		return;
	ka_arena_done(ctx->arena);
	free(ctx->arena);
	*ctx = (struct ka_ctx){};
}

static void *checked(struct ka_ctx *ctx, void *p)
{
	if (!p)
		ka_fail(ctx, -ENOMEM, "out of memory");
	return p;
}

void *ka_alloc(struct ka_ctx *ctx, size_t size)
{
	return checked(ctx, ka_arena_alloc(ctx->arena, size));
}

void *ka_calloc(struct ka_ctx *ctx, size_t n, size_t size)
{
	size_t bytes;

	if (!ka_mul_size(n, size, &bytes))
		return checked(ctx, NULL);
	return ka_alloc(ctx, bytes);
}

char *ka_strndup(struct ka_ctx *ctx, const char *s, size_t len)
{
	return checked(ctx, ka_arena_strndup(ctx->arena, s, len));
}

static char *vformat(struct ka_ctx *ctx, const char *fmt, va_list ap) KA_PRINTF(2, 0);
static char *vformat(struct ka_ctx *ctx, const char *fmt, va_list ap)
{
	KA_FREE char *s = NULL;
	char small[256];
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n >= (int)sizeof(small)) {
		n = vasprintf(&s, fmt, again);
		if (n < 0)
			s = NULL;
	}
	va_end(again);
	return n < 0 ? checked(ctx, NULL) : ka_strndup(ctx, s ? s : small, (size_t)n);
}

char *ka_sprintf(struct ka_ctx *ctx, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = vformat(ctx, fmt, ap);
	va_end(ap);
	return s;
}

/*
 * A text for people, which is never longer than they read: a value of many kilobytes, said again
 * with each mistake in it, would fill the memory.
 */
static char *vmessage(struct ka_ctx *ctx, const char *fmt, va_list ap) KA_PRINTF(2, 0);
static char *vmessage(struct ka_ctx *ctx, const char *fmt, va_list ap)
{
	char text[MESSAGE_MAX + 4];
	int n = vsnprintf(text, sizeof(text) - 3, fmt, ap);
	size_t len;

	if (n < 0)
		return checked(ctx, NULL);
	len = (size_t)n;
	if (len > MESSAGE_MAX) {
		len = MESSAGE_MAX;
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--; /* to the start of a character */
		memcpy(text + len, "...", 3);
		len += 3;
	}
	return ka_strndup(ctx, text, len);
}

/* ---- diagnostics ---- */

static const struct {
	enum ka_severity severity;
	const char *code, *text;
} ids[KA_D__MAX] = {
#define KA_DIAG(id, nr, sev, txt) \
	[KA_D_##id] = {.severity = KA_##sev, .code = "KA" #nr, .text = txt},
#include "diag_ids.def"
#undef KA_DIAG
};

/* What callers get when nothing can be kept; never written. */
static const struct ka_diag lost;

const char *ka_diag_code(enum ka_diag_id id)
{
	return (unsigned)id < KA_D__MAX ? ids[id].code : "KA0000";
}

enum ka_severity ka_diag_severity(enum ka_diag_id id)
{
	return ids[id].severity;
}

bool ka_diag_find(const char *code, enum ka_diag_id *ret)
{
	unsigned long n;
	char *end;

	if (!strncasecmp(code, "KA", 2))
		code += 2;
	if (*code < '0' || *code > '9' || strlen(code) > 4)
		return false;
	n = strtoul(code, &end, 10);
	if (*end)
		return false;
	for (int i = 0; i < KA_D__MAX; i++) {
		if (strtoul(ids[i].code + 2, NULL, 10) != n)
			continue;
		*ret = (enum ka_diag_id)i;
		return true;
	}
	return false;
}

bool ka_source_is_ours(const struct ka_source *src, size_t from, size_t to)
{
	static const char word[] = "kubearmor";
	size_t len = sizeof(word) - 1;

	for (; from + len <= to; from++)
		if ((src->text[from] | 0x20) == word[0] &&
		    !strncasecmp(src->text + from, word, len))
			return true;
	return false;
}

int ka_source_open(struct ka_ctx *ctx, struct ka_source *src)
{
	src->findings = ka_calloc(ctx, 1, sizeof(*src->findings));
	if (!src->findings)
		return -ENOMEM;
	if (ctx->nsources == ctx->sources_cap) {
		size_t cap = ctx->sources_cap ? ctx->sources_cap * 2 : 16;
		const struct ka_source **more = ka_calloc(ctx, cap, sizeof(*more));

		if (!more)
			return -ENOMEM;
		if (ctx->nsources)
			memcpy(more, ctx->sources, ctx->nsources * sizeof(*more));
		ctx->sources = more;
		ctx->sources_cap = cap;
	}
	src->findings->order = ctx->nsources;
	ctx->sources[ctx->nsources++] = src;
	return 0;
}

/* Notes and warnings take half of the room at most, so that errors find some. */
static bool has_room(const struct ka_ctx *ctx, const struct ka_findings *f, bool remark)
{
	size_t most = ctx->diags_max ? ctx->diags_max : DIAGS_MAX;

	if (ctx->ndiags >= DIAGS_TOTAL || (remark && ctx->remarks >= DIAGS_TOTAL / 2))
		return false;
	return remark ? f->remarks < most - most / 2 && f->kept < most : f->kept < most;
}

static struct ka_diag *keep(struct ka_ctx *ctx)
{
	struct ka_diag *d = ka_calloc(ctx, 1, sizeof(*d));

	if (!d)
		return NULL;
	if (ctx->ndiags == ctx->diags_cap) {
		size_t cap = ctx->diags_cap ? ctx->diags_cap * 2 : 64;
		struct ka_diag **more = ka_calloc(ctx, cap, sizeof(struct ka_diag *));

		if (!more)
			return NULL;
		if (ctx->ndiags)
			memcpy(more, ctx->diags, ctx->ndiags * sizeof(struct ka_diag *));
		ctx->diags = more;
		ctx->diags_cap = cap;
	}
	return ctx->diags[ctx->ndiags++] = d;
}

/* Errors cannot be ignored: a policy that has some is not what it says. */
static bool is_ignored(const struct ka_ctx *ctx, enum ka_diag_id id, const struct ka_loc *loc)
{
	const struct ka_findings *f = loc->source ? loc->source->findings : NULL;
	bool ignored = false;

	if (ids[id].severity == KA_ERROR)
		return false;
	if (ctx->ignored[id])
		return true;
	for (size_t i = 0; f && i < f->nignores; i++) {
		const struct ka_ignore *g = &f->ignores[i];

		if (g->id == id && loc->line >= g->first && loc->line <= g->last)
			ignored = *g->used = true; /* every comment that is about it */
	}
	return ignored;
}

static enum ka_severity severity_of(const struct ka_ctx *ctx, enum ka_diag_id id)
{
	bool no_policy = id == KA_D_EMPTY_INPUT || id == KA_D_SKIPPED;

	return ctx->strict && no_policy ? KA_WARNING : ids[id].severity;
}

static size_t *count_of(struct ka_ctx *ctx, enum ka_severity severity)
{
	return severity == KA_ERROR     ? &ctx->nerrors
	       : severity == KA_WARNING ? &ctx->nwarnings
					: &ctx->nnotes;
}

struct ka_diag *ka_diag(struct ka_ctx *ctx, enum ka_diag_id id, struct ka_loc loc, ...)
{
	struct ka_findings *f = loc.source ? loc.source->findings : NULL;
	enum ka_severity severity = severity_of(ctx, id);
	bool remark = severity != KA_ERROR;
	struct ka_diag *d = NULL;
	va_list ap;

	if (is_ignored(ctx, id, &loc)) {
		ctx->nignored++;
		return (struct ka_diag *)&lost;
	}
	if (!f)
		f = &ctx->placeless;
	f->counts[severity]++;
	++*count_of(ctx, severity);
	if (has_room(ctx, f, remark))
		d = keep(ctx);
	if (!d) {
		ctx->left_out++;
		f->left_out++;
		return (struct ka_diag *)&lost;
	}
	f->kept++;
	f->remarks += remark;
	ctx->remarks += remark;
	d->id = id;
	d->severity = severity;
	d->loc = loc;
	va_start(ap, loc);
	/* a literal of diag_ids.def; clang wants to see it here */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	d->message = vmessage(ctx, ids[id].text, ap);
#pragma GCC diagnostic pop
	va_end(ap);
	if (!d->message)
		d->message = ids[id].text;
	return d;
}

static void forget(struct ka_ctx *ctx, const struct ka_diag *d)
{
	struct ka_findings *f = d->loc.source->findings;
	bool remark = d->severity != KA_ERROR;

	f->counts[d->severity]--;
	--*count_of(ctx, d->severity);
	f->kept--;
	f->remarks -= remark;
	ctx->remarks -= remark;
}

void ka_diags_withdraw(struct ka_ctx *ctx, const struct ka_source *src, uint32_t from, uint32_t to)
{
	size_t first = ctx->ndiags, kept;

	if (!src || !src->findings)
		return;
	while (first && ctx->diags[first - 1]->loc.source == src &&
	       ctx->diags[first - 1]->loc.offset >= from)
		first--;
	kept = first;
	for (size_t i = first; i < ctx->ndiags; i++) {
		if (ctx->diags[i]->loc.offset < to)
			forget(ctx, ctx->diags[i]);
		else
			ctx->diags[kept++] = ctx->diags[i];
	}
	ctx->ndiags = kept;
}

void ka_diag_hint(struct ka_ctx *ctx, struct ka_diag *d, const char *fmt, ...)
{
	va_list ap;

	if (d == &lost)
		return;
	va_start(ap, fmt);
	d->hint = vmessage(ctx, fmt, ap);
	va_end(ap);
}

void ka_diag_note(struct ka_ctx *ctx, struct ka_diag *d, struct ka_loc loc, const char *fmt, ...)
{
	struct ka_diag *note;
	va_list ap;

	if (d == &lost)
		return;
	note = ka_calloc(ctx, 1, sizeof(*note));
	if (!note)
		return;
	note->id = d->id;
	note->severity = KA_NOTE;
	note->loc = loc;
	va_start(ap, fmt);
	note->message = vmessage(ctx, fmt, ap);
	va_end(ap);
	if (note->message)
		d->more = note;
}

void ka_diag_fix(struct ka_ctx *ctx, struct ka_diag *d, uint32_t offset, uint32_t length,
		 const char *text)
{
	struct ka_fix **at = &d->fix, *fix;

	if (d == &lost)
		return;
	fix = ka_calloc(ctx, 1, sizeof(*fix));
	if (!fix)
		return;
	*fix = (struct ka_fix){.offset = offset, .length = length};
	fix->text = ka_strndup(ctx, text, strlen(text));
	if (!fix->text)
		return;
	while (*at && (*at)->offset < offset)
		at = &(*at)->next;
	fix->next = *at;
	*at = fix;
}

int ka_fail(struct ka_ctx *ctx, int err, const char *fmt, ...)
{
	va_list ap;

	if (ctx->failed)
		return err;
	ctx->failed = err;
	va_start(ap, fmt);
	vsnprintf(ctx->failure, sizeof(ctx->failure), fmt, ap);
	va_end(ap);
	return err;
}
