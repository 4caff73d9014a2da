// SPDX-License-Identifier: Apache-2.0
/*
 * Memory that runs out while a policy is laid out, corrected and compared: -ENOMEM, nothing leaks,
 * and no half of a text is taken for all of it.
 */
#include "oom.h"
#include "parse.h"

#include "../../compiler/format/fix.h"
#include "../../compiler/format/fmt.h"

static const char text[] = "# head\r\n"
			   "kind: KubeArmorPolicy\r\n"
			   "apiVersion: security.kubearmor.com/v1\r\n"
			   "metadata: {name: p}\r\n"
			   "spec: # all\r\n"
			   "    process:\r\n"
			   "        matchPaths:\r\n"
			   "          - path: /a # one\r\n"
			   "                     # two\r\n"
			   "          # - path: /b\r\n"
			   "    message: |\r\n"
			   "        a\r\n"
			   "    action: Block\r\n";

static int lay_out(char **ret)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_source src = {.name = "x", .text = text, .len = sizeof(text) - 1};
	size_t len = 0;
	int r = ka_ctx_init(&ctx);

	if (!r)
		r = ka_source_open(&ctx, &src);
	return r ? r : ka_fmt(&ctx, &src, ret, &len);
}

static void fmt_may_run_out(void **state)
{
	KA_FREE char *want = NULL, *made = NULL;
	int r = -1;

	(void)state;
	assert_int_equal(lay_out(&want), 0);
	for (long i = 0; r; i++) {
		assert_true(i < 10000);
		countdown = i;
		r = lay_out(&made);
		countdown = -1;
		if (r)
			assert_int_equal(r, -ENOMEM);
		if (r)
			assert_null(made);
	}
	assert_string_equal(made, want);
}

static int correct(char **ret_text, char **ret_diff)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_source src = {.name = "x", .text = "one two", .len = 7};
	struct ka_loc loc = {.source = &src, .line = 1, .column = 1};
	size_t len = 0, made = 0;
	int r = ka_ctx_init(&ctx);

	if (r)
		return r;
	ka_diag_fix(&ctx, ka_diag(&ctx, KA_D_EMPTY_VALUE, loc, "x"), 0, 3, "1");
	if (ctx.failed)
		return ctx.failed;
	r = ka_fix_apply(&src, (const struct ka_diag *const *)ctx.diags, ctx.ndiags, ret_text, &len,
			 &made);
	return r ? r : ka_text_diff("x", src.text, src.len, *ret_text, len, ret_diff);
}

static void fix_and_diff_may_run_out(void **state)
{
	int r = -1;

	(void)state;
	for (long i = 0; r; i++) {
		KA_FREE char *made = NULL, *diff = NULL;

		assert_true(i < 10000);
		countdown = i;
		r = correct(&made, &diff);
		countdown = -1;
		if (r) {
			assert_int_equal(r, -ENOMEM);
			assert_null(diff);
		} else {
			assert_string_equal(made, "1 two");
			assert_non_null(strstr(diff, "+1 two"));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fmt_may_run_out),
		cmocka_unit_test(fix_and_diff_may_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
