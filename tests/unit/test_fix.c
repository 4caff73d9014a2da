// SPDX-License-Identifier: Apache-2.0
#include "parse.h"

#include "../../compiler/format/fix.h"

#define START                          \
	KA_CTX struct ka_ctx ctx = {}; \
	assert_int_equal(ka_ctx_init(&ctx), 0)

static struct ka_loc at(const struct ka_source *src, const char *what)
{
	const char *found = strstr(src->text, what);

	assert_non_null(found);
	return (struct ka_loc){
		.source = src, .line = 1, .column = 1, .offset = (uint32_t)(found - src->text)};
}

/* An error at `what`, which should be `text`. */
static struct ka_diag *wrong(struct ka_ctx *ctx, const struct ka_source *src, enum ka_diag_id id,
			     const char *what, const char *text)
{
	struct ka_loc loc = at(src, what);
	struct ka_diag *d = ka_diag(ctx, id, loc, what, what, what);

	if (text)
		ka_diag_fix(ctx, d, loc.offset, (uint32_t)strlen(what), text);
	return d;
}

static void expect_text(const struct ka_ctx *ctx, const struct ka_source *src, const char *want,
			size_t want_applied)
{
	KA_FREE char *text = NULL;
	size_t len, applied;

	assert_int_equal(ka_fix_apply(src, (const struct ka_diag *const *)ctx->diags, ctx->ndiags,
				      &text, &len, &applied),
			 0);
	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
	assert_int_equal(applied, want_applied);
}

/* ---- corrections ---- */

static void bytes_become_others(void **state)
{
	START;
	const struct ka_source *src = source_of(&ctx, "a: one, b: two, c: three", 24);

	(void)state;
	expect_text(&ctx, src, "a: one, b: two, c: three", 0);
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "two", "2");
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "one", "");
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "three", "and more than before");
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "c: ", NULL);
	expect_text(&ctx, src, "a: , b: 2, c: and more than before", 3);
}

static void of_two_that_overlap_the_first_is_made(void **state)
{
	START;
	const struct ka_source *src = source_of(&ctx, "one two", 7);

	(void)state;
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "e tw", "-");
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "one", "1");
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "wo", "2");
	expect_text(&ctx, src, "on-o", 1);
}

static void two_that_meet_are_two_rounds(void **state)
{
	START;
	const struct ka_source *src = source_of(&ctx, "onetwo", 6);

	(void)state;
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "two", "2");
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "one", "1");
	expect_text(&ctx, src, "one2", 1);
}

static void a_correction_is_made_as_a_whole(void **state)
{
	START;
	const struct ka_source *src = source_of(&ctx, "a b c d", 7);
	struct ka_diag *d;

	(void)state;
	wrong(&ctx, src, KA_D_EMPTY_VALUE, "c", "C");
	d = wrong(&ctx, src, KA_D_EMPTY_VALUE, "a", "A");
	ka_diag_fix(&ctx, d, 4, 1, "X"); /* the c is taken */
	d = wrong(&ctx, src, KA_D_EMPTY_VALUE, "d", "D");
	ka_diag_fix(&ctx, d, 0, 0, "first ");
	expect_text(&ctx, src, "first a b C D", 2);
}

static void nothing_is_made_outside_of_the_text(void **state)
{
	START;
	const struct ka_source *src = source_of(&ctx, "abc", 3);
	const struct ka_source *other = source_of(&ctx, "abc", 3);
	struct ka_diag *d = wrong(&ctx, src, KA_D_EMPTY_VALUE, "a", NULL);

	(void)state;
	ka_diag_fix(&ctx, d, 2, 2, "x");
	d = wrong(&ctx, src, KA_D_EMPTY_VALUE, "b", NULL);
	ka_diag_fix(&ctx, d, 4, 0, "x");
	d = wrong(&ctx, src, KA_D_EMPTY_VALUE, "c", NULL);
	ka_diag_fix(&ctx, d, 3, 0, "!"); /* behind the last byte */
	wrong(&ctx, other, KA_D_EMPTY_VALUE, "b", "not here");
	expect_text(&ctx, src, "abc!", 1);
}

/* ---- whether they were good ---- */

