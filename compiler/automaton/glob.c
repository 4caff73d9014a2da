// SPDX-License-Identifier: Apache-2.0
#include "glob.h"

#include "../../bpf/abi.h"

/* ---- tokens of a whole pattern ---- */

enum kind {
	SET,
	SLASH,
	STAR,
	STARS, /* `**`, until it is multiplied out */
	LOOP,  /* any components: at the begin or the end of one */
	OPEN,
	COMMA,
	CLOSE
};

struct token {
	enum kind kind;
	uint32_t set; /* of SET */
};

struct tokens {
	struct token *v;
	uint32_t n, cap;
};

struct lexer {
	struct ka_globs *g;
	const unsigned char *p;
	const char *error;
	uint32_t depth;
};

static int push(struct ka_ctx *ctx, struct tokens *t, struct token token)
{
	if (!ka_grow(ctx, &t->v, &t->cap, (size_t)t->n + 1, sizeof(*t->v)))
		return -ENOMEM;
	t->v[t->n++] = token;
	return 0;
}

static void set_add(uint64_t set[4], unsigned byte)
{
	set[byte >> 6] |= 1ull << (byte & 63);
}

static int malformed(struct lexer *lx, const char *why)
{
	lx->error = why;
	return -EINVAL;
}

static int class_byte(struct lexer *lx, unsigned *ret)
{
	if (*lx->p == '\\')
		lx->p++;
	if (!*lx->p)
		return malformed(lx, "a class without an end");
	*ret = *lx->p++;
	return 0;
}

/* After '['. A class never matches '/'. */
static int lex_class(struct lexer *lx, uint64_t set[4])
{
	bool negated = *lx->p == '^';
	unsigned lo, hi;
	int r;

	lx->p += negated;
	if (*lx->p == ']')
		return malformed(lx, "an empty class");
	while (*lx->p != ']') {
		r = class_byte(lx, &lo);
		if (r < 0)
			return r;
		hi = lo;
		if (lx->p[0] == '-' && lx->p[1] != ']') {
			lx->p++;
			r = class_byte(lx, &hi);
			if (r < 0)
				return r;
			if (hi < lo)
				return malformed(lx, "a range that ends before it begins");
		}
		for (unsigned b = lo; b <= hi; b++)
			set_add(set, b);
	}
	lx->p++;
	for (unsigned i = 0; negated && i < 4; i++)
		set[i] = ~set[i];
	set[0] &= ~(1ull | 1ull << '/');
	return 0;
}

static int lex_one(struct lexer *lx, struct token *ret)
{
	uint64_t set[4] = {};
	unsigned char c = *lx->p++;
	int r;

	*ret = (struct token){.kind = SET};
	switch (c) {
	case '*':
		ret->kind = *lx->p == '*' ? STARS : STAR;
		while (*lx->p == '*')
			lx->p++;
		return 0;
	case '/':
		ret->kind = SLASH;
		return 0;
	case '{':
		ret->kind = OPEN;
		lx->depth++;
		return 0;
	case '}':
		if (!lx->depth)
			return malformed(lx, "'}' without '{'");
		lx->depth--;
		ret->kind = CLOSE;
		return 0;
	case ',':
		if (lx->depth) {
			ret->kind = COMMA;
			return 0;
		}
		break;
	case '?':
		memset(set, 0xff, sizeof(set));
		set[0] &= ~(1ull | 1ull << '/');
		return ka_intern(&lx->g->sets, set, sizeof(set), &ret->set);
	case '[':
		r = lex_class(lx, set);
		if (r < 0)
			return r;
		return ka_intern(&lx->g->sets, set, sizeof(set), &ret->set);
	case '\\':
		if (!*lx->p)
			return malformed(lx, "a backslash at the end");
		c = *lx->p++;
		if (c == '/') {
			ret->kind = SLASH;
			return 0;
		}
		break;
	}
	set_add(set, c);
	return ka_intern(&lx->g->sets, set, sizeof(set), &ret->set);
}

static int lex(struct lexer *lx, struct tokens *ret, bool *ret_wild)
{
	struct token t;
	int r;

	while (*lx->p) {
		if (strchr("*?[{", *lx->p))
			*ret_wild = true;
		r = lex_one(lx, &t);
		if (r < 0)
			return r;
		r = push(lx->g->ctx, ret, t);
		if (r < 0)
			return r;
	}
	return lx->depth ? malformed(lx, "'{' without '}'") : 0;
}

/* ---- one alternative, without braces and `**`, into components ---- */

