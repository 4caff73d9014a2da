// SPDX-License-Identifier: Apache-2.0
/*
 * What reports are made of: places, hashes of lines, documents, text in XML.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../cli/output/documents.h"
#include "../../cli/output/line_hash.h"
#include "../../cli/output/uri.h"
#include "../../cli/output/xml.h"

/* ---- hashes of lines ---- */

/* The hashes that code-scanning views compute of these texts. */
static const struct {
	const char *text;
	const char *hashes[8];
} hashed[] = {
	{"", {"c129715d7a2bc9a3:1"}},
	{" a\nb\n  \t\tc\n d",
	 {"271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"}},
	{" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
	 {"8b7cf3e952e7aeb2:1", "b1ae1287ec4718d9:1", "bff680108adb0fcc:1", "c6805c5e1288b612:1",
	  "b86d3392aea1be30:1", "e6ceba753e1a442:1"}},
	{" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
	 {"e9496ae3ebfced30:1", "fb7c023a8b9ccb3f:1", "ce8ba1a563dcdaca:1", "e20e36e16fcb0cc8:1",
	  "b3edc88f2938467e:1", "c8e28b0b4002a3a0:1", "c129715d7a2bc9a3:1"}},
	{"alpha\nbeta\nalpha\n",
	 {"8d07ce75f7b3af45:1", "ca140c3f893ffa65:1", "26f09ff008857193:1", "c129715d7a2bc9a3:1"}},
};

static void lines_hash_as_others_have_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(hashed); i++) {
		uint32_t lines[8];
		char got[8][KA_LINE_HASH_SIZE];
		uint32_t n = 0;

		for (; n < 8 && hashed[i].hashes[n]; n++)
			lines[n] = n + 1;
		assert_int_equal(
			ka_line_hashes(hashed[i].text, strlen(hashed[i].text), lines, n, got), 0);
		for (uint32_t k = 0; k < n; k++)
			assert_string_equal(got[k], hashed[i].hashes[k]);
	}
}

static void lines_that_are_alike_are_counted(void **state)
{
	const uint32_t lines[] = {1, 1, 3000, 3001, 9999};
	char got[5][KA_LINE_HASH_SIZE];
	char text[6000];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "x\n", 2);
	assert_int_equal(ka_line_hashes(text, sizeof(text), lines, 5, got), 0);
	assert_string_equal(got[0], got[1]);
	assert_non_null(strstr(got[0], ":1"));
	assert_string_not_equal(got[0], got[2]);
	assert_string_equal(got[3], "c129715d7a2bc9a3:1");
	assert_string_equal(got[4], ""); /* there is no such line */
}

/* ---- places ---- */

struct text {
	struct ka_ctx ctx;
	struct ka_source src;
	struct ka_found found;
};

static void text_open(struct text *t, const char *text, size_t len)
{
	*t = (struct text){.src = {.name = "t", .text = text, .len = len}};
	assert_int_equal(ka_ctx_init(&t->ctx), 0);
	assert_int_equal(ka_source_open(&t->ctx, &t->src), 0);
	t->found.ctx = &t->ctx;
	assert_int_equal(ka_found_open(&t->found), 0);
}

static void text_done(struct text *t)
{
	ka_found_done(&t->found);
	ka_ctx_done(&t->ctx);
}

static void assert_span(struct ka_span s, uint32_t line, uint32_t column, uint32_t to_line,
			uint32_t to_column)
{
	assert_int_equal(s.from.line, line);
	assert_int_equal(s.from.column, column);
	assert_int_equal(s.to.line, to_line);
	assert_int_equal(s.to.column, to_column);
}

static void columns_count_as_editors_do(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf"
		"a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z\r\nsecond\rthird\n\nfifth";
	struct text t;

	(void)state;
	text_open(&t, text, sizeof(text) - 1);
	assert_span(ka_found_range(&t.found, &t.src, 3, 1), 1, 1, 1, 2);
	assert_span(ka_found_range(&t.found, &t.src, 13, 1), 1, 6, 1, 7); /* z */
	assert_span(ka_found_range(&t.found, &t.src, 9, 4), 1, 4, 1, 6);  /* two units */
	assert_span(ka_found_range(&t.found, &t.src, 16, 6), 2, 1, 2, 7); /* second */
	assert_span(ka_found_range(&t.found, &t.src, 16, 9), 2, 1, 3, 3); /* second, th */
	assert_span(ka_found_range(&t.found, &t.src, 30, 5), 5, 1, 5, 6); /* fifth, the end */
	/* outside of the text */
	assert_span(ka_found_range(&t.found, &t.src, 30, 6), 0, 0, 0, 0);
	assert_span(ka_found_range(&t.found, &t.src, 0, 1), 0, 0, 0, 0);
	text_done(&t);
}

static void a_place_of_another_text_has_no_end(void **state)
{
	const struct ka_loc loc = {.line = 7, .column = 3, .offset = 1, .length = 1};
	struct ka_loc here = loc;
	struct text t;

	(void)state;
	text_open(&t, "a\nb\n", 4);
	here.source = &t.src;
	assert_span(ka_found_span(&t.found, &here), 7, 3, 0, 0);
	assert_span(ka_found_span(&t.found, &(struct ka_loc){}), 0, 0, 0, 0);
	text_done(&t);
}

