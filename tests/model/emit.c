/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worlds for the check through the kernel's own walk: for each a folder with policy.yaml and one
 * list of accesses per program that walks (walk.c), which says what must be denied.
 *
 * A line of a list: what to do, the path in hexadecimal, "dir" or "file", "mine" or "theirs" (whose
 * the object is), "deny" or "permit".
 */
#include "diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WALKER_DIR "/model-w"

/* Whoever walks: two that rules name as sources and one that none does. */
static const struct {
	const char *name, *path;
} walkers[] = {
	{"one", MD_VM_SOURCES "/one"},
	{"two", MD_VM_SOURCES "/two"},
	{"other", WALKER_DIR "/other"},
};

#define NWALKERS (sizeof(walkers) / sizeof(walkers[0]))

struct step {
	const char *path, *what;
	bool dir, once; /* once: nothing else may touch the path */
	bool theirs;    /* the object is not the walkers' own */
	bool deny;
	unsigned walker;
};

struct plan {
	struct md_world w;
	struct md_pool pool;
	struct step *v;
	unsigned n;
};

/* The walkers must be allowed to start and to read their lists under every allow-list. */
static void add_walkers(struct md_world *w, enum md_posture posture)
{
	static struct md_rule rules[NWALKERS + 2];
	struct md_policy *p;
	unsigned i;

	for (i = 0; i < NWALKERS; i++)
		rules[i] = (struct md_rule){.section = MD_PROCESS,
					    .list = MD_PATHS,
					    .object = walkers[i].path,
					    .action = MD_ALLOW};
	rules[i++] = (struct md_rule){.section = MD_FILE,
				      .list = MD_DIRS,
				      .object = MD_VM_SOURCES "/",
				      .recursive = true,
				      .action = MD_ALLOW};
	rules[i++] = rules[NWALKERS];
	rules[NWALKERS + 1].object = WALKER_DIR "/";
	p = md_zalloc(&w->pool, ((size_t)w->set.npolicies + 1) * sizeof(*p));
	memcpy(p, w->set.policies, (size_t)w->set.npolicies * sizeof(*p));
	w->set.policies = p;
	p[w->set.npolicies++] = (struct md_policy){.kind = MD_POLICY,
						   .ns = "n1",
						   .name = "walkers",
						   .posture = posture,
						   .rules = rules,
						   .nrules = (int)i};
}

static struct md_subject subject_of(unsigned walker)
{
	return (struct md_subject){
		.ns = "n1",
		.labels = {{"app", "web"}, {"tier", "db"}, {"example.com/role", "web"}},
		.nlabels = 3,
		.sources = {walkers[walker].path, NULL},
	};
}

static bool denies(const struct md_world *w, const struct step *s, bool owner,
		   enum md_section section, enum md_op op)
{
	struct md_subject who = subject_of(s->walker);
	struct md_access access = {.section = section, .op = op, .path = s->path, .owner = owner};
	struct md_verdict v;

	md_judge(&w->set, &w->node, &who, &access, &v);
	return v.answer == MD_DENY;
}

static bool creates(const struct step *s)
{
	return !strcmp(s->what, "create") || !strcmp(s->what, "mkdir");
}

/* Of a creation, whose the directory is: its own unless a step says otherwise. */
static bool is_owner(const struct plan *p, const struct step *s)
{
	size_t len = (size_t)(strrchr(s->path, '/') - s->path);
	unsigned i;

	if (!creates(s))
		return !s->theirs;
	for (i = 0; i < p->n; i++)
		if (strlen(p->v[i].path) == len && !strncmp(p->v[i].path, s->path, len))
			return !p->v[i].theirs;
	return true;
}

static void expect(const struct plan *p, struct step *s)
{
	bool exec = !strcmp(s->what, "exec"), owner = is_owner(p, s);
	bool reads = exec || !strcmp(s->what, "read");

	s->deny = denies(&p->w, s, owner, MD_FILE, reads ? MD_READ : MD_CHANGE);
	if (exec)
		s->deny |= denies(&p->w, s, owner, MD_PROCESS, MD_EXEC);
}

/* ---- steps that do not get into each other's way ---- */

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && path[len] == '/';
}

/* Whether a new step goes with those that there are. */
static bool fits(struct plan *p, const struct step *s)
{
	unsigned i;

	for (i = 0; i < p->n; i++) {
		struct step *o = &p->v[i];
		bool same = !strcmp(o->path, s->path);

		if (same && (o->once || s->once || o->dir != s->dir || o->theirs != s->theirs))
			return false;
		/* nothing lies below files, nor below directories that come and go */
		if (is_below(s->path, o->path) && (!o->dir || o->once))
			return false;
		if (is_below(o->path, s->path) && (!s->dir || s->once))
			return false;
	}
	return true;
}

