// SPDX-License-Identifier: Apache-2.0
#include "parse.h"

#include "../../compiler/tree/yaml.h"

struct documents {
	const struct ka_node *v[8];
	size_t n;
};

static int keep(struct ka_ctx *ctx, const struct ka_node *root, void *arg)
{
	struct documents *d = arg;

	(void)ctx;
	if (d->n < KA_ARRAY_SIZE(d->v))
		d->v[d->n] = root;
	d->n++;
	return 0;
}

static struct documents read_bytes(struct ka_ctx *ctx, const char *text, size_t len)
{
	struct documents d = {};

	assert_int_equal(ka_yaml_read(ctx, source_of(ctx, text, len), keep, &d), 0);
	return d;
}

static struct documents read_text(struct ka_ctx *ctx, const char *text)
{
	return read_bytes(ctx, text, strlen(text));
}

#define START                          \
	KA_CTX struct ka_ctx ctx = {}; \
	assert_int_equal(ka_ctx_init(&ctx), 0)

static void assert_at(struct ka_loc loc, unsigned line, unsigned column, unsigned length)
{
	assert_int_equal(loc.line, line);
	assert_int_equal(loc.column, column);
	assert_int_equal(loc.length, length);
}

static void every_key_and_value_has_its_place(void **state)
{
	START;
	struct documents d = read_text(&ctx, "a: one\n"
					     "list:\n"
					     "  - 'two'\n"
					     "  - b: \"three\"\n");
	const struct ka_node *list;

	(void)state;
	expect_clean(&ctx);
	assert_int_equal(d.n, 1);
	assert_at(d.v[0]->pairs[0].key->loc, 1, 1, 1);
	assert_at(d.v[0]->pairs[0].value->loc, 1, 4, 3);
	list = ka_node_get(d.v[0], "list");
	assert_at(list->items[0]->loc, 3, 5, 5);
	assert_at(list->items[1]->pairs[0].value->loc, 4, 8, 7);
	assert_string_equal(list->items[1]->pairs[0].value->str, "three");
}

static void columns_count_bytes(void **state)
{
	START;
	struct documents d = read_text(&ctx, "\xc3\xa9\xe2\x82\xac: {x: \xf0\x9f\x90\x9d, z: z}\n");

	(void)state;
	expect_clean(&ctx);
	/* the key has 5 bytes, the bee 4 */
	assert_at(ka_node_get(d.v[0]->pairs[0].value, "x")->loc, 1, 12, 4);
	assert_at(ka_node_get(d.v[0]->pairs[0].value, "z")->loc, 1, 21, 1);
}

static void line_ends_and_byte_order_marks_do_not_move_places(void **state)
{
	START;
	struct documents d = read_text(&ctx, "\xef\xbb\xbf"
					     "a: 1\r\n"
					     "b: 'x\xe2\x80\xa8y'\r\n"
					     "c: 2\r"
					     "d: 3\n");

	(void)state;
	expect_clean(&ctx);
	assert_at(d.v[0]->pairs[0].key->loc, 1, 1, 1);
	/* a line separator ends a line for YAML, not for an editor */
	assert_at(ka_node_get(d.v[0], "c")->loc, 3, 4, 1);
	assert_at(ka_node_get(d.v[0], "d")->loc, 4, 4, 1);
}

static void a_value_of_many_lines_is_marked_on_its_first(void **state)
{
	START;
	struct documents d = read_text(&ctx, "a: \"one\n  two\"\nb: |\n  text\n");

	(void)state;
	expect_clean(&ctx);
	assert_at(ka_node_get(d.v[0], "a")->loc, 1, 4, 4);
	assert_at(ka_node_get(d.v[0], "b")->loc, 3, 4, 1);
	assert_string_equal(ka_node_get(d.v[0], "b")->str, "text\n");
}

static void scalars_are_resolved_as_clusters_do(void **state)
{
	static const struct {
		const char *text;
		enum ka_node_type type;
	} rows[] = {
		{"abc", KA_NODE_STRING},
		{"1", KA_NODE_INT},
		{"-17", KA_NODE_INT},
		{"0x1f", KA_NODE_INT},
		{"1_000", KA_NODE_INT},
		{"1.5", KA_NODE_FLOAT},
		{"1e3", KA_NODE_FLOAT},
		{".5", KA_NODE_FLOAT},
		{".inf", KA_NODE_FLOAT},
		{".", KA_NODE_STRING},
		{"1.2.3", KA_NODE_STRING},
		{"_1", KA_NODE_STRING},
		{"true", KA_NODE_BOOL},
		{"off", KA_NODE_BOOL},
		{"y", KA_NODE_BOOL},
		{"tRue", KA_NODE_STRING},
		{"null", KA_NODE_NULL},
		{"~", KA_NODE_NULL},
		{"", KA_NODE_NULL},
		{"1e", KA_NODE_STRING},
		{"-", KA_NODE_STRING},
		{"0x", KA_NODE_STRING},
		{"12ab", KA_NODE_STRING},
		{"+.5", KA_NODE_FLOAT},
		{"/etc/passwd", KA_NODE_STRING},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++)
		if (ka_scalar_type(rows[i].text, strlen(rows[i].text)) != rows[i].type)
			fail_msg("'%s' is taken for %s", rows[i].text,
				 ka_node_type_str(
					 ka_scalar_type(rows[i].text, strlen(rows[i].text))));
}