static int intern_glob(struct ka_globs *g, const struct token *t, uint32_t n, uint32_t *ret)
{
	KA_FREE uint32_t *data = calloc(n + 1, sizeof(*data));
	uint32_t m = 0, star = 0;

	if (!data)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		if (t[i].kind == STAR) {
			star = KA_GLOB_STAR;
			continue;
		}
		data[m++] = t[i].set << 1 | star;
		star = 0;
	}
	data[m] = star;
	return ka_intern(&g->globs, data, (m + 1) * sizeof(*data), ret);
}

/* Reads one component after its slash; LOOP may stand at its begin and at its end. */
static int component(struct ka_globs *g, const struct token *t, uint32_t n, struct ka_alt *alt,
		     bool *loop)
{
	struct ka_comp *c = &alt->comps[alt->n++];
	bool after = false;

	c->loop = *loop;
	if (n && t[0].kind == LOOP) {
		c->loop = true;
		t++;
		n--;
	}
	if (n && t[n - 1].kind == LOOP) {
		after = true;
		n--;
	}
	*loop = after;
	return intern_glob(g, t, n, &c->glob);
}

static bool has_empty_component(const struct tokens *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->v[i].kind == SLASH && (i + 1 == t->n || t->v[i + 1].kind == SLASH))
			return true;
	return false;
}

static int split(struct ka_globs *g, const struct tokens *tokens, struct ka_pattern *out)
{
	struct tokens rest = *tokens, *t = &rest;
	struct ka_alt alt = {};
	bool loop = false;
	uint32_t end;
	int r;

	/* Single stars before the first slash can only be empty. */
	while (t->n && t->v[0].kind == STAR) {
		t->v++;
		t->n--;
	}
	if (!t->n || t->v[0].kind != SLASH || (t->n > 1 && has_empty_component(t))) {
		out->empty = true;
		return 0;
	}
	alt.comps = ka_calloc(g->ctx, t->n, sizeof(*alt.comps));
	if (!alt.comps || !ka_grow(g->ctx, &out->alts, &out->cap, out->n + 1, sizeof(alt)))
		return -ENOMEM;
	for (uint32_t i = 1; i < t->n; i = end + 1) {
		for (end = i; end < t->n && t->v[end].kind != SLASH; end++)
			;
		r = component(g, t->v + i, end - i, &alt, &loop);
		if (r < 0)
			return r;
	}
	alt.tail = loop;
	out->alts[out->n++] = alt;
	return 0;
}

/* ---- multiplying out ---- */

struct expander {
	struct ka_globs *g;
	struct ka_pattern *out;
	uint32_t leaves;
	size_t copied; /* tokens: bounds the work, deterministically */
};

#define COPY_LIMIT (4u << 20)

static int expand(struct expander *x, const struct tokens *t);

/* Goes on with t, where [from, to) is replaced by with[n]. */
static int replace(struct expander *x, const struct tokens *t, uint32_t from, uint32_t to,
		   const struct token *with, uint32_t n)
{
	uint32_t total = t->n - (to - from) + n;
	KA_FREE struct token *v = calloc(total + 1, sizeof(*v));
	struct tokens next = {.v = v, .n = total};

	if (!v)
		return -ENOMEM;
	x->copied += total;
	if (x->copied > COPY_LIMIT)
		return -E2BIG;
	memcpy(v, t->v, from * sizeof(*v));
	if (n)
		memcpy(v + from, with, n * sizeof(*v));
	memcpy(v + from + n, t->v + to, (t->n - to) * sizeof(*v));
	return expand(x, &next);
}

static int expand_braces(struct expander *x, const struct tokens *t, uint32_t open)
{
	uint32_t depth = 0, close = open, begin = open + 1;
	int r;

	for (;; close++) {
		depth += t->v[close].kind == OPEN;
		depth -= t->v[close].kind == CLOSE;
		if (!depth)
			break;
	}
	for (uint32_t i = begin; i <= close; i++) {
		depth += t->v[i].kind == OPEN;
		if (i == close || (!depth && t->v[i].kind == COMMA)) {
			r = replace(x, t, open, close + 1, t->v + begin, i - begin);
			if (r < 0)
				return r;
			begin = i + 1;
		}
		depth -= t->v[i].kind == CLOSE && i < close;
	}
	return 0;
}

