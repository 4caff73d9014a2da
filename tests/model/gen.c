/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random worlds: a node and policies with rules. Everything is drawn from small sets, so that rules
 * meet each other and accesses meet rules.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "draw.h"

/* ---- drawing ---- */

static enum md_action some_action(struct md_random *r, unsigned unset)
{
	if (md_chance(r, unset))
		return MD_UNSET;
	return (enum md_action)(1 + md_below(r, 3));
}

static enum md_posture some_posture(struct md_random *r, unsigned none)
{
	if (md_chance(r, none))
		return MD_POSTURE_NONE;
	return md_chance(r, 50) ? MD_POSTURE_AUDIT : MD_POSTURE_BLOCK;
}

/* ---- policies ---- */

struct maker {
	struct md_random *r;
	struct md_world *w;
	enum md_flavour flavour;
	bool execnames; /* which guard every directory: some worlds must do without */
	bool few;       /* rules */
	const char *sources[6];
};

static const char *again(struct maker *m, const struct md_policy *p)
{
	/* an object that another rule has too */
	const struct md_policy *other =
		&m->w->set.policies[md_below(m->r, (unsigned)(p - m->w->set.policies) + 1)];

	const struct md_rule *rule;

	if (!other->nrules || md_chance(m->r, 45))
		return NULL;
	rule = &other->rules[md_below(m->r, (unsigned)other->nrules)];
	return md_has_paths(rule->section) ? rule->object : NULL;
}

static char *as_dir(struct md_pool *pool, const char *path)
{
	char *dir = md_zalloc(pool, strlen(path) + 2);

	sprintf(dir, "%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/");
	return dir;
}

static char *as_path(struct md_pool *pool, const char *dir)
{
	char *path = md_dup(pool, dir);

	if (strlen(path) > 1 && path[strlen(path) - 1] == '/')
		path[strlen(path) - 1] = '\0';
	return path;
}

/* A literal path: a fresh one, another rule's, a part or a continuation of that. */
static char *some_path(struct maker *m, const struct md_policy *p)
{
	struct md_pool *pool = &m->w->pool;
	static const char *const close[] = {"/a", "/a/b", "/a/b/c", "/a/b/..d/c"};
	const char *old = again(m, p);
	char *path, *slash;

	if (m->flavour == MD_CLOSE)
		return md_dup(pool, PICK(m->r, close));
	if (!old || old[0] != '/' || !old[1] || strpbrk(old, "*?[{\\"))
		return md_random_path(m->r, pool, m->flavour);
	path = as_path(pool, old);
	if (strcmp(path, md_clean_path(pool, path)) != 0)
		return md_random_path(m->r, pool, m->flavour); /* it was a pattern's */
	slash = strrchr(path, '/');
	if (md_chance(m->r, 25) && slash > path && strcmp(path, MD_VM_ROOT))
		*slash = '\0';
	else if (md_chance(m->r, 40) && strlen(path) < 3000)
		return strcat(strcat(strcpy(md_zalloc(pool, strlen(path) + 300), path), "/"),
			      md_component(m->r, pool));
	return path;
}

static void make_sources(struct maker *m, struct md_rule *rule)
{
	while (rule->nfrom < MD_MAX_FROM && md_chance(m->r, 25)) {
		const char *from = PICK(m->r, m->sources);
		int i;

		for (i = 0; i < rule->nfrom && strcmp(rule->from[i], from); i++)
			;
		if (i == rule->nfrom)
			rule->from[rule->nfrom++] = from;
	}
}

