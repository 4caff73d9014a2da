// SPDX-License-Identifier: Apache-2.0
/*
 * Records as lines: whoever is watched chooses names, and must not be able to write a line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../cli/event.h"

static char *word(const char *s, size_t len)
{
	char *ret = NULL;
	size_t size;
	FILE *out = open_memstream(&ret, &size);

	ka_print_word(out, s, len);
	fclose(out);
	return ret;
}

static void assert_word(const char *s, size_t len, const char *expected)
{
	char *got = word(s, len);

	assert_string_equal(got, expected);
	free(got);
}

static void plain_words_stay_plain(void **state)
{
	(void)state;
	assert_word("/usr/bin/apt-get", 16, "/usr/bin/apt-get");
	assert_word("a@b:c+d~e[0]", 12, "a@b:c+d~e[0]");
}

static void everything_else_is_quoted(void **state)
{
	(void)state;
	assert_word("", 0, "\"\"");
	assert_word("/a b", 4, "\"/a b\"");
	assert_word("/a\nb\tc", 6, "\"/a\\nb\\tc\"");
	assert_word("/a\"b\\c", 6, "\"/a\\\"b\\\\c\"");
	assert_word("\033[2J\x7f", 5, "\"\\x1b[2J\\x7f\"");
	assert_word("/\xc3\xa4\xff", 4, "\"/\\xc3\\xa4\\xff\"");
	assert_word("/a\0b", 4, "\"/a\\x00b\"");
}

static struct ka_events events = {.root = 0x70, .boot_ns = 1000000000ll * 1700000000};

static char *line_of(const struct ka_event *ev, json_t *add)
{
	json_t *o = ka_event_json(&events, ev);
	char *ret = NULL;
	size_t size;
	FILE *out = open_memstream(&ret, &size);

	if (add)
		json_object_update(o, add);
	ka_event_line(out, o);
	fclose(out);
	json_decref(o);
	json_decref(add);
	return ret;
}

static void set_path(struct ka_event *ev, const char *path)
{
	ev->path_len = (uint16_t)strlen(path);
	ev->path_full = ev->path_len;
	memcpy(ev->path, path, ev->path_len);
}

static struct ka_event denied(void)
{
	struct ka_event ev = {.seq = 18,
			      .time = 1500001000,
			      .pid = 43,
			      .tgid = 42,
			      .uid = 33,
			      .workload = KA_WORKLOAD_HOST,
			      .root = 0x30,
			      .rule = 5,
			      .category = KA_CAT_PROCESS,
			      .op = KA_OP_EXEC,
			      .verdict = KA_DENY,
			      .reason = KA_WHY_RULE,
			      .source_len = 13,
			      .comm = "bash",
			      .source = "/usr/bin/bash"};

	set_path(&ev, "/usr/bin/apt");
	return ev;
}

static void a_record_is_one_line(void **state)
{
	struct ka_event ev = denied();
	char *line =
		line_of(&ev, json_pack("{ssssss}", "policy", "KubeArmorPolicy/shop/web", "rule",
				       "spec.process.matchPaths[0]", "message", "no packages"));

	(void)state;
	assert_string_equal(line, "#17 2023-11-14T22:13:21.500Z denied: execute /usr/bin/apt by "
				  "/usr/bin/bash (pid 42, uid 33) in host: "
				  "KubeArmorPolicy/shop/web spec.process.matchPaths[0] "
				  "\"no packages\"\n");
	free(line);
}

static void a_rule_that_nobody_remembers_is_a_number(void **state)
{
	struct ka_event ev = denied();
	char *line = line_of(&ev, NULL);

	(void)state;
	assert_non_null(strstr(line, ": rule 5 of generation 3\n"));
	free(line);
	ev.rule = KA_NO_RULE;
	ev.reason = KA_WHY_POSTURE;
	line = line_of(&ev, json_pack("{s[s]}", "policies", "KubeArmorPolicy/shop/web"));
	assert_non_null(strstr(line, ka_reason_str(KA_WHY_POSTURE)));
	assert_non_null(strstr(line, " of KubeArmorPolicy/shop/web\n"));
	free(line);
}

static void a_hostile_name_writes_no_line(void **state)
{
	struct ka_event ev = denied();
	char *line;

	(void)state;
	set_path(&ev, "/tmp/x by /usr/sbin/sshd (pid 1, uid 0) in host: fine\n#18 denied: nothing");
	memcpy(ev.comm, "a\nb\033[2J", 8);
	ev.source_len = 0;
	line = line_of(&ev, NULL);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_null(strchr(line, '\033'));
	assert_non_null(strstr(line, "execute \"/tmp/x by /usr/sbin/sshd (pid 1, uid 0) in host: "
				     "fine\\n#18 denied: nothing\" by \"a\\nb"));
	free(line);
}

static void a_path_without_its_front_says_so(void **state)
{
	struct ka_event ev = denied();
	char *line;

	(void)state;
	ev.path_full = 3000;
	line = line_of(&ev, NULL);
	assert_non_null(strstr(line, "execute .../usr/bin/apt by"));
	free(line);
}

static void a_policy_is_found_by_its_name(void **state)
{
	json_t *o = json_pack("{ss}", "policy", "KubeArmorPolicy/shop/web");

	(void)state;
	assert_true(ka_event_names(o, "web"));
	assert_true(ka_event_names(o, "shop/web"));
	assert_false(ka_event_names(o, "test/web"));
	json_decref(o);
	o = json_pack("{s[ss]}", "policies", "KubeArmorPolicy/shop/web",
		      "KubeArmorHostPolicy/node");
	assert_true(ka_event_names(o, "node"));
	assert_true(ka_event_names(o, "hostpolicy/node"));
	assert_true(ka_event_names(o, "web"));
	assert_false(ka_event_names(o, "shop/node"));
	json_decref(o);
	o = json_object();
	assert_false(ka_event_names(o, "web"));
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_words_stay_plain),
		cmocka_unit_test(everything_else_is_quoted),
		cmocka_unit_test(a_record_is_one_line),
		cmocka_unit_test(a_rule_that_nobody_remembers_is_a_number),
		cmocka_unit_test(a_hostile_name_writes_no_line),
		cmocka_unit_test(a_path_without_its_front_says_so),
		cmocka_unit_test(a_policy_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
