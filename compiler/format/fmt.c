// SPDX-License-Identifier: Apache-2.0
#include "fmt.h"

#include "layout.h"

/* ---- line ends ---- */

/* Whether every line ends in CRLF: then all of them go on to do so. */
static bool is_crlf(const struct ka_source *src)
{
	size_t crlf = 0, cr = 0, lf = 0;

	for (size_t i = 0; i < src->len; i++) {
		bool is_cr = src->text[i] == '\r', is_lf = src->text[i] == '\n';

		cr += is_cr;
		lf += is_lf;
		crlf += is_lf && i && src->text[i - 1] == '\r';
	}
	return crlf && crlf == cr && crlf == lf;
}

/* The text without a byte order mark, its lines ended by LF alone; malloc'ed. */
static char *with_lf(const struct ka_source *src, size_t *ret_len)
{
	char *text = malloc(src->len + 1);
	size_t n = 0, i = 0;

	if (!text)
		return NULL;
	if (src->len >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3))
		i = 3;
	for (; i < src->len; i++) {
		if (src->text[i] == '\r' && i + 1 < src->len && src->text[i + 1] == '\n')
			continue;
		text[n++] = src->text[i] == '\r' ? '\n' : src->text[i];
	}
	text[n] = '\0';
	*ret_len = n;
	return text;
}

static int to_crlf(char **text, size_t *len)
{
	size_t lines = 0, n = 0;
	char *more;

	for (size_t i = 0; i < *len; i++)
		lines += (*text)[i] == '\n';
	more = malloc(*len + lines + 1);
	if (!more)
		return -ENOMEM;
	for (size_t i = 0; i < *len; i++) {
		if ((*text)[i] == '\n')
			more[n++] = '\r';
		more[n++] = (*text)[i];
	}
	more[n] = '\0';
	free(*text);
	*text = more;
	*len = n;
	return 0;
}

/* ---- one source ---- */

/* Documents of the source; with errors there are none that could be put in order. */
static int read_roots(struct ka_ctx *ctx, const struct ka_source *src, struct ka_roots *roots)
{
	size_t errors = ctx->nerrors;
	int r = ka_yaml_read(ctx, src, ka_roots_add, roots);

	if (r < 0)
		return r;
	return ctx->nerrors == errors ? 0 : -EINVAL;
}

static bool has_policies(const struct ka_layout *documents)
{
	for (; documents; documents = documents->next)
		if (!documents->as_is)
			return true;
	return false;
}

static int keep(const struct ka_source *src, char **ret, size_t *ret_len)
{
	*ret = malloc(src->len + 1);
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, src->text, src->len);
	(*ret)[src->len] = '\0';
	*ret_len = src->len;
	return 0;
}

/* *ret: NULL if there is nothing to lay out. A broken text may have one field a million times. */
static int lay_out(struct ka_ctx *ctx, const struct ka_layout_text *text, bool broken, char **ret,
		   size_t *ret_len)
{
	struct ka_layout *documents;
	int r = ka_layout_read(ctx, text, &documents);

	*ret = NULL;
	if (r)
		return r == -EINVAL ? -ENOTRECOVERABLE : r;
	for (struct ka_layout *doc = documents; doc; doc = doc->next)
		doc->stay |= broken;
	ka_layout_order(documents);
	return has_policies(documents) ? ka_layout_print(text, documents, ret, ret_len) : 0;
}

/* Whether the new text says what the old one said. */
static int check(struct ka_ctx *ctx, const struct ka_roots *was, const char *text, size_t len)
{
	struct ka_source src = {.name = "formatted", .text = text, .len = len};
	struct ka_roots is = {};
	bool same = false;
	int r = ka_source_open(ctx, &src);

	if (!r)
		r = read_roots(ctx, &src, &is);
	if (!r)
		r = ka_roots_same(was, &is, &same);
	if (r == -EINVAL)
		return -ENOTRECOVERABLE;
	return r ? r : same ? 0 : -ENOTRECOVERABLE;
}

static int check_comments(const struct ka_layout_text *was, const char *text, size_t len)
{
	struct ka_layout_text is = {text, len};
	bool same = false;
	int r = ka_comments_same(was, &is, &same);

	if (r == -EINVAL)
		return -ENOTRECOVERABLE;
	return r ? r : same ? 0 : -ENOTRECOVERABLE;
}

int ka_fmt(struct ka_ctx *ctx, const struct ka_source *src, char **ret, size_t *ret_len)
{
	KA_CTX struct ka_ctx own = {}; /* what is found in the new text is nobody's mistake */
	KA_FREE char *before = NULL, *after = NULL;
	struct ka_roots roots = {};
	struct ka_layout_text text;
	size_t len = 0;
	bool broken;
	int r = ka_ctx_init(&own);

	if (!r)
		r = read_roots(ctx, src, &roots);
	broken = r == -EINVAL;
	if (r && !broken)
		return r;
	before = with_lf(src, &text.len);
	if (!before)
		return -ENOMEM;
	text.text = before;
	r = lay_out(&own, &text, broken, &after, &len);
	if (!r && !after)
		return keep(src, ret, ret_len);
	if (broken)
		return r == -ENOMEM ? r : -EINVAL;
	if (!r)
		r = check_comments(&text, after, len);
	if (!r && is_crlf(src))
		r = to_crlf(&after, &len);
	if (!r)
		r = check(&own, &roots, after, len);
	if (r)
		return r;
	*ret = KA_TAKE(after);
	*ret_len = len;
	return 0;
}
