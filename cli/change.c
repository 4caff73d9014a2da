// SPDX-License-Identifier: Apache-2.0
#include "change.h"

#include <fcntl.h>

#include "../compiler/policy/merge.h"
#include "../runtime/lockout.h"
#include "current.h"
#include "history.h"
#include "names.h"
#include "progress.h"
#include "report.h"

int ka_report_error(const struct ka_error *e)
{
	ka_error("%s", e->text[0] ? e->text : strerror(-e->code));
	if (e->hint[0])
		fprintf(stderr, "  = %s\n", e->hint);
	return e->code == -EOPNOTSUPP ? KA_EXIT_KERNEL : KA_EXIT_NOT_APPLIED;
}

void ka_change_done(struct ka_change *c)
{
	ka_progress_stop();
	if (c->attached)
		ka_node_close(&c->h);
	ka_node_done(&c->node);
	ka_bundle_done(&c->old_bundle);
	ka_bundle_done(&c->bundle);
	ka_compiled_done(&c->compiled);
	ka_ctx_done(&c->old_ctx);
}

/* ---- open ---- */

static int probe(void)
{
	KA_FREE struct ka_probe *p = calloc(1, sizeof(*p));
	int r = p ? ka_probe_kernel(p) : -ENOMEM;

	if (r < 0) {
		ka_error("cannot probe the kernel: %s", strerror(-r));
		return KA_EXIT_NOT_APPLIED;
	}
	if (p->enforces)
		return KA_GO;
	ka_error("this kernel cannot enforce; nothing was changed");
	for (size_t i = 0; i < p->n; i++) {
		const struct ka_check *k = &p->checks[i];

		if (k->ok || !k->required)
			continue;
		fprintf(stderr, "  %s: %s\n", k->what, k->state);
		if (k->fix[0])
			fprintf(stderr, "    = %s\n", k->fix);
	}
	fputs("`karmor-c probe` shows everything that was looked at\n", stderr);
	return KA_EXIT_KERNEL;
}

/*
 * The first apply on a node: better told everything that is missing than the first thing. Later
 * ones load what loaded before. Without root no probe would tell the truth.
 */
static bool may_be_cold(const struct ka_change *c)
{
	return (c->flags & KA_CHANGE_CREATE) && !(c->flags & KA_CHANGE_DRY_RUN) && !geteuid() &&
	       access(KA_PIN_DIR, F_OK);
}

static int open_handle(struct ka_change *c)
{
	bool dry = c->flags & KA_CHANGE_DRY_RUN, create = c->flags & KA_CHANGE_CREATE;
	enum ka_open_mode mode = dry ? KA_OPEN_READ : create ? KA_OPEN_CREATE : KA_OPEN_WRITE;
	struct ka_error e = {};
	int r = ka_node_open(&c->h, mode, &e);

	if (!r) {
		c->attached = true;
		return KA_GO;
	}
	/* A dry run is of use where nothing is in force, and where nothing could be. */
	if (dry && create && (r == -ENOENT || r == -EOPNOTSUPP))
		return KA_GO;
	if (r != -ENOENT)
		return ka_report_error(&e);
	ka_error("nothing is in force on this node");
	fputs("  = `karmor-c apply FILE` puts policies in force\n", stderr);
	return KA_EXIT_NO;
}

int ka_change_policies(struct ka_ctx *ctx, const struct ka_bundle *b, struct ka_policies *ret)
{
	struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));
	int r;

	if (!src)
		return -ENOMEM;
	*src = (struct ka_source){"<in force>", b->policy, b->policy_len};
	r = ka_policies_read(ctx, src, ret);
	if (!r)
		r = ka_policies_finish(ctx, ret);
	return r ? r : ctx->nerrors ? -EBADMSG : 0;
}

static int old_unreadable(const struct ka_change *c, const struct ka_error *e)
{
	if (!(c->flags & KA_CHANGE_REPLACE))
		return ka_report_error(e);
	ka_warn("what is in force cannot be read, and is replaced: %s", e->text);
	return KA_GO;
}

static int read_old(struct ka_change *c)
{
	struct ka_error e = {};
	int r;

	/* Without pins (after a boot) the generation on disk is what the next apply adds to. */
	r = ka_node_bundle(c->attached ? &c->h : NULL, &c->old_bundle, &e);
	if (r == -ENOENT)
		return KA_GO;
	if (r < 0)
		return old_unreadable(c, &e);
	r = ka_change_policies(&c->old_ctx, &c->old_bundle, &c->old);
	if (!r)
		return KA_GO;
	c->old = (struct ka_policies){};
	ka_error_set(&e, r, "this version cannot read the policies in force%s%s",
		     c->old_ctx.failed ? ": " : "", c->old_ctx.failed ? c->old_ctx.failure : "");
	ka_error_hint(&e, "they stay in force; `karmor-c apply --replace` replaces them all");
	return old_unreadable(c, &e);
}

