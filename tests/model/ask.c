/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random subjects and accesses, near the rules of a world.
 */
#include <stdlib.h>
#include <string.h>

#include "draw.h"

/* ---- subjects ---- */

static const struct md_rule *some_rule(struct md_random *r, const struct md_world *w)
{
	const struct md_policy *p = &w->set.policies[md_below(r, (unsigned)w->set.npolicies)];

	return p->nrules ? &p->rules[md_below(r, (unsigned)p->nrules)] : NULL;
}

static const char *some_source(struct md_random *r, const struct md_world *w, struct md_pool *pool)
{
	char buf[8192];
	const char *from;
	const struct md_rule *rule = NULL;
	int tries;

	for (tries = 0; tries < 8 && !(rule && rule->nfrom); tries++)
		rule = some_rule(r, w);
	if (!rule || !rule->nfrom)
		return NULL;
	from = rule->from[md_below(r, (unsigned)rule->nfrom)];
	if (md_chance(r, 50) &&
	    md_spelling(&w->set.root, true, from, (int)md_below(r, 2), buf, sizeof(buf)))
		return md_dup(pool, buf);
	return from;
}

void md_make_subject(struct md_random *r, const struct md_world *w, struct md_pool *pool,
		     struct md_subject *ret)
{
	const struct md_policy *p = &w->set.policies[md_below(r, (unsigned)w->set.npolicies)];

	memset(ret, 0, sizeof(*ret));
	ret->host = md_chance(r, 80) ? p->kind == MD_HOST : md_chance(r, 20);
	ret->terminal = md_chance(r, 50);
	if (!ret->host)
		md_make_workload(r, p, ret);
	if (md_chance(r, 60))
		ret->sources[0] = some_source(r, w, pool);
	if (md_chance(r, 20))
		ret->sources[1] = some_source(r, w, pool);
	if (md_chance(r, 5))
		ret->sources[0] = md_make_path(r, w, pool);
}

/* ---- accesses ---- */

/* What the kernel could say: no empty, "." or ".." components, names of up to 255 bytes. */
char *md_clean_path(struct md_pool *pool, const char *path)
{
	char *ret = md_zalloc(pool, 2 * strlen(path) + 3), *to = ret;
	size_t n;

	for (; *path; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (!n || to - ret + n > 3900)
			break;
		*to++ = '/';
		memcpy(to, path, n > 255 ? 255 : n);
		to += n > 255 ? 255 : n;
		if ((n == 1 && to[-1] == '.') || (n == 2 && to[-1] == '.' && to[-2] == '.'))
			*to++ = 'a';
	}
	if (to == ret)
		*to++ = '/';
	*to = '\0';
	return ret;
}

static void insert_component(struct md_random *r, struct md_pool *pool, const char *c, char *path)
{
	char *at = path, *copy;
	unsigned n = 0, pick;

	for (at = path; *at; at++)
		n += *at == '/';
	pick = md_chance(r, 50) ? n - 1 : md_below(r, n);
	for (at = path; *at; at++)
		if (*at == '/' && !pick--)
			break;
	copy = md_dup(pool, at);
	sprintf(at, "/%s%s", c, copy);
}

static void mutate(struct md_random *r, struct md_pool *pool, char *path)
{
	char *slash = strrchr(path, '/'), *at;

	switch (md_below(r, 8)) {
	case 0:
	case 1:
		sprintf(path + strlen(path), "/%s", md_component(r, pool));
		break;
	case 2:
		insert_component(r, pool, md_chance(r, 60) ? "..d" : md_component(r, pool), path);
		break;
	case 3:
		if (slash > path)
			*slash = '\0';
		break;
	case 4:
		sprintf(slash, "/%s", md_component(r, pool));
		break;
	case 5:
		strcat(path, "a");
		break;
	case 6:
		if (strlen(path) > 2)
			path[strlen(path) - 1] = '\0';
		break;
	case 7:
		at = path + 1 + md_below(r, (unsigned)strlen(path));
		if (*at && *at != '/')
			*at = (char)(1 + md_below(r, 255));
		break;
	}
}

char *md_make_path(struct md_random *r, const struct md_world *w, struct md_pool *pool)
{
	const struct md_rule *rule = some_rule(r, w);
	const char *base;
	char *path;

	if (rule && rule->nfrom && !md_has_paths(rule->section))
		base = rule->from[0];
	else if (!rule || !md_has_paths(rule->section) || md_chance(r, 5))
		base = md_random_path(r, pool, w->flavour);
	else if (rule->nfrom && md_chance(r, 15))
		base = rule->from[md_below(r, (unsigned)rule->nfrom)];
	else if (rule->list == MD_PATTERNS)
		base = md_instance(r, pool, rule->object);
	else if (rule->execname)
		base = strcat(
			strcat(strcpy(md_zalloc(pool, 4800), md_random_path(r, pool, w->flavour)),
			       "/"),
			rule->object);
	else
		base = rule->object;
	path = strcpy(md_zalloc(pool, strlen(base) + 12000), base);
	if (path[0] != '/')
		strcpy(path, "/");
	if (md_chance(r, 50) && base[0] == '/' &&
	    !md_spelling(&w->set.root, true, base, (int)md_below(r, 2), path, strlen(base) + 1024))
		strcpy(path, base);
	while (md_chance(r, 45) && strlen(path) < strlen(base) + 1000)
		mutate(r, pool, path);
	return md_clean_path(pool, path);
}

static void path_access(struct md_random *r, const struct md_world *w, struct md_pool *pool,
			struct md_access *ret)
{
	ret->path = md_make_path(r, w, pool);
	ret->owner = md_chance(r, 50);
	if (ret->section == MD_PROCESS)
		ret->op = md_chance(r, 70) ? MD_EXEC : MD_MAP;
	else
		ret->op = md_chance(r, 40)   ? MD_READ
			  : md_chance(r, 70) ? MD_CHANGE
			  : md_chance(r, 50) ? MD_EXEC
					     : MD_MAP;
}

void md_make_access(struct md_random *r, const struct md_world *w, struct md_pool *pool,
		    struct md_access *ret)
{
	unsigned section = md_below(r, 100);

	*ret = (struct md_access){.op = MD_USE, .detail = md_below(r, 1000)};
	ret->section = section < 35   ? MD_PROCESS
		       : section < 80 ? MD_FILE
		       : section < 94 ? MD_NETWORK
				      : MD_CAPABILITIES;
	if (md_has_paths(ret->section))
		path_access(r, w, pool, ret);
	else if (ret->section == MD_NETWORK)
		md_random_socket(r, &ret->socket);
	else
		ret->capability = md_below(r, 10) ? md_below(r, 42) : md_below(r, 64);
}
