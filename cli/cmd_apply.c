// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c apply: puts policies in force. Files are merged into what is in force, a bundle
 * replaces it.
 */
#include "../compiler/policy/merge.h"
#include "describe.h"
#include "input.h"
#include "names.h"
#include "opts.h"
#include "report.h"

struct opts {
	struct ka_strings files;
	bool replace, dry_run, audit, force, follow_shared;
};

static const struct ka_option options[] = {
	{"file", 'f', KA_OPT_LIST, offsetof(struct opts, files), "FILE",
	 "the same as an operand; may be repeated"},
	{"dry-run", 'n', KA_OPT_FLAG, offsetof(struct opts, dry_run), NULL,
	 "print the same, change nothing"},
	{"audit", 0, KA_OPT_FLAG, offsetof(struct opts, audit), NULL,
	 "put these policies in audit mode: permit, report what would be denied"},
	{"replace", 0, KA_OPT_FLAG, offsetof(struct opts, replace), NULL,
	 "what is given replaces everything in force"},
	{"force", 0, KA_OPT_FLAG, offsetof(struct opts, force), NULL,
	 "apply host policies even if they could lock you out"},
	{"follow-shared", 0, KA_OPT_FLAG, offsetof(struct opts, follow_shared), NULL,
	 "accept a Block on a program that many names share (busybox)"},
	{},
};

/* A whole generation that would take policies away does so only when told to. */
static int check_removal(const struct ka_change *c, const struct opts *o)
{
	size_t gone = 0;

	for (size_t i = 0; i < c->old.n; i++)
		gone += !ka_set_find(&c->wanted, c->old.v[i]);
	if (!gone || o->replace)
		return KA_GO;
	ka_error("refused: this bundle would remove %zu polic%s that %s in force", gone,
		 ka_plural_y(gone), gone == 1 ? "is" : "are");
	for (size_t i = 0; i < c->old.n; i++) {
		const char *id = ka_policy_id(c->ctx, c->old.v[i]);

		if (ka_set_find(&c->wanted, c->old.v[i]))
			continue;
		fputs("  ", stderr);
		ka_print_safe(stderr, id, strlen(id));
		fputc('\n', stderr);
	}
	fputs("  = --replace removes them; nothing was changed\n", stderr);
	return KA_EXIT_NOT_APPLIED;
}

/* What apply prints comes from the text, what the kernel does from the image: one thing. */
static bool is_consistent(const struct ka_bundle *b, const struct ka_policies *p)
{
	const struct ka_reader *r = &b->reader;

	if (r->head->policies.count != p->n)
		return false;
	for (uint32_t i = 0; i < p->n; i++) {
		const struct ka_policy_rec *rec = ka_image_policy(r, i);

		if (!rec || rec->kind != p->v[i]->kind ||
		    strcmp(ka_image_str(r, rec->ns), p->v[i]->ns) ||
		    strcmp(ka_image_str(r, rec->name), p->v[i]->name))
			return false;
	}
	return true;
}

/* A bundle goes in as it is: its links were resolved where it was compiled. */
static int take_bundle(struct ka_change *c, const char *path)
{
	char err[256] = "";
	int r = ka_bundle_read(path, &c->bundle, err, sizeof(err));

	if (r < 0) {
		ka_error("cannot read bundle '%s': %s", path, err[0] ? err : strerror(-r));
		return KA_EXIT_INPUT;
	}
	r = ka_change_policies(c->ctx, &c->bundle, &c->wanted);
	if (r < 0 || !is_consistent(&c->bundle, &c->wanted)) {
		ka_error("bundle '%s' is inconsistent: its text and its image are not the same "
			 "policies",
			 path);
		return KA_EXIT_INPUT;
	}
	return KA_GO;
}

static int make_wanted(struct ka_change *c, const struct opts *o, const struct ka_input *in)
{
	int r = KA_GO;

	if (!in->nbundles && !o->replace)
		return ka_change_merge(c, &in->policies);
	if (in->nbundles && !o->audit)
		r = take_bundle(c, in->bundle);
	else
		c->wanted = in->policies;
	return r == KA_GO ? check_removal(c, o) : r;
}

static int change(struct ka_change *c, const struct opts *o, struct ka_input *in)
{
	int r;

	r = ka_change_open(c);
	if (r != KA_GO)
		return r;
	r = make_wanted(c, o, in);
	return r == KA_GO ? ka_describe_make(c, in->nbundles ? NULL : &in->policies, true) : r;
}

static int apply(const struct opts *o, const struct ka_strings *operands)
{
	KA_CTX struct ka_ctx ctx = {};
	KA_CHANGE struct ka_change c = {.ctx = &ctx, .flags = KA_CHANGE_CREATE};
	struct ka_input in = {};
	int r;

	if (o->dry_run)
		c.flags |= KA_CHANGE_DRY_RUN;
	if (o->force)
		c.flags |= KA_CHANGE_FORCE;
	if (o->replace)
		c.flags |= KA_CHANGE_REPLACE;
	if (o->follow_shared)
		c.flags |= KA_CHANGE_FOLLOW_SHARED;
	r = ka_build_read(&ctx, operands, KA_INPUT_BUNDLES, &in);
	if (r != KA_GO)
		return r;
	if (!in.policies.n && !in.policies.nns && !in.nbundles) {
		ka_report_diags(stderr, &ctx);
		ka_error("no policy in what was given; nothing was changed");
		return KA_EXIT_NO;
	}
	if (o->audit) {
		r = ka_policies_set_mode(&ctx, &in.policies, true);
		if (r < 0)
			return ka_build_input(&ctx, r);
	}
	return change(&c, o, &in);
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	struct opts o = {};
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	for (size_t i = 0; r == KA_OPTS_GO && i < o.files.n; i++)
		if (ka_strings_add(&operands, o.files.v[i]) < 0)
			r = KA_EXIT_NOT_APPLIED;
	if (r == KA_OPTS_GO && !operands.n)
		r = ka_usage_error(cmd,
				   "nothing to apply: name a file, a directory, a bundle or '-'");
	if (r == KA_OPTS_GO)
		r = apply(&o, &operands);
	ka_strings_done(&o.files);
	return r;
}

const struct ka_command ka_cmd_apply = {
	.name = "apply",
	.args = "FILE|DIR|BUNDLE|-...",
	.summary = "put policies in force",
	.help = "Policies of files and directories are added to what is in force, or replace the\n"
		"policy of the same kind, namespace and name. A bundle is a whole generation and\n"
		"replaces everything; where that would remove policies it is refused without --replace.\n"
		"The change is one swap: before it the old policies decide everything, after it the new\n"
		"ones. When apply fails, the old ones are in force.\n"
		"\n"
		"No process stays. `karmor-c off` takes everything away again.",
	.group = KA_GROUP_NODE,
	.options = options,
	.run = run,
};
