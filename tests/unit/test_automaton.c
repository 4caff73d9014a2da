// SPDX-License-Identifier: Apache-2.0
/*
 * The automaton: its size, what folds, where it may stop, what lies below.
 */
#include "compiled.h"

#define PATHS "  file:\n    matchPaths:\n"
#define DIRS "  file:\n    matchDirectories:\n"
#define PATTERNS "  file:\n    matchPatterns:\n"

static uint32_t flags_at(const struct world *w, const char *path)
{
	return state_at(w, path)->flags;
}

static void literals_cost_one_state_each(void **state)
{
	struct world *w = world(POLICY("p", PATHS "    - path: /d/a\n    - path: /d/b\n"
						  "    - path: /d/c\n"));

	(void)state;
	/* nothing, /, /d, three leaves; /d stands for its children that begin with two dots */
	assert_int_equal(w->reader.head->states, 6);
	assert_int_equal(w->reader.head->edges_used, 4);
	world_done(w);
}

static void recursive_directories_end_in_one_state(void **state)
{
	struct world *w = world(POLICY("p", DIRS "    - {dir: /d/, recursive: true}\n"));
	const struct ka_state *at = state_at(w, "/d"), *below = state_at(w, "/d/x");

	(void)state;
	assert_ptr_equal(below, state_at(w, "/d/x/y/z"));
	assert_int_equal(at->list[KA_CAT_FILE], below->list[KA_CAT_FILE]);
	assert_int_equal(at->below, below->below);
	assert_true(at->flags & KA_STATE_FINAL_FILE);
	world_done(w);
}

static void aliases_fold(void **state)
{
	struct world *one =
		world(POLICY("p", PATHS "    - path: /opt/x/a\n    - path: /opt/x/b\n"));
	struct world *two = world(POLICY("p", PATHS "    - path: /usr/bin/a\n"
						    "    - path: /usr/bin/b\n"));

	(void)state;
	assert_ptr_equal(state_at(two, "/bin"), state_at(two, "/usr/bin"));
	assert_ptr_equal(state_at(two, "/bin/a"), state_at(two, "/usr/bin/a"));
	assert_int_equal(two->reader.head->states, one->reader.head->states);
	world_done(one);
	world_done(two);
}

static void final_states_are_where_nothing_changes(void **state)
{
	struct world *w = world(POLICY("p", "  file:\n    matchPaths:\n    - path: /a/b/c\n"
					    "    matchDirectories:\n"
					    "    - {dir: /t/, recursive: true}\n"
					    "  process:\n    matchPaths:\n    - path: /t/x/y\n"));

	(void)state;
	assert_false(flags_at(w, "/") & KA_STATE_FINAL_FILE);
	assert_false(flags_at(w, "/a") & KA_STATE_FINAL_FILE);
	assert_false(flags_at(w, "/a/b") & KA_STATE_FINAL_FILE);
	assert_false(flags_at(w, "/a/b/c") & KA_STATE_FINAL_FILE); /* what lies below is not it */
	assert_true(flags_at(w, "/a/b/c/d") & KA_STATE_FINAL_FILE);
	assert_true(flags_at(w, "/z") & KA_STATE_FINAL_FILE);
	assert_true(flags_at(w, "/z") & KA_STATE_FINAL_PROCESS);
	/* each category on its own */
	assert_true(flags_at(w, "/a") & KA_STATE_FINAL_PROCESS);
	assert_true(flags_at(w, "/t") & KA_STATE_FINAL_FILE);
	assert_false(flags_at(w, "/t") & KA_STATE_FINAL_PROCESS);
	world_done(w);
}

