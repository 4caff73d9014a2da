// SPDX-License-Identifier: Apache-2.0
#include "../../runtime/words.h"
#include "lower.h"

int ka_lower_flat(struct ka_lowered *l, const struct ka_at *at, struct ka_places *ret)
{
	const char *object = at->rule->object;
	bool network = at->rule->section == KA_CAT_NETWORK;
	int n = network ? ka_net_word(object) : ka_capability(object);

	*ret = (struct ka_places){.object = KA_NO_OBJECT};
	if (n < 0) /* the checks let only known words through */
		return ka_fail(l->ctx, -EINVAL, "'%s' is not known", object);
	ret->flat = network ? &l->nfa.words[n] : &l->nfa.capabilities[n];
	return 0;
}