/* A run of stars [from, to) that is `**`. */
static int expand_stars(struct expander *x, const struct tokens *t, uint32_t from, uint32_t to)
{
	static const struct token after[] = {{STAR}, {LOOP}}, before[] = {{LOOP}, {STAR}},
				  within[] = {{STAR}}, across[] = {{STAR}, {SLASH}, {LOOP}, {STAR}};
	bool begins = from && t->v[from - 1].kind == SLASH;
	bool ends = to == t->n || t->v[to].kind == SLASH;
	const struct token slash = {SLASH};
	int r;

	/* A path begins with a slash: either what follows does, or the stars stand for it. */
	if (!from) {
		r = replace(x, t, from, to, NULL, 0);
		return r < 0 ? r : replace(x, t, 0, 0, &slash, 1);
	}
	if (ends)
		return replace(x, t, from, to, after, KA_ARRAY_SIZE(after));
	if (begins)
		return replace(x, t, from, to, before, KA_ARRAY_SIZE(before));
	r = replace(x, t, from, to, within, KA_ARRAY_SIZE(within));
	return r < 0 ? r : replace(x, t, from, to, across, KA_ARRAY_SIZE(across));
}

static bool is_star(const struct tokens *t, uint32_t i)
{
	return i < t->n && (t->v[i].kind == STAR || t->v[i].kind == STARS);
}

static int expand(struct expander *x, const struct tokens *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->v[i].kind == OPEN)
			return expand_braces(x, t, i);
	/* Single stars that braces brought together, as in `{*,a}*`, stay inside the component. */
	for (uint32_t i = 0, end; i < t->n; i++) {
		bool across = false;

		for (end = i; is_star(t, end); end++)
			across |= t->v[end].kind == STARS;
		if (across)
			return expand_stars(x, t, i, end);
	}
	if (++x->leaves > KA_PATTERN_ALTS)
		return -E2BIG;
	return split(x->g, t, x->out);
}

int ka_pattern_parse(struct ka_globs *g, const char *text, struct ka_pattern *ret,
		     const char **reterr)
{
	struct lexer lx = {.g = g, .p = (const unsigned char *)text};
	struct expander x = {.g = g, .out = ret};
	struct tokens t = {};
	int r;

	*ret = (struct ka_pattern){};
	r = lex(&lx, &t, &ret->wild);
	if (r < 0) {
		*reterr = lx.error;
		return r;
	}
	return expand(&x, &t);
}

/* ---- the table of globs ---- */

int ka_glob_of_name(struct ka_globs *g, const char *name, size_t len, uint32_t *ret)
{
	KA_FREE uint32_t *data = calloc(len + 1, sizeof(*data));
	uint32_t set;
	int r;

	if (!data)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		uint64_t bits[4] = {};

		set_add(bits, (unsigned char)name[i]);
		r = ka_intern(&g->sets, bits, sizeof(bits), &set);
		if (r < 0)
			return r;
		data[i] = set << 1;
	}
	return ka_intern(&g->globs, data, (len + 1) * sizeof(*data), ret);
}

/* The only byte of a set, or -1. */
static int single(const struct ka_globs *g, uint32_t set)
{
	const uint64_t *w = g->sets.items[set].data;
	int byte = -1;

	for (int i = 0; i < 4; i++) {
		if (!w[i])
			continue;
		if (byte >= 0 || (w[i] & (w[i] - 1)))
			return -1;
		byte = 64 * i + __builtin_ctzll(w[i]);
	}
	return byte;
}

bool ka_glob_name(const struct ka_globs *g, uint32_t glob, char *ret, size_t *ret_len)
{
	uint32_t m;
	const uint32_t *t = ka_glob_tokens(g, glob, &m);

	if (m > KA_MAX_NAME || (t[m] & KA_GLOB_STAR))
		return false;
	for (uint32_t i = 0; i < m; i++) {
		int byte = single(g, t[i] >> 1);

		if (byte < 0 || (t[i] & KA_GLOB_STAR))
			return false;
		ret[i] = (char)byte;
	}
	*ret_len = m;
	return true;
}

int ka_globs_init(struct ka_globs *g, struct ka_ctx *ctx)
{
	const struct token any[] = {{STAR}};
	struct token dots[] = {{SET}, {SET}, {SET}, {STAR}};
	uint64_t dot[4] = {}, all[4];
	uint32_t id;
	int r;

	g->ctx = ctx;
	r = ka_intern_init(&g->sets, ctx) ?: ka_intern_init(&g->globs, ctx);
	if (r < 0)
		return r;
	set_add(dot, '.');
	memset(all, 0xff, sizeof(all));
	all[0] &= ~(1ull | 1ull << '/');
	r = ka_intern(&g->sets, dot, sizeof(dot), &dots[0].set);
	if (r < 0)
		return r;
	dots[1].set = dots[0].set;
	r = ka_intern(&g->sets, all, sizeof(all), &dots[2].set);
	if (r < 0)
		return r;
	r = intern_glob(g, any, KA_ARRAY_SIZE(any), &id);
	return r < 0 ? r : intern_glob(g, dots, KA_ARRAY_SIZE(dots), &id);
}
