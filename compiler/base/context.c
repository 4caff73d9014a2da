// SPDX-License-Identifier: Apache-2.0
#include "context.h"

#include <stdarg.h>

#define ARENA_ALIGN 16u
#define ARENA_CHUNK (64u << 10)
#define DIAGS_MAX 200u /* kept per source; more are only counted */

/* ---- memory ---- */

struct chunk {
	struct chunk *next;
	size_t size, used; /* of data */
	_Alignas(ARENA_ALIGN) unsigned char data[];
};

struct ka_arena {
	struct chunk *first;
};

int ka_ctx_init(struct ka_ctx *ctx)
{
	*ctx = (struct ka_ctx){};
	ctx->arena = calloc(1, sizeof(*ctx->arena));
	return ctx->arena ? 0 : -ENOMEM;
}

void ka_ctx_done(struct ka_ctx *ctx)
{
	struct chunk *next;

	if (!ctx->arena)
		return;
	for (struct chunk *c = ctx->arena->first; c; c = next) {
		next = c->next;
		free(c);
	}
	free(ctx->arena);
	*ctx = (struct ka_ctx){};
}

static struct chunk *chunk_new(struct ka_ctx *ctx, size_t size)
{
	size_t bytes;
	struct chunk *c;

	if (!ka_add_size(sizeof(*c), size, &bytes))
		return NULL;
	c = calloc(1, bytes);
	if (!c)
		return NULL;
	c->size = size;
	/* A chunk of its own size goes behind the current one, whose rest stays in use. */
	if (size > ARENA_CHUNK && ctx->arena->first) {
		c->next = ctx->arena->first->next;
		ctx->arena->first->next = c;
	} else {
		c->next = ctx->arena->first;
		ctx->arena->first = c;
	}
	return c;
}

void *ka_alloc(struct ka_ctx *ctx, size_t size)
{
	struct chunk *c = ctx->arena->first;
	size_t need;
	void *p;

	if (!ka_add_size(size ? size : 1, ARENA_ALIGN - 1, &need))
		goto failed;
	need &= ~(size_t)(ARENA_ALIGN - 1);
	if (!c || c->size - c->used < need) {
		c = chunk_new(ctx, need > ARENA_CHUNK / 4 ? need + ARENA_CHUNK : ARENA_CHUNK);
		if (!c)
			goto failed;
	}
	p = c->data + c->used;
	c->used += need;
	return p;
failed:
	ka_fail(ctx, -ENOMEM, "out of memory");
	return NULL;
}

void *ka_calloc(struct ka_ctx *ctx, size_t n, size_t size)
{
	size_t bytes;

	if (!ka_mul_size(n, size, &bytes)) {
		ka_fail(ctx, -ENOMEM, "out of memory");
		return NULL;
	}
	return ka_alloc(ctx, bytes);
}

char *ka_strndup(struct ka_ctx *ctx, const char *s, size_t len)
{
	size_t bytes;
	char *p;

	if (!ka_add_size(len, 1, &bytes))
		return NULL;
	p = ka_alloc(ctx, bytes);
	if (p && len)
		memcpy(p, s, len);
	return p;
}

static char *vformat(struct ka_ctx *ctx, const char *fmt, va_list ap) KA_PRINTF(2, 0);
static char *vformat(struct ka_ctx *ctx, const char *fmt, va_list ap)
{
	KA_FREE char *s = NULL;
	int n = vasprintf(&s, fmt, ap);

	if (n < 0) {
		s = NULL;
		ka_fail(ctx, -ENOMEM, "out of memory");
		return NULL;
	}
	return ka_strndup(ctx, s, (size_t)n);
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

	if (ids[id].severity == KA_ERROR)
		return false;
	if (ctx->ignored[id])
		return true;
	for (size_t i = 0; f && i < f->nignores; i++) {
		const struct ka_ignore *g = &f->ignores[i];

		if (g->id != id || loc->line < g->first || loc->line > g->last)
			continue;
		*g->used = true;
		return true;
	}
	return false;
}

static enum ka_severity severity_of(const struct ka_ctx *ctx, enum ka_diag_id id)
{
	bool no_policy = id == KA_D_EMPTY_INPUT || id == KA_D_SKIPPED;

	return ctx->strict && no_policy ? KA_WARNING : ids[id].severity;
}

static void count(struct ka_ctx *ctx, struct ka_findings *f, enum ka_severity severity)
{
	f->counts[severity]++;
	if (severity == KA_ERROR)
		ctx->nerrors++;
	else if (severity == KA_WARNING)
		ctx->nwarnings++;
	else
		ctx->nnotes++;
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
	count(ctx, f, severity);
	if (has_room(ctx, f, remark))
		d = keep(ctx);
	if (!d) {
		ctx->left_out++;
		f->left_out++;
		return (struct ka_diag *)&lost;
	}
	f->kept++;
	f->remarks += remark;
	d->id = id;
	d->severity = severity;
	d->loc = loc;
	va_start(ap, loc);
	d->message = vformat(ctx, ids[id].text, ap);
	va_end(ap);
	if (!d->message)
		d->message = ids[id].text;
	return d;
}

void ka_diag_hint(struct ka_ctx *ctx, struct ka_diag *d, const char *fmt, ...)
{
	va_list ap;

	if (d == &lost)
		return;
	va_start(ap, fmt);
	d->hint = vformat(ctx, fmt, ap);
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
	note->message = vformat(ctx, fmt, ap);
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
