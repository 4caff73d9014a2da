// SPDX-License-Identifier: Apache-2.0
#include "parse.h"

#include "../../compiler/tree/ignore.h"
#include "../../compiler/tree/yaml.h"

#define START                          \
	KA_CTX struct ka_ctx ctx = {}; \
	assert_int_equal(ka_ctx_init(&ctx), 0)

static int nothing(struct ka_ctx *ctx, const struct ka_node *root, void *arg)
{
	(void)ctx;
	(void)root;
	(void)arg;
	return 0;
}

static const struct ka_source *read_source(struct ka_ctx *ctx, const char *text)
{
	struct ka_source *src = (struct ka_source *)source_of(ctx, text, strlen(text));

	assert_int_equal(ka_source_open(ctx, src), 0);
	assert_int_equal(ka_yaml_read(ctx, src, nothing, NULL), 0);
	return src;
}

/* The lines on which NO_SEVERITY is ignored, as "1,4-6,". */
static const char *ranges(struct ka_ctx *ctx, const char *text)
{
	const struct ka_findings *f = read_source(ctx, text)->findings;
	const char *s = "";

	for (size_t i = 0; i < f->nignores; i++) {
		const struct ka_ignore *g = &f->ignores[i];

		if (g->id == KA_D_NO_SEVERITY)
			s = g->first == g->last ? ka_sprintf(ctx, "%s%u,", s, g->first)
						: ka_sprintf(ctx, "%s%u-%u,", s, g->first, g->last);
	}
	return s;
}

static void where_a_comment_is_about(void **state)
{
	static const struct {
		const char *text, *lines;
	} rows[] = {
		{"a: 1 # karmor-c: ignore KA0801 x\nb: 2\n", "1,"},
		{"z: 0\n# karmor-c: ignore KA0801\na: 1\nb: 2\n", "3,"},
		{"z: 0\n# karmor-c: ignore KA0801\na:\n  b: 2\n  c: 3\nd: 4\n", "3-5,"},
		/* blanks and other comments in between */
		{"z: 0\n# karmor-c: ignore KA0801\n\n# x\na:\n\n  b: 2\n# y\n  c: 3\n\nd: 4\n",
		 "5-9,"},
		/* a list may stand in its name's column */
		{"z: 0\n# karmor-c: ignore KA0801\na:\n- 1\n- 2\nb: 3\n", "3-5,"},
		/* one item */
		{"a:\n# karmor-c: ignore KA0801\n- b: 1\n  c: 2\n- d: 3\n", "3-4,"},
		{"a:\n  # karmor-c: ignore KA0801\n  - 1\n  # karmor-c: ignore KA0801\n  - 2\n",
		 "3,5,"},
		/* one in what another is about */
		{"z: 0\n# karmor-c: ignore KA0801\na:\n  # karmor-c: ignore KA0801\n  b:\n    c: 1\n"
		 "  d: 2\ne: 3\n",
		 "3-7,5-6,"},
		/* a document */
		{"# karmor-c: ignore KA0801\na: 1\nb: 2\n", "1-3,"},
		{"# karmor-c: ignore KA0801\n---\na: 1\n---\nb: 2\n", "1-3,"},
		{"a: 1\n---\n# karmor-c: ignore KA0801\nb: 2\n---\nc: 3\n", "3-4,"},
		{"a: 1\n# karmor-c: ignore KA0801\n---\nb: 2\n", "2-4,"},
		{"--- # karmor-c: ignore KA0801\na: 1\n---\nb: 2\n", "1-2,"},
		/* behind everything */
		{"a: 1\n# karmor-c: ignore KA0801\n", "0,"},
		/* spelling */
		{"a: 1 #karmor-c:ignore KA0801\n", "1,"},
		{"a: 1 #  karmor-c:   ignore   ka801   reason KA0801\n", "1,"},
		{"a: 1 # karmor-c: ignore KA0802,KA0801 KA0801\n", "1,"},
		{"a: 1 # karmor-c: ignore KA0802 , KA0801\r\nb: 2\r\n", "1,"},
		{"\xef\xbb\xbf# karmor-c: ignore KA0801\na: 1\n", "1-2,"},
		/* none */
		{"a: 1 # ignore KA0801\n", ""},
		{"a: 1# karmor-c: ignore KA0801\n", ""},
		{"a: '# karmor-c: ignore KA0801'\n", ""},
		{"a: \"x\n  # karmor-c: ignore KA0801\n  y\"\n", ""},
		{"a: |\n  # karmor-c: ignore KA0801\nb: 1\n", ""},
		{"a: >-\n  x\n\n  # karmor-c: ignore KA0801\n  y # karmor-c: ignore KA0801\nb: 1\n",
		 ""},
		{"a: 1 # see karmor-c: ignore KA0801\n", ""},
		/* a document that cannot be read */
		{"a: @ # karmor-c: ignore KA0801\n---\nb: 1 # karmor-c: ignore KA0801\n", "3,"},
		{"a: | # karmor-c: ignore KA0801\n  x\n", "1,"},
		{"? a # karmor-c: ignore KA0801\n: b\n", "1,"},
		{"a: [x, # karmor-c: ignore KA0801\n  y]\n", "1,"},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		START;
		const char *got = ranges(&ctx, rows[i].text);

		if (strcmp(got, rows[i].lines) != 0)
			fail_msg("%s: '%s', not '%s'", rows[i].text, got, rows[i].lines);
	}
}