int ka_change_open(struct ka_change *c)
{
	struct ka_error e = {};
	int r;

	if (ka_ctx_init(&c->old_ctx) < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	ka_progress_start();
	if (may_be_cold(c)) {
		r = probe();
		if (r != KA_GO)
			return r;
	}
	r = open_handle(c);
	if (r != KA_GO)
		return r;
	if (ka_node_identify(&c->node, &e) < 0)
		return ka_report_error(&e);
	/* What ended is forgotten below this lock; records may still name it. */
	if (c->h.image && !(c->flags & KA_CHANGE_DRY_RUN))
		ka_history_save(&c->h, (uint32_t)c->h.root->value, &c->h.reader);
	return read_old(c);
}

static int finish_wanted(struct ka_change *c, int r)
{
	if (!r && !c->ctx->nerrors)
		return KA_GO;
	return ka_build_input(c->ctx, r);
}

int ka_change_merge(struct ka_change *c, const struct ka_policies *files)
{
	return finish_wanted(c, ka_set_merge(c->ctx, &c->old, NULL, files, &c->wanted));
}

int ka_change_without(struct ka_change *c, const struct ka_policies *gone)
{
	return finish_wanted(c, ka_set_merge(c->ctx, &c->old, gone, NULL, &c->wanted));
}

/* ---- build ---- */

int ka_change_build(struct ka_change *c)
{
	KA_CLOSE int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ka_compile_options opts = {
		.root_fd = root,
		.follow_shared = c->flags & KA_CHANGE_FOLLOW_SHARED,
	};

	if (root < 0) {
		ka_error("cannot open the root directory: %s", strerror(errno));
		return KA_EXIT_NOT_APPLIED;
	}
	return ka_build(c->ctx, &c->wanted, &opts, &c->compiled, &c->bundle);
}

/* ---- commit ---- */

static void print_lockout(const struct ka_lockout *l, void *arg)
{
	const struct ka_change *c = arg;
	const struct ka_reader *r = &c->bundle.reader;

	fprintf(stderr, "  %s (", l->what);
	ka_print_safe(stderr, l->path, strlen(l->path));
	fprintf(stderr, ") could not be %s",
		l->op == KA_OP_EXEC   ? "executed"
		: l->op == KA_OP_READ ? "opened"
				      : "mapped executable");
	if (l->source) {
		fputs(" by ", stderr);
		ka_print_safe(stderr, l->source, strlen(l->source));
	}
	if (l->ruling.rule != KA_NO_RULE) {
		struct ka_text rule = ka_name_rule(r, l->ruling.rule);

		fputs(": ", stderr);
		ka_print_safe(stderr, rule.s, strlen(rule.s));
		fputc('\n', stderr);
		return;
	}
	fprintf(stderr, ": no rule of the %s allow-list covers it, made by",
		ka_name_category(l->category));
	for (uint32_t i = 0; i < r->head->policies.count; i++) {
		const struct ka_policy_rec *p = ka_image_policy(r, i);
		struct ka_text name = ka_name_policy(r, i);

		if (!p || !(p->flags & KA_POL_ALLOWS(l->category)) ||
		    !ka_selects_node(r, i, &c->node))
			continue;
		fputc(' ', stderr);
		ka_print_safe(stderr, name.s, strlen(name.s));
	}
	fputc('\n', stderr);
}

static void count_only(const struct ka_lockout *l, void *arg)
{
	(void)l;
	(void)arg;
}

static int check_lockout(struct ka_change *c)
{
	const struct ka_reader *r = &c->bundle.reader;
	size_t n = ka_lockout_check(r, &c->node, count_only, NULL);

	if (!n)
		return KA_GO;
	if (c->flags & KA_CHANGE_FORCE)
		ka_warn("these host policies could lock you out of this node (--force):");
	else
		ka_error("refused: these host policies could lock you out of this node");
	ka_lockout_check(r, &c->node, print_lockout, c);
	if (c->flags & KA_CHANGE_FORCE)
		return KA_GO;
	fputs("  = allow these programs, try audit mode first, or say --force; nothing was changed\n",
	      stderr);
	return KA_EXIT_NOT_APPLIED;
}

int ka_change_commit(struct ka_change *c)
{
	struct ka_apply_options opts = {.node = &c->node};
	struct ka_error e = {};
	uint32_t root;
	int r;

	if (ka_is_current(c))
		return KA_GO;
	r = check_lockout(c);
	if (r != KA_GO || (c->flags & KA_CHANGE_DRY_RUN))
		return r;
	root = c->h.root ? (uint32_t)c->h.root->value : 0;
	if (ka_node_apply(&c->h, &c->bundle, &opts, &e) < 0)
		return ka_report_error(&e);
	if (e.text[0])
		ka_warn("%s", e.text);
	c->swapped = true;
	if (c->old_bundle.bytes)
		ka_history_save(&c->h, root, &c->old_bundle.reader);
	return KA_GO;
}
