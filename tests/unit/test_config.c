// SPDX-License-Identifier: Apache-2.0
/*
 * The node's configuration file: what it may say, and that everything else is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../runtime/config.h"

static int parse(const char *text, struct ka_node *n, struct ka_error *e)
{
	memset(n, 0, sizeof(*n));
	memset(e, 0, sizeof(*e));
	return ka_config_parse(text, strlen(text), "config.yaml", n, e);
}

static void accept(const char *text, struct ka_node *n)
{
	struct ka_error e;

	if (parse(text, n, &e))
		fail_msg("refused: %s", e.text);
}

/* `start` is file, line and the beginning of the sentence. */
static void refuse(const char *text, const char *start)
{
	struct ka_node n;
	struct ka_error e;

	assert_int_equal(parse(text, &n, &e), -EINVAL);
	ka_node_done(&n);
	if (strncmp(e.text, start, strlen(start)))
		fail_msg("expected '%s...', got '%s'", start, e.text);
}

static const char *label(const struct ka_node *n, const char *key)
{
	for (size_t i = 0; i < n->labels.n; i++)
		if (!strcmp(n->labels.keys[i], key))
			return n->labels.values[i];
	return NULL;
}

static void everything_that_may_be_said_is_understood(void **state)
{
	struct ka_node n;

	(void)state;
	accept("---\n"
	       "# of this node\n"
	       "labels:\n"
	       "  zone: edge   # a comment\n"
	       "  topology.kubernetes.io/zone: 'a b'\n"
	       "  hash: a#b\n"
	       "  quoted: \"# no comment\"\n"
	       "  empty: ''\n"
	       "\n"
	       "posture:\n"
	       "  workloads:\n"
	       "    file: block\n"
	       "    process: audit\n"
	       "  host:\n"
	       "    process: block\r\n",
	       &n);
	assert_int_equal(n.labels.n, 5);
	assert_string_equal(label(&n, "zone"), "edge");
	assert_string_equal(label(&n, "topology.kubernetes.io/zone"), "a b");
	assert_string_equal(label(&n, "hash"), "a#b");
	assert_string_equal(label(&n, "quoted"), "# no comment");
	assert_string_equal(label(&n, "empty"), "");
	assert_int_equal(n.posture[0][KA_CAT_FILE], KA_POSTURE_BLOCK);
	assert_int_equal(n.posture[0][KA_CAT_PROCESS], KA_POSTURE_AUDIT);
	assert_int_equal(n.posture[1][KA_CAT_FILE], KA_POSTURE_UNSET);
	assert_int_equal(n.posture[1][KA_CAT_PROCESS], KA_POSTURE_BLOCK);
	ka_node_done(&n);
}

static void nothing_says_nothing(void **state)
{
	static const char *const texts[] = {"", "\n\n", "# only this", "labels:\n", "---\n"};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(texts); i++) {
		struct ka_node n;

		accept(texts[i], &n);
		assert_int_equal(n.labels.n, 0);
		ka_node_done(&n);
	}
}

static void unknown_keys_are_refused(void **state)
{
	(void)state;
	refuse("label:\n", "config.yaml:1: unknown key 'label'");
	refuse("labels:\n  a: b\npostures:\n", "config.yaml:3: unknown key 'postures'");
	refuse("posture:\n  containers:\n", "config.yaml:2: unknown key 'containers'");
	refuse("posture:\n  host:\n    syscalls: block\n", "config.yaml:3: unknown key 'syscalls'");
	refuse("unregistered: govern\n", "config.yaml:1: unknown key 'unregistered'");
}

static void postures_are_spelled_exactly(void **state)
{
	(void)state;
	refuse("posture:\n  host:\n    file: Block\n", "config.yaml:3: a posture is");
	refuse("posture:\n  host:\n    file: allow\n", "config.yaml:3: a posture is");
	refuse("posture:\n  host:\n    file:\n", "config.yaml:3: a posture is");
	refuse("posture:\n  host: block\n", "config.yaml:2: 'host' needs");
}

static void what_is_given_twice_is_refused(void **state)
{
	(void)state;
	refuse("labels:\n  a: b\n  a: c\n", "config.yaml:3: label 'a' is given twice");
	refuse("labels:\nlabels:\n", "config.yaml:2: 'labels' is given twice");
	refuse("posture:\n  host:\n    file: audit\n  host:\n", "config.yaml:4: 'host' is given");
	refuse("posture:\n  host:\n    file: audit\n    file: block\n",
	       "config.yaml:4: 'file' is given twice");
}

static void other_yaml_is_refused(void **state)
{
	(void)state;
	refuse("labels: {a: b}\n", "config.yaml:1: only plain");
	refuse("labels:\n  a: [b]\n", "config.yaml:2: only plain");
	refuse("labels:\n  a: *b\n", "config.yaml:2: only plain");
	refuse("labels:\n  a: |\n", "config.yaml:2: only plain");
	refuse("labels:\n  a: 'b''c'\n", "config.yaml:2: only simple");
	refuse("labels:\n  a: \"b\\n\"\n", "config.yaml:2: only simple");
	refuse("labels:\n  a: b: c\n", "config.yaml:2: a value with ': '");
	refuse("labels:\n  - a\n", "config.yaml:2: expected");
	refuse("labels:\n  ? a\n", "config.yaml:2: expected");
	refuse("labels:\n  a:b\n", "config.yaml:2: expected");
	refuse("labels:\n    a: b\n", "config.yaml:2: wrong indentation");
	refuse("labels:\n a: b\n", "config.yaml:2: wrong indentation");
	refuse("labels:\n\ta: b\n", "config.yaml:2: tabs");
	refuse("posture:\n    file: block\n", "config.yaml:2: wrong indentation");
	refuse("  a: b\n", "config.yaml:1: wrong indentation");
	refuse("---\n---\n", "config.yaml:2: expected");
}

static void long_lines_and_nul_bytes_are_refused(void **state)
{
	char text[2000] = "labels:\n  a: ";
	struct ka_node n = {0};
	struct ka_error e;

	(void)state;
	memset(text + strlen(text), 'x', sizeof(text) - strlen(text) - 1);
	refuse(text, "config.yaml:2: the line is too long");
	assert_int_equal(ka_config_parse("labels:\0\n", 9, "config.yaml", &n, &e), -EINVAL);
	ka_node_done(&n);
}

static void too_many_labels_are_refused(void **state)
{
	KA_FREE char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_non_null(f);
	fputs("labels:\n", f);
	for (int i = 0; i < 257; i++)
		fprintf(f, "  k%d: v\n", i);
	fclose(f);
	refuse(text, "config.yaml:258: too many labels");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_may_be_said_is_understood),
		cmocka_unit_test(nothing_says_nothing),
		cmocka_unit_test(unknown_keys_are_refused),
		cmocka_unit_test(postures_are_spelled_exactly),
		cmocka_unit_test(what_is_given_twice_is_refused),
		cmocka_unit_test(other_yaml_is_refused),
		cmocka_unit_test(long_lines_and_nul_bytes_are_refused),
		cmocka_unit_test(too_many_labels_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
