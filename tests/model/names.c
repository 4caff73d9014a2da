/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that collide: few letters, prefixes of each other, names that begin with two dots, and
 * every length at which the matcher changes its way (8, 40, 255 bytes).
 */
#include "gen.h"

#include <stdlib.h>
#include <string.h>

/* ---- chance and memory ---- */

/* splitmix64 */
uint64_t md_next(struct md_random *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

unsigned md_below(struct md_random *r, unsigned n)
{
	return (unsigned)((md_next(r) >> 33) % n);
}

bool md_chance(struct md_random *r, unsigned percent)
{
	return md_below(r, 100) < percent;
}

void *md_zalloc(struct md_pool *pool, size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (pool->n == pool->cap) {
		pool->cap = pool->cap ? 2 * pool->cap : 64;
		pool->v = realloc(pool->v, pool->cap * sizeof(*pool->v));
	}
	if (!p || !pool->v)
		abort();
	pool->v[pool->n++] = p;
	return p;
}

char *md_dup(struct md_pool *pool, const char *s)
{
	return strcpy(md_zalloc(pool, strlen(s) + 1), s);
}

void md_pool_done(struct md_pool *pool)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		free(pool->v[i]);
	free(pool->v);
	*pool = (struct md_pool){0};
}

/* ---- components ---- */

static const char *const common[] = {"a", "b", "ab", "abc", "c", "..d", "..data", "x.conf"};
static const char *const rare[] = {
	"..",
	"abcdefg",
	"abcdefgh",
	"abcdefghi",
	"abcdefgx",
	"..abcdefgh",
	"...",
	".a",
	"a.conf",
	"\xc3\xa9",
	"\xe6\x97\xa5\xe6\x9c\xac",
	"a b",
	"a*b",
	"[a]",
	"a\\b",
	"{a,b}",
	"a?",
	"a,b",
	"-",
	"#",
	"'",
	"%",
	"\"",
	"a]",
	"aa",
	"abcdefghabcdefgh",
	"abcdefghabcdefg",
	"abcdefghabcdefghi",
};
static const int lengths[] = {23, 24, 25, 31, 32, 33, 38, 39, 40, 41, 47, 48, 49, 254, 255};

const char *md_component(struct md_random *r, struct md_pool *pool)
{
	unsigned kind = md_below(r, 100), n;
	const char *s;
	char *name;

	if (kind < 75)
		return common[md_below(r, sizeof(common) / sizeof(common[0]))];
	if (kind < 92) {
		s = rare[md_below(r, sizeof(rare) / sizeof(rare[0]))];
		return strcmp(s, "..") ? s : "..a";
	}
	n = (unsigned)lengths[md_below(r, sizeof(lengths) / sizeof(lengths[0]))];
	name = md_zalloc(pool, n + 1);
	memset(name, 'a', n);
	if (md_chance(r, 30))
		name[n - 1] = 'b';
	if (md_chance(r, 10))
		name[md_below(r, n)] = 'c';
	return name;
}

static unsigned depth(struct md_random *r)
{
	if (md_chance(r, 3))
		return 1 + md_below(r, 70);
	return 1 + md_below(r, 5);
}

static const char *const alias_dirs[] = {
	"/bin",       "/usr/bin", "/sbin",    "/usr/sbin", "/lib",       "/usr/lib",
	"/lib32",     "/lib64",   "/var/run", "/run",      "/var/lock",  "/run/lock",
	"/usr/lib64", "/usr",     "/var",     "/binx",     "/usr/lib32",
};

static const char *front(struct md_random *r, enum md_flavour flavour)
{
	if (flavour == MD_FOR_VM)
		return MD_VM_ROOT;
	if (flavour == MD_ALIASES && md_chance(r, 70))
		return alias_dirs[md_below(r, sizeof(alias_dirs) / sizeof(alias_dirs[0]))];
	return "";
}

/* Components may be long: what is too long for a path is left off. */
#define ROOM 4000

static void append(char *buf, const char *s)
{
	if (strlen(buf) + strlen(s) < ROOM)
		strcat(buf, s);
}

char *md_random_path(struct md_random *r, struct md_pool *pool, enum md_flavour flavour)
{
	char buf[ROOM + 512];
	unsigned i, n = depth(r);
	const char *c;

	strcpy(buf, front(r, flavour));
	for (i = 0; i < n; i++) {
		c = md_component(r, pool);
		if (strlen(buf) + 1 + strlen(c) >= ROOM)
			break;
		strcat(buf, "/");
		strcat(buf, c);
	}
	return md_dup(pool, buf);
}

/* ---- patterns ---- */

