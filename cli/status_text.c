// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "inert.h"
#include "names.h"
#include "posture.h"
#include "report.h"
#include "status.h"

static void print(const char *s)
{
	ka_print_safe(stdout, s, strlen(s));
}

static void print_policies(const struct ka_status *s)
{
	const struct ka_reader *r = &s->h.reader;
	int width = 0;

	puts("\npolicies:");
	if (!r->head->policies.count)
		puts("  none");
	for (uint32_t i = 0; i < r->head->policies.count; i++) {
		int len = (int)strlen(ka_name_policy(r, i).s);

		width = len > width ? len : width;
	}
	for (uint32_t i = 0; i < r->head->policies.count; i++) {
		const struct ka_policy_rec *p = ka_image_policy(r, i);
		struct ka_text name = ka_name_policy(r, i);
		size_t n = ka_workloads_selected(&s->workloads, r, i);

		fputs("  ", stdout);
		print(name.s);
		printf("%*s  %-7s  ", width - (int)strlen(name.s), "",
		       p->flags & KA_POL_WOULD ? "audit" : "enforce");
		if (p->kind == KA_KIND_HOST)
			puts(ka_selects_node(r, i, &s->node) ? "this node"
							     : "selects nothing here");
		else if (n)
			printf("%zu workload%s\n", n, ka_plural_s(n));
		else
			puts("selects nothing");
	}
}

static void print_lists(const struct ka_status *s, const char *ns, const struct ka_labels *labels)
{
	struct ka_member m = {};

	ka_member_make(&s->h.reader, &s->node, ns, labels, &m);
	for (int cat = 0; cat < KA_CAT__MAX; cat++) {
		struct ka_posture_origin o;

		if (!ka_posture_find(&s->h.reader, &s->node, m.policies, ns, (enum ka_category)cat,
				     &o))
			continue;
		printf("      %s is an allow-list, posture %s from ",
		       ka_name_category((enum ka_category)cat), ka_name_posture(o.posture));
		print(o.origin);
		putchar('\n');
	}
}

static void print_workloads(const struct ka_status *s)
{
	puts("\nworkloads:");
	if (!s->workloads.n && !s->workloads.host_tasks)
		puts("  none registered; `karmor-c run` starts one");
	for (size_t i = 0; i < s->workloads.n; i++) {
		const struct ka_member_of *m = &s->workloads.v[i];
		struct ka_labels labels = ka_label_set_view(&m->labels);

		printf("  %u  ", m->id);
		print(m->info.ns);
		putchar('/');
		print(m->info.name);
		printf("  %u task%s ", m->tasks, ka_plural_s(m->tasks));
		for (size_t k = 0; k < labels.n; k++) {
			putchar(' ');
			print(labels.keys[k]);
			putchar('=');
			print(labels.values[k]);
		}
		putchar('\n');
		print_lists(s, m->info.ns, &labels);
	}
	if (s->workloads.host_tasks) {
		printf("  the node's own: %u task%s\n", s->workloads.host_tasks,
		       ka_plural_s(s->workloads.host_tasks));
		print_lists(s, NULL, NULL);
	}
	if (s->workloads.foreign_tasks)
		printf("  containers that nobody registered: %u task%s, not governed\n",
		       s->workloads.foreign_tasks, ka_plural_s(s->workloads.foreign_tasks));
}

static void print_counts(const struct ka_counts *c)
{
	printf("counted: %llu denied, %llu would be denied, %llu audited\n",
	       (unsigned long long)c->v[KA_COUNT_DENIED], (unsigned long long)c->v[KA_COUNT_WOULD],
	       (unsigned long long)c->v[KA_COUNT_REPORTED]);
	printf("         %llu unestablished, %llu undecided, %llu walks repeated\n",
	       (unsigned long long)c->v[KA_COUNT_UNESTABLISHED],
	       (unsigned long long)c->v[KA_COUNT_UNDECIDED],
	       (unsigned long long)c->v[KA_COUNT_RETRIED]);
}

static void print_hooks(const struct ka_attachments *pins)
{
	fputs("hooks: ", stdout);
	for (size_t i = 0; i < pins->n; i++)
		printf(" %s", ka_family_str(pins->v[i].family));
	puts(pins->n ? "" : " none attached");
}

static void print_place(struct ka_ctx *ctx, const struct ka_policy *p, const struct ka_rule *rule,
			const struct ka_from *from)
{
	fputs("  ", stdout);
	print(ka_policy_id(ctx, p));
	putchar(' ');
	print(ka_rule_place(ctx, rule->section, rule->list, rule->index,
			    from ? from->index : KA_NO_FROM));
	fputs(": ", stdout);
}

struct inert_print {
	struct ka_ctx *ctx;
	bool any;
};

static void print_inert(const struct ka_inert *i, void *arg)
{
	struct inert_print *p = arg;

	if (!p->any)
		puts("\nrules that do nothing on this root:");
	p->any = true;
	print_place(p->ctx, i->policy, i->rule, i->from);
	print(i->path);
	puts(i->from ? ", the source, does not exist" : " does not exist");
}

static void print_policies_detail(const struct ka_status *s)
{
	KA_CLOSE int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct inert_print inert = {(struct ka_ctx *)&s->ctx, false};

	if (!s->readable) {
		printf("\nlinks and inert rules are not known: %s\n", s->unreadable);
		return;
	}
	if (root >= 0)
		ka_inert_find(&s->policies, root, print_inert, &inert);
	if (s->compiled.naliases)
		puts("\nlinks:");
	for (size_t i = 0; i < s->compiled.naliases; i++) {
		const struct ka_alias *a = &s->compiled.aliases[i];

		print_place(inert.ctx, a->policy, a->rule, a->from);
		print(a->path);
		fputs(a->fixed ? " stands for " : " leads to ", stdout);
		print(a->target);
		putchar('\n');
	}
}

static void print_gaps(const struct ka_probe *p)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		if (p->checks[i].ok)
			continue;
		if (!any)
			puts("\nwithout:");
		any = true;
		printf("  %s: %s\n", p->checks[i].what, p->checks[i].state);
	}
}

void ka_status_text(const struct ka_status *s)
{
	const struct ka_image *image = s->h.reader.head;
	struct ka_text digest = ka_name_digest(image->digest);

	printf("in force: generation %u, mode %s, digest %.16s\n", s->sequence, ka_status_mode(s),
	       digest.s);
	print_hooks(&s->pins);
	print_counts(&s->counts);
	print_policies(s);
	print_workloads(s);
	print_policies_detail(s);
	print_gaps(&s->probe);
}
