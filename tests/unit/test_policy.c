// SPDX-License-Identifier: Apache-2.0
#include "parse.h"

#include "../../compiler/policy/support.h"

#define API "apiVersion: security.kubearmor.com/v1\n"
#define POLICY(name, ns) \
	API "kind: KubeArmorPolicy\nmetadata: {name: " name ", namespace: " ns "}\n"
#define SELECT "  selector: {matchLabels: {a: b}}\n"
#define RULE "  file: {matchPaths: [{path: /x}]}\n"

#define START                          \
	KA_CTX struct ka_ctx ctx = {}; \
	assert_int_equal(ka_ctx_init(&ctx), 0)

static void each_of_the_four_is_inherited_on_its_own(void **state)
{
	START;
	struct ka_policies set = read_all(
		&ctx, POLICY("p", "ns") "spec:\n" SELECT "  severity: 2\n"
					"  message: of spec\n"
					"  tags: [one, two]\n"
					"  process:\n"
					"    action: Allow\n"
					"    severity: 3\n"
					"    matchPaths:\n"
					"    - {path: /a}\n"
					"    - {path: /b, action: Audit, message: of rule}\n"
					"  file:\n"
					"    tags: [three]\n"
					"    matchDirectories:\n"
					"    - {dir: /c/}\n");
	const struct ka_rule *r = set.v[0]->rules;

	(void)state;
	expect_clean(&ctx);
	assert_int_equal(set.v[0]->nrules, 3);
	assert_int_equal(set.v[0]->severity, 2);

	assert_int_equal(r[0].action, KA_EFFECT_ALLOW);
	assert_int_equal(r[0].severity, 3);
	assert_string_equal(r[0].message, "of spec");
	assert_string_equal(r[0].tags, "one,two");

	assert_int_equal(r[1].action, KA_EFFECT_AUDIT);
	assert_string_equal(r[1].message, "of rule");

	assert_int_equal(r[2].action, KA_EFFECT_BLOCK); /* of nobody: the section's is process's */
	assert_int_equal(r[2].severity, 2);
	assert_string_equal(r[2].tags, "three");
}

static void what_is_unset_everywhere_has_its_default(void **state)
{
	START;
	struct ka_policies set = read_all(&ctx, API "kind: KubeArmorPolicy\n"
						    "metadata: {name: p}\nspec:\n" SELECT RULE);
	const struct ka_policy *p = set.v[0];

	(void)state;
	expect_clean(&ctx);
	assert_string_equal(p->ns, "default");
	assert_int_equal(p->kind, KA_KIND_POLICY);
	assert_int_equal(p->severity, 0);
	assert_false(p->audit_mode);
	assert_int_equal(p->mounts, KA_UNSET);
	assert_int_equal(p->integrity, KA_UNSET);
	assert_int_equal(p->posture[KA_CAT_FILE], KA_POSTURE_UNSET);
	assert_int_equal(p->rules[0].action, KA_EFFECT_BLOCK);
	assert_string_equal(p->rules[0].message, "");
	assert_string_equal(p->rules[0].tags, "");
	assert_int_equal(p->rules[0].nfrom, 0);
}

