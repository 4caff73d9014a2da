/* SPDX-License-Identifier: Apache-2.0 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

static bool same_name(const struct md_name *a, const struct md_name *b)
{
	return a->policy == b->policy && a->rule == b->rule && a->from == b->from;
}

bool md_same_verdict(const struct md_verdict *a, const struct md_verdict *b)
{
	return a->answer == b->answer && a->reason == b->reason && same_name(&a->rule, &b->rule) &&
	       same_name(&a->audit, &b->audit);
}

/* ---- one access ---- */

struct both {
	struct md_verdict model, user, kernel;
	bool asked_kernel;
};

static bool differs(const struct both *b)
{
	if (!md_same_verdict(&b->model, &b->user))
		return true;
	return b->asked_kernel && !md_same_verdict(&b->model, &b->kernel);
}

static void ask(const struct md_world *w, const struct md_machine *m, struct md_kernel *k,
		const struct md_subject *who, const struct md_seat *seat,
		const struct md_access *access, struct both *ret)
{
	memset(ret, 0, sizeof(*ret));
	md_judge(&w->set, &w->node, who, access, &ret->model);
	md_machine_judge(m, seat, access, &ret->user);
	if (!k || !md_machine_is_asked(access) ||
	    (md_has_paths(access->section) && strlen(access->path) >= KA_TRIAL_PATH))
		return;
	ret->asked_kernel = true;
	if (md_kernel_judge(k, m, seat, access, &ret->kernel))
		ret->kernel.answer = (enum md_answer) - 1;
}

/* From text on, as for a fresh set. */
static bool ask_anew(struct md_world *w, struct md_kernel *k, const struct md_subject *who,
		     const struct md_access *access, struct both *ret)
{
	struct md_machine m;
	struct md_seat seat;
	FILE *null = fopen("/dev/null", "w");
	int r;

	if (!null)
		abort();
	md_number(&w->set);
	r = md_machine_make(&m, &w->set, NULL, null);
	fclose(null);
	if (r || (k && md_kernel_image(k, &m)))
		return false;
	md_machine_seat(&m, &w->node, who, &seat);
	ask(w, &m, k, who, &seat, access, ret);
	md_machine_done(&m);
	return true;
}

/* ---- making a difference small ---- */

static bool still_differs(struct md_world *w, struct md_kernel *k, const struct md_subject *who,
			  const struct md_access *access)
{
	struct both b;

	return ask_anew(w, k, who, access, &b) && differs(&b);
}

static bool without(bool *gone, struct md_world *w, struct md_kernel *k,
		    const struct md_subject *who, const struct md_access *access)
{
	if (*gone)
		return false;
	*gone = true;
	if (still_differs(w, k, who, access))
		return true;
	*gone = false;
	return false;
}

static void drop_half(struct md_policy *p, struct md_world *w, struct md_kernel *k,
		      const struct md_subject *who, const struct md_access *access)
{
	int half, i;

	for (half = 0; half < 2; half++) {
		bool *saved = calloc((size_t)p->nrules + 1, sizeof(bool));

		if (!saved)
			abort();
		for (i = 0; i < p->nrules; i++)
			saved[i] = p->rules[i].gone;
		for (i = half * p->nrules / 2; i < (half + 1) * p->nrules / 2; i++)
			p->rules[i].gone = true;
		if (!still_differs(w, k, who, access))
			for (i = 0; i < p->nrules; i++)
				p->rules[i].gone = saved[i];
		free(saved);
	}
}

static void shrink(struct md_world *w, struct md_kernel *k, const struct md_subject *who,
		   const struct md_access *access)
{
	bool smaller = true;
	int i, j;

	while (smaller) {
		smaller = false;
		for (i = 0; i < w->set.npolicies; i++)
			smaller |= without(&w->set.policies[i].gone, w, k, who, access);
		for (i = 0; i < w->set.npolicies; i++) {
			struct md_policy *p = &w->set.policies[i];

			if (p->gone)
				continue;
			if (p->nrules > 20)
				drop_half(p, w, k, who, access);
			for (j = 0; j < p->nrules; j++)
				smaller |= without(&p->rules[j].gone, w, k, who, access);
		}
	}
	i = w->set.nnamespaces;
	w->set.nnamespaces = 0;
	if (!still_differs(w, k, who, access))
		w->set.nnamespaces = i;
}

void md_report(struct md_world *w, const struct md_subject *who, const struct md_access *access,
	       struct md_kernel *kernel, const char *headline)
{
	struct both b;

