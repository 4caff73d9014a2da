// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c delete: takes policies out of what is in force, all that are named by one swap.
 */
#include "../compiler/policy/merge.h"
#include "describe.h"
#include "find.h"
#include "input.h"
#include "opts.h"
#include "report.h"

struct opts {
	struct ka_strings files;
	bool dry_run, force;
};

static const struct ka_option options[] = {
	{"file", 'f', KA_OPT_LIST, offsetof(struct opts, files), "FILE",
	 "delete the policies that this file names; may be repeated"},
	{"dry-run", 'n', KA_OPT_FLAG, offsetof(struct opts, dry_run), NULL,
	 "print the same, change nothing"},
	{"force", 0, KA_OPT_FLAG, offsetof(struct opts, force), NULL,
	 "even if the host policies that are left could lock you out"},
	{},
};

/* What is to go, as policies of c->old. */
static int collect_names(struct ka_change *c, const struct ka_strings *names,
			 struct ka_policies *ret)
{
	for (size_t i = 0; i < names->n; i++) {
		struct ka_policy *p = NULL;
		int r = ka_find_one(c->ctx, &c->old, names->v[i], &p);

		if (r != KA_GO)
			return r;
		if (!ka_set_find(ret, p) && ka_set_add(c->ctx, ret, p) < 0)
			return ka_report_failure(c->ctx);
	}
	return KA_GO;
}

static int collect_files(struct ka_change *c, const struct ka_policies *files,
			 struct ka_policies *ret)
{
	for (size_t i = 0; i < files->n; i++) {
		struct ka_policy *p = ka_set_find(&c->old, files->v[i]);

		if (!p) {
			ka_error("%s is not in force; nothing was deleted",
				 ka_policy_id(c->ctx, files->v[i]));
			return KA_EXIT_NO;
		}
		if (!ka_set_find(ret, p) && ka_set_add(c->ctx, ret, p) < 0)
			return ka_report_failure(c->ctx);
	}
	return KA_GO;
}

static int change(struct ka_change *c, const struct ka_strings *names,
		  const struct ka_policies *files)
{
	struct ka_policies gone = {};
	int r;

	r = ka_change_open(c);
	if (r == KA_GO)
		r = collect_names(c, names, &gone);
	if (r == KA_GO)
		r = collect_files(c, files, &gone);
	if (r == KA_GO)
		r = ka_change_without(c, &gone);
	if (r == KA_GO)
		r = ka_describe_make(c, &(struct ka_policies){}, false);
	if (r != KA_EXIT_OK)
		return r;
	if (!c->wanted.n && !(c->flags & KA_CHANGE_DRY_RUN))
		puts("no policy is left; `karmor-c off` detaches the programs as well");
	return KA_EXIT_OK;
}

static int delete (const struct opts *o, const struct ka_strings *names)
{
	KA_CTX struct ka_ctx ctx = {};
	KA_CHANGE struct ka_change c = {.ctx = &ctx};
	struct ka_input in = {};
	int r;

	if (o->dry_run)
		c.flags |= KA_CHANGE_DRY_RUN;
	if (o->force)
		c.flags |= KA_CHANGE_FORCE;
	if (ka_ctx_init(&ctx) < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	r = ka_build_input(&ctx,
			   ka_input_read(&ctx, o->files.v, o->files.n, KA_INPUT_BUNDLES, &in));
	return r != KA_GO ? r : change(&c, names, &in.policies);
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	struct opts o = {};
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r == KA_OPTS_GO && !operands.n && !o.files.n)
		r = ka_usage_error(cmd, "nothing to delete: name a policy, or -f FILE");
	if (r == KA_OPTS_GO)
		r = delete (&o, &operands);
	ka_strings_done(&o.files);
	return r;
}

const struct ka_command ka_cmd_delete = {
	.name = "delete",
	.args = "[[KIND/][NAMESPACE/]NAME]...",
	.summary = "take policies out of what is in force",
	.help = "All that are named go by one swap, or none of them: a name that is not in force\n"
		"(exit status 1) or that several policies have (2) changes nothing.",
	.group = KA_GROUP_NODE,
	.options = options,
	.run = run,
};