static bool is_plain(const char *path)
{
	return is_below(path, MD_VM_ROOT) && strlen(path) < 3800;
}

static void plan_step(struct md_random *r, struct plan *p)
{
	static const char *const file_ops[] = {"read",     "read",   "read",  "write", "write",
					       "truncate", "chmod",  "chown", "exec",  "exec",
					       "exec",     "create", "unlink"};
	static const char *const dir_ops[] = {"read", "chmod", "chown", "mkdir", "rmdir"};
	struct step s = {.path = md_make_path(r, &p->w, &p->pool)};

	if (!is_plain(s.path))
		return;
	s.dir = md_chance(r, 20);
	s.what = s.dir ? dir_ops[md_below(r, 5)] : file_ops[md_below(r, 13)];
	s.once = !strcmp(s.what, "create") || !strcmp(s.what, "unlink") ||
		 !strcmp(s.what, "mkdir") || !strcmp(s.what, "rmdir");
	s.walker = md_below(r, NWALKERS);
	s.theirs = !creates(&s) && md_chance(r, 30);
	if (!fits(p, &s))
		return;
	p->v[p->n++] = s;
}

/* ---- files ---- */

static FILE *file_in(const char *dir, const char *name, const char *suffix)
{
	char path[8192];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	f = fopen(path, "w");
	if (!f)
		fprintf(stderr, "ka-model: %s: %s\n", path, strerror(errno));
	return f;
}

static void write_step(const struct step *s, FILE *f)
{
	const char *c;

	fprintf(f, "%s\t", s->what);
	for (c = s->path; *c; c++)
		fprintf(f, "%02x", (unsigned char)*c);
	fprintf(f, "\t%s\t%s\t%s\n", s->dir ? "dir" : "file", s->theirs ? "theirs" : "mine",
		s->deny ? "deny" : "permit");
}

static int write_plan(const struct plan *p, const char *dir)
{
	FILE *f = file_in(dir, "policy", ".yaml");
	unsigned i, j;

	if (!f)
		return -1;
	md_yaml(&p->w.set, NULL, f);
	if (fclose(f))
		return -1;
	for (i = 0; i < NWALKERS; i++) {
		f = file_in(dir, walkers[i].name, ".tsv");
		if (!f)
			return -1;
		for (j = 0; j < p->n; j++)
			if (p->v[j].walker == i)
				write_step(&p->v[j], f);
		if (fclose(f))
			return -1;
	}
	return 0;
}

static int emit_world(const char *dir, uint64_t seed, unsigned paths, unsigned *denied)
{
	struct md_random r = {seed ^ 0x77616c6bull};
	struct plan p = {.v = calloc(paths, sizeof(*p.v))};
	unsigned i;
	int ret;

	if (!p.v)
		abort();
	md_make_world(seed, MD_FOR_VM, &p.w);
	memset(p.w.node.posture, 0, sizeof(p.w.node.posture)); /* the machine has no settings */
	add_walkers(&p.w, seed >> 7 & 1 ? MD_POSTURE_AUDIT : MD_POSTURE_NONE);
	md_number(&p.w.set);
	for (i = 0; i < 200 * paths && p.n < paths; i++)
		plan_step(&r, &p);
	for (i = 0; i < p.n; i++) {
		expect(&p, &p.v[i]);
		*denied += p.v[i].deny;
	}
	ret = mkdir(dir, 0777) && errno != EEXIST ? -1 : write_plan(&p, dir);
	if (!ret && p.n < paths)
		fprintf(stderr, "ka-model: %s: %u paths only\n", dir, p.n);
	free(p.v);
	md_pool_done(&p.pool);
	md_world_done(&p.w);
	return ret;
}

int md_emit(const char *dir, uint64_t seed, unsigned worlds, unsigned paths)
{
	struct md_random r = {seed};
	unsigned i, denied = 0;
	char sub[4096];

	if (mkdir(dir, 0777) && errno != EEXIST) {
		fprintf(stderr, "ka-model: %s: %s\n", dir, strerror(errno));
		return 3;
	}
	for (i = 0; i < worlds; i++) {
		snprintf(sub, sizeof(sub), "%s/%02u", dir, i);
		if (emit_world(sub, md_next(&r), (paths + worlds - 1) / worlds, &denied))
			return 3;
	}
	printf("seed %llu: %u worlds, %u paths, %u denials expected\n", (unsigned long long)seed,
	       worlds, worlds * ((paths + worlds - 1) / worlds), denied);
	return 0;
}