/* Corrects what `before` says and asks whether `after` says that it is better. */
static bool is_good(const struct ka_ctx *before, const struct ka_source *was,
		    const struct ka_ctx *after, const struct ka_source *is)
{
	KA_FIXED struct ka_fixed f = {};

	assert_int_equal(
		ka_fix_make(was, (const struct ka_diag *const *)before->diags, before->ndiags, &f),
		0);
	assert_int_equal(f.len, is->len);
	assert_memory_equal(f.text, is->text, f.len);
	return ka_fix_is_good(&f, was, before, is, after);
}

#define BOTH(before, after)                                                    \
	KA_CTX struct ka_ctx old = {}, new = {};                               \
	assert_int_equal(ka_ctx_init(&old) | ka_ctx_init(&new), 0);            \
	const struct ka_source *was = source_of(&old, before, strlen(before)); \
	const struct ka_source *is = source_of(&new, after, strlen(after))

static void what_was_corrected_is_gone(void **state)
{
	BOTH("x: one\ny: two\n", "x: eleven\ny: two\n");

	(void)state;
	wrong(&old, was, KA_D_EMPTY_VALUE, "one", "eleven");
	wrong(&old, was, KA_D_EMPTY_VALUE, "two", NULL);
	assert_true(is_good(&old, was, &new, is));
	wrong(&new, is, KA_D_EMPTY_VALUE, "two", NULL); /* was there before, elsewhere */
	assert_true(is_good(&old, was, &new, is));
	wrong(&new, is, KA_D_EMPTY_VALUE, "eleven", NULL);
	assert_false(is_good(&old, was, &new, is));
}

static void an_error_is_new(void **state)
{
	BOTH("x: one\ny: two\n", "x: 1\ny: two\n");

	(void)state;
	wrong(&old, was, KA_D_EMPTY_VALUE, "one", "1");
	wrong(&new, is, KA_D_STAR_IS_LITERAL, "two", NULL); /* a warning may be */
	assert_true(is_good(&old, was, &new, is));
	wrong(&new, is, KA_D_EXECNAME_SLASH, "1",
	      NULL); /* of the value itself: could not be seen */
	assert_true(is_good(&old, was, &new, is));
	wrong(&new, is, KA_D_EXECNAME_SLASH, "two", NULL);
	assert_false(is_good(&old, was, &new, is));
}

static void an_error_was_hidden(void **state)
{
	BOTH("a: x\nProcess:\n  path: y\n", "a: x\nprocess:\n  path: y\n");

	(void)state;
	wrong(&old, was, KA_D_UNKNOWN_FIELD, "Process", "process");
	wrong(&new, is, KA_D_EXECNAME_SLASH, "y", NULL);
	wrong(&new, is, KA_D_MISSING_FIELD, "a", NULL); /* told at the start */
	assert_true(is_good(&old, was, &new, is));
	wrong(&new, is, KA_D_EXECNAME_SLASH, "x", NULL); /* before it: it was read */
	assert_false(is_good(&old, was, &new, is));
}

static void a_text_was_not_read(void **state)
{
	BOTH("a: x\nb: @y\n", "a: x\nb: 'y\n");

	(void)state;
	wrong(&old, was, KA_D_SYNTAX, "@", "'");
	wrong(&new, is, KA_D_EXECNAME_SLASH, "x", NULL);
	assert_true(is_good(&old, was, &new, is));
	wrong(&new, is, KA_D_SYNTAX, "y", NULL); /* another one: reading goes further */
	assert_true(is_good(&old, was, &new, is));
	wrong(&new, is, KA_D_SYNTAX, "'", NULL);
	assert_false(is_good(&old, was, &new, is));
}

static void a_correction_breaks_the_syntax(void **state)
{
	BOTH("a: x\nb: y\n", "a: x\nb: \"\n");

	(void)state;
	wrong(&old, was, KA_D_UNKNOWN_KIND, "y", "\"");
	wrong(&new, is, KA_D_SYNTAX, "\"", NULL);
	assert_false(is_good(&old, was, &new, is));
}

static void the_third_of_three_comes_to_its_place(void **state)
{
	BOTH("a: 1\na: 1 \na: 1  \n", "a: 1\na: 1  \n");

	(void)state;
	wrong(&old, was, KA_D_DUP_KEY, "a: 1 \n", "");
	wrong(&old, was, KA_D_DUP_KEY, "a: 1  \n", NULL);
	wrong(&new, is, KA_D_DUP_KEY, "a: 1  \n", NULL);
	assert_true(is_good(&old, was, &new, is));
}

