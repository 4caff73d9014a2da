/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images full of nonsense: whatever an offset says, the matcher stays inside the image. Meant for
 * the address sanitizer. Offsets need not be aligned here, which x86 does not mind: this test
 * alone is built without the alignment sanitizer.
 */
#include "handmade.h"

static void wild_offsets_stay_inside(void **arg KA_UNUSED)
{
	__u64 random = 88172645463325252ull;
	struct maker *m = make(64);
	char bytes[KA_MAX_NAME];
	__u64 policies[KA_POLICY_WORDS] = {~0ull};
	struct ka_who who = {.policies = policies, .words = KA_POLICY_WORDS, .class = {1, 2}};
	struct ka_ruling ruling;

	memset(bytes, 'x', sizeof(bytes));
	for (int round = 0; round < 2000; round++) {
		for (size_t i = 0; i + 8 <= sizeof(m->img); i += 8 + (random & 0x1f8)) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			memcpy(m->img + i, &random, 8);
		}
		/* under the address sanitizer this would be seen */
		step(m, (__u32)random, bytes, 1 + (__u32)(random >> 40) % KA_MAX_NAME, 1);
		ka_decide(&m->view, &who, (__u32)(random >> 16), KA_CAT_FILE, KA_OP_READ, &ruling);
		ka_meets(&m->view, &who, (__u32)(random >> 24));
	}
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wild_offsets_stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
