// SPDX-License-Identifier: Apache-2.0
/*
 * Blocks that would break every program, or the node. Those with a source, for changes alone or
 * with another condition are meant as they are.
 */
#include "known.h"
#include "linter.h"

static void whole_directory(struct ka_linter *l, uint32_t policy, const struct ka_rule *r,
			    enum ka_shape shape, uint32_t len)
{
	const struct ka_group *g = &l->groups.v[l->groups.of[policy]];
	bool host = l->set->v[policy]->kind == KA_KIND_HOST;
	const char *what = ka_known_system(r->object, len, r->section == KA_SECTION_FILE,
					   r->recursive || shape == KA_SHAPE_BELOW, host);

	/* Exceptions are more exact, and may be all that is needed. */
	for (uint32_t i = 0; i < g->nnear; i++)
		if (l->groups.v[g->near[i]].allows[r->section])
			return;
	if (what && ka_is_whole(l, policy))
		ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_BLOCK_SYSTEM, r->loc, r->object, what),
			     r->section == KA_SECTION_FILE
				     ? "to deny changes alone, add 'readOnly: true'"
				     : "block what lies in it one by one, or allow what is needed");
}

static bool is_program_dir(const char *path)
{
	static const char *const dirs[] = {"/bin/",           "/sbin/",     "/usr/bin/",
					   "/usr/local/bin/", "/usr/sbin/", ""};
	size_t n = (size_t)(ka_base_name(path) - path);

	for (size_t i = 0; i < KA_ARRAY_SIZE(dirs); i++)
		if (strlen(dirs[i]) == n && !strncmp(path, dirs[i], n))
			return true;
	return false;
}

static void one_program(struct ka_linter *l, uint32_t policy, const struct ka_rule *r)
{
	bool host = l->set->v[policy]->kind == KA_KIND_HOST;
	const char *name = ka_base_name(r->object);

	if (ka_known_interpreter(r->object))
		ka_diag(l->ctx, KA_D_BLOCK_LOADER, r->loc, r->object);
	else if (host && ka_known_init(r->object))
		ka_diag(l->ctx, KA_D_BLOCK_INIT, r->loc, r->object);
	else if (host && ka_known_shell(name) && is_program_dir(r->object))
		ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_BLOCK_SHELL, r->loc, r->object),
			     "services, cron and logins need it; 'fromSource' limits the rule to "
			     "those that call it");
	else if (ka_known_multi_call(name) && is_program_dir(r->object) &&
		 (host || strcmp(name, "systemctl") != 0))
		ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_BLOCK_SHARED, r->loc, r->object),
			     "see which names lead to it before you block it");
}

static void rule(struct ka_linter *l, uint32_t policy, uint32_t number)
{
	const struct ka_policy *p = l->set->v[policy];
	const struct ka_rule *r = &p->rules[number];
	uint32_t len;

	if (r->action != KA_EFFECT_BLOCK || !ka_is_path_rule(r) || !ka_is_plain(r) || p->audit_mode)
		return;
	switch (ka_shape_of(r, &len)) {
	case KA_SHAPE_DIR:
		whole_directory(l, policy, r, KA_SHAPE_DIR, len);
		break;
	case KA_SHAPE_BELOW:
		whole_directory(l, policy, r, KA_SHAPE_BELOW, len);
		break;
	case KA_SHAPE_PATH:
	case KA_SHAPE_NAME:
		one_program(l, policy, r);
		break;
	default:
		break;
	}
}

const struct ka_family ka_family_danger = {.flags = KA_LINT_DANGER, .rule = rule};
