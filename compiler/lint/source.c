// SPDX-License-Identifier: Apache-2.0
/*
 * Sources that cannot run: a rule with such a source never matches. Each source is judged once
 * for all rules of a group.
 */
#include "../base/intern.h"
#include "known.h"
#include "linter.h"

enum fate { UNKNOWN, RUNS, DIRECTORY, BLOCKED, NOT_ALLOWED };

struct verdict {
	uint8_t fate;
	struct ka_at by;
};

struct judge {
	struct ka_linter *l;
	struct ka_interner names; /* "group, allow-list or not" and a source */
	struct verdict *verdicts; /* by number */
	uint32_t cap;
	uint32_t policy, group;
	const char *path;
	uint32_t len;
};

/* ---- what is said about the source ---- */

static bool is_in(struct judge *j, uint32_t group, struct ka_said said, struct ka_at *ret)
{
	said.owner = ka_owner_of_group(j->l, group);
	return ka_index_find(j->l, &said, ret);
}

static bool is_blocked(struct judge *j, enum ka_shape shape, const char *object, uint32_t len,
		       uint8_t conditions, struct ka_at *ret)
{
	const struct ka_group *g = &j->l->groups.v[j->group];

	for (uint32_t i = 0; i < g->nabove; i++)
		if (j->l->groups.v[g->above[i]].blocks[KA_SECTION_PROCESS] &&
		    is_in(j, g->above[i],
			  (struct ka_said){.section = KA_SECTION_PROCESS,
					   .shape = (uint8_t)shape,
					   .action = KA_EFFECT_BLOCK,
					   .conditions = conditions,
					   .object = object,
					   .len = len},
			  ret))
			return true;
	return false;
}

/* In any way, from any source, for a part of the workloads. */
static bool is_allowed_as(struct judge *j, enum ka_shape shape, const char *object, uint32_t len)
{
	const struct ka_group *g = &j->l->groups.v[j->group];
	struct ka_at at;

	for (uint32_t i = 0; i < g->nnear; i++)
		if (j->l->groups.v[g->near[i]].allows[KA_SECTION_PROCESS] &&
		    is_in(j, g->near[i],
			  (struct ka_said){.section = KA_SECTION_PROCESS,
					   .shape = (uint8_t)shape,
					   .action = KA_EFFECT_ALLOW,
					   .conditions = KA_IF_ANY,
					   .object = object,
					   .len = len},
			  &at))
			return true;
	return false;
}

static bool is_allowed(struct judge *j, const char *path, uint32_t path_len)
{
	const char *name = ka_base_name(path);
	uint32_t len = 0;

	if (is_allowed_as(j, KA_SHAPE_PATH, path, path_len) ||
	    is_allowed_as(j, KA_SHAPE_NAME, name, (uint32_t)strlen(name)) ||
	    is_allowed_as(j, KA_SHAPE_UNDER, path, 0))
		return true;
	while (ka_next_above(path, path_len, &len))
		if (is_allowed_as(j, KA_SHAPE_DIR, path, len) ||
		    is_allowed_as(j, KA_SHAPE_UNDER, path, len))
			return true;
	return false;
}

/* ---- fates ---- */

static bool is_known_as_dir(struct judge *j)
{
	static const uint8_t conditions[] = {0, KA_IF_RECURSIVE, KA_IF_RECURSIVE | KA_IF_READ_ONLY,
					     KA_IF_READ_ONLY};
	KA_FREE char *dir = NULL;
	struct ka_at at;

	if (ka_known_dir(j->path))
		return true;
	if (asprintf(&dir, "%s/", j->path) < 0)
		return false;
	for (unsigned i = 0; i < KA_ARRAY_SIZE(conditions) * 6; i++) {
		struct ka_said said = {.section = i & 1 ? KA_SECTION_PROCESS : KA_SECTION_FILE,
				       .shape = KA_SHAPE_DIR,
				       .action = (uint8_t)(KA_EFFECT_ALLOW + i / 2 % 3),
				       .conditions = conditions[i / 6],
				       .object = dir,
				       .len = j->len + 1};

		if (is_in(j, j->group, said, &at))
			return true;
	}
	return false;
}

static bool is_forbidden(struct judge *j, struct ka_at *ret)
{
	const char *name = ka_base_name(j->path);
	uint32_t len = 0, last = 0;

	if (is_blocked(j, KA_SHAPE_PATH, j->path, j->len, 0, ret) ||
	    is_blocked(j, KA_SHAPE_NAME, name, (uint32_t)strlen(name), 0, ret))
		return true;
	for (; ka_next_above(j->path, j->len, &len); last = len)
		if (is_blocked(j, KA_SHAPE_DIR, j->path, len, KA_IF_RECURSIVE, ret) ||
		    is_blocked(j, KA_SHAPE_BELOW, j->path, len, 0, ret))
			return true;
	return is_blocked(j, KA_SHAPE_DIR, j->path, last, 0, ret) ||
	       is_blocked(j, KA_SHAPE_INSIDE, j->path, last, 0, ret);
}

