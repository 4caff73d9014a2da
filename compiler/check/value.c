// SPDX-License-Identifier: Apache-2.0
#include "value.h"

#include "../../bpf/abi.h"
#include "../automaton/glob.h"
#include "value_pattern.h"

/* ---- corrections ---- */

/* Where the bytes of the value stand in the source as they are; false: escaped, folded, ... */
static bool bytes_of(const struct ka_node *n, const char **ret, bool *ret_plain)
{
	const struct ka_source *src = n->loc.source;
	const char *at;
	bool quoted;

	if (!src || !n->loc.line || n->loc.offset > src->len ||
	    n->loc.length > src->len - n->loc.offset || n->loc.length < n->len)
		return false;
	at = src->text + n->loc.offset;
	quoted = n->loc.length == n->len + 2 && (*at == '"' || *at == '\'') &&
		 at[n->loc.length - 1] == *at;
	if (!quoted && n->loc.length != n->len)
		return false;
	*ret = at + quoted;
	*ret_plain = !quoted;
	return !memcmp(*ret, n->str, n->len);
}

void ka_value_fix(struct ka_ctx *ctx, struct ka_diag *d, const struct ka_node *n, const char *text)
{
	const char *at;
	bool plain;

	if (!d->message || !bytes_of(n, &at, &plain))
		return;
	if (plain && ka_scalar_type(text, strlen(text)) != KA_NODE_STRING)
		return;
	ka_diag_fix(ctx, d, (uint32_t)(at - n->loc.source->text), (uint32_t)n->len, text);
}

bool ka_value_told(const struct ka_ctx *ctx, const struct ka_node *n)
{
	for (size_t i = ctx->ndiags; i; i--) {
		const struct ka_diag *d = ctx->diags[i - 1];

		if (d->loc.source != n->loc.source)
			return false;
		if (d->loc.offset == n->loc.offset && d->severity == KA_ERROR)
			return true;
	}
	return false;
}

/* ---- paths ---- */

static bool check_length(struct ka_ctx *ctx, const struct ka_node *n, const char *what)
{
	if (!n->len) {
		ka_diag(ctx, KA_D_EMPTY_VALUE, n->loc, what);
		return false;
	}
	if (n->len > KA_MAX_PATH) {
		ka_diag(ctx, KA_D_PATH_LONG, n->loc, what, n->len, KA_MAX_PATH);
		return false;
	}
	return true;
}

/* The path without empty and `.` components; NULL if there is a `..` to think about. */
static const char *tidy(struct ka_ctx *ctx, const struct ka_node *n)
{
	char *out = ka_alloc(ctx, n->len + 2), *to = out;

	if (!out)
		return NULL;
	for (const char *s = n->str; *s;) {
		size_t len = strcspn(s, "/");

		if (len == 2 && s[0] == '.' && s[1] == '.')
			return NULL;
		if (len && !(len == 1 && s[0] == '.')) {
			*to++ = '/';
			memcpy(to, s, len);
			to += len;
		}
		s += len;
		s += *s == '/';
		if (!*s && s[-1] == '/')
			*to++ = '/';
	}
	*to = '\0';
	return out;
}

static bool check_component(struct ka_ctx *ctx, const struct ka_node *n, const char *s, size_t len)
{
	const char *better;
	struct ka_diag *d;

	if (len > KA_MAX_NAME) {
		ka_diag(ctx, KA_D_COMPONENT_LONG, n->loc, n->str, len, KA_MAX_NAME);
		return false;
	}
	if (len && !(len == 1 && s[0] == '.') && !(len == 2 && s[0] == '.' && s[1] == '.'))
		return true;
	if (!len)
		d = ka_diag(ctx, KA_D_PATH_EMPTY_COMPONENT, n->loc, n->str);
	else
		d = ka_diag(ctx, KA_D_PATH_DOTS, n->loc, n->str, len == 1 ? "." : "..");
	better = n->str[0] == '/' ? tidy(ctx, n) : NULL;
	if (better)
		ka_diag_hint(ctx, d, "write '%s'", better);
	if (better)
		ka_value_fix(ctx, d, n, better);
	return false;
}

/* Every component but what follows a trailing slash. */
static bool check_components(struct ka_ctx *ctx, const struct ka_node *n)
{
	const char *s = n->str + 1;

	while (*s) {
		size_t len = strcspn(s, "/");

		if (!check_component(ctx, n, s, len))
			return false;
		s += len;
		s += *s == '/';
	}
	return true;
}

static bool check_end(struct ka_ctx *ctx, const struct ka_node *n, enum ka_path_type type)
{
	bool slash = n->str[n->len - 1] == '/';
	struct ka_diag *d;

	if (type == KA_PATH_DIR && !slash) {
		d = ka_diag(ctx, KA_D_DIR_NO_SLASH, n->loc, n->str);
		ka_diag_hint(ctx, d, "write '%s/'; one file is a path, under matchPaths", n->str);
		ka_value_fix(ctx, d, n, ka_sprintf(ctx, "%s/", n->str) ?: "");
		return false;
	}
	if (type == KA_PATH_DIR || !slash)
		return true;
	d = ka_diag(ctx, KA_D_PATH_IS_DIR, n->loc, n->str);
	if (type == KA_PATH_OBJECT)
		ka_diag_hint(ctx, d,
			     "a directory and what it holds is a dir, under matchDirectories");
	return false;
}

