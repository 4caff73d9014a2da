/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aliases and links behave as their targets: rules that are written for where their objects really
 * are do what the rules as they were did.
 */
#include <stdlib.h>
#include <string.h>

#include "diff.h"

/* The last of its spellings: where links lead in the end; NULL: it is its own. */
static const char *target_of(const struct md_root *root, bool strict, const char *path,
			     struct md_pool *pool)
{
	char buf[8192], last[8192] = "";
	int n;

	for (n = 0; md_spelling(root, strict, path, n, buf, sizeof(buf)); n++)
		strcpy(last, buf);
	return n && strcmp(last, "/") ? md_dup(pool, last) : NULL;
}

static void turn(const struct md_root *root, enum md_action action, struct md_rule *rule,
		 struct md_pool *pool)
{
	const char *target = NULL;
	int i;

	if ((rule->list == MD_PATHS || rule->list == MD_DIRS) && !rule->execname)
		target = target_of(root, action != MD_ALLOW, rule->object, pool);
	if (target)
		rule->object = target;
	for (i = 0; i < rule->nfrom; i++) {
		target = target_of(root, false, rule->from[i], pool);
		if (target)
			rule->from[i] = target;
	}
}

/* Turns every rule; what was there is kept in the order of policies and rules. */
static struct md_rule *turn_all(struct md_world *w, struct md_pool *pool)
{
	struct md_rule *kept;
	size_t n = 0;
	int i, j;

	for (i = 0; i < w->set.npolicies; i++)
		n += (size_t)w->set.policies[i].nrules;
	kept = md_zalloc(pool, n * sizeof(*kept));
	for (i = 0, n = 0; i < w->set.npolicies; i++) {
		struct md_policy *p = &w->set.policies[i];

		for (j = 0; j < p->nrules; j++) {
			kept[n++] = p->rules[j];
			turn(&w->set.root, md_action_of(p, &p->rules[j]), &p->rules[j], pool);
		}
	}
	return kept;
}

static void turn_back(struct md_world *w, const struct md_rule *kept)
{
	size_t n = 0;
	int i, j;

	for (i = 0; i < w->set.npolicies; i++)
		for (j = 0; j < w->set.policies[i].nrules; j++)
			w->set.policies[i].rules[j] = kept[n++];
}

/* The kernel names nothing by a link. Next to a link `..x/` has the rules of its name, too. */
static bool is_resolved(const struct md_root *root, const char *path)
{
	int i;

	if (!path || !root->there)
		return true;
	for (i = 0; i < root->nlinks; i++) {
		size_t len = strlen(root->links[i].path);

		if (!strncmp(path, root->links[i].path, len) && (path[len] == '/' || !path[len]))
			return false;
	}
	return !strstr(path, "/..");
}

static void complain(struct md_run *run, struct md_world *w, const struct md_subject *who,
		     const struct md_access *access, const struct md_verdict *before,
		     const struct md_verdict *then)
{
	run->differences++;
	printf("== --world %llu --flavour %d: rules on targets do something else\n",
	       (unsigned long long)run->seed, run->flavour);
	md_yaml(&w->set, NULL, stdout);
	md_print_root(&w->set.root, stdout);
	md_print_access(who, access, stdout);
	fputs("before: ", stdout);
	md_print_verdict(before, stdout);
	fputs("then:   ", stdout);
	md_print_verdict(then, stdout);
}

static bool ask_both(struct md_run *run, struct md_random *r, struct md_world *w,
		     const struct md_machine *m, const struct md_machine *turned,
		     struct md_pool *pool)
{
	struct md_verdict before, then;
	struct md_subject who;
	struct md_access access;
	struct md_seat seat;

	md_make_subject(r, w, pool, &who);
	md_make_access(r, w, pool, &access);
	if (!is_resolved(&w->set.root, access.path) || !is_resolved(&w->set.root, who.sources[0]) ||
	    !is_resolved(&w->set.root, who.sources[1]))
		return true;
	run->checks++;
	md_machine_seat(m, &w->node, &who, &seat);
	md_machine_judge(m, &seat, &access, &before);
	md_machine_seat(turned, &w->node, &who, &seat);
	md_machine_judge(turned, &seat, &access, &then);
	if (md_same_verdict(&before, &then))
		return true;
	complain(run, w, &who, &access, &before, &then);
	return false;
}

bool md_check_targets(struct md_run *run, struct md_random *r, struct md_world *w,
		      const struct md_machine *m, unsigned n)
{
	struct md_pool pool = {0};
	struct md_machine turned;
	struct md_rule *kept;
	bool same = true;
	unsigned i;

	if (w->flavour != MD_LINKS && w->flavour != MD_ALIASES)
		return true;
	kept = turn_all(w, &pool);
	if (md_machine_make(&turned, &w->set, NULL, stdout)) {
		printf("== --world %llu --flavour %d: rules on targets are refused\n",
		       (unsigned long long)run->seed, run->flavour);
		run->differences++;
		n = 0;
	}
	for (i = 0; i < n && same; i++)
		same = ask_both(run, r, w, m, &turned, &pool);
	turn_back(w, kept);
	md_machine_done(&turned);
	md_pool_done(&pool);
	return same;
}
