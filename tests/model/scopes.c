/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every combination of what two scopes may say about one object: in each a rule on the object and
 * one on its directory, either of them nothing, an Allow, or a Block that may be overridden or in
 * audit mode or both.
 */
#include "diff.h"

enum saying { NOTHING, ALLOW, BLOCK, SOFT, WOULD, SOFT_WOULD, SAYINGS };

#define NRULES 4

struct scopes {
	struct md_world w;
	struct md_policy policies[NRULES];
	struct md_rule rules[NRULES];
};

static void say(struct scopes *s, unsigned place, enum saying saying)
{
	static const char *const names[NRULES] = {"cluster-path", "cluster-dir", "own-path",
						  "own-dir"};
	struct md_rule *rule = &s->rules[place];
	bool dir = place % 2, own = place / 2;

	if (saying == NOTHING)
		return;
	*rule = (struct md_rule){.section = MD_FILE,
				 .list = dir ? MD_DIRS : MD_PATHS,
				 .object = dir ? "/d/" : "/d/f",
				 .action = saying == ALLOW ? MD_ALLOW : MD_BLOCK};
	s->policies[s->w.set.npolicies++] =
		(struct md_policy){.kind = own ? MD_POLICY : MD_CLUSTER,
				   .ns = own ? "n1" : "",
				   .name = names[place],
				   .overridable = saying == SOFT || saying == SOFT_WOULD,
				   .audit_mode = saying == WOULD || saying == SOFT_WOULD,
				   .rules = rule,
				   .nrules = 1};
}

static bool ask_set(struct md_run *run, struct scopes *s)
{
	struct md_subject who = {.ns = "n1"};
	struct md_access access = {.section = MD_FILE, .op = MD_READ, .path = "/d/f"};
	struct md_machine m;
	struct md_seat seat;
	bool same;

	if (md_machine_make(&m, &s->w.set, NULL, stdout) ||
	    (run->kernel && md_kernel_image(run->kernel, &m))) {
		puts("== a combination of scopes is refused");
		run->differences++;
		return false;
	}
	md_machine_seat(&m, &s->w.node, &who, &seat);
	same = md_same_answers(run, &s->w, &m, &who, &seat, &access);
	md_machine_done(&m);
	return same;
}

void md_check_scopes(struct md_run *run)
{
	unsigned i, place, number;

	for (i = 1; i < SAYINGS * SAYINGS * SAYINGS * SAYINGS && run->differences < 5; i++) {
		struct scopes s = {.w.node = {.hostname = "alpha", .os = "linux", .arch = "amd64"}};

		s.w.set.policies = s.policies;
		for (place = 0, number = i; place < NRULES; place++, number /= SAYINGS)
			say(&s, place, (enum saying)(number % SAYINGS));
		md_number(&s.w.set);
		run->cells++;
		ask_set(run, &s);
	}
}