static void quotes_and_tags_make_strings(void **state)
{
	START;
	struct documents d = read_text(&ctx, "[1, '1', \"yes\", !!str 1, ! 1, !!int 1]");
	static const enum ka_node_type types[] = {KA_NODE_INT,    KA_NODE_STRING, KA_NODE_STRING,
						  KA_NODE_STRING, KA_NODE_STRING, KA_NODE_INT};

	(void)state;
	expect_clean(&ctx);
	assert_int_equal(d.v[0]->nitems, KA_ARRAY_SIZE(types));
	for (size_t i = 0; i < KA_ARRAY_SIZE(types); i++)
		assert_int_equal(d.v[0]->items[i]->type, types[i]);
}

static void an_alias_is_the_anchored_value(void **state)
{
	START;
	struct documents d = read_text(&ctx, "a: &x [1, 2]\nb: *x\nc: {d: *x}\n");

	(void)state;
	expect_clean(&ctx);
	assert_ptr_equal(ka_node_get(d.v[0], "a"), ka_node_get(d.v[0], "b"));
	assert_ptr_equal(ka_node_get(d.v[0], "a"), ka_node_get(ka_node_get(d.v[0], "c"), "d"));
}

static void anchors_do_not_reach_other_documents(void **state)
{
	START;

	(void)state;
	read_text(&ctx, "a: &x 1\n---\nb: *x\n");
	expect(&ctx, KA_D_ALIAS_UNKNOWN, 3, 4);
}

static void an_alias_inside_its_own_anchor_is_unknown(void **state)
{
	START;

	(void)state;
	read_text(&ctx, "a: &x\n  b: *x\n");
	expect(&ctx, KA_D_ALIAS_UNKNOWN, 2, 6);
}

static void a_key_given_twice_keeps_the_first_and_shows_both(void **state)
{
	START;
	struct documents d = read_text(&ctx, "a: 1\nb: 2\n'a': 3\n");
	const struct ka_diag *diag = diag_of(&ctx, KA_D_DUP_KEY, 0);

	(void)state;
	expect(&ctx, KA_D_DUP_KEY, 3, 1);
	assert_non_null(diag->more);
	assert_int_equal(diag->more->loc.line, 1);
	assert_int_equal(d.v[0]->npairs, 2);
	assert_string_equal(ka_node_get(d.v[0], "a")->str, "1");
}

static void reading_resumes_at_the_next_document(void **state)
{
	START;
	struct documents d = read_text(&ctx, "a: 1\n"
					     "---\n"
					     "b: [1\n"
					     "---\n"
					     "c: 3\n"
					     "--- \n"
					     "d: 'x\n"
					     "---\n"
					     "e: 5\n");

	(void)state;
	assert_int_equal(d.n, 3);
	assert_int_equal(ctx.nerrors, 2);
	assert_non_null(ka_node_get(d.v[0], "a"));
	assert_at(ka_node_get(d.v[1], "c")->loc, 5, 4, 1);
	assert_at(ka_node_get(d.v[2], "e")->loc, 9, 4, 1);
}

static void an_error_in_the_marker_line_itself_does_not_loop(void **state)
{
	START;
	struct documents d = read_text(&ctx, "--- @\n--- @\n--- {a: 1}\n");

	(void)state;
	assert_int_equal(d.n, 1);
	assert_int_equal(ctx.nerrors, 2);
}

static void tabs_are_named(void **state)
{
	START;

	(void)state;
	read_text(&ctx, "a:\n\tb: 1\n");
	expect(&ctx, KA_D_TAB, 2, 1);
}

static void nul_bytes_are_refused_raw_and_escaped(void **state)
{
	START;

	(void)state;
	read_bytes(&ctx, "a: b\0c\n", 7);
	expect(&ctx, KA_D_NUL, 1, 5);
	read_text(&ctx, "x: 1\ny: \"b\\0c\"\n");
	assert_int_equal(diag_of(&ctx, KA_D_NUL, 1)->loc.line, 2);
}

static void what_is_no_utf8_is_refused_at_its_byte(void **state)
{
	START;

	(void)state;
	read_text(&ctx, "a: 1\nb: x\xffy\n");
	expect(&ctx, KA_D_ENCODING, 2, 5);
}

