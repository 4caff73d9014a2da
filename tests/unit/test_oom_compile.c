// SPDX-License-Identifier: Apache-2.0
/*
 * Memory that runs out while compiling: -ENOMEM, no leak, and never half an image.
 */
#include "oom.h"

#include "compiled.h"

static const char text[] = POLICY("p",
				  "  process:\n    matchPaths:\n"
				  "    - {path: /bin/a, action: Allow, fromSource: [{path: /s}]}\n"
				  "    - {execname: nano}\n"
				  "  file:\n    matchPaths:\n    - path: /d/x\n"
				  "    matchDirectories:\n    - {dir: /t/, recursive: true}\n"
				  "    matchPatterns:\n    - pattern: '/**/*.{conf,cfg}'\n"
				  "    - pattern: /a/b*c/[de]\n");

static void every_allocation_may_fail(void **state)
{
	struct ka_compile_options opts = {.root_fd = -1};
	int r = -1;

	(void)state;
	for (long i = 0; r; i++) {
		struct ka_policies set;
		struct ka_compiled compiled;
		KA_CTX struct ka_ctx ctx = {};

		assert_true(i < 10000);
		assert_int_equal(ka_ctx_init(&ctx), 0);
		set = read_all(&ctx, text);
		countdown = i;
		r = ka_compile(&ctx, &set, &opts, &compiled);
		countdown = -1;
		if (r)
			assert_int_equal(r, -ENOMEM);
		/* no mistake of the user is made of it */
		assert_int_equal(ctx.nerrors, 0);
		assert_true(!r == !!compiled.image);
		ka_compiled_done(&compiled);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
