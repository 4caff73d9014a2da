/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random worlds: a node, policies with rules, subjects and accesses. Everything is drawn from
 * small sets, so that rules meet each other and accesses meet rules.
 */
#include "gen.h"

#include <stdlib.h>
#include <string.h>

/* ---- drawing ---- */

static const char *const spaces[] = {"default", "n1", "n2"};
static const char *const keys[] = {"app", "tier", "example.com/role"};
static const char *const values[] = {"web", "db"};

#define PICK(r, list) ((list)[md_below((r), sizeof(list) / sizeof((list)[0]))])

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

static void some_labels(struct md_random *r, struct md_label *labels, int *n, unsigned percent)
{
	unsigned i;

	for (i = 0; i < MD_MAX_LABELS; i++)
		if (md_chance(r, percent))
			labels[(*n)++] = (struct md_label){keys[i], PICK(r, values)};
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

	if (!other->nrules || md_chance(m->r, 45))
		return NULL;
	return other->rules[md_below(m->r, (unsigned)other->nrules)].object;
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
	const char *old = again(m, p);
	char *path, *slash;

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

static void make_rule(struct maker *m, const struct md_policy *p, struct md_rule *rule)
{
	struct md_pool *pool = &m->w->pool;
	bool many = m->flavour == MD_MANY_RULES || m->flavour == MD_MANY_POLICIES;
	unsigned kind = md_below(m->r, many ? 77 : 100);

	rule->section = md_chance(m->r, 40) ? MD_PROCESS : MD_FILE;
	rule->action = some_action(m->r, 30);
	if (rule->section == MD_FILE)
		rule->readonly = md_chance(m->r, 30);
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
		return;
	}
	while (rule->nfrom < MD_MAX_FROM && md_chance(m->r, 25)) {
		const char *from = PICK(m->r, m->sources);
		int i;

		for (i = 0; i < rule->nfrom && strcmp(rule->from[i], from); i++)
			;
		if (i == rule->nfrom)
			rule->from[rule->nfrom++] = from;
	}
}

/* The same object twice in one list says nothing that the model should be asked about. */
static bool is_repeated(const struct md_policy *p, const struct md_rule *rule)
{
	int i;

	for (i = 0; i < p->nrules; i++)
		if (p->rules[i].section == rule->section && p->rules[i].list == rule->list &&
		    p->rules[i].execname == rule->execname &&
		    !strcmp(p->rules[i].object, rule->object))
			return true;
	return false;
}

static void node_selector(struct md_random *r, struct md_policy *p)
{
	static const struct md_label choice[] = {
		{"kubernetes.io/hostname", "*"},
		{"kubernetes.io/hostname", "alpha"},
		{"kubernetes.io/hostname", "beta,alpha"},
		{"kubernetes.io/hostname", "beta"},
		{"kubearmor.io/hostname", "alpha"},
		{"kubernetes.io/os", "linux"},
		{"kubernetes.io/arch", "amd64"},
		{"kubernetes.io/arch", "arm64"},
		{"beta.kubernetes.io/arch", "amd64"},
		{"pool", "blue"},
		{"pool", "green"},
	};
	int i;

	do {
		struct md_label l = PICK(r, choice);

		for (i = 0; i < p->nlabels && strcmp(p->labels[i].key, l.key); i++)
			;
		if (i == p->nlabels)
			p->labels[p->nlabels++] = l;
	} while (p->nlabels < MD_MAX_LABELS && md_chance(r, 20));
}

static void make_policy(struct maker *m, struct md_policy *p, int number, unsigned rules)
{
	struct md_random *r = m->r;
	char name[32];
	unsigned i;

	sprintf(name, "%c%d", 'p' + (char)md_below(r, 3), number);
	p->name = md_dup(&m->w->pool, name);
	p->host = m->flavour != MD_FOR_VM && md_chance(r, 25);
	p->ns = "";
	if (p->host) {
		node_selector(r, p);
	} else {
		p->ns = m->flavour == MD_FOR_VM ? "n1" : PICK(r, spaces);
		some_labels(r, p->labels, &p->nlabels, 20);
	}
	p->action = some_action(r, 60);
	p->section_action[MD_PROCESS] = some_action(r, 60);
	p->section_action[MD_FILE] = some_action(r, 60);
	p->posture = some_posture(r, 85);
	p->section_posture[MD_PROCESS] = some_posture(r, 90);
	p->section_posture[MD_FILE] = some_posture(r, 90);
	p->audit_mode = md_chance(r, 15);
	p->integrity = md_chance(r, 80) ? MD_DEFAULT : md_chance(r, 50) ? MD_ON : MD_OFF;
	p->rules = md_zalloc(&m->w->pool, rules * sizeof(*p->rules));
	for (i = 0; i < rules; i++) {
		struct md_rule rule = {0};

		make_rule(m, p, &rule);
		if (!is_repeated(p, &rule))
			p->rules[p->nrules++] = rule;
	}
}