static void depth_is_bounded(void **state)
{
	START;
	char text[2 * KA_YAML_MAX_DEPTH + 8];

	(void)state;
	memset(text, '[', KA_YAML_MAX_DEPTH);
	memset(text + KA_YAML_MAX_DEPTH, ']', KA_YAML_MAX_DEPTH);
	read_bytes(&ctx, text, 2 * KA_YAML_MAX_DEPTH);
	expect_clean(&ctx);
	memset(text, '[', KA_YAML_MAX_DEPTH + 1);
	memset(text + KA_YAML_MAX_DEPTH + 1, ']', KA_YAML_MAX_DEPTH + 1);
	read_bytes(&ctx, text, 2 * KA_YAML_MAX_DEPTH + 2);
	expect(&ctx, KA_D_LIMIT_DEPTH, 1, KA_YAML_MAX_DEPTH + 1);
}

static void aliases_cannot_multiply_without_bound(void **state)
{
	START;
	KA_FREE char *text = NULL;
	size_t len = 0;
	KA_FCLOSE FILE *out = open_memstream(&text, &len);

	(void)state;
	fputs("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n", out);
	for (int i = 1; i < 12; i++) {
		fprintf(out, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			fprintf(out, "%s*a%d", j ? ", " : "", i - 1);
		fputs("]\n", out);
	}
	fputs("---\nb: 1\n", out);
	fflush(out);
	assert_int_equal(read_bytes(&ctx, text, len).n, 1);
	assert_int_equal(ctx.nerrors, 1);
	assert_non_null(diag_of(&ctx, KA_D_LIMIT_ALIAS, 0));
}

static void anchors_are_bounded(void **state)
{
	START;
	KA_FREE char *text = NULL;
	size_t len = 0;
	KA_FCLOSE FILE *out = open_memstream(&text, &len);

	(void)state;
	for (unsigned i = 0; i <= KA_YAML_MAX_ANCHORS; i++)
		fprintf(out, "- &a%u x\n", i);
	fflush(out);
	read_bytes(&ctx, text, len);
	expect(&ctx, KA_D_LIMIT_ANCHORS, KA_YAML_MAX_ANCHORS + 1, 9);
}

static void values_are_bounded_in_number(void **state)
{
	START;
	size_t len = 2 * (size_t)KA_YAML_MAX_NODES;
	KA_FREE char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, ',', len);
	for (size_t i = 1; i < len; i += 2)
		text[i] = 'x';
	text[0] = '[';
	read_bytes(&ctx, text, len);
	expect(&ctx, KA_D_LIMIT_NODES, 1, (unsigned)len);
}

static void long_values_are_refused(void **state)
{
	START;
	size_t len = KA_YAML_MAX_SCALAR + 4;
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	memcpy(text, "a: ", 3);
	read_bytes(&ctx, text, KA_YAML_MAX_SCALAR + 3);
	expect_clean(&ctx);
	read_bytes(&ctx, text, len);
	expect(&ctx, KA_D_LIMIT_SCALAR, 1, 4);
	free(text);
}

static void large_inputs_are_refused(void **state)
{
	START;
	struct ka_source src = {.name = "big", .text = "", .len = KA_YAML_MAX_SIZE + 1};
	struct documents d = {};

	(void)state;
	assert_int_equal(ka_yaml_read(&ctx, &src, keep, &d), 0);
	assert_non_null(diag_of(&ctx, KA_D_LIMIT_SIZE, 0));
}

static void odd_keys_are_refused(void **state)
{
	START;
	struct documents d = read_text(&ctx, "1: a\n? [x]\n: b\n<<: {y: z}\nok: c\n");

	(void)state;
	assert_int_equal(diag_of(&ctx, KA_D_KEY_TYPE, 0)->loc.line, 1);
	assert_int_equal(diag_of(&ctx, KA_D_KEY_TYPE, 1)->loc.line, 2);
	expect(&ctx, KA_D_MERGE_KEY, 4, 1);
	assert_int_equal(d.v[0]->npairs, 1);
}

static void unknown_tags_are_refused(void **state)
{
	START;

	(void)state;
	read_text(&ctx, "a: !mine x\nb: !!int x\n");
	expect(&ctx, KA_D_TAG, 1, 4);
	assert_int_equal(diag_of(&ctx, KA_D_TAG, 1)->loc.line, 2);
}

static void empty_documents_have_no_root(void **state)
{
	START;
	struct documents d = read_text(&ctx, "# nothing\n---\n---\n...\n");

	(void)state;
	expect_clean(&ctx);
	for (size_t i = 0; i < d.n; i++)
		assert_null(d.v[i]);
}

/* ---- tabs ---- */

static const struct ka_fix *fix_of(const struct ka_ctx *ctx, enum ka_diag_id id, size_t n)
{
	const struct ka_diag *d = diag_of(ctx, id, n);

	return d ? d->fix : NULL;
}

