// SPDX-License-Identifier: Apache-2.0
/*
 * What tests/cases/fmt cannot show: what is refused, and that the proof of a new text can fail.
 */
#include "parse.h"

#include "../../compiler/format/fmt.h"
#include "../../compiler/format/layout.h"

#define START                          \
	KA_CTX struct ka_ctx ctx = {}; \
	assert_int_equal(ka_ctx_init(&ctx), 0)

#define HEAD "apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata:\n  name: p\n"

static int format(struct ka_ctx *ctx, const char *text, char **ret)
{
	size_t len = 0;
	int r = ka_fmt(ctx, source_of(ctx, text, strlen(text)), ret, &len);

	if (!r)
		assert_int_equal(len, strlen(*ret));
	return r;
}

/* ---- refused ---- */

static void what_cannot_be_read_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum ka_diag_id id;
	} broken[] = {
		{HEAD "spec:\n  action: Block\n  action: Block\n", KA_D_DUP_KEY},
		{HEAD "spec:\n\taction: Block\n", KA_D_TAB},
		{HEAD "spec:\n  tags: [a\n", KA_D_UNCLOSED},
		{HEAD "spec:\n  action: *a\n", KA_D_ALIAS_UNKNOWN},
		{HEAD "spec:\n  1: x\n", KA_D_KEY_TYPE},
		{HEAD "spec:\n  <<: {a: b}\n", KA_D_MERGE_KEY},
		{HEAD "spec: {{ .Values.spec }}\n", KA_D_TEMPLATE},
		{HEAD "spec:\n  message: !x y\n", KA_D_TAG},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(broken); i++) {
		KA_FREE char *text = NULL;
		START;

		assert_int_equal(format(&ctx, broken[i].text, &text), -EINVAL);
		assert_null(text);
		if (!diag_of(&ctx, broken[i].id, 0))
			fail_msg("no %s", ka_diag_code(broken[i].id));
	}
}

static void one_broken_document_is_enough(void **state)
{
	START;
	KA_FREE char *text = NULL;

	(void)state;
	assert_int_equal(format(&ctx, HEAD "---\na: [\n---\n" HEAD, &text), -EINVAL);
	assert_null(text);
}

static void what_is_no_good_policy_is_laid_out(void **state)
{
	START;
	KA_FREE char *text = NULL;

	(void)state;
	assert_int_equal(format(&ctx, HEAD "spec:\n    proces: 5\n    action: block\n", &text), 0);
	assert_string_equal(text, HEAD "spec:\n  action: block\n  proces: 5\n");
	assert_int_equal(ctx.nerrors, 0);
}

/* ---- deep ---- */

/* As deep as may be read, and what is one level deeper. */
static void levels_are_bounded(void **state)
{
	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		KA_FREE char *deep = NULL, *text = NULL;
		size_t size;
		FILE *out = open_memstream(&deep, &size);
		START;

		assert_non_null(out);
		fputs(HEAD "spec:\n", out);
		for (unsigned i = 1; i < KA_YAML_MAX_DEPTH + more; i++)
			fprintf(out, "%*sa:\n", (int)i, "");
		fprintf(out, "%*sb\n", 100, "");
		assert_int_equal(fclose(out), 0);
		assert_int_equal(format(&ctx, deep, &text), more ? -EINVAL : 0);
		assert_int_equal(diag_of(&ctx, KA_D_LIMIT_DEPTH, 0) != NULL, more);
	}
}

/* ---- the proof ---- */

static bool same_values(const char *a, const char *b)
{
	START;
	struct ka_roots x = {}, y = {};
	bool same;

	assert_int_equal(ka_yaml_read(&ctx, source_of(&ctx, a, strlen(a)), ka_roots_add, &x), 0);
	assert_int_equal(ka_yaml_read(&ctx, source_of(&ctx, b, strlen(b)), ka_roots_add, &y), 0);
	assert_int_equal(ctx.nerrors, 0);
	assert_int_equal(ka_roots_same(&x, &y, &same), 0);
	return same;
}