static void a_long_line_is_counted_once(void **state)
{
	enum { LEN = 4 << 20 };
	char *text = malloc(LEN);
	struct text t;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', LEN);
	text_open(&t, text, LEN);
	/* 200,000 times the whole line would take minutes */
	for (uint32_t i = 0; i < 200000; i++) {
		struct ka_loc loc = {&t.src, 1, i * 20 + 1, i * 20, 3};

		assert_span(ka_found_span(&t.found, &loc), 1, i * 20 + 1, 1, i * 20 + 4);
	}
	text_done(&t);
	free(text);
}

static void a_line_is_found_from_its_place(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "first\r\n  second\nlast";
	struct ka_source src = {.name = "t", .text = text, .len = sizeof(text) - 1};
	const char *line;
	size_t len, at;

	(void)state;
	assert_true(ka_loc_line(&(struct ka_loc){&src, 1, 2, 4, 1}, &line, &len, &at));
	assert_int_equal(len, 5);
	assert_int_equal(at, 1);
	assert_memory_equal(line, "first", 5);
	assert_true(ka_loc_line(&(struct ka_loc){&src, 2, 3, 12, 1}, &line, &len, &at));
	assert_memory_equal(line, "  second", len);
	assert_true(ka_loc_line(&(struct ka_loc){&src, 3, 5, 23, 0}, &line, &len, &at));
	assert_memory_equal(line, "last", len);
	/* not what was read */
	assert_false(ka_loc_line(&(struct ka_loc){&src, 2, 2, 12, 1}, &line, &len, &at));
	assert_false(ka_loc_line(&(struct ka_loc){&src, 2, 30, 12, 1}, &line, &len, &at));
	assert_false(ka_loc_line(&(struct ka_loc){&src, 9, 1, 99, 1}, &line, &len, &at));
	assert_false(ka_loc_line(&(struct ka_loc){}, &line, &len, &at));
}

/* ---- documents ---- */

static void documents_are_seen_by_their_text(void **state)
{
	static const char text[] = "# a comment\n---\na: 1\n--- # b\nb: 1\r\n---\n# nothing\n---\n"
				   "c: |\n  ---\n---\tq\n...\n";
	static const uint32_t wanted[][2] = {{1, 3}, {4, 5}, {8, 10}, {11, 12}};
	struct ka_document_walk w;
	struct ka_document d;
	struct ka_input in = {};
	struct text t;
	size_t n = 0;

	(void)state;
	text_open(&t, text, sizeof(text) - 1);
	t.found.in = &in;
	ka_documents_of(&w, &t.found, 0, NULL);
	for (; ka_document_next(&w, &d); n++) {
		assert_true(n < KA_ARRAY_SIZE(wanted));
		assert_int_equal(d.first, wanted[n][0]);
		assert_int_equal(d.last, wanted[n][1]);
		assert_int_equal(d.number, n + 1);
	}
	assert_int_equal(n, KA_ARRAY_SIZE(wanted));
	text_done(&t);
}

/* ---- text in other formats ---- */

static char *written(const char *s, bool attribute)
{
	char *ret = NULL;
	size_t len;
	FILE *f = open_memstream(&ret, &len);

	assert_non_null(f);
	ka_xml_text(f, s, strlen(s), attribute);
	fclose(f);
	return ret;
}

static void xml_carries_any_bytes(void **state)
{
	static const char *const rows[][3] = {
		{"a<b>&\"c\"]]>", "a&lt;b&gt;&amp;&quot;c&quot;]]&gt;",
		 "a&lt;b&gt;&amp;&quot;c&quot;]]&gt;"},
		{"\t\n\r", "\t\n&#13;", "&#9;&#10;&#13;"},
		{"\x01\x1b[2J\x7f", "\xef\xbf\xbd\xef\xbf\xbd[2J\xef\xbf\xbd",
		 "\xef\xbf\xbd\xef\xbf\xbd[2J\xef\xbf\xbd"},
		{"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xef\xbf\xbe\xf0\x9f\x98\x80", "\xef\xbf\xbd\xf0\x9f\x98\x80",
		 "\xef\xbf\xbd\xf0\x9f\x98\x80"},
		{"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++)
		for (int attribute = 0; attribute < 2; attribute++) {
			char *got = written(rows[i][0], attribute);

			assert_string_equal(got, rows[i][1 + attribute]);
			free(got);
		}
}

static void names_become_uris(void **state)
{
	static const char *const rows[][2] = {
		{"a/b.yaml", "a/b.yaml"},
		{"./a.yaml", "a.yaml"},
		{".//./a.yaml", "a.yaml"},
		{"../a.yaml", "../a.yaml"},
		{"/no/such/place", "file:///no/such/place"},
		{"a b%\xc3\xbc:?#", "a%20b%25%C3%BC%3A%3F%23"},
		{"<stdin>", "%3Cstdin%3E"},
		{"\xff\n", "%FF%0A"},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		json_t *uri = ka_uri_json(rows[i][0]);

		assert_string_equal(json_string_value(uri), rows[i][1]);
		json_decref(uri);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_hash_as_others_have_it),
		cmocka_unit_test(lines_that_are_alike_are_counted),
		cmocka_unit_test(columns_count_as_editors_do),
		cmocka_unit_test(a_place_of_another_text_has_no_end),
		cmocka_unit_test(a_long_line_is_counted_once),
		cmocka_unit_test(a_line_is_found_from_its_place),
		cmocka_unit_test(documents_are_seen_by_their_text),
		cmocka_unit_test(xml_carries_any_bytes),
		cmocka_unit_test(names_become_uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