static void all_tabs_of_a_document_are_told_and_it_is_read_on(void **state)
{
	START;
	struct documents d = read_text(&ctx, "a:\n\tb: 1\n\tc: 2\nd: 3\n1: x\n");

	(void)state;
	assert_int_equal(d.n, 1);
	assert_int_equal(ctx.nerrors, 3);
	assert_int_equal(diag_of(&ctx, KA_D_TAB, 0)->loc.line, 2);
	assert_int_equal(diag_of(&ctx, KA_D_TAB, 1)->loc.line, 3);
	expect(&ctx, KA_D_KEY_TYPE, 5, 1);
	assert_string_equal(ka_node_get(ka_node_get(d.v[0], "a"), "c")->str, "2");
}

static void what_was_told_before_a_tab_is_told_once(void **state)
{
	START;

	(void)state;
	read_text(&ctx, "a: {x: 1, x: 2}\n1: y\n<<: {}\nb: *c\nd: !e f\ng:\n\th: 1\n");
	assert_int_equal(ctx.nerrors, 6);
}

static void tabs_that_mean_nothing_can_be_corrected(void **state)
{
	static const struct {
		const char *text;
		unsigned offset, length;
		const char *to;
	} rows[] = {
		{"a: 1\n\t\nb: 2\n", 5, 1, ""}, {"a:\n  c: 1\n \t \t\nb: 2\n", 10, 4, ""},
		{"a: 1\n\t# x\n", 5, 1, " "},   {"a:\n-\tx\n", 4, 1, " "},
		{"a:\n- \t /x\n", 5, 2, " "},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		START;
		const struct ka_fix *fix;

		read_text(&ctx, rows[i].text);
		fix = fix_of(&ctx, KA_D_TAB, 0);
		if (!fix)
			fail_msg("no correction of '%s'", rows[i].text);
		assert_int_equal(fix->offset, rows[i].offset);
		assert_int_equal(fix->length, rows[i].length);
		assert_string_equal(fix->text, rows[i].to);
	}
}

static void tabs_that_indent_are_not_corrected(void **state)
{
	static const char *const rows[] = {"a:\n\tb: 1\n", "a:\n-\tb: 1\n", "a:\n-\t- b\n",
					   "a:\n  b:\n \t c: 1\n"};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		START;

		read_text(&ctx, rows[i]);
		assert_non_null(diag_of(&ctx, KA_D_TAB, 0));
		assert_null(fix_of(&ctx, KA_D_TAB, 0));
	}
}

static void tabs_between_brackets_and_in_values_are_none(void **state)
{
	START;

	(void)state;
	read_text(&ctx, "a: [\n\tx,\n\ty]\t# z\nb:\tc\td\t\ne: 'f\tg'\nh: |\n  i\tj\n");
	expect_clean(&ctx);
}

/* ---- shapes of syntax errors ---- */

static void syntax_errors_are_where_the_mistake_is(void **state)
{
	static const struct {
		const char *text;
		enum ka_diag_id id;
		unsigned line, column;
	} rows[] = {
		{"a: b: c\n", KA_D_SYNTAX, 1, 5},
		{"a:\n    b: 1\n  c: 2\n", KA_D_INDENT, 3, 3},
		{"a:\n  b: 1\n    c: 2\n", KA_D_INDENT, 3, 5},
		{"a:\n- b: 1\n   - c: 2\n", KA_D_INDENT, 3, 4},
		{"a:\n  - b\n - c\n", KA_D_INDENT, 3, 2},
		{"a:\n  - b\n  c: 1\n", KA_D_SYNTAX, 3, 3},
		{"a:\n  b: 1\n  - c\n", KA_D_SYNTAX, 3, 3},
		{"  a: 1\nb: 2\n", KA_D_INDENT, 2, 1},
		{"a:\n  b:c\n  d: 1\n", KA_D_SYNTAX, 2, 4},
		{"a:\n  d: 1\n  b:c\n", KA_D_SYNTAX, 3, 4},
		{"a:\n  d: 1\n  b c\n", KA_D_SYNTAX, 3, 3},
		{"a: - b\n", KA_D_SYNTAX, 1, 4},
		{"a: 'x\nb: 1\n", KA_D_UNCLOSED, 1, 4},
		{"a: \"x\n---\nb: 1\n", KA_D_UNCLOSED, 1, 4},
		{"a: [x, y\nb: 1\n", KA_D_UNCLOSED, 1, 4},
		{"a: {x: [y\nb: 1\n", KA_D_UNCLOSED, 1, 8},
		{"a: {v,w}/z\nb: 1\n", KA_D_SYNTAX, 1, 4},
		{"a: [x]/z\nb: 1\n", KA_D_SYNTAX, 1, 4},
		{"a: 'x' y\nb: 1\n", KA_D_SYNTAX, 1, 8},
		{"- **/x\n", KA_D_SYNTAX, 1, 3},
		{"a: @b\n", KA_D_SYNTAX, 1, 4},
		{"a: `b\n", KA_D_SYNTAX, 1, 4},
		{"a: %b\n", KA_D_SYNTAX, 1, 4},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		START;
		const struct ka_diag *d;

		read_text(&ctx, rows[i].text);
		d = diag_of(&ctx, rows[i].id, 0);
		if (!d || d->loc.line != rows[i].line || d->loc.column != rows[i].column)
			fail_msg("%s: %s at %u:%u", rows[i].text, ka_diag_code(ctx.diags[0]->id),
				 ctx.diags[0]->loc.line, ctx.diags[0]->loc.column);
		assert_int_equal(ctx.nerrors, 1);
	}
}

