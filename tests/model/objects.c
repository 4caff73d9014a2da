/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which objects a rule names: patterns, directories, literal paths. Every
 * question is asked of the whole path as one string.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

/* ---- patterns ---- */

static const char *class_end(const char *p)
{
	const char *end = strchr(p + 1, ']');

	return end ? end : p + strlen(p) - 1;
}

/* p is at '['. A class is one byte that is no '/'. */
static bool class_has(const char *p, const char *end, char c)
{
	bool negated = p[1] == '^', in = false;

	for (p += negated ? 2 : 1; p < end; p++) {
		if (p + 2 < end && p[1] == '-') {
			in |= (unsigned char)p[0] <= (unsigned char)c &&
			      (unsigned char)c <= (unsigned char)p[2];
			p += 2;
		} else {
			in |= *p == c;
		}
	}
	return c && c != '/' && in != negated;
}

/* Without braces. */
static bool plain_glob(const char *p, const char *s)
{
	const char *end;

	if (!*p)
		return !*s;
	if (p[0] == '*' && p[1] == '*') {
		for (;; s++) {
			if (plain_glob(p + 2, s))
				return true;
			if (!*s)
				return false;
		}
	}
	if (p[0] == '*') {
		for (;; s++) {
			if (plain_glob(p + 1, s))
				return true;
			if (!*s || *s == '/')
				return false;
		}
	}
	if (!*s)
		return false;
	if (p[0] == '?')
		return *s != '/' && plain_glob(p + 1, s + 1);
	if (p[0] == '[') {
		end = class_end(p);
		return class_has(p, end, *s) && plain_glob(end + 1, s + 1);
	}
	if (p[0] == '\\' && p[1])
		p++;
	return *p == *s && plain_glob(p + 1, s + 1);
}

/* The next brace, comma or end at this level of nesting, from p on. */
static const char *brace_part_end(const char *p)
{
	int depth = 0;

	for (; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[')
			p = class_end(p);
		else if (*p == '{')
			depth++;
		else if (depth && *p == '}')
			depth--;
		else if (!depth && (*p == '}' || *p == ','))
			return p;
	}
	return p;
}

static const char *first_brace(const char *p)
{
	for (; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[')
			p = class_end(p);
		else if (*p == '{')
			return p;
	}
	return NULL;
}

/* Without braces. */
static bool one_glob(const char *p, const struct md_root *root, bool strict, const char *path)
{
	char buf[8192];
	int n;

	/* `/x/` + `*` is what lies in /x, so `/` + `*` is what lies in /, and not / itself */
	if (!strcmp(path, "/"))
		return !strcmp(p, "/");
	if (plain_glob(p, path))
		return true;
	for (n = 0; root && md_pattern_spelling(root, strict, p, n, buf, sizeof(buf)); n++)
		if (plain_glob(buf, path))
			return true;
	return false;
}

/* Stars at the end of a pattern; a star behind a backslash is none. */
static size_t last_stars(const char *p)
{
	size_t len = strlen(p), n = 0, slashes = 0;

	while (n < len && p[len - 1 - n] == '*')
		n++;
	while (n + slashes < len && p[len - 1 - n - slashes] == '\\')
		slashes++;
	return n - (n && slashes % 2);
}

/* Appends n bytes. What was two single stars, as in {*,a}*, must not become a double one. */
static void join(char *to, const char *p, size_t n)
{
	if (n && p[0] == '*' && (n == 1 || p[1] != '*') && last_stars(to) == 1) {
		p++;
		n--;
	}
	sprintf(to + strlen(to), "%.*s", (int)n, p);
}

/* {a,b} is written out: the pattern matches if one with the brace replaced by a part does. */
bool md_glob(const char *pattern, const struct md_root *root, bool strict, const char *path)
{
	const char *open = first_brace(pattern), *part, *end, *close;
	bool found = false;
	char *one;

	if (!open)
		return one_glob(pattern, root, strict, path);
	for (close = open + 1; *close != '}' && *close;) {
		close = brace_part_end(close);
		if (*close == ',')
			close++;
	}
	if (!*close)
		return false;
	one = malloc(strlen(pattern) + 1);
	if (!one)
		abort();
	for (part = open + 1; !found; part = end + 1) {
		end = brace_part_end(part);
		one[0] = '\0';
		join(one, pattern, (size_t)(open - pattern));
		join(one, part, (size_t)(end - part));
		join(one, close + 1, strlen(close + 1));
		found = md_glob(one, root, strict, path);
		if (*end == '}')
			break;
	}
	free(one);
	return found;
}

bool md_has_wildcard(const char *p)
{
	for (; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (strchr("*?[{", *p))
			return true;
	}
	return false;
}

void md_unescape(const char *p, char *ret)
{
	for (; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		*ret++ = *p;
	}
	*ret = '\0';
}

/* ---- paths and directories ---- */

/* Kubernetes' atomic volumes: what a user knows as DIR/NAME is DIR/..something/NAME. */
static bool is_atomic_child(const char *name, const char *end)
{
	return end - name > 2 && name[0] == '.' && name[1] == '.';
}

bool md_literal_covers(const char *literal, const char *path)
{
	size_t dir = (size_t)(strrchr(literal, '/') + 1 - literal);
	const char *slash;

	if (!strcmp(literal, path))
		return true;
	if (!literal[dir] || strncmp(literal, path, dir) != 0)
		return false;
	slash = strchr(path + dir, '/');
	return slash && is_atomic_child(path + dir, slash) && !strcmp(slash + 1, literal + dir);
}

bool md_dir_covers(const char *dir, bool recursive, const char *path)
{
	size_t len = strlen(dir);
	const char *slash;

	if (!strcmp(dir, path) || (strlen(path) == len - 1 && !strncmp(dir, path, len - 1)))
		return true; /* the directory itself */
	if (strncmp(dir, path, len) != 0)
		return false;
	if (recursive)
		return true;
	slash = strchr(path + len, '/');
	if (!slash)
		return true; /* a direct child */
	return is_atomic_child(path + len, slash) && !strchr(slash + 1, '/');
}
