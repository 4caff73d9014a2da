// SPDX-License-Identifier: Apache-2.0
#include "describe.h"

#include "../compiler/policy/merge.h"
#include "names.h"
#include "posture.h"
#include "report.h"

#define NAMED 3 /* workloads that are named before the rest is only counted */

static void print(const char *s)
{
	ka_print_safe(stdout, s, strlen(s));
}

static bool host(const struct ka_policy *p)
{
	return p->kind == KA_KIND_HOST;
}

/* ---- whom it selects ---- */

static void print_run(const struct ka_policy *p)
{
	fputs("`karmor-c run --namespace ", stdout);
	print(p->ns);
	for (size_t i = 0; i < p->nlabels; i++) {
		fputs(" --label ", stdout);
		print(p->labels[i].key);
		putchar('=');
		print(p->labels[i].value);
	}
	fputs(" -- COMMAND`", stdout);
}

static void print_selected(const struct ka_workloads *w, const struct ka_reader *r, uint32_t i,
			   size_t n)
{
	size_t named = 0;

	printf("  selects %zu registered workload%s:", n, ka_plural_s(n));
	for (size_t k = 0; k < w->n && named < NAMED; k++) {
		struct ka_labels labels = ka_label_set_view(&w->v[k].labels);

		if (!ka_selects_workload(r, i, w->v[k].info.ns, &labels))
			continue;
		printf("%s ", named++ ? "," : "");
		print(w->v[k].info.ns);
		putchar('/');
		print(w->v[k].info.name);
	}
	printf("%s\n", n > named ? ", ..." : "");
}

static void print_selects(const struct ka_change *c, const struct ka_workloads *w, uint32_t i)
{
	const struct ka_policy *p = c->wanted.v[i];
	const struct ka_reader *r = &c->bundle.reader;
	size_t n;

	if (host(p)) {
		if (ka_selects_node(r, i, &c->node))
			printf("  selects this node (%s): its own tasks\n", c->node.hostname);
		else
			printf("  does not select this node (hostname %s, os %s, arch %s): "
			       "it has no effect here\n",
			       c->node.hostname, c->node.os, c->node.arch);
		return;
	}
	n = ka_workloads_selected(w, r, i);
	if (n) {
		print_selected(w, r, i, n);
		return;
	}
	fputs("  selects no registered workload; ", stdout);
	print_run(p);
	fputs(" starts one\n", stdout);
}

/* ---- what it does ---- */

static const char *unmatched(const struct ka_policy *p, const struct ka_posture_origin *o)
{
	if (o->posture == KA_POSTURE_AUDIT)
		return "is permitted and reported";
	return p->audit_mode ? "would be denied" : "is denied";
}

static void print_allow_lists(const struct ka_change *c, uint32_t i)
{
	const struct ka_policy *p = c->wanted.v[i];
	__u64 set[KA_POLICY_WORDS] = {};

	set[i / 64] = 1ull << (i % 64);
	for (int cat = 0; cat < KA_CAT__MAX; cat++) {
		struct ka_posture_origin o;

		if (!ka_posture_find(&c->bundle.reader, &c->node, set, host(p) ? NULL : p->ns,
				     (enum ka_category)cat, &o))
			continue;
		printf("  %s becomes an allow-list: what no rule matches %s (posture %s, from ",
		       ka_name_category((enum ka_category)cat), unmatched(p, &o),
		       ka_name_posture(o.posture));
		print(o.origin);
		fputs(")\n", stdout);
	}
}

static void print_aliases(const struct ka_change *c, const struct ka_policy *p)
{
	for (size_t k = 0; k < c->compiled.naliases; k++) {
		const struct ka_alias *a = &c->compiled.aliases[k];

		if (a->policy != p)
			continue;
		fputs("  ", stdout);
		print(ka_rule_place(c->ctx, a->rule->section, a->rule->list, a->rule->index,
				    a->from ? a->from->index : KA_NO_FROM));
		fputs(": ", stdout);
		print(a->path);
		fputs(a->fixed ? " stands for " : " leads to ", stdout);
		print(a->target);
		fputs(", which the rule covers as well\n", stdout);
	}
}

static void print_removed(const struct ka_change *c)
{
	for (size_t i = 0; i < c->old.n; i++) {
		if (ka_set_find(&c->wanted, c->old.v[i]))
			continue;
		print(ka_policy_id(c->ctx, c->old.v[i]));
		fputs(" deleted\n", stdout);
	}
}

static void print_change(const struct ka_change *c, const struct ka_policies *given,
			 const struct ka_workloads *w)
{
	for (uint32_t i = 0; i < c->wanted.n; i++) {
		const struct ka_policy *p = c->wanted.v[i];

		/* A Namespace document alone changes policies that were not given. */
		if (given && !ka_set_find(given, p) && ka_set_diff(&c->old, p) == KA_DIFF_UNCHANGED)
			continue;
		print(ka_policy_id(c->ctx, p));
		printf(" %s\n", ka_diff_str(ka_set_diff(&c->old, p)));
		print_selects(c, w, i);
		if (p->audit_mode)
			fputs("  in audit mode: what it would deny is permitted and reported\n",
			      stdout);
		print_allow_lists(c, i);
		print_aliases(c, p);
	}
	print_removed(c);
	if (w->foreign_tasks)
		printf("%u task%s of containers that nobody registered: not governed\n",
		       w->foreign_tasks, ka_plural_s(w->foreign_tasks));
}

/* "in force: generation 7, 3 policies"; what would be, when dry. */
static void print_summary(const struct ka_change *c)
{
	size_t n = c->wanted.n;
	uint32_t seq = c->attached ? KA_ROOT_SEQ(c->h.root->value) : 0;

	if (c->flags & KA_CHANGE_DRY_RUN)
		printf("dry run, nothing was changed; in force would be: %zu polic%s\n", n,
		       ka_plural_y(n));
	else if (!c->swapped)
		printf("nothing to change; in force: generation %u, %zu polic%s\n", seq, n,
		       ka_plural_y(n));
	else
		printf("in force: generation %u, %zu polic%s\n", seq, n, ka_plural_y(n));
}

int ka_describe_make(struct ka_change *c, const struct ka_policies *given, bool workloads)
{
	KA_WORKLOADS struct ka_workloads w = {};
	struct ka_error e = {};
	int r = c->bundle.bytes ? KA_GO : ka_change_build(c);

	if (r == KA_GO)
		r = ka_change_commit(c);
	if (r != KA_GO)
		return r;
	if (workloads && c->attached && ka_workloads_read(&c->h, &w, &e) < 0)
		ka_warn("cannot list workloads: %s", e.text);
	print_change(c, given, &w);
	print_summary(c);
	return KA_EXIT_OK;
}
