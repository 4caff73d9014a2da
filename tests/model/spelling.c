/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other names of a path: with a root, where its links lead; without one, the fixed aliases.
 */
#include "model.h"

#include <string.h>

/* ---- fixed aliases ---- */

static const char *const same[][2] = {
	{"/bin", "/usr/bin"},       {"/sbin", "/usr/sbin"},   {"/lib", "/usr/lib"},
	{"/lib32", "/usr/lib32"},   {"/lib64", "/usr/lib64"}, {"/var/run", "/run"},
	{"/var/lock", "/run/lock"},
};

static bool begins_with_dir(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && (path[len] == '/' || !path[len]);
}

/* The n-th spelling that differs by one exchange of names. */
static bool exchange(const char *path, int n, char *buf, size_t size)
{
	size_t i;
	int to;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		for (to = 0; to < 2; to++) {
			if (!begins_with_dir(path, same[i][!to]) || n--)
				continue;
			snprintf(buf, size, "%s%s", same[i][to], path + strlen(same[i][!to]));
			return true;
		}
	}
	return false;
}

/* Exchanges may follow each other: /var/lock is /run/lock is /var/run/lock. */
static bool alias(const char *path, int n, char *buf, size_t size)
{
	char first[8192];
	int i, k;

	for (i = 0; exchange(path, i, buf, size); i++)
		if (!n--)
			return true;
	for (i = 0; exchange(path, i, first, sizeof(first)); i++)
		for (k = 0; exchange(first, k, buf, size); k++)
			if (strcmp(buf, path) != 0 && !n--)
				return true;
	return false;
}

/* ---- links ---- */

static const struct md_link *link_at(const struct md_root *root, const char *path, size_t len)
{
	int i;

	for (i = 0; i < root->nlinks; i++)
		if (strlen(root->links[i].path) == len && !strncmp(root->links[i].path, path, len))
			return &root->links[i];
	return NULL;
}

/* Cuts path[from..to) out. */
static void cut(char *path, size_t from, size_t to)
{
	memmove(path + from, path + to, strlen(path + to) + 1);
	if (!*path)
		strcpy(path, "/");
}

/*
 * The first link on the way, from the root down; *ret_len is how much of the path it is. "." and
 * ".." go on the way: what is before them has turned out to be no link.
 */
static const struct md_link *first_link(const struct md_root *root, char *path, size_t *ret_len)
{
	size_t at = 0, len, before;
	const struct md_link *link;

	while (path[at] == '/' && path[at + 1]) {
		len = at + 1 + strcspn(path + at + 1, "/");
		if (len == at + 1 || (len == at + 2 && path[at + 1] == '.')) {
			cut(path, at, len);
			continue;
		}
		if (len == at + 3 && !strncmp(path + at, "/..", 3)) {
			for (before = at; before && path[--before] != '/';)
				;
			cut(path, before, len);
			at = before;
			continue;
		}
		link = link_at(root, path, len);
		if (link) {
			*ret_len = len;
			return link;
		}
		at = len;
	}
	return NULL;
}

/* One link followed, the rest of the path left as it is. */
static void follow(const struct md_link *link, size_t len, char *path)
{
	char rest[8192];

	strcpy(rest, path + len);
	if (*link->target == '/')
		sprintf(path, "%s%s", link->target, rest);
	else
		sprintf(path, "%.*s/%s%s", (int)(strrchr(link->path, '/') - link->path), link->path,
			link->target, rest);
}

#define FOLLOWED_AT_MOST 40

/*
 * What a path is called once links are followed: each link that is met as the last component (a
 * link can be removed, so it is an object), and the end. Nothing if there is no end.
 */
static bool link_name(const struct md_root *root, const char *path, int n, char *buf)
{
	const struct md_link *link;
	char now[8192];
	int i, left = n;
	size_t len;

	strcpy(now, path);
	for (i = 0; (link = first_link(root, now, &len)); i++) {
		if (i >= FOLLOWED_AT_MOST)
			return false;
		follow(link, len, now);
	}
	strcpy(now, path);
	for (;;) {
		link = first_link(root, now, &len);
		if ((!link || !now[len]) && strcmp(now, path) != 0 && !left--) {
			strcpy(buf, now);
			return true;
		}
		if (!link)
			return false;
		follow(link, len, now);
	}
}

static bool is_strange(const char *p, size_t len)
{
	return len <= 2 && !strncmp(p, "..", len);
}

/* A pattern without a wildcard may have such a component: it names nothing. */
bool md_is_impossible(const char *path)
{
	size_t len;

	for (; *path; path += len + 1) {
		len = strcspn(path + 1, "/");
		if (is_strange(path + 1, len))
			return true;
	}
	return false;
}

bool md_spelling(const struct md_root *root, bool strict, const char *path, int n, char *buf,
		 size_t size)
{
	size_t len = strlen(path);
	bool dir = len > 1 && path[len - 1] == '/';
	char self[8192];

	if (!root->there)
		return strict && alias(path, n, buf, size);
	strcpy(self, path);
	if (dir)
		self[len - 1] = '\0';
	if (md_is_impossible(self) || !link_name(root, self, n, buf))
		return false;
	if (dir && strcmp(buf, "/") != 0)
		strcat(buf, "/");
	return true;
}

/* ---- patterns ---- */

/*
 * How much of a pattern is whole components without a wildcard; empty ones, "." and "..", which
 * no resolved path has, end it.
 */
static size_t literal_length(const char *p)
{
	size_t i, whole = 0;

	for (i = 0; p[i]; i++) {
		if (p[i] == '/' && is_strange(p + whole + 1, i - whole - 1) && i > whole)
			return whole;
		if (p[i] == '/')
			whole = i;
		if (strchr("*?[", p[i]))
			return whole;
		if (p[i] == '\\' && p[i + 1])
			i++;
	}
	return is_strange(p + whole + 1, i - whole - 1) ? whole : i;
}

bool md_pattern_spelling(const struct md_root *root, bool strict, const char *pattern, int n,
			 char *buf, size_t size)
{
	size_t len = literal_length(pattern);
	char prefix[8192], literal[8192], other[8192], *to = buf;
	const char *c;

	if (!root->there)
		return strict && alias(pattern, n, buf, size);
	sprintf(prefix, "%.*s", (int)len, pattern);
	md_unescape(prefix, literal);
	if (!*literal || !md_spelling(root, strict, literal, n, other, sizeof(other)))
		return false;
	for (c = strcmp(other, "/") ? other : ""; *c; c++) {
		if (strchr("*?[]{},\\", *c))
			*to++ = '\\';
		*to++ = *c;
	}
	strcpy(to, pattern + len);
	return true;
}
