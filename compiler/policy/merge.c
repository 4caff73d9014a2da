// SPDX-License-Identifier: Apache-2.0
#include "merge.h"

#include "decode.h"

static bool same_name(const struct ka_policy *a, const struct ka_policy *b)
{
	return a->kind == b->kind && !strcmp(a->ns, b->ns) && !strcmp(a->name, b->name);
}

struct ka_policy *ka_set_find(const struct ka_policies *set, const struct ka_policy *p)
{
	for (size_t i = 0; set && i < set->n; i++)
		if (same_name(set->v[i], p))
			return set->v[i];
	return NULL;
}

int ka_set_add(struct ka_ctx *ctx, struct ka_policies *set, struct ka_policy *p)
{
	return ka_policies_add(ctx, set, p);
}

/* What is not in the text comes from a Namespace document. */
static bool same_meaning(const struct ka_policy *a, const struct ka_policy *b)
{
	return !strcmp(a->text, b->text) &&
	       !memcmp(a->ns_posture, b->ns_posture, sizeof(a->ns_posture));
}

enum ka_diff ka_set_diff(const struct ka_policies *old, const struct ka_policy *p)
{
	const struct ka_policy *before = ka_set_find(old, p);

	if (!before)
		return KA_DIFF_CREATED;
	return same_meaning(before, p) ? KA_DIFF_UNCHANGED : KA_DIFF_CHANGED;
}

const char *ka_diff_str(enum ka_diff d)
{
	switch (d) {
	case KA_DIFF_CREATED:
		return "created";
	case KA_DIFF_CHANGED:
		return "changed";
	case KA_DIFF_UNCHANGED:
		return "unchanged";
	}
	return "?";
}

/* ---- merge ---- */

/* Policies that stay are copied: finishing may give them another posture. */
static int add_copy(struct ka_ctx *ctx, struct ka_policies *set, const struct ka_policy *p)
{
	struct ka_policy *copy = ka_alloc(ctx, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	*copy = *p;
	return ka_policies_add(ctx, set, copy);
}

int ka_set_merge(struct ka_ctx *ctx, const struct ka_policies *old, const struct ka_policies *gone,
		 const struct ka_policies *files, struct ka_policies *ret)
{
	static const struct ka_policies none;
	int r = 0;

	*ret = (struct ka_policies){};
	for (size_t i = 0; !r && i < old->n; i++)
		if (!ka_set_find(gone, old->v[i]))
			r = add_copy(ctx, ret, old->v[i]);
	for (size_t i = 0; !r && i < old->nns; i++)
		r = ka_policies_add_ns(ctx, ret, &old->ns[i]);
	return r ? r : ka_policies_merge(ctx, ret, files ? files : &none);
}

/* ---- mode ---- */

int ka_policy_set_mode(struct ka_ctx *ctx, struct ka_policy *p, bool audit, struct ka_policy **ret)
{
	struct ka_policy *copy;
	int r;

	*ret = p;
	if (p->audit_mode == audit)
		return 0;
	copy = ka_alloc(ctx, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *p;
	copy->audit_mode = audit;
	r = ka_policy_text(ctx, copy, &copy->text);
	if (!r)
		*ret = copy;
	return r;
}

int ka_policies_set_mode(struct ka_ctx *ctx, struct ka_policies *set, bool audit)
{
	int r = 0;

	for (size_t i = 0; !r && i < set->n; i++)
		r = ka_policy_set_mode(ctx, set->v[i], audit, &set->v[i]);
	return r;
}