static void what_cannot_be_ignored_is_told(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
	} rows[] = {
		{"a: 1 # karmor-c: ignore KA9999\n", 25},
		{"a: 1 # karmor-c: ignore KA0801, KA0102\n", 33},
		{"a: 1 # karmor-c: ignore everything\n", 25},
		{"a: 1 # karmor-c: ignore\n", 6},
		{"a: 1 # karmor-c: ignroe KA0801\n", 18},
		{"a: 1 # karmor-c: ignores KA0801\n", 18},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		START;

		read_source(&ctx, rows[i].text);
		assert_int_equal(ctx.nwarnings, 1);
		expect(&ctx, KA_D_IGNORE_UNKNOWN, 1, rows[i].column);
	}
}

static void other_remarks_about_the_tool_are_none(void **state)
{
	START;

	(void)state;
	read_source(&ctx, "a: 1 # karmor-c: see the manual\n# karmor-c: checked\nb: 2\n");
	assert_int_equal(ctx.ndiags, 0);
}

static void a_finding_on_those_lines_is_not_reported(void **state)
{
	START;
	const struct ka_source *src =
		read_source(&ctx, "z: 0\n# karmor-c: ignore KA0801, KA0802 both\na: 1\n");
	struct ka_loc loc = {.source = src, .line = 3, .column = 1};

	(void)state;
	ka_diag(&ctx, KA_D_NO_SEVERITY, loc);
	assert_int_equal(ctx.nignored, 1);
	assert_int_equal(ctx.ndiags, 0);
	loc.line = 1;
	ka_diag(&ctx, KA_D_NO_SEVERITY, loc);
	assert_int_equal(ctx.ndiags, 1);
	ka_ignores_finish(&ctx, true);
	assert_int_equal(ctx.ndiags, 2); /* of KA0802 alone */
	expect(&ctx, KA_D_IGNORE_UNUSED, 2, 28);
}

static void what_was_not_looked_for_is_not_missed(void **state)
{
	START;

	(void)state;
	read_source(&ctx, "a: 1 # karmor-c: ignore KA0904\n");
	ka_ignores_finish(&ctx, false);
	assert_int_equal(ctx.ndiags, 0);
	ka_ignores_finish(&ctx, true);
	expect(&ctx, KA_D_IGNORE_UNUSED, 1, 25);
}

static void comments_are_bounded_in_number(void **state)
{
	START;
	KA_FREE char *text = NULL;
	size_t len = 0;
	KA_FCLOSE FILE *out = open_memstream(&text, &len);

	(void)state;
	for (unsigned i = 0; i < KA_IGNORES_MAX + 10; i++)
		fprintf(out, "a%u: 1 # karmor-c: ignore KA0801\n", i);
	fflush(out);
	assert_int_equal(read_source(&ctx, text)->findings->nignores, KA_IGNORES_MAX);
	expect(&ctx, KA_D_IGNORE_UNKNOWN, KA_IGNORES_MAX + 1, 10);
}

static void a_source_that_is_read_again_has_them_once(void **state)
{
	START;
	const struct ka_source *src = read_source(&ctx, "a: 1 # karmor-c: ignore KA0801\n");

	(void)state;
	assert_int_equal(ka_yaml_read(&ctx, src, nothing, NULL), 0);
	assert_int_equal(src->findings->nignores, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_a_comment_is_about),
		cmocka_unit_test(what_cannot_be_ignored_is_told),
		cmocka_unit_test(other_remarks_about_the_tool_are_none),
		cmocka_unit_test(a_finding_on_those_lines_is_not_reported),
		cmocka_unit_test(what_was_not_looked_for_is_not_missed),
		cmocka_unit_test(comments_are_bounded_in_number),
		cmocka_unit_test(a_source_that_is_read_again_has_them_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
