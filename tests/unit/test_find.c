// SPDX-License-Identifier: Apache-2.0
/*
 * [KIND/][NAMESPACE/]NAME names a policy, or none, or several.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../cli/build.h"
#include "../../cli/find.h"

static struct ka_policy web = {.kind = KA_KIND_POLICY, .ns = "shop", .name = "web"};
static struct ka_policy other = {.kind = KA_KIND_POLICY, .ns = "test", .name = "web"};
static struct ka_policy host = {.kind = KA_KIND_HOST, .ns = "", .name = "web"};

static void a_name_alone_is_any_policys(void **state)
{
	(void)state;
	assert_true(ka_named(&web, "web"));
	assert_true(ka_named(&other, "web"));
	assert_true(ka_named(&host, "web"));
	assert_false(ka_named(&web, "we"));
	assert_false(ka_named(&web, "webs"));
	assert_false(ka_named(&web, ""));
}

static void one_word_before_it_is_a_namespace_or_a_kind(void **state)
{
	(void)state;
	assert_true(ka_named(&web, "shop/web"));
	assert_false(ka_named(&other, "shop/web"));
	assert_false(ka_named(&host, "shop/web"));
	assert_true(ka_named(&web, "KubeArmorPolicy/web"));
	assert_true(ka_named(&host, "kubearmorhostpolicy/web"));
	assert_true(ka_named(&host, "HostPolicy/web"));
	assert_false(ka_named(&web, "hostpolicy/web"));
	assert_false(ka_named(&host, "/web"));
	assert_false(ka_named(&web, "sho/web"));
	assert_false(ka_named(&web, "shop/"));
}

static void three_words_name_one(void **state)
{
	(void)state;
	assert_true(ka_named(&web, "KubeArmorPolicy/shop/web"));
	assert_true(ka_named(&web, "policy/shop/web"));
	assert_false(ka_named(&other, "KubeArmorPolicy/shop/web"));
	assert_false(ka_named(&web, "KubeArmorHostPolicy/shop/web"));
	assert_false(ka_named(&web, "KubeArmorPolicy/shop/web/"));
}

static void several_are_refused_and_none_is_no(void **state)
{
	struct ka_policy *v[] = {&web, &other, &host}, *found = NULL;
	struct ka_policies set = {.v = v, .n = 3};
	KA_CTX struct ka_ctx ctx = {};

	(void)state;
	assert_int_equal(ka_ctx_init(&ctx), 0);
	assert_int_equal(ka_find_one(&ctx, &set, "web", &found), KA_EXIT_USAGE);
	assert_int_equal(ka_find_one(&ctx, &set, "policy/web", &found), KA_EXIT_USAGE);
	assert_int_equal(ka_find_one(&ctx, &set, "wbe", &found), KA_EXIT_NO);
	assert_int_equal(ka_find_one(&ctx, &set, "hostpolicy/web", &found), KA_GO);
	assert_ptr_equal(found, &host);
	assert_int_equal(ka_find_one(&ctx, &set, "test/web", &found), KA_GO);
	assert_ptr_equal(found, &other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_alone_is_any_policys),
		cmocka_unit_test(one_word_before_it_is_a_namespace_or_a_kind),
		cmocka_unit_test(three_words_name_one),
		cmocka_unit_test(several_are_refused_and_none_is_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
