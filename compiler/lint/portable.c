// SPDX-License-Identifier: Apache-2.0
/*
 * Where KubeArmor does something else with the same policy: what its BPF-LSM enforcer holds and
 * compares, as of 1.6. All of it in github.com/kubearmor/KubeArmor:
 *
 *   MAX_ENTRIES, MAX_KEY   KubeArmor/enforcer/bpflsm/enforcer.go, InnerMapSpec: 256 entries with
 *                          keys of 400 bytes, half for the path and half for the source, each
 *                          with its NUL
 *   entries of a dir       KubeArmor/enforcer/bpflsm/rulesHandling.go, dirtoMap: one for the
 *                          directory, one for what it holds, one per directory above
 *   MAX_DIR                KubeArmor/BPF/shared.h: the loops over slashes end at byte 64
 *   MAX_COMPONENTS         KubeArmor/BPF/shared.h, prepend_path: 20 steps up
 *   patterns               wiki, "Enforcer Feature Parity"; issue #1900
 *   posture                getting-started/FAQ.md: audit by default since 0.7
 */
#include "linter.h"

#define MAX_ENTRIES 256u
#define MAX_KEY 199u
#define MAX_DIR 64u
#define MAX_COMPONENTS 20u

/* ---- one rule ---- */

static size_t count_components(const char *path)
{
	size_t n = 0;

	for (const char *s = path; *s; s++)
		n += *s == '/' && s[1];
	return n;
}

static void check_path(struct ka_linter *l, const char *path, bool dir, struct ka_loc loc)
{
	size_t len = strlen(path), n = count_components(path);

	if (len > MAX_KEY)
		ka_diag(l->ctx, KA_D_PORTABLE_LENGTH, loc, MAX_KEY, len);
	else if (n > MAX_COMPONENTS)
		ka_diag(l->ctx, KA_D_PORTABLE_COMPONENTS, loc, MAX_COMPONENTS, n);
	else if (dir && len > MAX_DIR)
		ka_diag(l->ctx, KA_D_PORTABLE_DEPTH, loc, MAX_DIR, len);
}

static bool is_token_dir(const char *dir)
{
	return !strcmp(dir, "/run/secrets/kubernetes.io/serviceaccount/") ||
	       !strcmp(dir, "/var/run/secrets/kubernetes.io/serviceaccount/");
}

static void rule(struct ka_linter *l, uint32_t policy, uint32_t number)
{
	const struct ka_rule *r = &l->set->v[policy]->rules[number];
	bool dir = r->list == KA_LIST_DIRECTORIES;

	for (uint32_t i = 0; i < r->nfrom; i++)
		check_path(l, r->from[i].path, false, r->from[i].loc);
	if (!ka_is_path_rule(r) || r->execname)
		return;
	if (r->list == KA_LIST_PATTERNS) {
		ka_diag_hint(l->ctx,
			     ka_diag(l->ctx, KA_D_PORTABLE_IGNORED, r->loc,
				     "patterns where BPF-LSM enforces"),
			     "only its AppArmor mode knows patterns");
		return;
	}
	check_path(l, r->object, dir, r->loc);
	if (dir && !r->recursive && is_token_dir(r->object))
		ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_PORTABLE_TOKEN, r->loc),
			     "what lies below '..data' is covered here without it, but not there");
}

/* ---- policies ---- */

/* What is ours alone, and says how a policy is enforced. */
static const char *own_annotation(const struct ka_policy *p)
{
	for (int i = 0; i < KA_SECTION_POSTURES; i++)
		if (p->posture[i] != KA_POSTURE_UNSET)
			return "annotation 'karmor-c/posture'";
	if (p->audit_mode)
		return "annotation 'karmor-c/mode', and denies";
	if (p->mounts != KA_UNSET)
		return "annotation 'karmor-c/mounts'";
	if (p->integrity != KA_UNSET)
		return "annotation 'karmor-c/source-integrity'";
	if (p->overridable)
		return "annotation 'karmor-c/overridable'";
	return p->guards && *p->guards ? "annotation 'karmor-c/guards'" : NULL;
}

/* Whether nothing in sight says what an allow-list does with the rest. */
static bool has_default_posture(const struct ka_policy *p, enum ka_section section)
{
	return p->posture[section] == KA_POSTURE_UNSET &&
	       p->ns_posture[section] == KA_POSTURE_UNSET && ka_posture_denies(p, section);
}

static void policy(struct ka_linter *l, uint32_t number)
{
	const struct ka_policy *p = l->set->v[number];
	const char *own = own_annotation(p);

	if (own)
		ka_diag(l->ctx, KA_D_PORTABLE_IGNORED, p->loc, own);
	for (size_t i = 0; i < p->nrules; i++) {
		const struct ka_rule *r = &p->rules[i];

		if (r->action != KA_EFFECT_ALLOW || r->section >= KA_SECTION_DNS ||
		    !has_default_posture(p, (enum ka_section)r->section))
			continue;
		ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_PORTABLE_POSTURE, r->loc),
			     "annotate the Namespace: kubearmor-file-posture: block, or audit");
		return;
	}
}

/* ---- the table of a workload ---- */

/* At least so many entries; directories above are shared, so they are not counted. */
static size_t count_entries(const struct ka_policy *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nrules; i++) {
		const struct ka_rule *r = &p->rules[i];

		if (r->action == KA_EFFECT_AUDIT || r->section >= KA_SECTION_DNS ||
		    (ka_is_path_rule(r) && r->list == KA_LIST_PATTERNS))
			continue;
		n += (r->list == KA_LIST_DIRECTORIES ? 2u : 1u) * (r->nfrom ? r->nfrom : 1u);
	}
	return n;
}

static void set(struct ka_linter *l)
{
	KA_FREE size_t *own = calloc(l->groups.n + 1, sizeof(*own));

	if (!own) {
		ka_fail(l->ctx, -ENOMEM, "out of memory");
		return;
	}
	for (size_t p = 0; p < l->set->n; p++)
		own[l->groups.of[p]] += count_entries(l->set->v[p]);
	for (size_t p = 0; p < l->set->n; p++) {
		const struct ka_group *g = &l->groups.v[l->groups.of[p]];
		size_t n = 0;

		for (uint32_t i = 0; i < g->nabove; i++)
			n += own[g->above[i]];
		if (n > MAX_ENTRIES)
			ka_diag(l->ctx, KA_D_PORTABLE_RULES, l->set->v[p]->loc, MAX_ENTRIES, n);
	}
}

const struct ka_family ka_family_portable = {
	.flags = KA_LINT_PORTABLE, .policy = policy, .rule = rule, .set = set};