static void values_are_compared(void **state)
{
	(void)state;
	assert_true(same_values("a: 1\nb: [x, z]\n", "b:\n- x\n- 'z'\na: 1\n"));
	assert_true(same_values("a: |\n  x\n", "a: \"x\\n\"\n"));
	assert_true(same_values("a: &x {b: c}\nd: *x\n", "a: {b: c}\nd: {b: c}\n"));
	assert_false(same_values("a: 1\n", "a: '1'\n"));
	assert_false(same_values("a: 1\n", "a: 2\n"));
	assert_false(same_values("a: 1\n", "b: 1\n"));
	assert_false(same_values("a: 1\n", "a: 1\nb: 2\n"));
	assert_false(same_values("[x, y]\n", "[y, x]\n"));
	assert_false(same_values("[x]\n", "[x, y]\n"));
	assert_false(same_values("a: |\n  x\n", "a: |-\n  x\n"));
	assert_false(same_values("a: {b: [1, {c: d}]}\n", "a: {b: [1, {c: e}]}\n"));
	assert_false(same_values("a: 1\n", "a: 1\n---\na: 1\n"));
	assert_false(same_values("a:\n", "a: {}\n"));
	assert_false(same_values("---\n", "a: 1\n"));
}

static bool same_comments(const char *a, const char *b)
{
	struct ka_layout_text x = {a, strlen(a)}, y = {b, strlen(b)};
	bool same;

	assert_int_equal(ka_comments_same(&x, &y, &same), 0);
	return same;
}

static void comments_are_compared(void **state)
{
	(void)state;
	assert_true(same_comments("a: 1 # x  \n# y\n", "# y\na: 1 # x\n"));
	assert_true(same_comments("a: '# no' # x\n", "a: '# not' # x\n"));
	assert_true(same_comments("a: | # x\n  # text\n", "a: >- # x\n  # other text\n"));
	assert_true(same_comments("a: [1, # x\n  2] # y\n", "# x\n# y\na: [1, 2]\n"));
	assert_true(same_comments("%YAML 1.1 # x\n--- # y\na\n... # z\n", "# x\n# y\n# z\na\n"));
	assert_true(same_comments("\xc3\xa9: \xe2\x80\x98 # \xc3\xa9\n", "# \xc3\xa9\n"));
	assert_true(same_comments("? a # x\n: b # y\n", "# y\n# x\n"));
	assert_false(same_comments("a: 1 # x\n", "a: 1\n"));
	assert_false(same_comments("a: 1 # x\n", "a: 1 # y\n"));
	assert_false(same_comments("a: 1 # x\n", "a: 1 # x\n# x\n"));
	assert_false(same_comments("a: | # x\n  b\n", "a: |\n  b\n"));
	assert_false(same_comments("a: 1 # x\n", "a: '1 # x'\n"));
}

/* ---- places ---- */

static void block_scalars_end_where_they_matter(void **state)
{
	static const struct {
		const char *text;
		size_t column, digit, indent, end; /* end: from the end of the text */
		bool keeps, strips;
	} scalars[] = {
		{"|\n  a\n  b\n\n\n", 0, 0, 2, 3, false, false},
		{"|+\n  a\n\n\n", 0, 0, 2, 0, true, false},
		{">-\n\n\n   a\n", 0, 0, 3, 1, false, true},
		{"|2-\n   a\n     \n\n", 1, 2, 3, 2, false, true},
		{"|\n  a\n   \n", 0, 0, 2, 1, false, false}, /* its last line is a blank */
		{"&x !!str |1 # c\n a\n", 0, 1, 1, 1, false, false},
		{"|\n\n", 0, 0, 1, 2, false, false},
		{"|+\n   \n", 0, 0, 3, 0, true, false},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(scalars); i++) {
		struct ka_layout_text t = {scalars[i].text, strlen(scalars[i].text)};
		struct ka_literal l;

		assert_true(ka_literal_read(&t, 0, t.len, scalars[i].column, &l));
		assert_int_equal(l.digit, scalars[i].digit);
		assert_int_equal(l.indent, scalars[i].indent);
		assert_int_equal(l.keeps, scalars[i].keeps);
		assert_int_equal(l.strips, scalars[i].strips);
		assert_int_equal(t.len - l.end, scalars[i].end);
		assert_true(l.ends);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_read_is_refused),
		cmocka_unit_test(one_broken_document_is_enough),
		cmocka_unit_test(what_is_no_good_policy_is_laid_out),
		cmocka_unit_test(levels_are_bounded),
		cmocka_unit_test(values_are_compared),
		cmocka_unit_test(comments_are_compared),
		cmocka_unit_test(block_scalars_end_where_they_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