static void rules_come_in_the_documents_order_with_their_places(void **state)
{
	START;
	struct ka_policies set = read_all(
		&ctx, POLICY("p", "ns") "spec:\n" SELECT "  file:\n"
					"    matchPatterns: [{pattern: /f1}, {pattern: /f2}]\n"
					"    matchPaths: [{path: /f0}]\n"
					"  process:\n"
					"    matchDirectories: [{dir: /d/, recursive: true}]\n"
					"    matchPaths:\n"
					"    - {path: /p0}\n"
					"    - execname: sh\n"
					"      fromSource: [{path: /s0}, {path: /s1}]\n");
	static const char *const objects[] = {"/p0", "sh", "/d/", "/f0", "/f1", "/f2"};
	const struct ka_policy *p = set.v[0];

	(void)state;
	expect_clean(&ctx);
	assert_int_equal(p->nrules, KA_ARRAY_SIZE(objects));
	for (size_t i = 0; i < p->nrules; i++)
		assert_string_equal(p->rules[i].object, objects[i]);
	assert_true(p->rules[1].execname);
	assert_int_equal(p->rules[1].nfrom, 2);
	assert_string_equal(p->rules[1].from[1].path, "/s1");
	assert_true(p->rules[2].recursive);
	assert_string_equal(ka_rule_place(&ctx, p->rules[1].section, p->rules[1].list,
					  p->rules[1].index, p->rules[1].from[1].index),
			    "spec.process.matchPaths[1].fromSource[1]");
	assert_string_equal(ka_rule_place(&ctx, p->rules[5].section, p->rules[5].list,
					  p->rules[5].index, KA_NO_FROM),
			    "spec.file.matchPatterns[1]");
	assert_string_equal(ka_policy_id(&ctx, p), "KubeArmorPolicy/ns/p");
}

static void a_refused_rule_leaves_the_others_places_alone(void **state)
{
	START;
	struct ka_policies set = read_all(
		&ctx,
		POLICY("p", "ns") "spec:\n" SELECT
				  "  file: {matchPaths: [{path: /a}, {path: b}, {path: /c}]}\n");

	(void)state;
	assert_int_equal(ctx.nerrors, 1);
	assert_int_equal(set.v[0]->nrules, 2);
	assert_int_equal(set.v[0]->rules[1].index, 2);
}

static void labels_are_sorted(void **state)
{
	START;
	struct ka_policies set = read_all(
		&ctx,
		POLICY("p", "ns") "spec:\n"
				  "  selector: {matchLabels: {b: 1x, a.b/c: '*', a: ''}}\n" RULE);
	const struct ka_policy *p = set.v[0];

	(void)state;
	expect_clean(&ctx);
	assert_int_equal(p->nlabels, 3);
	assert_string_equal(p->labels[0].key, "a");
	assert_string_equal(p->labels[1].key, "a.b/c");
	assert_string_equal(p->labels[1].value, "*");
	assert_string_equal(p->labels[2].key, "b");
}

static void annotations_set_what_they_say(void **state)
{
	START;
	struct ka_policies set = read_all(&ctx,
					  API "kind: KubeArmorHostPolicy\n"
					      "metadata:\n"
					      "  name: p\n"
					      "  annotations:\n"
					      "    karmor-c/posture-process: audit\n"
					      "    karmor-c/posture: block\n"
					      "    karmor-c/mode: audit\n"
					      "    karmor-c/mounts: deny\n"
					      "    karmor-c/source-integrity: \"on\"\n"
					      "    someone.else/thing: 'x'\n"
					      "spec:\n"
					      "  nodeSelector: {matchLabels: {k: '*'}}\n" RULE);
	const struct ka_policy *p = set.v[0];

	(void)state;
	expect_clean(&ctx);
	assert_int_equal(p->kind, KA_KIND_HOST);
	assert_string_equal(p->ns, "");
	/* the particular one wins, wherever it stands */
	assert_int_equal(p->posture[KA_CAT_FILE], KA_POSTURE_BLOCK);
	assert_int_equal(p->posture[KA_CAT_PROCESS], KA_POSTURE_AUDIT);
	assert_true(p->audit_mode);
	assert_int_equal(p->mounts, KA_NO);
	assert_int_equal(p->integrity, KA_YES);
	assert_string_equal(ka_policy_id(&ctx, p), "KubeArmorHostPolicy/p");
}

#define NAMESPACE(name, posture)                                  \
	"apiVersion: v1\nkind: Namespace\nmetadata: {name: " name \
	", annotations: {kubearmor-file-posture: " posture "}}\n"

