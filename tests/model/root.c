/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A root directory with symlinks on the way of rules' paths, made for one world.
 */
#include "gen.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *some_object(struct md_random *r, const struct md_world *w)
{
	const struct md_policy *p = &w->set.policies[md_below(r, (unsigned)w->set.npolicies)];
	const struct md_rule *rule;

	if (!p->nrules)
		return "/a/b";
	rule = &p->rules[md_below(r, (unsigned)p->nrules)];
	if (rule->nfrom && md_chance(r, 40))
		return rule->from[md_below(r, (unsigned)rule->nfrom)];
	return rule->execname ? "/a/b" : rule->object;
}

/* One to all components of what a rule names. */
static char *some_beginning(struct md_random *r, struct md_world *w)
{
	char *path = md_clean_path(&w->pool, some_object(r, w)), *end = path;
	unsigned n = 1 + md_below(r, 3);

	if (strpbrk(path, "*?[{\\"))
		return md_random_path(r, &w->pool, MD_PLAIN);
	while (n-- && end)
		end = strchr(end + 1, '/');
	if (end)
		*end = '\0';
	return path;
}

static bool on_a_link(const struct md_root *root, const char *path)
{
	int i;

	for (i = 0; i < root->nlinks; i++) {
		size_t len = strlen(root->links[i].path);

		if (!strncmp(root->links[i].path, path, len) && (!path[len] || path[len] == '/'))
			return true;
	}
	return false;
}

/* Directories down to the path's parent; none of them is a link. */
static int make_parents(const char *real)
{
	char buf[8192], *slash;

	strcpy(buf, real);
	for (slash = strchr(buf + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(buf, 0755) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

void md_root_open(struct md_root *root)
{
	strcpy(root->dir, "/tmp/ka-model.XXXXXX");
	if (!mkdtemp(root->dir)) {
		perror(root->dir);
		exit(3);
	}
	root->there = true;
}

int md_root_link(const struct md_root *root, const char *path, const char *target)
{
	char real[8192];

	snprintf(real, sizeof(real), "%s%s", root->dir, path);
	return make_parents(real) || symlink(target, real) ? -1 : 0;
}

static void add_link(struct md_random *r, struct md_world *w)
{
	static const char *const relative[] = {"a", "../b", "ab/c", "../../a", ".", "./b/../c"};
	struct md_root *root = &w->set.root;
	const char *path = some_beginning(r, w), *target = some_beginning(r, w);

	if (md_chance(r, 25))
		target = relative[md_below(r, sizeof(relative) / sizeof(relative[0]))];
	else if (md_chance(r, 20))
		target = md_random_path(r, &w->pool, MD_PLAIN);
	if (!strcmp(path, "/") || strlen(path) > 1500 || strlen(target) > 90 ||
	    on_a_link(root, path))
		return;
	if (md_root_link(root, path, target))
		return;
	root->links[root->nlinks++] = (struct md_link){path, target};
}

void md_root_make(struct md_random *r, struct md_world *w)
{
	struct md_root *root = &w->set.root;
	int tries;

	md_root_open(root);
	for (tries = 0; tries < 20 && root->nlinks < MD_MAX_LINKS; tries++)
		add_link(r, w);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void md_root_remove(struct md_root *root)
{
	if (root->there)
		nftw(root->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	root->there = false;
}
