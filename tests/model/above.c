/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names above: what must not be renamed or mounted over because of what rules name below.
 *
 * Of patterns the model only knows examples (a path that one matches), so for them only one
 * direction is asked: what must be guarded is. Where all rules are literal, both are.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

/* ---- the model's side ---- */

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && path[len] == '/' && path[len + 1];
}

/* Whether path is DIR/..something for the directory that `object` lies in (or is, with a /). */
static bool is_dots_of(const char *object, const char *path)
{
	size_t dir = (size_t)(strrchr(object, '/') + 1 - object);

	return !strncmp(path, object, dir) && !strncmp(path + dir, "..", 2) && path[dir + 2] &&
	       !strchr(path + dir, '/');
}

struct spelling {
	char text[8192];
};

/* The n-th spelling of a rule's object; 0 is its own. */
static bool spelling(const struct md_root *root, const struct md_rule *rule, enum md_action action,
		     int n, struct spelling *ret)
{
	if (n)
		return !rule->execname && md_spelling(root, action != MD_ALLOW, rule->object, n - 1,
						      ret->text, sizeof(ret->text));
	strcpy(ret->text, rule->object);
	return true;
}

static bool object_below(const struct md_rule *rule, const char *object, const char *dir)
{
	size_t len = strlen(object);
	char self[8192];

	if (rule->list == MD_PATHS)
		return is_below(object, dir) || is_dots_of(object, dir);
	strcpy(self, object);
	if (len > 1)
		self[len - 1] = '\0';
	return is_below(self, dir) || !strcmp(self, dir) ||
	       (rule->recursive && md_dir_covers(object, true, dir)) || is_dots_of(object, dir);
}

static bool source_at(const struct md_root *root, const struct md_rule *rule, const char *path,
		      bool itself)
{
	char buf[8192];
	int i, n;

	for (i = 0; i < rule->nfrom; i++) {
		strcpy(buf, rule->from[i]);
		for (n = 0;; n++) {
			if (is_below(buf, path) || (itself && !strcmp(buf, path)))
				return true;
			if (!md_spelling(root, false, rule->from[i], n, buf, sizeof(buf)))
				break;
		}
	}
	return false;
}

/* A blocked object, an allowed executable or a source of the rule lies below. */
static bool moved(const struct md_root *root, const struct md_policy *policy,
		  const struct md_rule *rule, const char *dir)
{
	enum md_action action = md_action_of(policy, rule);
	struct spelling s;
	int n;

	if (rule->gone || action == MD_AUDIT)
		return false;
	if (source_at(root, rule, dir, false))
		return true;
	if (!md_has_paths(rule->section))
		return false;
	/* of an Allow for the owner alone, others are denied what it names */
	if (action == MD_ALLOW && rule->section == MD_FILE && !rule->owner_only)
		return false;
	for (n = 0; spelling(root, rule, action, n, &s); n++)
		if (object_below(rule, s.text, dir))
			return true;
	return false;
}

/* The rule names the path or what lies below it (object or source, Allow included). */
static bool named(const struct md_root *root, const struct md_policy *policy,
		  const struct md_rule *rule, const char *path)
{
	enum md_action action = md_action_of(policy, rule);
	struct spelling s;
	int n;

	if (rule->gone || action == MD_AUDIT)
		return false;
	if (source_at(root, rule, path, true))
		return true;
	if (!md_has_paths(rule->section))
		return false;
	for (n = 0; spelling(root, rule, action, n, &s); n++) {
		size_t len = strlen(s.text);

		if (rule->list == MD_PATHS &&
		    (md_literal_covers(s.text, path) || object_below(rule, s.text, path)))
			return true;
		if (rule->list == MD_DIRS && !strcmp(s.text, "/") && !strcmp(path, "/"))
			return true;
		if (rule->list == MD_DIRS && len > 1) {
			s.text[len - 1] = '\0';
			if (!strcmp(s.text, path) || is_below(s.text, path))
				return true;
		}
	}
	return false;
}