static void namespaces_give_their_posture_to_their_policies(void **state)
{
	START;
	struct ka_policies set = {};

	(void)state;
	/* in any order, also from another source */
	read_into(&ctx,
		  POLICY("p", "ns") "spec:\n" SELECT RULE
				    "---\n" POLICY("q", "other") "spec:\n" SELECT RULE,
		  &set);
	read_into(&ctx, NAMESPACE("ns", "audit"), &set);
	read_into(&ctx, NAMESPACE("ns", "audit"), &set);
	assert_int_equal(ka_policies_finish(&ctx, &set), 0);
	expect_clean(&ctx);
	assert_int_equal(set.v[0]->ns_posture[KA_CAT_FILE], KA_POSTURE_AUDIT);
	assert_int_equal(set.v[0]->ns_posture[KA_CAT_PROCESS], KA_POSTURE_AUDIT);
	assert_int_equal(set.v[1]->ns_posture[KA_CAT_FILE], KA_POSTURE_UNSET);
}

static void the_set_is_sorted_whatever_the_order_of_sources(void **state)
{
	static const char *const docs[] = {
		POLICY("b", "x") "spec:\n" SELECT RULE,
		API "kind: KubeArmorHostPolicy\nmetadata: {name: a}\nspec:\n"
		    "  nodeSelector: {matchLabels: {k: '*'}}\n" RULE,
		POLICY("a", "x") "spec:\n" SELECT RULE,
		POLICY("c", "a") "spec:\n" SELECT RULE,
	};
	static const char *const order[] = {"KubeArmorPolicy/a/c", "KubeArmorPolicy/x/a",
					    "KubeArmorPolicy/x/b", "KubeArmorHostPolicy/a"};

	(void)state;
	for (size_t start = 0; start < KA_ARRAY_SIZE(docs); start++) {
		START;
		struct ka_policies set = {};

		for (size_t i = 0; i < KA_ARRAY_SIZE(docs); i++)
			read_into(&ctx, docs[(start + i) % KA_ARRAY_SIZE(docs)], &set);
		assert_int_equal(ka_policies_finish(&ctx, &set), 0);
		assert_int_equal(set.n, KA_ARRAY_SIZE(order));
		for (size_t i = 0; i < set.n; i++)
			assert_string_equal(ka_policy_id(&ctx, set.v[i]), order[i]);
	}
}

static void the_same_policy_twice_is_an_error_at_the_second(void **state)
{
	START;
	struct ka_policies set =
		read_all(&ctx, POLICY("p", "ns") "spec:\n" SELECT RULE
						 "---\n" POLICY("p", "ns") "spec:\n" SELECT RULE);
	const struct ka_diag *d = diag_of(&ctx, KA_D_DUP_POLICY, 0);

	(void)state;
	expect(&ctx, KA_D_DUP_POLICY, 10, 18);
	assert_non_null(d->more);
	assert_int_equal(d->more->loc.line, 3);
	assert_int_equal(set.n, 1);
}

static void merging_replaces_by_kind_namespace_and_name(void **state)
{
	START;
	struct ka_policies base = read_all(
		&ctx, POLICY("p", "ns") "spec:\n  severity: 1\n" SELECT RULE "---\n" POLICY(
			      "q", "ns") "spec:\n" SELECT RULE "---\n" NAMESPACE("ns", "audit"));
	struct ka_policies more = read_all(
		&ctx, POLICY("p", "ns") "spec:\n  severity: 2\n" SELECT RULE "---\n" POLICY(
			      "p", "aa") "spec:\n" SELECT RULE "---\n" NAMESPACE("ns", "block"));

	(void)state;
	assert_int_equal(ka_policies_merge(&ctx, &base, &more), 0);
	expect_clean(&ctx);
	assert_int_equal(base.n, 3);
	assert_string_equal(base.v[0]->ns, "aa");
	assert_int_equal(base.v[1]->severity, 2);
	assert_string_equal(base.v[2]->name, "q");
	/* the policy that nobody touched gets the namespace's new posture */
	assert_int_equal(base.v[2]->ns_posture[KA_CAT_FILE], KA_POSTURE_BLOCK);
	/* and what was merged in is as it was */
	assert_int_equal(more.n, 2);
}