static void check_star(struct ka_ctx *ctx, const struct ka_node *n, enum ka_path_type type)
{
	static const char *const what[] = {[KA_PATH_OBJECT] = "a path",
					   [KA_PATH_DIR] = "a dir",
					   [KA_PATH_SOURCE] = "a source"};
	struct ka_diag *d;

	if (!strchr(n->str, '*'))
		return;
	d = ka_diag(ctx, KA_D_STAR_IS_LITERAL, n->loc, what[type]);
	if (type == KA_PATH_OBJECT)
		ka_diag_hint(ctx, d, "for a pattern write, under matchPatterns, 'pattern: %s'",
			     n->str);
	else if (type == KA_PATH_DIR)
		ka_diag_hint(ctx, d, "for a pattern write, under matchPatterns, 'pattern: %s**'",
			     n->str);
	else
		ka_diag_hint(ctx, d, "a source cannot be a pattern: name each executable");
}

bool ka_check_path(struct ka_ctx *ctx, const struct ka_node *n, enum ka_path_type type)
{
	struct ka_diag *d;

	if (!ka_is_string(n) || !check_length(ctx, n, type == KA_PATH_DIR ? "dir" : "path"))
		return false;
	if (n->str[0] != '/') {
		d = ka_diag(ctx, KA_D_PATH_RELATIVE, n->loc, n->str);
		ka_diag_hint(ctx, d, "paths begin with '/' and are what the kernel resolves");
		return false;
	}
	if (!check_components(ctx, n) || !check_end(ctx, n, type))
		return false;
	check_star(ctx, n, type);
	return true;
}

/* ---- patterns ---- */

/* What a pattern lacks that no alternative of it matches a path. */
static const char *why_never(const char *s, size_t len)
{
	if (!strchr("/*{[", s[0]))
		return "a pattern covers whole paths, which begin with '/'; '**/' begins anywhere";
	if (len > 1 && s[len - 1] == '/')
		return "no path ends in '/'; for all that lies below a directory write '**' behind "
		       "it";
	return "no path has two slashes in a row, or begins with anything but '/'";
}

static bool judge_pattern(struct ka_ctx *ctx, const struct ka_node *n, int r,
			  const struct ka_pattern *pattern, const char *error)
{
	switch (r) {
	case 0:
		if (!pattern->n)
			ka_diag_hint(ctx, ka_diag(ctx, KA_D_PATTERN_NEVER, n->loc, n->str), "%s",
				     why_never(n->str, n->len));
		return true;
	case -EINVAL:
		ka_diag(ctx, KA_D_PATTERN_SYNTAX, n->loc, n->str, error);
		return false;
	case -E2BIG:
		ka_diag(ctx, KA_D_PATTERN_ALTERNATIVES, n->loc, n->str, KA_PATTERN_ALTS);
		return false;
	default:
		ka_fail(ctx, r, "out of memory");
		return false;
	}
}

/* A component `.` or `..` in so many words: no resolved path has one. */
static bool has_dots(const char *s)
{
	for (const char *p = strstr(s, "/."); p; p = strstr(p + 1, "/.")) {
		const char *end = p + 2 + (p[2] == '.');

		if (!*end || *end == '/')
			return true;
	}
	return false;
}

bool ka_check_pattern(struct ka_ctx *ctx, const struct ka_node *n)
{
	KA_CTX struct ka_ctx scratch = {}; /* taken apart again when it is compiled */
	struct ka_pattern pattern = {};
	const char *error = "";
	struct ka_globs globs;
	int r;

	if (!ka_is_string(n) || !check_length(ctx, n, "pattern"))
		return false;
	if (has_dots(n->str))
		ka_diag_hint(ctx, ka_diag(ctx, KA_D_PATTERN_NEVER, n->loc, n->str),
			     "no resolved path has a component '.' or '..'");
	if (ka_pattern_is_plain(n->str, n->len))
		return true;
	r = ka_ctx_init(&scratch);
	if (!r)
		r = ka_globs_init(&globs, &scratch);
	if (!r)
		r = ka_pattern_parse(&globs, n->str, &pattern, &error);
	return judge_pattern(ctx, n, r, &pattern, error);
}

bool ka_check_execname(struct ka_ctx *ctx, const struct ka_node *n)
{
	struct ka_diag *d;

	if (!ka_is_string(n) || !check_length(ctx, n, "execname"))
		return false;
	if (strchr(n->str, '/')) {
		d = ka_diag(ctx, KA_D_EXECNAME_SLASH, n->loc, n->str);
		ka_diag_hint(ctx, d, "an execname is the last component alone; a path is 'path'");
		return false;
	}
	if (!check_component(ctx, n, n->str, n->len))
		return false;
	if (strchr(n->str, '*'))
		ka_diag(ctx, KA_D_STAR_IS_LITERAL, n->loc, "an execname");
	return true;
}

/* ---- names ---- */

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool has_upper(const char *s)
{
	return strpbrk(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != NULL;
}

bool ka_check_name(struct ka_ctx *ctx, const struct ka_node *n, const char *what, size_t max)
{
	bool good;
	struct ka_diag *d;

	if (!ka_is_string(n))
		return false;
	good = n->len && n->len <= max && is_alnum(n->str[0]) && is_alnum(n->str[n->len - 1]);
	for (const char *s = n->str; good && *s; s++)
		good = is_alnum(*s) || strchr("-._", *s);
	if (!good) {
		d = ka_diag(ctx, KA_D_BAD_NAME, n->loc, what, n->str);
		ka_diag_hint(ctx, d,
			     "letters, digits, '-' and '.', at most %zu bytes, "
			     "a letter or digit at both ends",
			     max);
		return false;
	}
	if (has_upper(n->str))
		ka_diag(ctx, KA_D_NAME_NOT_DNS, n->loc, what, n->str);
	return true;
}