static void suffix_patterns_scan_the_last_component_only(void **state)
{
	struct world *w = world(POLICY("p", PATTERNS "    - pattern: /**/*.conf\n"
						     "    - pattern: /**/id_rsa*\n"));

	(void)state;
	/* the first component cannot match, /x.conf has nothing before it */
	assert_true(flags_at(w, "/a") & KA_STATE_SCAN);
	assert_true(flags_at(w, "/a") & KA_STATE_SCAN_LAST);
	assert_true(flags_at(w, "/a/b.conf") & KA_STATE_SCAN_LAST);
	assert_int_equal(READ(w, "/a/b.conf"), KA_DENY);
	assert_int_equal(READ(w, "/a/b.conf/c"), KA_PERMIT);
	assert_int_equal(READ(w, "/a/b.conf/c.conf"), KA_DENY);
	assert_int_equal(READ(w, "/b.conf"), KA_PERMIT);
	world_done(w);
}

static void inner_patterns_scan_every_component(void **state)
{
	struct world *w = world(POLICY("p", PATTERNS "    - pattern: /**/.git*/x\n"));

	(void)state;
	assert_true(flags_at(w, "/a") & KA_STATE_SCAN);
	assert_false(flags_at(w, "/a") & KA_STATE_SCAN_LAST);
	assert_int_equal(READ(w, "/a/.github/x"), KA_DENY);
	assert_int_equal(READ(w, "/a/.github/y/x"), KA_PERMIT);
	world_done(w);
}

static void patterns_do_not_multiply_literals(void **state)
{
	struct world *w = world(POLICY("p", "  file:\n    matchPaths:\n    - path: /d/a\n"
					    "    - path: /d/b.conf\n"
					    "    matchPatterns:\n    - pattern: /**/*.conf\n"
					    "      action: Audit\n"));
	struct ka_ruling r = judge(w, KA_CAT_FILE, KA_OP_READ, "/d/b.conf", NULL);

	(void)state;
	assert_int_equal(r.verdict, KA_DENY);
	assert_int_not_equal(r.audit, KA_NO_RULE);
	r = judge(w, KA_CAT_FILE, KA_OP_READ, "/d/a", NULL);
	assert_int_equal(r.verdict, KA_DENY);
	assert_int_equal(r.audit, KA_NO_RULE);
	assert_true(w->reader.head->states < 16);
	world_done(w);
}

static void children_with_dots_are_atomic_volumes(void **state)
{
	struct world *w = world(POLICY("p", "  file:\n    matchPaths:\n    - path: /d/x\n"
					    "    - path: /d/..e/only\n"
					    "    matchDirectories:\n    - dir: /n/\n"));

	(void)state;
	assert_int_equal(READ(w, "/d/x"), KA_DENY);
	assert_int_equal(READ(w, "/d/..2024/x"), KA_DENY);
	assert_int_equal(READ(w, "/d/..e/x"), KA_DENY);
	assert_int_equal(READ(w, "/d/..e/only"), KA_DENY);
	assert_int_equal(READ(w, "/d/..2024/only"), KA_PERMIT);
	assert_int_equal(READ(w, "/d/..2024/..2025/x"), KA_PERMIT);
	assert_int_equal(READ(w, "/d/.../x"), KA_DENY);
	assert_int_equal(READ(w, "/d/.2024/x"), KA_PERMIT);
	assert_int_equal(READ(w, "/n"), KA_DENY);
	assert_int_equal(READ(w, "/n/..a"), KA_DENY);
	assert_int_equal(READ(w, "/n/..a/y"), KA_DENY);
	assert_int_equal(READ(w, "/n/..a/y/z"), KA_PERMIT);
	assert_int_equal(READ(w, "/n/a/y"), KA_PERMIT);
	world_done(w);
}

/* ---- names above ---- */

static bool moves(const struct world *w, const char *path)
{
	return state_at(w, path)->move;
}

static bool mounts(const struct world *w, const char *path)
{
	return state_at(w, path)->mount;
}

static void names_above_blocked_objects(void **state)
{
	struct world *w = world(POLICY("p", PATHS "    - path: /a/b/c\n"));

	(void)state;
	assert_true(moves(w, "/"));
	assert_true(moves(w, "/a"));
	assert_true(moves(w, "/a/b"));
	assert_false(moves(w, "/a/b/c")); /* nothing lies below it */
	assert_true(mounts(w, "/a/b/c"));
	assert_true(mounts(w, "/a"));
	assert_false(mounts(w, "/a/x"));
	assert_false(moves(w, "/a/x"));
	assert_true(moves(w, "/a/b/..data"));
	assert_true(mounts(w, "/a/b/..data/c"));
	world_done(w);
}