static void a_value_that_must_be_quoted_gets_quotes(void **state)
{
	START;
	const struct ka_fix *fix;

	(void)state;
	read_text(&ctx, "a: @b c # d\n");
	fix = fix_of(&ctx, KA_D_SYNTAX, 0);
	assert_non_null(fix);
	assert_int_equal(fix->offset, 3);
	assert_int_equal(fix->length, 0);
	assert_string_equal(fix->text, "'");
	assert_int_equal(fix->next->offset, 7);
	assert_null(fix->next->next);
	read_text(&ctx, "a: @it's\n");
	assert_null(fix_of(&ctx, KA_D_SYNTAX, 1));
}

static void a_missing_blank_is_put_behind_its_colon(void **state)
{
	START;
	const struct ka_fix *fix;

	(void)state;
	read_text(&ctx, "metadata:\n  name:x\n  namespace: y\n");
	fix = fix_of(&ctx, KA_D_SYNTAX, 0);
	assert_non_null(fix);
	assert_int_equal(fix->offset, 17);
	assert_string_equal(fix->text, " ");
}

static void a_name_that_is_no_string_gets_quotes(void **state)
{
	START;
	const struct ka_fix *fix;

	(void)state;
	read_text(&ctx, "a:\n  on: x\n");
	fix = fix_of(&ctx, KA_D_KEY_TYPE, 0);
	assert_non_null(fix);
	assert_int_equal(fix->offset, 5);
	assert_int_equal(fix->length, 2);
	assert_string_equal(fix->text, "'on'");
}

static void lines_that_are_joined_are_told(void **state)
{
	START;

	(void)state;
	read_text(&ctx, "a:\n- one\n  - two\n- three\n  more\nb: text\n  text\nc: 'x\n  - y'\n");
	assert_int_equal(ctx.nwarnings, 1);
	expect(&ctx, KA_D_JOINED, 3, 3);
}

/* ---- fields given twice ---- */