static void too_many_policies_are_refused(void **state)
{
	START;
	KA_FREE char *text = NULL;
	size_t len = 0;
	KA_FCLOSE FILE *out = open_memstream(&text, &len);

	(void)state;
	for (unsigned i = 0; i <= KA_MAX_POLICIES; i++)
		fprintf(out,
			"---\n" API
			"kind: KubeArmorPolicy\nmetadata: {name: p%u}\nspec:\n" SELECT RULE,
			i);
	fflush(out);
	read_all(&ctx, text);
	assert_int_equal(ctx.nerrors, 1);
	assert_non_null(diag_of(&ctx, KA_D_TOO_MANY_POLICIES, 0));
}

static void other_documents_are_counted(void **state)
{
	START;
	struct ka_policies set = read_all(&ctx, "kind: Pod\n---\nkind: Service\n---\nx: 1\n");

	(void)state;
	assert_int_equal(set.n, 0);
	assert_int_equal(set.others, 3);
	assert_int_equal(ctx.nerrors, 0);
	assert_int_equal(ctx.nnotes, 3);
}

/* ---- kernels ---- */

/* What is said about a policy with a system call of 6.10, by a kernel. */
static size_t lacks(const char *version)
{
	START;
	struct ka_policies set = read_all(
		&ctx,
		POLICY("p", "ns") "spec:\n" SELECT
				  "  syscalls: {matchSyscalls: [{syscall: [openat, mseal]}]}\n");
	size_t n = 0;

	ka_support_check(&ctx, &set, ka_kernel_profile(version), false);
	while (diag_of(&ctx, KA_D_KERNEL_LACKS, n))
		n++;
	assert_int_equal(ctx.nerrors, n);
	return n;
}

static void kernels_are_known_by_their_first_two_numbers(void **state)
{
	static const char *const good[] = {"6.1",  "6.12.9", "6.1.0-23-amd64",
					   "6.6+", "4.19",   "running"};
	static const char *const bad[] = {"",    "6",    "6.",   "x",      "6.1x",
					  "6,1", "99.1", "6.99", "Running"};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(good); i++)
		if (!ka_kernel_profile(good[i]))
			fail_msg("%s is not known", good[i]);
	for (size_t i = 0; i < KA_ARRAY_SIZE(bad); i++)
		if (ka_kernel_profile(bad[i]))
			fail_msg("%s is known", bad[i]);
	for (size_t i = 0; ka_kernel_profiles[i]; i++)
		assert_non_null(ka_kernel_profile(ka_kernel_profiles[i]));
	assert_ptr_equal(ka_kernel_profile("6.12"), ka_kernel_profile("6.12.3"));
	assert_ptr_not_equal(ka_kernel_profile("6.12"), ka_kernel_profile("6.1.2"));
}

static void what_a_kernel_lacks_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(lacks("5.10"), 1); /* all of it */
	assert_int_equal(lacks("6.0"), 1);
	assert_int_equal(lacks("6.9"), 1); /* one of its system calls */
	assert_int_equal(lacks("6.10"), 0);
	assert_int_equal(lacks("7.0"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_the_four_is_inherited_on_its_own),
		cmocka_unit_test(what_is_unset_everywhere_has_its_default),
		cmocka_unit_test(rules_come_in_the_documents_order_with_their_places),
		cmocka_unit_test(a_refused_rule_leaves_the_others_places_alone),
		cmocka_unit_test(labels_are_sorted),
		cmocka_unit_test(annotations_set_what_they_say),
		cmocka_unit_test(namespaces_give_their_posture_to_their_policies),
		cmocka_unit_test(the_set_is_sorted_whatever_the_order_of_sources),
		cmocka_unit_test(the_same_policy_twice_is_an_error_at_the_second),
		cmocka_unit_test(merging_replaces_by_kind_namespace_and_name),
		cmocka_unit_test(too_many_policies_are_refused),
		cmocka_unit_test(other_documents_are_counted),
		cmocka_unit_test(kernels_are_known_by_their_first_two_numbers),
		cmocka_unit_test(what_a_kernel_lacks_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