static void make_path_rule(struct maker *m, const struct md_policy *p, struct md_rule *rule)
{
	struct md_pool *pool = &m->w->pool;
	bool many = m->flavour == MD_MANY_RULES || m->flavour == MD_MANY_POLICIES;
	unsigned kind = md_below(m->r, many ? 77 : 100);

	if (rule->section == MD_FILE)
		rule->readonly = md_chance(m->r, 30);
	rule->owner_only = md_chance(m->r, 25);
	if (kind < 40) {
		rule->list = MD_PATHS;
		rule->object = some_path(m, p);
		if (rule->section == MD_PROCESS && m->execnames && md_chance(m->r, 30)) {
			rule->execname = true;
			rule->object = md_component(m->r, pool);
		}
		if (md_chance(m->r, 5) && !rule->execname && m->flavour != MD_FOR_VM)
			rule->object = PICK(m->r, m->sources);
	} else if (kind < 75) {
		rule->list = MD_DIRS;
		rule->object = as_dir(pool, some_path(m, p));
		rule->recursive = md_chance(m->r, 50);
		if (md_chance(m->r, 3) && m->flavour != MD_FOR_VM)
			rule->object = "/";
	} else {
		rule->list = MD_PATTERNS;
		rule->object = md_random_pattern(m->r, pool, m->flavour);
	}
}

static void make_rule(struct maker *m, const struct md_policy *p, struct md_rule *rule)
{
	unsigned section = md_below(m->r, 100);

	rule->action = some_action(m->r, 30);
	rule->spelled_out = md_chance(m->r, 10);
	rule->section = section < 28   ? MD_PROCESS
			: section < 70 ? MD_FILE
			: section < 90 ? MD_NETWORK
				       : MD_CAPABILITIES;
	/* the machine itself goes on */
	if (m->flavour == MD_FOR_VM && !md_has_paths(rule->section))
		rule->section = MD_FILE;
	if (rule->section == MD_NETWORK) {
		rule->list = MD_PROTOCOLS;
		rule->object = md_random_protocol(m->r, &m->w->pool);
	} else if (rule->section == MD_CAPABILITIES) {
		rule->list = MD_CAPABILITY_NAMES;
		rule->object = md_random_capability(m->r, &m->w->pool);
	} else {
		make_path_rule(m, p, rule);
	}
	if (rule->section != MD_CAPABILITIES && rule->list != MD_PATTERNS)
		rule->terminal = md_chance(m->r, 15);
	if (rule->list != MD_PATTERNS)
		make_sources(m, rule);
}

static bool is_same_object(const struct md_rule *a, const struct md_rule *b)
{
	if (a->section == MD_NETWORK)
		return !strcasecmp(a->object, b->object);
	if (a->section == MD_CAPABILITIES)
		return md_capability(a->object) == md_capability(b->object);
	return a->execname == b->execname && !strcmp(a->object, b->object);
}

/* Whether the object stands in the list already. */
static bool is_repeated(const struct md_policy *p, const struct md_rule *rule)
{
	int i;

	for (i = 0; i < p->nrules; i++)
		if (p->rules[i].section == rule->section && p->rules[i].list == rule->list &&
		    is_same_object(&p->rules[i], rule))
			return true;
	return false;
}

static void make_policy(struct maker *m, struct md_policy *p, int number, unsigned rules)
{
	struct md_random *r = m->r;
	bool close = m->flavour == MD_CLOSE;
	enum md_section s;
	char name[32];
	unsigned i;

	sprintf(name, "%c%d", 'p' + (char)md_below(r, 3), number);
	p->name = md_dup(&m->w->pool, name);
	p->kind = md_chance(r, close ? 45 : 60)   ? MD_POLICY
		  : md_chance(r, close ? 80 : 50) ? MD_CLUSTER
						  : MD_HOST;
	if (p->kind == MD_HOST && m->flavour == MD_FOR_VM)
		p->kind = MD_POLICY;
	md_make_selector(r, &m->w->pool, m->flavour, p);
	p->action = some_action(r, 60);
	p->posture = some_posture(r, 85);
	for (s = MD_PROCESS; s < MD_SECTIONS; s++) {
		p->section_action[s] = some_action(r, 60);
		p->section_posture[s] = some_posture(r, 90);
	}
	p->overridable = md_chance(r, close ? 50 : 20);
	p->audit_mode = md_chance(r, close ? 30 : 15);
	p->integrity = md_chance(r, 80) ? MD_DEFAULT : md_chance(r, 50) ? MD_ON : MD_OFF;
	p->rules = md_zalloc(&m->w->pool, rules * sizeof(*p->rules));
	for (i = 0; i < rules; i++) {
		struct md_rule rule = {0};

		make_rule(m, p, &rule);
		if (!is_repeated(p, &rule) || md_chance(r, 30))
			p->rules[p->nrules++] = rule;
	}
}

