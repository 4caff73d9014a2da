// SPDX-License-Identifier: Apache-2.0
/*
 * What is in force plus files: by {kind, namespace, name}, and what is old stays comparable.
 */
#include "parse.h"

#include "../../compiler/policy/merge.h"

#define POLICY(name, ns, path)                                                                    \
	"apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata:\n  name: " name  \
	"\n  namespace: " ns "\nspec:\n  selector:\n    matchLabels:\n      app: a\n  process:\n" \
	"    matchPaths:\n      - path: " path "\n  action: Allow\n"
#define NAMESPACE(name, posture)                                    \
	"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " name \
	"\n  annotations:\n    kubearmor-file-posture: " posture "\n"

static struct ka_policies read_clean(struct ka_ctx *ctx, const char *text)
{
	struct ka_policies p = read_all(ctx, text);

	expect_clean(ctx);
	return p;
}

static void files_add_and_replace(void **state)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_policies old, files, now;

	(void)state;
	assert_int_equal(ka_ctx_init(&ctx), 0);
	old = read_clean(&ctx, POLICY("a", "x", "/one") "---\n" POLICY("b", "x", "/two"));
	files = read_clean(&ctx, POLICY("b", "x", "/three") "---\n" POLICY("a", "z", "/one"));
	assert_int_equal(ka_set_merge(&ctx, &old, NULL, &files, &now), 0);
	assert_int_equal(now.n, 3);
	assert_string_equal(now.v[0]->name, "a");
	assert_string_equal(now.v[1]->rules[0].object, "/three");
	assert_string_equal(now.v[2]->ns, "z");
	assert_int_equal(ka_set_diff(&old, now.v[0]), KA_DIFF_UNCHANGED);
	assert_int_equal(ka_set_diff(&old, now.v[1]), KA_DIFF_CHANGED);
	assert_int_equal(ka_set_diff(&old, now.v[2]), KA_DIFF_CREATED);
	assert_int_equal(old.n, 2);
	assert_string_equal(old.v[1]->rules[0].object, "/two");
}

static void what_is_gone_is_gone(void **state)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_policies old, gone = {}, now;

	(void)state;
	assert_int_equal(ka_ctx_init(&ctx), 0);
	old = read_clean(&ctx, POLICY("a", "x", "/one") "---\n" POLICY("b", "x", "/two"));
	assert_int_equal(ka_set_add(&ctx, &gone, old.v[0]), 0);
	assert_int_equal(ka_set_merge(&ctx, &old, &gone, NULL, &now), 0);
	assert_int_equal(now.n, 1);
	assert_string_equal(now.v[0]->name, "b");
	assert_int_equal(ka_set_merge(&ctx, &old, &old, NULL, &now), 0);
	assert_int_equal(now.n, 0);
}

/* A Namespace document alone changes the policies of its namespace, and stays with them. */
static void a_namespace_changes_its_policies(void **state)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_policies old, files, now, again;
	const char *text;
	size_t len;

	(void)state;
	assert_int_equal(ka_ctx_init(&ctx), 0);
	old = read_clean(&ctx, NAMESPACE("x", "block") "---\n" POLICY(
				       "a", "x", "/one") "---\n" POLICY("a", "z", "/one"));
	files = read_clean(&ctx, NAMESPACE("x", "audit"));
	assert_int_equal(ka_set_merge(&ctx, &old, NULL, &files, &now), 0);
	assert_int_equal(ctx.nerrors, 0);
	assert_int_equal(now.v[0]->ns_posture[KA_CAT_FILE], KA_POSTURE_AUDIT);
	assert_int_equal(old.v[0]->ns_posture[KA_CAT_FILE], KA_POSTURE_BLOCK);
	assert_int_equal(ka_set_diff(&old, now.v[0]), KA_DIFF_CHANGED);
	assert_int_equal(ka_set_diff(&old, now.v[1]), KA_DIFF_UNCHANGED);
	/* and survives being written and read back */
	assert_int_equal(ka_policies_text(&ctx, &now, &text, &len), 0);
	again = read_clean(&ctx, text);
	assert_int_equal(ka_set_diff(&now, again.v[0]), KA_DIFF_UNCHANGED);
}

static void a_mode_is_an_annotation_and_nothing_else(void **state)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_policies old, read_back;
	struct ka_policy *audit, *back;

	(void)state;
	assert_int_equal(ka_ctx_init(&ctx), 0);
	old = read_clean(&ctx, POLICY("a", "x", "/one"));
	assert_int_equal(ka_policy_set_mode(&ctx, old.v[0], true, &audit), 0);
	assert_true(audit->audit_mode);
	assert_false(old.v[0]->audit_mode);
	assert_non_null(strstr(audit->text, "karmor-c/mode: audit"));
	read_back = read_clean(&ctx, audit->text);
	assert_int_equal(read_back.n, 1);
	assert_true(read_back.v[0]->audit_mode);
	assert_string_equal(read_back.v[0]->text, audit->text);
	assert_int_equal(ka_set_diff(&old, audit), KA_DIFF_CHANGED);
	assert_int_equal(ka_policy_set_mode(&ctx, audit, false, &back), 0);
	assert_string_equal(back->text, old.v[0]->text);
	assert_int_equal(ka_policy_set_mode(&ctx, audit, true, &back), 0);
	assert_ptr_equal(back, audit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_add_and_replace),
		cmocka_unit_test(what_is_gone_is_gone),
		cmocka_unit_test(a_namespace_changes_its_policies),
		cmocka_unit_test(a_mode_is_an_annotation_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