static void the_same_field_twice_can_be_corrected(void **state)
{
	static const struct {
		const char *text;
		unsigned offset, length; /* 0: not */
	} rows[] = {
		{"a: 1\nb: 2\na: 1\nc: 3\n", 10, 5},
		{"a: 1\na: 1", 5, 4},
		{"a: 1\na: '1'\n", 0, 0},
		{"a: 1\na: 2\n", 0, 0},
		{"a: 1\na: 1 # x\n", 0, 0},
		{"{a: 1,\na: 1}\n", 0, 0},
		{"a: {b: [1, 2]}\na:\n  b:\n  - 1\n  - 2\n", 15, 20},
		{"a: {b: [1, 2]}\na:\n  b:\n  - 2\n  - 1\n", 0, 0},
		{"a: x\nb:\n  c: y\n  c: y\r\nd: z\n", 15, 8},
		{"a: |\n  x\nb: 1\na: |\n  x\n", 14, 9},
		{"a: &x [1]\na: *x\n", 0, 0},
		/* one list in two pieces */
		{"a:\n- 1\na:\n- 2\n", 7, 3},
		{"b:\n  a:\n  - c: 1\n  a: # x\n  - c: 2\n", 0, 0},
		{"b:\n  a:\n  - c: 1\n\n  a:  \n  # x\n  - c: 2\n", 18, 7},
		{"a:\n- 1\na:\n  - 2\n", 0, 0},
		{"a:\n- 1\nb: 1\na:\n- 2\n", 0, 0},
		{"a: [1]\na:\n- 2\n", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		START;
		const struct ka_fix *fix;

		read_text(&ctx, rows[i].text);
		assert_non_null(diag_of(&ctx, KA_D_DUP_KEY, 0));
		fix = fix_of(&ctx, KA_D_DUP_KEY, 0);
		if (!fix != !rows[i].length ||
		    (fix && (fix->offset != rows[i].offset || fix->length != rows[i].length)))
			fail_msg("%s: %u+%u", rows[i].text, fix ? fix->offset : 0,
				 fix ? fix->length : 0);
	}
}

/* ---- templates ---- */

static void templates_are_known(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column; /* 0: none */
	} rows[] = {
		{"a: {{ .Values.x }}\n", 1, 4},
		{"a: {{.Values.x}}\n", 1, 4},
		{"a: x-{{ .y }}-z\n", 1, 6},
		{"a: {{ include \"x\" . | quote }}\n", 1, 4},
		{"a: {{include \"x\" .}}\n", 1, 4},
		{"a: \"{{ .x | default \"y\" }}\"\n", 1, 5},
		{"{{- if .Values.on }}\na: b\n{{- end }}\n", 1, 1},
		{"a: b\n{{- end }}\n", 2, 1},
		{"a: b\n{{end}}\n", 2, 1},
		{"a:\n  {{- toYaml .x | nindent 2 }}\nb: 1\n", 2, 3},
		{"a:\n{{ toYaml .x | indent 2 }}\nb: 1\n", 2, 1},
		{"{{/* a comment */}}\na: b\n", 1, 1},
		{"{% if x %}\na: b\n{% endif %}\n", 1, 1},
		{"a: b\n# {{ .x }}\nc: d\n", 0, 0},
		{"a: '{{ .x }}'\n", 0, 0},
		{"a: \"{{ .x }}\"\n", 0, 0},
		{"a: |\n  {{ .x }}\n", 0, 0},
		{"a: /x/{{b,c},d}/**\n", 0, 0},
		{"a: '{{b,c},d}/**'\n", 0, 0},
		{"a: /x/{b,{c,d}}\n", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		START;
		const struct ka_diag *d;

		read_text(&ctx, rows[i].text);
		d = diag_of(&ctx, KA_D_TEMPLATE, 0);
		if (!d != !rows[i].line ||
		    (d && (d->loc.line != rows[i].line || d->loc.column != rows[i].column)))
			fail_msg("%s: %u:%u", rows[i].text, d ? d->loc.line : 0,
				 d ? d->loc.column : 0);
		assert_int_equal(ctx.ndiags, rows[i].line != 0);
	}
}

static void a_template_is_told_once_for_its_document(void **state)
{
	START;
	struct documents d = read_text(&ctx, "a: {{ .x }}\nb: {{ .y }}\n---\nc: 1\n---\n"
					     "d: {{ .z }}\n");

	(void)state;
	assert_int_equal(d.n, 1);
	assert_int_equal(ctx.nerrors, 2);
}

/* ---- bounds of what is read ahead ---- */

static void read_many(struct ka_ctx *ctx, const char *before, const char *unit, size_t n,
		      const char *behind)
{
	KA_FREE char *text = NULL;
	size_t len = 0;
	KA_FCLOSE FILE *out = open_memstream(&text, &len);

	fputs(before, out);
	for (size_t i = 0; i < n; i++)
		fputs(unit, out);
	fputs(behind, out);
	fflush(out);
	read_bytes(ctx, text, len);
}

static void what_never_ends_is_given_up_early(void **state)
{
	static const struct {
		const char *before, *unit;
		enum ka_diag_id id;
		unsigned line, column;
	} rows[] = {
		{"a: ", "xxxxxxxx", KA_D_LIMIT_SCALAR, 1, 4},
		{"a: '", "xxxxxxxx", KA_D_LIMIT_SCALAR, 1, 4},
		{"b: 1\na: |\n", "  xxxxx\n", KA_D_LIMIT_SCALAR, 2, 4},
		{"", "xxxxxxxx", KA_D_LIMIT_SCALAR, 1, 1},
		{"a: &", "xxxxxxxx", KA_D_LIMIT_SCALAR, 1, 4},
		{"a: 1\n", "# xxxxx\n", KA_D_LIMIT_GAP, 1, 5},
		{"#", "xxxxxxxx", KA_D_LIMIT_GAP, 1, 1},
		{"a: 1\n", "\n\n\n\n\n\n\n\n", KA_D_LIMIT_GAP, 1, 2},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		START;

		read_many(&ctx, rows[i].before, rows[i].unit, 1u << 18, "\n---\n1: x\n");
		assert_int_equal(ctx.nerrors, 2);
		expect(&ctx, rows[i].id, rows[i].line, rows[i].column);
		assert_non_null(diag_of(&ctx, KA_D_KEY_TYPE, 0)); /* the next document is read */
	}
}

static void long_comments_are_fine(void **state)
{
	START;

	(void)state;
	read_many(&ctx, "a: 1\n", "# xxxxx\n", 1u << 16, "b: 2\n");
	expect_clean(&ctx);
}

static void documents_that_cannot_be_read_are_bounded(void **state)
{
	START;

	(void)state;
	read_many(&ctx, "", "--- @\n", 10000, "");
	assert_int_equal(ctx.nerrors, KA_YAML_MAX_BROKEN + 2);
	assert_non_null(diag_of(&ctx, KA_D_LIMIT_BROKEN, 0));
}

static void directives_are_bounded(void **state)
{
	START;

	(void)state;
	read_many(&ctx, "", "%X y\n", KA_YAML_MAX_DIRECTIVES, "--- a\n");
	assert_null(diag_of(&ctx, KA_D_LIMIT_DIRECTIVES, 0));
	read_many(&ctx, "", "%X y\n", KA_YAML_MAX_DIRECTIVES + 1, "--- a\n");
	assert_non_null(diag_of(&ctx, KA_D_LIMIT_DIRECTIVES, 0));
}

static void aliases_of_all_documents_are_counted_together(void **state)
{
	START;

	(void)state;
	read_many(&ctx, "", "---\na: &a [1, 2, 3, 4, 5, 6, 7, 8]\nb: [*a, *a, *a, *a, *a, *a]\n",
		  20000, "");
	assert_non_null(diag_of(&ctx, KA_D_LIMIT_ALIAS, 0));
}

static void documents_before_a_bad_byte_are_read(void **state)
{
	START;
	struct documents d = read_text(&ctx, "a: 1\n---\nb: \xff\n---\n\xef\xbb\xbf"
					     "c: 1\n"
					     "---\nd: \x01\n---\ne: 1\n");

	(void)state;
	assert_int_equal(d.n, 2);
	assert_int_equal(ctx.nerrors, 3);
	assert_int_equal(fix_of(&ctx, KA_D_ENCODING, 1)->length, 3);
}

/* ---- places ---- */

/* Line and column of every node are those of its offset, and its end lies behind. */
static void check_places(const struct ka_source *src, const struct ka_node *n)
{
	const char *start = src->text + n->loc.offset - (n->loc.column - 1);
	unsigned line = 1;

	for (const char *p = src->text; p < src->text + n->loc.offset; p++)
		line += *p == '\n';
	assert_int_equal(n->loc.line, line);
	assert_true(start == src->text || start[-1] == '\n' ||
		    !memcmp(start - 3, "\xef\xbb\xbf", 3));
	assert_true(n->end >= n->loc.offset && n->end <= src->len);
	for (size_t i = 0; n->type == KA_NODE_SEQ && i < n->nitems; i++)
		check_places(src, n->items[i]);
	for (size_t i = 0; n->type == KA_NODE_MAP && i < n->npairs; i++) {
		check_places(src, n->pairs[i].key);
		check_places(src, n->pairs[i].value);
	}
}

static int check_document(struct ka_ctx *ctx, const struct ka_node *root, void *arg)
{
	(void)ctx;
	if (root)
		check_places(arg, root);
	return 0;
}

static void offsets_agree_with_lines_and_columns(void **state)
{
	static const char *const texts[] = {
		"a: 1\nb:\n  - c: 'x'\n    d: |\n      e\n\n  - &f !!str g\nh: *f\n",
		"\357\273\277a: 1\r\nb: {c: [d, e]}\r\n---\r\nf: g",
		"a: \xc3\xa4\nb: [x\xe2\x80\xa8x, \xf0\x9f\x90\x9d]\nc: \"d\n  e\"\n---\n# \xc3\xa4\nf: g\n",
		"a:\nb:\n-\n-\nc: {d: , e}\n",
		"a: &x\n  b\nc: !!str\n\n  # no\n  d\n",
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(texts); i++) {
		START;
		const struct ka_source *src = source_of(&ctx, texts[i], strlen(texts[i]));

		assert_int_equal(ka_yaml_read(&ctx, src, check_document, (void *)src), 0);
		assert_int_equal(ka_yaml_walk(&ctx, src, check_document, (void *)src), 0);
		expect_clean(&ctx);
	}
}

static void a_place_is_that_of_the_value_alone(void **state)
{
	START;
	struct documents d = read_text(&ctx, "a: &x !!str 'one'\nb: !!str &y\n  two # z\n");

	(void)state;
	expect_clean(&ctx);
	assert_at(ka_node_get(d.v[0], "a")->loc, 1, 13, 5);
	assert_at(ka_node_get(d.v[0], "b")->loc, 3, 3, 3);
}

static void values_know_where_they_end(void **state)
{
	START;
	const char *text =
		"a: 'x'\nb: |\n  y\n\n\nc:\n  - d\n  - {e: f}\ng: [h,\n  i]\nj: k\n  l\n";
	struct documents d = read_text(&ctx, text);
	static const struct {
		const char *key, *before; /* what stands before the end */
	} rows[] = {{"a", "'x'"}, {"b", "y"}, {"c", "f}"}, {"g", "i]"}, {"j", "l"}};

	(void)state;
	expect_clean(&ctx);
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		const struct ka_node *n = ka_node_get(d.v[0], rows[i].key);
		size_t len = strlen(rows[i].before);

		assert_memory_equal(text + n->end - len, rows[i].before, len);
	}
}

