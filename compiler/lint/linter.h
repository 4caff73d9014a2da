/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the families of lint rules share; private to this room.
 *
 *   lint.c      the table of families, and the walk over the set
 *   document.c  what only the document shows
 *   never.c     values that nothing can match
 *   shadow.c    rules beside other rules: given twice, never deciding, contradicting
 *   cut.c       an Allow that opens what another policy blocks
 *   source.c    sources that cannot run
 *   select.c    selectors that pick nothing
 *   more.c      allow-lists that lack what every workload needs
 *   danger.c    what would break the node or every program
 *   form.c      what one expects to be written
 *   portable.c  where KubeArmor does something else
 *   known.c     names that are well known, and what they are
 *   group.c     which policies govern the same workloads
 *   index.c     rules by what they say
 *
 * A family looks at one thing at a time and asks the index for others, so that time stays linear
 * in the rules whatever they are. Who reasons from what is missing asks ka_is_whole: where
 * something was refused with an error, it may be that.
 */
#pragma once

#include "../policy/policy.h"
#include "lint.h"

/* ---- which policies govern the same workloads ---- */

#define KA_GROUP_NEAR 32u /* groups that are looked at beside one; more are not */

/* Policies of one scope and one selector. */
struct ka_group {
	uint32_t policies;
	uint32_t *above; /* groups whose selectors pick all that this one picks; itself first */
	uint32_t nabove;
	uint32_t *near; /* those, and the ones whose selectors pick a part of it */
	uint32_t nnear;
	bool allows[KA_SECTION__MAX], blocks[KA_SECTION__MAX];
	bool incomplete; /* there were more of them than KA_GROUP_NEAR */
};

struct ka_groups {
	struct ka_group *v;
	uint32_t n;
	uint32_t *of; /* by the policy's number */
};

int ka_groups_make(struct ka_ctx *ctx, const struct ka_policies *set,
		   struct ka_groups *ret) KA_MUST_CHECK;

/* ---- rules by what they say ---- */

enum ka_shape {
	KA_SHAPE_PATH,   /* a pattern without wildcards, too */
	KA_SHAPE_NAME,   /* execname */
	KA_SHAPE_DIR,    /* ends in '/' */
	KA_SHAPE_BELOW,  /* pattern: a directory and `**` */
	KA_SHAPE_INSIDE, /* pattern: a directory and `*` */
	KA_SHAPE_GLOB,   /* any other pattern */
	KA_SHAPE_WORD,   /* protocol, capability, ... */
	KA_SHAPE_UNDER,  /* no rule's own: patterns by the directory that they begin with */
	KA_SHAPE_STEM,   /* no rule's own: programs by the letters of their name */
};

enum ka_condition {
	KA_IF_RECURSIVE = 1u << 0,
	KA_IF_READ_ONLY = 1u << 1,
	KA_IF_OWNER = 1u << 2,
	KA_IF_TERMINAL = 1u << 3,
	KA_IF_ARGS = 1u << 4,
	KA_IF_ANY =
		0xff, /* an entry that stands for the rule whatever its conditions and sources */
};

/* What is compared. Everything points into policies. */
struct ka_said {
	uint32_t owner; /* a policy's number, or KA_OF_GROUP and a group's */
	uint8_t section, shape, action, conditions;
	uint32_t len;
	const char *object;                /* the first len bytes */
	const char *source;                /* NULL: none */
	const struct ka_rule_extra *extra; /* NULL: nothing of it matters */
};
#define KA_OF_GROUP 0x80000000u

struct ka_at {
	uint32_t policy, rule;
};

struct ka_index;

struct ka_linter {
	struct ka_ctx *ctx;
	const struct ka_policies *set;
	unsigned flags;
	struct ka_groups groups;
	struct ka_index *index;
};

int ka_index_make(struct ka_linter *l) KA_MUST_CHECK;
void ka_index_done(struct ka_linter *l);
/* The rule that says so; of several the one with most sources, then the first one. */
bool ka_index_find(const struct ka_linter *l, const struct ka_said *said, struct ka_at *ret);
/* What a rule says, with one of its sources or NULL. */
void ka_said_of(const struct ka_rule *r, const char *source, struct ka_said *ret);
enum ka_shape ka_shape_of(const struct ka_rule *r, uint32_t *ret_len);
/* The owner under which the rules of a group are found together. */
uint32_t ka_owner_of_group(const struct ka_linter *l, uint32_t group);
/* The same within one policy. */
uint32_t ka_owner_of_policy(const struct ka_linter *l, uint32_t policy);

static inline const struct ka_rule *ka_rule_at(const struct ka_linter *l, struct ka_at at)
{
	return &l->set->v[at.policy]->rules[at.rule];
}

/*
 * The directories above a path, from the root down: "/", "/usr/", ... The first one is there
 * with len 0 before; false: no more. A dir is above itself only if `self`.
 */
#define KA_MAX_ABOVE 32u /* directories above that are looked at: time stays linear */
bool ka_next_above(const char *path, uint32_t path_len, uint32_t *len);

/* A part of shadow.c, of a rule that is not found fault with so far. */
void ka_look_for_cut(struct ka_linter *l, uint32_t policy, uint32_t number);

/* ---- families ---- */

struct ka_family {
	unsigned flags; /* any of them asks for it */
	void (*policy)(struct ka_linter *l, uint32_t policy);
	void (*rule)(struct ka_linter *l, uint32_t policy, uint32_t rule);
	void (*set)(struct ka_linter *l);
};

extern const struct ka_family ka_family_never, ka_family_shadow, ka_family_source, ka_family_select,
	ka_family_more, ka_family_danger, ka_family_form, ka_family_portable;

static inline bool ka_is_path_rule(const struct ka_rule *r)
{
	return r->section == KA_SECTION_FILE || r->section == KA_SECTION_PROCESS;
}

/* A rule that holds for everybody, at any time, and for whatever is done. */
static inline bool ka_is_plain(const struct ka_rule *r)
{
	return !r->nfrom && !r->readonly && !r->owner_only && !r->terminal && !r->has_args;
}

static inline const char *ka_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Whether nothing was refused in the policy's source. */
static inline bool ka_is_whole(const struct ka_linter *l, uint32_t policy)
{
	const struct ka_source *src = l->set->v[policy]->loc.source;

	return src && src->findings ? !src->findings->counts[KA_ERROR] : !l->ctx->nerrors;
}

/* Whether a category of the policy is an allow-list that denies: its posture says block. */
bool ka_posture_denies(const struct ka_policy *p, enum ka_section section);
