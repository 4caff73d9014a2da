// SPDX-License-Identifier: Apache-2.0
/*
 * Patterns taken apart: what each stands for, written out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../bpf/abi.h"
#include "../../compiler/automaton/glob.h"

static void put(char *out, size_t size, const char *text)
{
	assert_true(strlen(out) + strlen(text) < size);
	strcat(out, text);
}

/* A byte set: the byte, '?', or <n> for n bytes. */
static void put_set(const struct ka_globs *g, uint32_t set, char *out, size_t size)
{
	char text[16] = "";
	int n = 0;

	for (int b = 0; b < 256; b++) {
		if (!ka_set_has(g, set, b))
			continue;
		if (!n++)
			text[0] = b;
	}
	if (n == 254)
		strcpy(text, "?");
	else if (n != 1)
		snprintf(text, sizeof(text), "<%d>", n);
	put(out, size, text);
}

/* "/a/x*" for components, "..." for any number of them; alternatives joined by " | ". */
static const char *written_out(const char *pattern)
{
	static char out[4096];
	KA_CTX struct ka_ctx ctx = {};
	struct ka_globs g;
	struct ka_pattern p;
	const char *error = NULL;
	uint32_t m;

	out[0] = '\0';
	assert_int_equal(ka_ctx_init(&ctx), 0);
	assert_int_equal(ka_globs_init(&g, &ctx), 0);
	if (ka_pattern_parse(&g, pattern, &p, &error) < 0)
		return error ? error : "too many";
	for (uint32_t i = 0; i < p.n; i++) {
		put(out, sizeof(out), i ? " | " : "");
		for (uint32_t k = 0; k < p.alts[i].n; k++) {
			const uint32_t *t = ka_glob_tokens(&g, p.alts[i].comps[k].glob, &m);

			put(out, sizeof(out), p.alts[i].comps[k].loop ? "..." : "");
			put(out, sizeof(out), "/");
			for (uint32_t n = 0; n <= m; n++) {
				put(out, sizeof(out), t[n] & KA_GLOB_STAR ? "*" : "");
				if (n < m)
					put_set(&g, t[n] >> 1, out, sizeof(out));
			}
		}
		put(out, sizeof(out), !p.alts[i].n ? "/" : p.alts[i].tail ? "..." : "");
	}
	return out;
}

#define IS(pattern, what) assert_string_equal(written_out(pattern), what)

static void components_split_at_slashes(void **state)
{
	(void)state;
	IS("/", "/");
	IS("/a", "/a");
	IS("/a/b*/?c", "/a/b*/?c");
	IS("/a\\/b", "/a/b");
	IS("/[a/]x", "/ax"); /* a class never matches '/' */
}

static void classes(void **state)
{
	(void)state;
	IS("/[a-c]", "/<3>");
	IS("/[^a]", "/<253>"); /* neither '/' nor NUL */
	IS("/[a\\]b]", "/<3>");
	IS("/[\\a-c]", "/<3>");
	IS("/[a-]", "/<2>");
	IS("/[!a]", "/<2>"); /* no negation here */
}

static void double_stars(void **state)
{
	(void)state;
	IS("/**", "/*...");
	IS("/**/x", "/*.../x");
	IS("/a/**", "/a/*...");
	IS("/a**", "/a*...");
	IS("/**b", ".../*b");
	IS("/a**b", "/a*b | /a*.../*b");
	IS("/***/x", "/*.../x");
	IS("/a/**/**/b", "/a/*.../*.../b");
	IS("/a**b**c", "/a*b*c | /a*b*.../*c | /a*.../*b*c | /a*.../*b*.../*c");
}

static void braces(void **state)
{
	(void)state;
	IS("/{a,b}", "/a | /b");
	IS("/x{,y}", "/x | /xy");
	IS("/{a,b/c}/d", "/a/d | /b/c/d");
	IS("/{a,{b,c}}", "/a | /b | /c");
	IS("/a,b", "/a,b");
	IS("/{a\\,b}", "/a,b");
	IS("/[{]", "/{");
	IS("/{*,a}*", "/* | /a*"); /* single stars that meet stay inside the component */
	IS("**/x", "/x | /*.../x");
}

static void what_no_path_has_is_left_out(void **state)
{
	(void)state;
	IS("/a/", "");
	IS("/a//b", "");
	IS("/a/{,b}", "/a/b");
	IS("a", "");
}

static void malformed_patterns_say_why(void **state)
{
	(void)state;
	IS("/[a", "a class without an end");
	IS("/[]", "an empty class");
	IS("/[^]", "an empty class");
	IS("/[c-a]", "a range that ends before it begins");
	IS("/{a", "'{' without '}'");
	IS("/a}", "'}' without '{'");
	IS("/a\\", "a backslash at the end");
}

static void bombs_are_refused(void **state)
{
	(void)state;
	IS("/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "too many");
	IS("/a**a**a**a**a**a**a**a**a**a**a**a**a", "too many");
}

static void names_without_wildcards_are_known(void **state)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_globs g;
	char name[KA_MAX_NAME];
	size_t len;
	uint32_t id, same;

	(void)state;
	assert_int_equal(ka_ctx_init(&ctx), 0);
	assert_int_equal(ka_globs_init(&g, &ctx), 0);
	assert_int_equal(ka_glob_of_name(&g, "ab*", 3, &id), 0);
	assert_true(ka_glob_name(&g, id, name, &len));
	assert_int_equal(len, 3);
	assert_memory_equal(name, "ab*", 3);
	assert_int_equal(ka_glob_of_name(&g, "ab*", 3, &same), 0);
	assert_int_equal(id, same);
	assert_false(ka_glob_name(&g, KA_GLOB_ANY, name, &len));
	assert_false(ka_glob_name(&g, KA_GLOB_DOTS, name, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(components_split_at_slashes),
		cmocka_unit_test(classes),
		cmocka_unit_test(double_stars),
		cmocka_unit_test(braces),
		cmocka_unit_test(what_no_path_has_is_left_out),
		cmocka_unit_test(malformed_patterns_say_why),
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(names_without_wildcards_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