static void long_messages_are_cut_at_a_character(void **state)
{
	START;
	KA_FREE char *long_one = malloc(5000);
	struct ka_diag *d;

	(void)state;
	assert_non_null(long_one);
	for (size_t i = 0; i + 1 < 5000; i += 2)
		memcpy(long_one + i, "\xc3\xa4", 2);
	long_one[4998] = '\0';
	d = ka_diag(&ctx, KA_D_UNKNOWN_KIND, (struct ka_loc){}, long_one);
	assert_true(strlen(d->message) < 1000);
	assert_string_equal(d->message + strlen(d->message) - 5, "\xc3\xa4...");
}

static void errors_are_counted_when_they_are_no_longer_kept(void **state)
{
	START;

	(void)state;
	for (int i = 0; i < 1000; i++)
		ka_diag_hint(&ctx, ka_diag(&ctx, KA_D_MERGE_KEY, (struct ka_loc){}), "hint");
	assert_int_equal(ctx.nerrors, 1000);
	assert_int_equal(ctx.ndiags + ctx.left_out, 1000);
	assert_true(ctx.ndiags < 1000);
}

static void remarks_leave_room_for_errors(void **state)
{
	START;

	(void)state;
	for (int i = 0; i < 1000; i++)
		ka_diag(&ctx, KA_D_NO_SELECTOR, (struct ka_loc){}, "ns");
	ka_diag(&ctx, KA_D_MERGE_KEY, (struct ka_loc){});
	assert_non_null(diag_of(&ctx, KA_D_MERGE_KEY, 0));
}

