// SPDX-License-Identifier: Apache-2.0
/*
 * What one expects to be written.
 */
#include "linter.h"

static void policy(struct ka_linter *l, uint32_t number)
{
	const struct ka_policy *p = l->set->v[number];

	/* A severity that was refused is missing, too. */
	for (size_t i = 0; i < p->nrules && ka_is_whole(l, number); i++) {
		if (p->rules[i].severity)
			continue;
		ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_NO_SEVERITY, p->loc),
			     "alerts are sorted by it: write 'severity: 1' to 10 under spec");
		return;
	}
}

const struct ka_family ka_family_form = {.flags = KA_LINT_DEFAULT, .policy = policy};
