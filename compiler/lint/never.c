// SPDX-License-Identifier: Apache-2.0
/*
 * Values that nothing can match: each is looked at by itself.
 */
#include "known.h"
#include "linter.h"

#define GLOB "*?[]{}\\"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- blanks ---- */

/* Where a blank is that no name has: at an end, beside a slash, in braces. */
static const char *where_blank(const char *s, bool pattern)
{
	size_t n = strlen(s);
	bool braces = false;

	if (!n || is_blank(s[0]))
		return "at its start";
	if (is_blank(s[n - 1]))
		return "at its end";
	for (size_t i = 1; i + 1 < n; i++) {
		braces |= s[i - 1] == '{';
		if (!is_blank(s[i]))
			continue;
		if (s[i - 1] == '/' || s[i + 1] == '/')
			return "beside a slash";
		if (pattern && braces && (strchr("{,", s[i - 1]) || strchr(",}", s[i + 1])))
			return "inside its braces";
	}
	return NULL;
}

static bool blank(struct ka_linter *l, const struct ka_rule *r)
{
	const char *where = where_blank(r->object, r->list == KA_LIST_PATTERNS);

	if (!where)
		return false;
	ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_BLANK, r->loc, r->object, where),
		     "it counts as a part of the name");
	return true;
}

/* ---- arguments in a path ---- */

/* "/bin/rm -rf", "apt install *": what a shell would take apart. */
static bool arguments(struct ka_linter *l, const struct ka_rule *r)
{
	const char *s;

	if (r->section != KA_SECTION_PROCESS || r->list == KA_LIST_DIRECTORIES)
		return false;
	for (s = strchr(r->object, ' '); s; s = strchr(s + 1, ' '))
		if (s[1] && (strchr("-/*", s[1]) || !strchr(s, '/')))
			break;
	if (!s)
		return false;
	ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_ARGUMENTS, r->loc, r->object),
		     "a program is matched by its path alone; of a path, 'allowedArgs' are the "
		     "arguments that it may have");
	return true;
}

/* ---- regular expressions ---- */

/* `\d` and the like mean nothing in a glob; `\*`, `\[` are escapes there. */
static const char *regex_escape(const char *s)
{
	for (s = strchr(s, '\\'); s && s[1]; s = strchr(s + 2, '\\'))
		if (strchr(".dDwWsSbB/-", s[1]))
			return "a backslash that a pattern does not need";
	return NULL;
}

static bool has_alternatives(const char *s)
{
	const char *open = strchr(s, '('), *bar = open ? strchr(open, '|') : NULL;

	return bar && strchr(bar, ')');
}

static bool has_repeated(const char *s)
{
	for (s = strpbrk(s, ".])"); s && s[1]; s = strpbrk(s + 1, ".])"))
		if (s[1] == '+' && (!s[2] || s[2] == '/' || s[2] == '$' || s[2] == '\\'))
			return true;
	return false;
}

/* What of a pattern has a meaning only as a regular expression. */
static const char *regex_mark(const char *s)
{
	size_t n = strlen(s);

	if (s[0] == '^' || (n > 1 && s[0] == '/' && s[1] == '^'))
		return "'^'";
	if (n && s[n - 1] == '$')
		return "'$' at its end";
	if (has_alternatives(s))
		return "alternatives in parentheses";
	if (has_repeated(s))
		return "'+' for repetition";
	if (!strncmp(s, "/.*/", 4) || !strncmp(s, "/(.*", 4))
		return "'.*' for anything";
	return regex_escape(s);
}

static bool regex(struct ka_linter *l, const struct ka_rule *r)
{
	const char *mark;
	struct ka_diag *d;

	if (r->list != KA_LIST_PATTERNS || !strchr("/*{[", r->object[0]))
		return false; /* one that begins with '^' never matches, KA0208 */
	mark = regex_mark(r->object);
	if (!mark)
		return false;
	d = ka_diag(l->ctx, KA_D_PATTERN_REGEX, r->loc, r->object, mark);
	ka_diag_hint(l->ctx, d,
		     "a pattern covers the whole path: '*' is anything inside a "
		     "component, '**' across components, '{a,b}' either of two");
	return true;
}

/* ---- lists ---- */

/* A comma behind which a value of the same kind begins. */
static bool is_list(const struct ka_rule *r)
{
	const char *s = r->object;
	int depth = 0;

	for (; *s; s++) {
		if (r->list == KA_LIST_PATTERNS)
			depth += *s == '{' ? 1 : *s == '}' ? -1 : 0;
		if (*s != ',' && *s != ';')
			continue;
		if (depth <= 0 && s != r->object && s[1 + strspn(s + 1, " ")] == '/')
			return true;
		if (r->execname && s != r->object && s[1])
			return true;
	}
	return false;
}

static bool comma(struct ka_linter *l, const struct ka_rule *r)
{
	if (!is_list(r))
		return false;
	ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_COMMA_LIST, r->loc, r->object),
		     r->list == KA_LIST_PATTERNS
			     ? "write each as an item of its own, or alternatives in braces: {a,b}"
			     : "write each as an item of its own");
	return true;
}

/* ---- directories, data, names that are never shown ---- */

static bool directory(struct ka_linter *l, const struct ka_rule *r)
{
	struct ka_diag *d;

	if (r->list != KA_LIST_PATHS || r->execname || !ka_known_dir(r->object))
		return false;
	d = ka_diag(l->ctx, KA_D_PATH_KNOWN_DIR, r->loc, r->object);
	ka_diag_hint(l->ctx, d,
		     "write, under matchDirectories, 'dir: %s/', with 'recursive: true' "
		     "for all below",
		     r->object);
	return true;
}

static bool data(struct ka_linter *l, const struct ka_rule *r)
{
	bool is;

	if (r->section != KA_SECTION_PROCESS || r->execname)
		return false;
	if (r->list == KA_LIST_PATTERNS)
		is = ka_known_data_name(r->object) && !strpbrk(strrchr(r->object, '.'), GLOB);
	else
		is = r->list == KA_LIST_PATHS && ka_known_data(r->object);
	if (!is)
		return false;
	ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_DATA_IN_PROCESS, r->loc, r->object),
		     "did you mean 'file'? 'process' is about executing alone");
	return true;
}

static bool unseen_name(struct ka_linter *l, const char *s, size_t len, struct ka_loc loc)
{
	const char *instead = ka_known_unseen(s, len);

	if (!instead)
		return false;
	ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_NAME_NEVER_SHOWN, loc, s), "%s", instead);
	return true;
}

static bool unseen(struct ka_linter *l, const struct ka_rule *r)
{
	if (r->execname)
		return false;
	return unseen_name(
		l, r->object,
		r->list == KA_LIST_PATTERNS ? strcspn(r->object, GLOB) : strlen(r->object), r->loc);
}

/* In this order: the first finding about a value is the only one. */
static bool (*const about_objects[])(struct ka_linter *, const struct ka_rule *) = {
	comma, arguments, blank, regex, unseen, directory, data,
};

static void rule(struct ka_linter *l, uint32_t policy, uint32_t number)
{
	const struct ka_rule *r = &l->set->v[policy]->rules[number];

	for (size_t i = 0; ka_is_path_rule(r) && i < KA_ARRAY_SIZE(about_objects); i++)
		if (about_objects[i](l, r))
			break;
	for (uint32_t i = 0; i < r->nfrom; i++)
		unseen_name(l, r->from[i].path, strlen(r->from[i].path), r->from[i].loc);
}

const struct ka_family ka_family_never = {.flags = KA_LINT_DEFAULT, .rule = rule};
