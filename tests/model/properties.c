/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for whole sets: the order of policies is without effect, down to the bytes of the
 * image; Audit rules change no verdict; a policy that does not govern a subject changes nothing
 * for it; a Block that spares nothing never permits.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

static void fail(struct md_run *run, uint64_t seed, const char *what)
{
	printf("== seed %llu: %s\n", (unsigned long long)seed, what);
	run->differences++;
}

static int *shuffled(struct md_random *r, int n)
{
	int *order = calloc((size_t)n, sizeof(*order)), i, j, other;

	if (!order)
		abort();
	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n - 1; i > 0; i--) {
		j = (int)md_below(r, (unsigned)i + 1);
		other = order[i];
		order[i] = order[j];
		order[j] = other;
	}
	return order;
}

static void check_order(struct md_run *run, struct md_random *r, struct md_world *w,
			const struct md_machine *m, uint64_t seed)
{
	int *order = shuffled(r, w->set.npolicies);
	struct md_machine other;

	run->checks++;
	if (md_machine_make(&other, &w->set, order, stdout)) {
		fail(run, seed, "another order of the policies is refused");
	} else if (m->compiled.size != other.compiled.size ||
		   memcmp(m->compiled.image, other.compiled.image, m->compiled.size) != 0) {
		fail(run, seed, "another order of the policies gives another image");
	}
	md_machine_done(&other);
	free(order);
}

/* ---- the same verdict with less in the set ---- */

static bool same_but_audit(const struct md_verdict *a, const struct md_verdict *b)
{
	return a->answer == b->answer && a->reason == b->reason &&
	       a->rule.policy == b->rule.policy && a->rule.rule == b->rule.rule &&
	       a->rule.from == b->rule.from;
}

/* Takes out all Audit rules (who NULL), else all policies that do not govern `who`. */
static void take_out(struct md_world *w, const struct md_subject *who)
{
	int i, j;

	for (i = 0; i < w->set.npolicies; i++) {
		struct md_policy *p = &w->set.policies[i];

		if (who && !md_governs(p, &w->node, who))
			p->gone = true;
		for (j = 0; j < p->nrules && !who; j++)
			p->rules[j].gone = md_action_of(p, &p->rules[j]) == MD_AUDIT;
	}
	md_number(&w->set);
}

static void put_back(struct md_world *w)
{
	int i, j;

	for (i = 0; i < w->set.npolicies; i++) {
		w->set.policies[i].gone = false;
		for (j = 0; j < w->set.policies[i].nrules; j++)
			w->set.policies[i].rules[j].gone = false;
	}
	md_number(&w->set);
}

struct question {
	struct md_subject who;
	struct md_access access;
	struct md_verdict before;
};

static void ask_all(const struct md_world *w, const struct md_machine *m, struct question *q,
		    unsigned n, struct md_verdict *ret)
{
	struct md_seat seat;
	unsigned i;

	for (i = 0; i < n; i++) {
		md_machine_seat(m, &w->node, &q[i].who, &seat);
		md_machine_judge(m, &seat, &q[i].access, &ret[i]);
	}
}

static void check_less(struct md_run *run, struct md_world *w, uint64_t seed, struct question *q,
		       unsigned n, const struct md_subject *who)
{
	struct md_verdict *now = calloc(n, sizeof(*now));
	struct md_machine m;
	unsigned i;

	if (!now)
		abort();
	run->checks++;
	take_out(w, who);
	if (md_machine_make(&m, &w->set, NULL, stdout)) {
		fail(run, seed, "a part of the set is refused");
		n = 0;
	} else {
		ask_all(w, &m, q, n, now);
	}
	put_back(w);
	for (i = 0; i < n; i++) {
		if (who ? md_same_verdict(&q[i].before, &now[i])
			: same_but_audit(&q[i].before, &now[i]))
			continue;
		fail(run, seed,
		     who ? "without policies that do not govern the subject:"
			 : "without the Audit rules:");
		md_yaml(&w->set, NULL, stdout);
		md_print_access(&q[i].who, &q[i].access, stdout);
		fputs("before: ", stdout);
		md_print_verdict(&q[i].before, stdout);
		fputs("then:   ", stdout);
		md_print_verdict(&now[i], stdout);
		break;
	}
	md_machine_done(&m);
	free(now);
}