static void literal(struct md_random *r, struct md_pool *pool, char *buf)
{
	const char *c = md_component(r, pool);
	char one[3] = "\\";

	if (md_chance(r, 40)) {
		one[0] = "abc."[md_below(r, 4)];
		one[1] = '\0';
		append(buf, one);
		return;
	}
	for (; *c; c++) {
		one[0] = '\\';
		one[1] = *c;
		append(buf, strchr("*?[]{},\\", *c) ? one : one + 1);
	}
}

static void piece(struct md_random *r, struct md_pool *pool, char *buf, int nesting)
{
	static const char *const classes[] = {"[ab]",   "[a-c]", "[^a]", "[^a-c]",
					      "[abx.]", "[.]",   "[^.]", "[a-ce]"};
	unsigned i, n;

	switch (md_below(r, nesting > 1 || (nesting && md_chance(r, 70)) ? 9 : 10)) {
	case 0:
	case 1:
		append(buf, "*");
		return;
	case 2:
		append(buf, "?");
		return;
	case 3:
		append(buf, classes[md_below(r, 8)]);
		return;
	case 4:
		append(buf, md_chance(r, nesting ? 15 : 30) ? "**" : "*");
		return;
	case 9:
		n = 1 + md_below(r, 2);
		append(buf, "{");
		for (i = 0; i < n + 1; i++) {
			if (i)
				append(buf, ",");
			if (md_chance(r, 10))
				continue;
			piece(r, pool, buf, nesting + 1);
			if (md_chance(r, 20)) {
				append(buf, "/");
				piece(r, pool, buf, nesting + 1);
			}
		}
		append(buf, "}");
		return;
	default:
		literal(r, pool, buf);
	}
}

char *md_random_pattern(struct md_random *r, struct md_pool *pool, enum md_flavour flavour)
{
	unsigned i, j, n = 1 + md_below(r, 4), parts;
	char buf[ROOM + 512];

	strcpy(buf, front(r, flavour));
	for (i = 0; i < n; i++) {
		append(buf, "/");
		if (md_chance(r, 15)) {
			append(buf, "**");
			continue;
		}
		parts = md_chance(r, 50) ? 1 : 1 + md_below(r, 3);
		for (j = 0; j < parts; j++)
			piece(r, pool, buf, 0);
	}
	return md_dup(pool, buf);
}

/* ---- a path that a pattern matches ---- */

static const char *skip_class(const char *p)
{
	const char *end = strchr(p + 1, ']');

	return end ? end : p;
}

static const char *part_end(const char *p)
{
	int level = 0;

	for (; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[')
			p = skip_class(p);
		else if (*p == '{')
			level++;
		else if (level && *p == '}')
			level--;
		else if (!level && (*p == '}' || *p == ','))
			break;
	}
	return p;
}

static void fill(struct md_random *r, struct md_pool *pool, const char *p, const char *end,
		 char *buf);

static const char *fill_brace(struct md_random *r, struct md_pool *pool, const char *open,
			      char *buf)
{
	const char *part = open + 1, *end = part_end(part), *chosen = part, *chosen_end = end;
	unsigned n = 1;

	while (*end == ',') {
		part = end + 1;
		end = part_end(part);
		if (!md_below(r, ++n)) {
			chosen = part;
			chosen_end = end;
		}
	}
	fill(r, pool, chosen, chosen_end, buf);
	return end;
}

static void fill_stars(struct md_random *r, struct md_pool *pool, bool across, char *buf)
{
	unsigned n = md_below(r, across ? 4 : 2);

	while (n--) {
		if (md_chance(r, 30))
			append(buf, "a");
		else
			append(buf, md_component(r, pool));
		if (n)
			append(buf, "/");
	}
}

static void fill(struct md_random *r, struct md_pool *pool, const char *p, const char *end,
		 char *buf)
{
	char one[2] = "";

	for (; p < end; p++) {
		switch (*p) {
		case '*':
			fill_stars(r, pool, p[1] == '*', buf);
			p += p[1] == '*';
			continue;
		case '[':
			one[0] = p[1] == '^' ? "bdx.a"[md_below(r, 5)] : p[1];
			p = skip_class(p);
			break;
		case '{':
			p = fill_brace(r, pool, p, buf);
			continue;
		case '?':
			one[0] = "abc.x"[md_below(r, 5)];
			break;
		case '\\':
			p++;
			/* fall through */
		default:
			one[0] = *p;
		}
		append(buf, one);
	}
}

char *md_instance(struct md_random *r, struct md_pool *pool, const char *pattern)
{
	char buf[ROOM + 512] = "";

	fill(r, pool, pattern, pattern + strlen(pattern), buf);
	return md_dup(pool, buf);
}
