// SPDX-License-Identifier: Apache-2.0
/*
 * Labels and names as people type them, and as the kernel keeps them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../cli/labels.h"

static void labels_are_kept_in_the_order_given(void **state)
{
	struct ka_label_set set = {};

	(void)state;
	assert_null(ka_label_add(&set, "app=web"));
	assert_null(ka_label_add(&set, "example.com/tier=front.end_1"));
	assert_null(ka_label_add(&set, "empty="));
	assert_int_equal(set.n, 3);
	assert_string_equal(set.keys[0], "app");
	assert_string_equal(set.values[0], "web");
	assert_string_equal(set.keys[1], "example.com/tier");
	assert_string_equal(set.values[1], "front.end_1");
	assert_string_equal(set.values[2], "");
}

static void what_is_no_label_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",     "app",   "=web",     "-a=b", "a-=b", "a b=c", "a/b/c=d", "/a=b",
		"a/=b", "a=b c", "a=b\nc=d", "a=-b", "a=b-", "a=b=c", "a\n=b",   "\xc3\xa4=b",
	};
	struct ka_label_set set = {};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(wrong); i++)
		assert_non_null(ka_label_add(&set, wrong[i]));
	assert_int_equal(set.n, 0);
	assert_null(ka_label_add(&set, "a=b"));
	assert_non_null(ka_label_add(&set, "a=c"));
	assert_int_equal(set.n, 1);
	assert_string_equal(set.values[0], "b");
}

static void lengths_have_limits(void **state)
{
	struct ka_label_set set = {};
	char label[256];
	size_t n = 0;

	(void)state;
	snprintf(label, sizeof(label), "%063d=%063d", 0, 0);
	assert_null(ka_label_add(&set, label));
	snprintf(label, sizeof(label), "%064d=x", 0);
	assert_non_null(ka_label_add(&set, label));
	snprintf(label, sizeof(label), "x=%064d", 0);
	assert_non_null(ka_label_add(&set, label));
	/* more than the kernel's entry holds is refused and leaves what is there */
	for (int i = 0; i < 64; i++) {
		snprintf(label, sizeof(label), "k%d=%060d", i, 0);
		n = set.n;
		if (ka_label_add(&set, label))
			break;
	}
	assert_true(n > 5 && n < 64);
	assert_int_equal(set.n, n);
	assert_string_equal(set.keys[1], "k0");
}

static void text_from_the_kernel_is_not_trusted(void **state)
{
	static struct ka_label_set set;
	char text[KA_LABELS_TEXT];

	(void)state;
	memset(text, 'x', sizeof(text)); /* no end, no '=' */
	ka_label_set_parse(text, &set);
	assert_int_equal(set.n, 0);
	for (size_t i = 0; i + 4 <= sizeof(text); i += 4)
		memcpy(text + i, "a=b\n", 4); /* more than fit */
	ka_label_set_parse(text, &set);
	assert_int_equal(set.n, KA_MAX_LABELS);
	ka_label_set_parse("\n\n=\nno\n", &set);
	assert_int_equal(set.n, 1);
}

static void names_are_kubernetes_names(void **state)
{
	(void)state;
	assert_true(ka_name_ok("shop", 63));
	assert_true(ka_name_ok("kube-system.v2", 63));
	assert_false(ka_name_ok("", 63));
	assert_false(ka_name_ok("-shop", 63));
	assert_false(ka_name_ok("a/b", 63));
	assert_false(ka_name_ok("a\nb", 63));
	assert_false(ka_name_ok("abcd", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_are_kept_in_the_order_given),
		cmocka_unit_test(what_is_no_label_is_refused),
		cmocka_unit_test(lengths_have_limits),
		cmocka_unit_test(text_from_the_kernel_is_not_trusted),
		cmocka_unit_test(names_are_kubernetes_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