/* Not named, but an allowed executable could be replaced by what is mounted. */
static bool covered(const struct md_root *root, const struct md_policy *policy,
		    const struct md_rule *rule, const char *path)
{
	struct spelling s;
	int n;

	if (rule->gone || rule->list != MD_DIRS || rule->section != MD_PROCESS ||
	    md_action_of(policy, rule) != MD_ALLOW)
		return false;
	for (n = 0; spelling(root, rule, MD_ALLOW, n, &s); n++)
		if (md_dir_covers(s.text, rule->recursive, path))
			return true;
	return false;
}

typedef bool (*asked_fn)(const struct md_root *, const struct md_policy *, const struct md_rule *,
			 const char *);

/* Any rule of the policies that govern the subject. Patterns and execnames say no. */
static bool any_rule(const struct md_world *w, const struct md_subject *who, asked_fn fn,
		     const char *path)
{
	int i, j;

	for (i = 0; i < w->set.npolicies; i++) {
		const struct md_policy *p = &w->set.policies[i];

		for (j = 0; j < p->nrules && md_governs(p, &w->node, who); j++)
			if (p->rules[j].list != MD_PATTERNS && !p->rules[j].execname &&
			    fn(&w->set.root, p, &p->rules[j], path))
				return true;
	}
	return false;
}

static bool all_literal(const struct md_world *w, const struct md_subject *who)
{
	int i, j;

	for (i = 0; i < w->set.npolicies; i++) {
		const struct md_policy *p = &w->set.policies[i];

		for (j = 0; j < p->nrules && md_governs(p, &w->node, who); j++)
			if (p->rules[j].list == MD_PATTERNS || p->rules[j].execname)
				return false;
	}
	return true;
}

/* ---- asking ---- */

struct inquiry {
	struct md_run *run;
	struct md_world *w;
	const struct md_machine *m;
	struct md_random *r;
	struct md_pool pool;
	struct md_subject who;
	struct md_seat seat;
};

static void complain(struct inquiry *q, const char *what, const char *path, const char *other)
{
	struct md_access access = {.path = path};

	q->run->differences++;
	printf("== --world %llu --flavour %d: %s\n", (unsigned long long)q->run->seed,
	       q->run->flavour, what);
	md_yaml(&q->w->set, NULL, stdout);
	md_print_root(&q->w->set.root, stdout);
	md_print_access(&q->who, &access, stdout);
	if (other)
		printf("other: \"%s\"\n", other);
}

/* The parent of a path, 1 to all levels up; "/" only for paths in it. */
static char *above(struct inquiry *q, const char *path)
{
	char *dir = md_dup(&q->pool, path), *slash;

	do {
		slash = strrchr(dir, '/');
		if (slash == dir)
			break;
		*slash = '\0';
	} while (md_chance(q->r, 50));
	return dir;
}

static char *beside(struct inquiry *q, const char *path)
{
	size_t parent = strrchr(path, '/') + 1 - path;
	const char *name = md_component(q->r, &q->pool);
	char *other = md_zalloc(&q->pool, parent + strlen(name) + 1);

	memcpy(other, path, parent);
	strcpy(other + parent, name);
	return other;
}

static bool check_literal(struct inquiry *q, const char *path)
{
	bool exact = all_literal(q->w, &q->who), must, is;

	must = any_rule(q->w, &q->who, moved, path);
	is = md_machine_moves(q->m, &q->seat, path);
	if ((must && !is) || (exact && must != is)) {
		complain(q, must ? "a rename is not guarded" : "a rename is guarded in vain", path,
			 NULL);
		return false;
	}
	must = any_rule(q->w, &q->who, named, path);
	is = md_machine_mounts(q->m, &q->seat, path);
	if ((must && !is) || (exact && is && !must && !any_rule(q->w, &q->who, covered, path))) {
		complain(q, must ? "a mount is not guarded" : "a mount is guarded in vain", path,
			 NULL);
		return false;
	}
	return true;
}