static void the_arena_gives_aligned_zeroes_of_any_size(void **state)
{
	START;
	static const size_t sizes[] = {0, 1, 15, 16, 17, 4096, 65536, 1 << 20, 3};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(sizes); i++) {
		unsigned char *p = ka_alloc(&ctx, sizes[i]);
		size_t sum = 0;

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t j = 0; j < sizes[i]; j++)
			sum += p[j];
		assert_int_equal(sum, 0);
		memset(p, 0xff, sizes[i]);
	}
	assert_null(ka_calloc(&ctx, SIZE_MAX / 2, 3));
	assert_int_equal(ctx.failed, -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_and_value_has_its_place),
		cmocka_unit_test(columns_count_bytes),
		cmocka_unit_test(line_ends_and_byte_order_marks_do_not_move_places),
		cmocka_unit_test(a_value_of_many_lines_is_marked_on_its_first),
		cmocka_unit_test(scalars_are_resolved_as_clusters_do),
		cmocka_unit_test(quotes_and_tags_make_strings),
		cmocka_unit_test(an_alias_is_the_anchored_value),
		cmocka_unit_test(anchors_do_not_reach_other_documents),
		cmocka_unit_test(an_alias_inside_its_own_anchor_is_unknown),
		cmocka_unit_test(a_key_given_twice_keeps_the_first_and_shows_both),
		cmocka_unit_test(reading_resumes_at_the_next_document),
		cmocka_unit_test(an_error_in_the_marker_line_itself_does_not_loop),
		cmocka_unit_test(tabs_are_named),
		cmocka_unit_test(nul_bytes_are_refused_raw_and_escaped),
		cmocka_unit_test(what_is_no_utf8_is_refused_at_its_byte),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(aliases_cannot_multiply_without_bound),
		cmocka_unit_test(anchors_are_bounded),
		cmocka_unit_test(values_are_bounded_in_number),
		cmocka_unit_test(long_values_are_refused),
		cmocka_unit_test(large_inputs_are_refused),
		cmocka_unit_test(odd_keys_are_refused),
		cmocka_unit_test(unknown_tags_are_refused),
		cmocka_unit_test(empty_documents_have_no_root),
		cmocka_unit_test(all_tabs_of_a_document_are_told_and_it_is_read_on),
		cmocka_unit_test(what_was_told_before_a_tab_is_told_once),
		cmocka_unit_test(tabs_that_mean_nothing_can_be_corrected),
		cmocka_unit_test(tabs_that_indent_are_not_corrected),
		cmocka_unit_test(tabs_between_brackets_and_in_values_are_none),
		cmocka_unit_test(syntax_errors_are_where_the_mistake_is),
		cmocka_unit_test(a_value_that_must_be_quoted_gets_quotes),
		cmocka_unit_test(a_missing_blank_is_put_behind_its_colon),
		cmocka_unit_test(a_name_that_is_no_string_gets_quotes),
		cmocka_unit_test(lines_that_are_joined_are_told),
		cmocka_unit_test(the_same_field_twice_can_be_corrected),
		cmocka_unit_test(templates_are_known),
		cmocka_unit_test(a_template_is_told_once_for_its_document),
		cmocka_unit_test(what_never_ends_is_given_up_early),
		cmocka_unit_test(long_comments_are_fine),
		cmocka_unit_test(documents_that_cannot_be_read_are_bounded),
		cmocka_unit_test(directives_are_bounded),
		cmocka_unit_test(aliases_of_all_documents_are_counted_together),
		cmocka_unit_test(documents_before_a_bad_byte_are_read),
		cmocka_unit_test(offsets_agree_with_lines_and_columns),
		cmocka_unit_test(a_place_is_that_of_the_value_alone),
		cmocka_unit_test(values_know_where_they_end),
		cmocka_unit_test(long_messages_are_cut_at_a_character),
		cmocka_unit_test(errors_are_counted_when_they_are_no_longer_kept),
		cmocka_unit_test(remarks_leave_room_for_errors),
		cmocka_unit_test(the_arena_gives_aligned_zeroes_of_any_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