static void names_above_allowed_ones(void **state)
{
	struct world *w = world(POLICY("p", "  action: Allow\n  process:\n    matchPaths:\n"
					    "    - path: /p/bin/x\n"
					    "    matchDirectories:\n"
					    "    - {dir: /q/, recursive: true}\n"
					    "  file:\n    matchPaths:\n    - path: /f/x\n"));

	(void)state;
	assert_true(moves(w, "/p/bin"));
	assert_false(moves(w, "/f")); /* an allowed file may move */
	assert_true(mounts(w, "/f")); /* but not be hidden */
	assert_true(mounts(w, "/q/deep/er"));
	world_done(w);
}

static void audit_rules_guard_no_names(void **state)
{
	struct world *w = world(POLICY("p", "  action: Audit\n  file:\n    matchPaths:\n"
					    "    - path: /a/b\n"
					    "      fromSource: [{path: /s/t}]\n"));

	(void)state;
	assert_false(moves(w, "/"));
	assert_false(mounts(w, "/"));
	assert_int_equal(judge(w, KA_CAT_FILE, KA_OP_WRITE, "/s/t", NULL).verdict, KA_PERMIT);
	world_done(w);
}

static void patterns_name_up_to_their_loops(void **state)
{
	struct world *w = world(POLICY("p", PATTERNS "    - pattern: /a/*/x\n"
						     "    - pattern: /l/**/y\n"));

	(void)state;
	assert_true(mounts(w, "/a"));
	assert_true(mounts(w, "/a/1"));
	assert_true(mounts(w, "/a/1/x"));
	assert_false(mounts(w, "/a/1/z"));
	assert_true(mounts(w, "/l"));
	assert_false(mounts(w, "/l/1")); /* only a loop leads further */
	assert_true(mounts(w, "/l/1/y"));
	assert_true(moves(w, "/l/1"));
	world_done(w);
}

static void below_tells_where_the_same_rules_hold(void **state)
{
	struct world *w = world(POLICY("p", "  file:\n    matchPaths:\n    - path: /a/b/c\n"
					    "    matchDirectories:\n"
					    "    - {dir: /t/, recursive: true}\n"));

	(void)state;
	assert_int_equal(state_at(w, "/x")->below, state_at(w, "/y/z")->below);
	assert_int_equal(state_at(w, "/t/x")->below, state_at(w, "/t/y")->below);
	assert_int_not_equal(state_at(w, "/t/x")->below, state_at(w, "/x")->below);
	assert_int_not_equal(state_at(w, "/a/b")->below, state_at(w, "/x")->below);
	assert_ptr_equal(state_at(w, "/a/b"), state_at(w, "/a/b/..c"));
	assert_int_not_equal(ka_below(&w->reader.view, ka_image_walk(&w->reader, "/a/b", 4)),
			     ka_below(&w->reader.view, ka_image_walk(&w->reader, "/a/b/..c", 8)));
	world_done(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals_cost_one_state_each),
		cmocka_unit_test(recursive_directories_end_in_one_state),
		cmocka_unit_test(aliases_fold),
		cmocka_unit_test(final_states_are_where_nothing_changes),
		cmocka_unit_test(suffix_patterns_scan_the_last_component_only),
		cmocka_unit_test(inner_patterns_scan_every_component),
		cmocka_unit_test(patterns_do_not_multiply_literals),
		cmocka_unit_test(children_with_dots_are_atomic_volumes),
		cmocka_unit_test(names_above_blocked_objects),
		cmocka_unit_test(names_above_allowed_ones),
		cmocka_unit_test(audit_rules_guard_no_names),
		cmocka_unit_test(patterns_name_up_to_their_loops),
		cmocka_unit_test(below_tells_where_the_same_rules_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