/* Other names that the source may have where /bin is a link, or /sbin is. */
static bool is_allowed_by_alias(struct judge *j)
{
	static const char *const roots[] = {"/bin/",      "/sbin/", "/usr/bin/",
					    "/usr/sbin/", "/lib/",  "/usr/lib/"};

	for (size_t i = 0; i < KA_ARRAY_SIZE(roots); i++) {
		size_t n = strlen(roots[i]);

		if (strncmp(j->path, roots[i], n) != 0)
			continue;
		for (size_t k = 0; k < KA_ARRAY_SIZE(roots); k++) {
			KA_FREE char *other = NULL;
			int len = asprintf(&other, "%s%s", roots[k], j->path + n);

			if (len < 0 || is_allowed(j, other, (uint32_t)len))
				return true;
		}
	}
	return false;
}

/* A program whose name begins alike, or that is known to be the same one under another name. */
static bool is_akin_to_allowed(struct judge *j)
{
	static const char *const others[] = {
		"sh",       "bash", "dash", "ash",     "ksh",    "zsh",       "mysqld",
		"mariadbd", "awk",  "gawk", "mawk",    "node",   "nodejs",    "vi",
		"vim",      "nvi",  "nawk", "busybox", "toybox", "coreutils",
	};
	const char *name = ka_base_name(j->path);
	uint32_t n = 0;

	while ((name[n] | 0x20) >= 'a' && (name[n] | 0x20) <= 'z')
		n++;
	if (is_allowed_as(j, KA_SHAPE_STEM, name, n))
		return true;
	for (size_t i = 0; i < KA_ARRAY_SIZE(others); i++)
		if ((ka_known_akin(name, others[i]) || ka_known_multi_call(others[i])) &&
		    is_allowed_as(j, KA_SHAPE_STEM, others[i], (uint32_t)strlen(others[i])))
			return true;
	return false;
}

static enum fate judge(struct judge *j, bool listed, struct ka_at *by)
{
	const struct ka_group *g = &j->l->groups.v[j->group];

	if (is_known_as_dir(j))
		return DIRECTORY;
	if (j->l->set->v[j->policy]->audit_mode || g->incomplete)
		return RUNS;
	if (is_allowed(j, j->path, j->len) || is_allowed_by_alias(j))
		return RUNS;
	if (is_forbidden(j, by))
		return BLOCKED;
	if (listed && !is_akin_to_allowed(j))
		return NOT_ALLOWED;
	return RUNS;
}

/* The verdict on j->path, from the ones before if it was asked for. */
static struct verdict *verdict_of(struct judge *j, bool listed)
{
	KA_FREE char *key = NULL;
	int len = asprintf(&key, "%u %d %s", j->group, listed, j->path);
	uint32_t number;

	if (len < 0 || ka_intern(&j->names, key, (size_t)len, &number) < 0 ||
	    !ka_grow(j->l->ctx, &j->verdicts, &j->cap, number + 1, sizeof(*j->verdicts)))
		return NULL;
	if (j->verdicts[number].fate == UNKNOWN)
		j->verdicts[number].fate = (uint8_t)judge(j, listed, &j->verdicts[number].by);
	return &j->verdicts[number];
}

/* ---- findings ---- */

static void report(struct judge *j, const struct ka_from *from, const struct verdict *v)
{
	struct ka_ctx *ctx = j->l->ctx;
	struct ka_diag *d;

	switch (v->fate) {
	case DIRECTORY:
		d = ka_diag(ctx, KA_D_SOURCE_IS_DIR, from->loc, from->path);
		ka_diag_hint(ctx, d, "name each executable");
		break;
	case BLOCKED:
		d = ka_diag(ctx, KA_D_SOURCE_FORBIDDEN, from->loc, from->path, "it is blocked");
		ka_diag_note(ctx, d, ka_rule_at(j->l, v->by)->loc, "blocked here");
		break;
	case NOT_ALLOWED:
		d = ka_diag(ctx, KA_D_SOURCE_FORBIDDEN, from->loc, from->path,
			    "process is an allow-list without it");
		ka_diag_hint(ctx, d, "add it to process, with action Allow");
		break;
	default:
		break;
	}
}

static bool is_listed(const struct ka_policy *p)
{
	if (!ka_posture_denies(p, KA_SECTION_PROCESS))
		return false;
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rules[i].section == KA_SECTION_PROCESS &&
		    p->rules[i].action == KA_EFFECT_ALLOW)
			return true;
	return false;
}

static void judge_rule(struct judge *j, const struct ka_rule *r, bool listed)
{
	for (uint32_t i = 0; i < r->nfrom; i++) {
		const struct verdict *v;

		j->path = r->from[i].path;
		j->len = (uint32_t)strlen(j->path);
		if (j->path[j->len - 1] == '/')
			continue; /* a directory that says so: of system calls */
		v = verdict_of(j, listed);
		if (v)
			report(j, &r->from[i], v);
	}
}

static void set(struct ka_linter *l)
{
	struct judge j = {.l = l};

	if (ka_intern_init(&j.names, l->ctx) < 0)
		return;
	for (j.policy = 0; j.policy < l->set->n; j.policy++) {
		const struct ka_policy *p = l->set->v[j.policy];
		bool listed = is_listed(p) && ka_is_whole(l, j.policy);

		j.group = l->groups.of[j.policy];
		for (size_t i = 0; i < p->nrules; i++)
			judge_rule(&j, &p->rules[i], listed);
	}
}

const struct ka_family ka_family_source = {.flags = KA_LINT_DEFAULT, .set = set};