/* What a pattern or an execname that blocks, or allows executables, covers is below `dir`. */
static bool check_example(struct inquiry *q)
{
	const struct md_policy *p =
		&q->w->set.policies[md_below(q->r, (unsigned)q->w->set.npolicies)];
	const struct md_rule *rule;
	enum md_action action;
	char path[16384];
	char *dir;

	if (!p->nrules || !md_governs(p, &q->w->node, &q->who))
		return true;
	rule = &p->rules[md_below(q->r, (unsigned)p->nrules)];
	action = md_action_of(p, rule);
	if (action == MD_AUDIT ||
	    (action == MD_ALLOW && rule->section == MD_FILE && !rule->owner_only))
		return true;
	snprintf(path, sizeof(path), "%s", md_make_path(q->r, q->w, &q->pool));
	if (rule->execname && strlen(path) > 1)
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", rule->object);
	else if (rule->list == MD_PATTERNS)
		snprintf(path, sizeof(path), "%s",
			 md_clean_path(&q->pool, md_instance(q->r, &q->pool, rule->object)));
	if (rule->list == MD_PATTERNS &&
	    !md_glob(rule->object, &q->w->set.root, action != MD_ALLOW, path))
		return true;
	if (rule->list != MD_PATTERNS && !rule->execname)
		return true;
	dir = above(q, path);
	if (!strcmp(dir, path) || !strcmp(strrchr(dir, '/'), dir + strlen(dir)) ||
	    strlen(dir) < 2 || !is_below(path, dir))
		return true;
	if (md_machine_moves(q->m, &q->seat, dir))
		return true;
	complain(q, "a rename is not guarded, for what lies below:", dir, path);
	return false;
}

/* Where rules are said to be the same below, they are. */
static bool check_below(struct inquiry *q, const char *a, const char *b)
{
	char one[9000], other[9000];
	const char *rest = md_make_path(q->r, q->w, &q->pool);
	struct md_access access = {.section = md_chance(q->r, 50) ? MD_FILE : MD_PROCESS};
	struct md_verdict v, u;

	if (is_below(rest, a) && strlen(a) > 1)
		rest += strlen(a);
	else
		while (md_chance(q->r, 50) && strchr(rest + 1, '/'))
			rest = strchr(rest + 1, '/');
	if (strlen(a) < 2 || strlen(b) < 2 || !strcmp(rest, "/") ||
	    !md_machine_same_below(q->m, a, b))
		return true;
	snprintf(one, sizeof(one), "%s%s", a, rest);
	snprintf(other, sizeof(other), "%s%s", b, rest);
	access.op = access.section == MD_PROCESS ? MD_EXEC
		    : md_chance(q->r, 50)        ? MD_CHANGE
						 : MD_READ;
	access.path = one;
	md_judge(&q->w->set, &q->w->node, &q->who, &access, &v);
	access.path = other;
	md_judge(&q->w->set, &q->w->node, &q->who, &access, &u);
	if (md_same_verdict(&v, &u))
		return true;
	complain(q, "below two directories rules are said to be the same", one, other);
	return false;
}

/* Stops at the first difference. */
bool md_check_above(struct md_run *run, struct md_world *w, const struct md_machine *m,
		    struct md_random *r, unsigned n)
{
	struct inquiry q = {.run = run, .w = w, .m = m, .r = r};
	const char *path, *dir, *sibling, *last = "/a";
	bool good = true;
	unsigned i;

	for (i = 0; i < n && good; i++) {
		if (i % 10 == 0) {
			md_make_subject(r, w, &q.pool, &q.who);
			md_machine_seat(m, &w->node, &q.who, &q.seat);
		}
		path = md_make_path(r, w, &q.pool);
		dir = above(&q, path);
		sibling = beside(&q, path);
		good = (strlen(path) < 2 || check_literal(&q, path)) &&
		       (strlen(dir) < 2 || check_literal(&q, dir)) && check_example(&q) &&
		       check_below(&q, dir, last) && check_below(&q, path, dir) &&
		       check_below(&q, path, sibling);
		last = dir;
		run->checks++;
	}
	md_pool_done(&q.pool);
	return good;
}