static void make_node(struct md_random *r, struct md_node *n)
{
	enum md_section s;

	n->hostname = "alpha";
	n->os = "linux";
	n->arch = "amd64";
	n->labels[n->nlabels++] = (struct md_label){"pool", "blue"};
	for (s = MD_PROCESS; s < MD_SECTIONS; s++) {
		n->posture[0][s] = some_posture(r, 70);
		n->posture[1][s] = some_posture(r, 50);
	}
}

static void prepare(struct maker *m)
{
	unsigned i;

	m->execnames = m->flavour != MD_FOR_VM && md_chance(m->r, 50);
	m->few = md_chance(m->r, 30);
	for (i = 0; i < sizeof(m->sources) / sizeof(m->sources[0]); i++)
		m->sources[i] = md_random_path(m->r, &m->w->pool, m->flavour);
	if (m->flavour == MD_CLOSE)
		for (i = 0; i < sizeof(m->sources) / sizeof(m->sources[0]); i++)
			m->sources[i] = i % 2 ? "/a" : "/s";
	if (m->flavour == MD_FOR_VM)
		for (i = 0; i < sizeof(m->sources) / sizeof(m->sources[0]); i++)
			m->sources[i] = i % 2 ? MD_VM_SOURCES "/one" : MD_VM_SOURCES "/two";
}

/* The file's posture is that of processes, too. */
static void make_namespaces(struct md_random *r, struct md_set *set)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		struct md_namespace ns = {.name = md_spaces[i + 1]};

		if (!md_chance(r, 30))
			continue;
		ns.posture[MD_FILE] = some_posture(r, 20);
		ns.posture[MD_PROCESS] = ns.posture[MD_FILE];
		ns.posture[MD_NETWORK] = some_posture(r, 40);
		ns.posture[MD_CAPABILITIES] = some_posture(r, 40);
		if (ns.posture[MD_FILE] || ns.posture[MD_NETWORK] || ns.posture[MD_CAPABILITIES])
			set->namespaces[set->nnamespaces++] = ns;
	}
}

void md_make_world(uint64_t seed, enum md_flavour flavour, struct md_world *ret)
{
	struct md_random r = {seed};
	struct maker m = {.r = &r, .w = ret, .flavour = flavour};
	unsigned n = flavour == MD_MANY_POLICIES ? 250 + md_below(&r, 100) : 1 + md_below(&r, 7);
	unsigned i;

	memset(ret, 0, sizeof(*ret));
	make_node(&r, &ret->node);
	ret->flavour = flavour;
	prepare(&m);
	ret->set.policies = md_zalloc(&ret->pool, (n + 1) * sizeof(*ret->set.policies));
	for (i = 0; i < n; i++) {
		unsigned rules = 1 + md_below(&r, flavour == MD_MANY_POLICIES || m.few ? 2 : 10);

		if (flavour == MD_MANY_RULES)
			rules = 200 + md_below(&r, 200);
		make_policy(&m, &ret->set.policies[i], (int)i, rules);
		ret->set.npolicies++;
	}
	if (flavour == MD_LINKS)
		md_root_make(&r, ret);
	make_namespaces(&r, &ret->set);
}

void md_add_block(struct md_random *r, struct md_world *w)
{
	struct md_policy *p = &w->set.policies[w->set.npolicies];
	struct maker m = {.r = r, .w = w, .flavour = w->flavour};

	prepare(&m);
	memset(p, 0, sizeof(*p));
	make_policy(&m, p, w->set.npolicies++, 1);
	p->rules[0].action = MD_BLOCK;
	p->rules[0].readonly = p->rules[0].owner_only = false;
}

void md_world_done(struct md_world *w)
{
	md_root_remove(&w->set.root);
	md_pool_done(&w->pool);
}