static void make_node(struct md_random *r, struct md_node *n)
{
	n->hostname = "alpha";
	n->os = "linux";
	n->arch = "amd64";
	n->labels[n->nlabels++] = (struct md_label){"pool", "blue"};
	n->posture[0][MD_PROCESS] = some_posture(r, 70);
	n->posture[0][MD_FILE] = some_posture(r, 70);
	n->posture[1][MD_PROCESS] = some_posture(r, 50);
	n->posture[1][MD_FILE] = some_posture(r, 50);
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
	m.execnames = flavour != MD_FOR_VM && md_chance(&r, 50);
	m.few = md_chance(&r, 30);
	for (i = 0; i < sizeof(m.sources) / sizeof(m.sources[0]); i++)
		m.sources[i] = md_random_path(&r, &ret->pool, flavour);
	if (flavour == MD_FOR_VM)
		for (i = 0; i < sizeof(m.sources) / sizeof(m.sources[0]); i++)
			m.sources[i] = i % 2 ? MD_VM_SOURCES "/one" : MD_VM_SOURCES "/two";
	ret->set.policies = md_zalloc(&ret->pool, n * sizeof(*ret->set.policies));
	for (i = 0; i < n; i++) {
		unsigned rules = 1 + md_below(&r, flavour == MD_MANY_POLICIES || m.few ? 2 : 10);

		if (flavour == MD_MANY_RULES)
			rules = 200 + md_below(&r, 200);
		make_policy(&m, &ret->set.policies[i], (int)i, rules);
		ret->set.npolicies++;
	}
	if (flavour == MD_LINKS)
		md_root_make(&r, ret);
	for (i = 0; i < 2; i++)
		if (md_chance(&r, 30))
			ret->set.namespaces[ret->set.nnamespaces++] =
				(struct md_namespace){spaces[i + 1], some_posture(&r, 0)};
}

void md_world_done(struct md_world *w)
{
	md_root_remove(&w->set.root);
	md_pool_done(&w->pool);
}

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

/* The value that the policy asks for, if it does. */
static const char *wanted(struct md_random *r, const struct md_policy *p, const char *key)
{
	int i;

	for (i = 0; i < p->nlabels; i++)
		if (!strcmp(p->labels[i].key, key) && md_chance(r, 90))
			return p->labels[i].value;
	return PICK(r, values);
}

void md_make_subject(struct md_random *r, const struct md_world *w, struct md_pool *pool,
		     struct md_subject *ret)
{
	const struct md_policy *p = &w->set.policies[md_below(r, (unsigned)w->set.npolicies)];
	int i;

	memset(ret, 0, sizeof(*ret));
	ret->host = md_chance(r, 80) ? p->host : md_chance(r, 20);
	if (!ret->host) {
		bool governed = !p->host && md_chance(r, 85);

		ret->ns = governed ? p->ns : PICK(r, spaces);
		for (i = 0; i < (int)(sizeof(keys) / sizeof(keys[0])); i++)
			if (md_chance(r, 80))
				ret->labels[ret->nlabels++] =
					(struct md_label){keys[i], wanted(r, p, keys[i])};
	}
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

	if (!rule || md_chance(r, 5))
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

void md_make_access(struct md_random *r, const struct md_world *w, struct md_pool *pool,
		    struct md_access *ret)
{
	ret->path = md_make_path(r, w, pool);
	ret->detail = md_below(r, 1000);
	ret->section = md_chance(r, 40) ? MD_PROCESS : MD_FILE;
	if (ret->section == MD_PROCESS)
		ret->op = md_chance(r, 70) ? MD_EXEC : MD_MAP;
	else
		ret->op = md_chance(r, 40)   ? MD_READ
			  : md_chance(r, 70) ? MD_CHANGE
			  : md_chance(r, 50) ? MD_EXEC
					     : MD_MAP;
}