	shrink(w, kernel, who, access);
	printf("%s\n", headline);
	if (!ask_anew(w, kernel, who, access, &b)) {
		puts("the small set is refused");
		return;
	}
	md_yaml(&w->set, NULL, stdout);
	md_print_root(&w->set.root, stdout);
	md_print_access(who, access, stdout);
	fputs("model:  ", stdout);
	md_print_verdict(&b.model, stdout);
	fputs("user:   ", stdout);
	md_print_verdict(&b.user, stdout);
	if (b.asked_kernel) {
		fputs("kernel: ", stdout);
		md_print_verdict(&b.kernel, stdout);
	}
	fflush(stdout);
}

/* ---- one world ---- */

#define ASKS_PER_SUBJECT 25

static void count(struct md_run *run, const struct both *b)
{
	run->pairs++;
	run->kernel_pairs += b->asked_kernel;
	run->answers[b->model.answer]++;
	run->reasons[b->model.reason]++;
	run->audits += b->model.audit.policy != NULL;
}

static bool same_undecided(struct md_run *run, struct md_world *w, const struct md_subject *who,
			   const struct md_seat *seat)
{
	struct md_access access = {.path = "somewhere that cannot be established"};
	int section;

	for (section = MD_PROCESS; section < MD_SECTIONS; section++) {
		access.section = (enum md_section)section;
		run->checks++;
		if (md_undecided(&w->set, &w->node, who, access.section) ==
		    md_machine_undecided(seat, access.section))
			continue;
		run->differences++;
		printf("== difference: --world %llu --flavour %d\n", (unsigned long long)run->seed,
		       run->flavour);
		md_yaml(&w->set, NULL, stdout);
		md_print_access(who, &access, stdout);
		printf("model: %d, user: %d\n",
		       md_undecided(&w->set, &w->node, who, access.section),
		       md_machine_undecided(seat, access.section));
		return false;
	}
	return true;
}

bool md_same_answers(struct md_run *run, struct md_world *w, const struct md_machine *m,
		     const struct md_subject *who, const struct md_seat *seat,
		     const struct md_access *access)
{
	char headline[64];
	struct both b;

	ask(w, m, run->kernel, who, seat, access, &b);
	count(run, &b);
	if (!differs(&b))
		return true;
	run->differences++;
	snprintf(headline, sizeof(headline), "== difference: --world %llu --flavour %d",
		 (unsigned long long)run->seed, run->flavour);
	md_report(w, who, access, run->kernel, headline);
	return false;
}

/* Stops at the first difference: a second one of the same set has the same cause. */
static bool ask_many(struct md_run *run, struct md_world *w, const struct md_machine *m,
		     struct md_random *r, unsigned n)
{
	bool same = true;
	unsigned i, j;

	for (i = 0; i < n && same; i += ASKS_PER_SUBJECT) {
		struct md_pool pool = {0};
		struct md_subject who;
		struct md_seat seat;

		md_make_subject(r, w, &pool, &who);
		md_machine_seat(m, &w->node, &who, &seat);
		same = same_undecided(run, w, &who, &seat);
		for (j = 0; j < ASKS_PER_SUBJECT && same; j++) {
			struct md_access access;

			md_make_access(r, w, &pool, &access);
			same = md_same_answers(run, w, m, &who, &seat, &access);
		}
		md_pool_done(&pool);
	}
	return same;
}

int md_compare_world(struct md_run *run, uint64_t seed, enum md_flavour flavour, unsigned n)
{
	struct md_random r = {seed ^ 0x6163636573736573ull};
	struct md_machine m;
	struct md_world w;
	int ret;

	run->seed = seed;
	run->flavour = flavour;
	md_make_world(seed, flavour, &w);
	md_number(&w.set);
	ret = md_machine_make(&m, &w.set, NULL, stdout);
	if (!ret && run->kernel)
		ret = md_kernel_image(run->kernel, &m);
	if (ret == MD_TOO_MUCH) {
		run->too_much++;
	} else if (ret) {
		printf("== --world %llu --flavour %d: refused\n", (unsigned long long)seed,
		       flavour);
		if (flavour != MD_MANY_RULES && flavour != MD_MANY_POLICIES)
			md_yaml(&w.set, NULL, stdout);
		run->differences++;
	} else {
		run->worlds++;
		ask_many(run, &w, &m, &r, n);
	}
	md_machine_done(&m);
	md_world_done(&w);
	return ret;
}