/* ---- a Block more ---- */

static int strictness(const struct md_verdict *v)
{
	return v->answer == MD_DENY ? 2 : v->answer == MD_WOULD_DENY;
}

static void tell_weaker(struct md_run *run, uint64_t seed, const struct md_world *w,
			const struct question *q, const struct md_verdict *now)
{
	fail(run, seed, "another Block, the last policy, makes a verdict weaker:");
	md_yaml(&w->set, NULL, stdout);
	md_print_root(&w->set.root, stdout);
	md_print_access(&q->who, &q->access, stdout);
	fputs("before: ", stdout);
	md_print_verdict(&q->before, stdout);
	fputs("then:   ", stdout);
	md_print_verdict(now, stdout);
}

static void check_block(struct md_run *run, struct md_random *r, struct md_world *w,
			const struct md_machine *m, uint64_t seed, unsigned n)
{
	struct md_pool pool = {0};
	struct md_machine more;
	struct question q;
	struct md_verdict now;
	bool weaker = false;
	unsigned i;
	int ret;

	md_add_block(r, w);
	md_number(&w->set);
	ret = md_machine_make(&more, &w->set, NULL, stdout);
	if (ret && ret != MD_TOO_MUCH)
		fail(run, seed, "a set with another Block is refused");
	for (i = 0; i < n && !ret && !weaker; i++) {
		md_make_subject(r, w, &pool, &q.who);
		md_make_access(r, w, &pool, &q.access);
		ask_all(w, m, &q, 1, &q.before);
		ask_all(w, &more, &q, 1, &now);
		run->checks++;
		weaker = strictness(&now) < strictness(&q.before);
		if (weaker)
			tell_weaker(run, seed, w, &q, &now);
	}
	w->set.npolicies--;
	md_machine_done(&more);
	md_pool_done(&pool);
}

int md_check_properties(struct md_run *run, uint64_t seed, enum md_flavour flavour, unsigned n)
{
	struct md_random r = {seed ^ 0x70726f7065727479ull};
	struct question *q = calloc(n, sizeof(*q));
	struct md_verdict *before = calloc(n, sizeof(*before));
	struct md_pool pool = {0};
	struct md_machine m;
	struct md_world w;
	unsigned i;
	int ret;

	if (!q || !before)
		abort();
	run->seed = seed;
	run->flavour = flavour;
	md_make_world(seed, flavour, &w);
	md_number(&w.set);
	ret = md_machine_make(&m, &w.set, NULL, stdout);
	for (i = 0; i < n && !ret; i++) {
		if (i % 10)
			q[i].who = q[i - 1].who;
		else
			md_make_subject(&r, &w, &pool, &q[i].who);
		md_make_access(&r, &w, &pool, &q[i].access);
	}
	if (!ret) {
		ask_all(&w, &m, q, n, before);
		for (i = 0; i < n; i++)
			q[i].before = before[i];
		md_check_above(run, &w, &m, &r, 20 * n);
		check_order(run, &r, &w, &m, seed);
		check_less(run, &w, seed, q, n, NULL);
		for (i = 0; i + 10 <= n; i += 10)
			check_less(run, &w, seed, q + i, 10, &q[i].who);
		for (i = 0; i < 3; i++)
			check_block(run, &r, &w, &m, seed, n);
		md_check_targets(run, &r, &w, &m, 3 * n);
	}
	md_machine_done(&m);
	md_world_done(&w);
	md_pool_done(&pool);
	free(before);
	free(q);
	return ret;
}