/* ---- diffs ---- */

static void expect_diff(const char *before, const char *after, const char *want)
{
	KA_FREE char *diff = NULL;

	assert_int_equal(
		ka_text_diff("p.yaml", before, strlen(before), after, strlen(after), &diff), 0);
	assert_string_equal(diff, want);
}

#define HEAD "--- p.yaml\n+++ p.yaml\n"

static void a_diff_shows_lines(void **state)
{
	(void)state;
	expect_diff("", "", "");
	expect_diff("a\nb\n", "a\nb\n", "");
	expect_diff("a\nb\nc\nd\ne\nf\ng\nh\ni\n", "a\nb\nc\nd\nE\nf\ng\nh\ni\n",
		    HEAD "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n");
	expect_diff("", "a\nb\n", HEAD "@@ -0,0 +1,2 @@\n+a\n+b\n");
	expect_diff("a\n", "", HEAD "@@ -1 +0,0 @@\n-a\n");
	expect_diff("a\nb\nc\n", "b\nc\nd\n", HEAD "@@ -1,3 +1,3 @@\n-a\n b\n c\n+d\n");
}

static void a_diff_has_hunks(void **state)
{
	(void)state;
	/* six equal lines between two changes are shown, seven are not */
	expect_diff("x\n1\n2\n3\n4\n5\n6\ny\n", "X\n1\n2\n3\n4\n5\n6\nY\n",
		    HEAD "@@ -1,8 +1,8 @@\n-x\n+X\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n+Y\n");
	expect_diff("x\n1\n2\n3\n4\n5\n6\n7\ny\n", "X\n1\n2\n3\n4\n5\n6\n7\nY\n",
		    HEAD "@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n 3\n"
			 "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-y\n+Y\n");
}

static void a_diff_knows_the_last_line_end(void **state)
{
	(void)state;
	expect_diff("a\nb", "a\nb\n",
		    HEAD "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
	expect_diff("a\nb\n", "a\nb",
		    HEAD "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n");
	expect_diff("a\nb", "A\nb",
		    HEAD "@@ -1,2 +1,2 @@\n-a\n+A\n b\n\\ No newline at end of file\n");
}

static char *numbers(int from, int step, int n)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (int i = 0; i < n; i++)
		fprintf(out, "%d\n", from + i * step);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* More differences than are looked at together; what both texts share is still found. */
static void a_diff_of_many_differences(void **state)
{
	KA_FREE char *before = numbers(0, 1, 3000), *after = numbers(0, 2, 1500), *diff = NULL;
	size_t plus = 0, minus = 0;

	(void)state;
	assert_int_equal(ka_text_diff("p", before, strlen(before), after, strlen(after), &diff), 0);
	for (const char *line = strstr(diff, "\n@@"); line; line = strchr(line + 1, '\n')) {
		plus += line[1] == '+';
		minus += line[1] == '-';
	}
	assert_int_equal(plus, 0);
	assert_int_equal(minus, 1500);
}

static void a_name_is_one_line(void **state)
{
	KA_FREE char *diff = NULL;

	(void)state;
	assert_int_equal(ka_text_diff("a\n+++ b\x1b[m", "x\n", 2, "y\n", 2, &diff), 0);
	assert_int_equal(strncmp(diff, "--- a?+++ b?[m\n+++ a?+++ b?[m\n@@", 32), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_others),
		cmocka_unit_test(of_two_that_overlap_the_first_is_made),
		cmocka_unit_test(two_that_meet_are_two_rounds),
		cmocka_unit_test(a_correction_is_made_as_a_whole),
		cmocka_unit_test(nothing_is_made_outside_of_the_text),
		cmocka_unit_test(what_was_corrected_is_gone),
		cmocka_unit_test(an_error_is_new),
		cmocka_unit_test(an_error_was_hidden),
		cmocka_unit_test(a_text_was_not_read),
		cmocka_unit_test(a_correction_breaks_the_syntax),
		cmocka_unit_test(the_third_of_three_comes_to_its_place),
		cmocka_unit_test(a_diff_shows_lines),
		cmocka_unit_test(a_diff_has_hunks),
		cmocka_unit_test(a_diff_knows_the_last_line_end),
		cmocka_unit_test(a_diff_of_many_differences),
		cmocka_unit_test(a_name_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
