// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c mode: enforce or audit, for all policies in force or for some, by one swap.
 */
#include "../compiler/policy/merge.h"
#include "describe.h"
#include "find.h"
#include "opts.h"
#include "report.h"

struct opts {
	bool dry_run, force;
};

static const struct ka_option options[] = {
	{"dry-run", 'n', KA_OPT_FLAG, offsetof(struct opts, dry_run), NULL,
	 "print the same, change nothing"},
	{"force", 0, KA_OPT_FLAG, offsetof(struct opts, force), NULL,
	 "enforce host policies even if they could lock you out"},
	{},
};

static int switch_one(struct ka_change *c, const char *name, bool audit, struct ka_policies *given)
{
	struct ka_policy *p = NULL;
	int r = ka_find_one(c->ctx, &c->old, name, &p);

	if (r != KA_GO)
		return r;
	for (size_t i = 0; i < c->wanted.n; i++) {
		if (!ka_set_find(&(struct ka_policies){.v = &c->wanted.v[i], .n = 1}, p))
			continue;
		if (ka_policy_set_mode(c->ctx, c->wanted.v[i], audit, &c->wanted.v[i]) < 0 ||
		    ka_set_add(c->ctx, given, c->wanted.v[i]) < 0)
			return ka_report_failure(c->ctx);
	}
	return KA_GO;
}

static int switch_all(struct ka_change *c, bool audit)
{
	if (ka_policies_set_mode(c->ctx, &c->wanted, audit) < 0)
		return ka_report_failure(c->ctx);
	return KA_GO;
}

static int change(struct ka_change *c, bool audit, const struct ka_strings *names)
{
	struct ka_policies given = {};
	int r;

	r = ka_change_open(c);
	if (r == KA_GO)
		r = ka_change_without(c, &given);
	if (r == KA_GO && names->n == 1)
		r = switch_all(c, audit);
	for (size_t i = 1; r == KA_GO && i < names->n; i++)
		r = switch_one(c, names->v[i], audit, &given);
	return r == KA_GO ? ka_describe_make(c, names->n > 1 ? &given : NULL, true) : r;
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	KA_CTX struct ka_ctx ctx = {};
	KA_CHANGE struct ka_change c = {.ctx = &ctx};
	struct opts o = {};
	bool audit;
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r != KA_OPTS_GO)
		return r;
	if (!operands.n)
		return ka_usage_error(cmd, "which mode? say enforce or audit");
	audit = !strcmp(operands.v[0], "audit");
	if (!audit && strcmp(operands.v[0], "enforce"))
		return ka_usage_error(cmd, "'%s' is no mode: say enforce or audit", operands.v[0]);
	if (o.dry_run)
		c.flags |= KA_CHANGE_DRY_RUN;
	if (o.force)
		c.flags |= KA_CHANGE_FORCE;
	if (ka_ctx_init(&ctx) < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	return change(&c, audit, &operands);
}

const struct ka_command ka_cmd_mode = {
	.name = "mode",
	.args = "enforce|audit [[KIND/][NAMESPACE/]NAME]...",
	.summary = "switch policies in force between enforcing and auditing",
	.help = "In audit mode a policy denies nothing: what it would deny is permitted and reported,\n"
		"what its posture would deny included. Without names all policies in force are\n"
		"switched, by one swap.",
	.group = KA_GROUP_NODE,
	.options = options,
	.run = run,
};
