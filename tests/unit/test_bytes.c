// SPDX-License-Identifier: Apache-2.0
/*
 * The byte automaton against matching one glob at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../compiler/automaton/bytes.h"

#define ROWS 100000u

struct lab {
	struct ka_ctx ctx;
	struct ka_globs g;
	struct ka_bytes b;
	uint32_t globs[64], n;
};

static void add_glob(struct lab *l, const char *glob)
{
	struct ka_pattern p;
	const char *error;
	char text[256];

	snprintf(text, sizeof(text), "/%s", glob);
	assert_int_equal(ka_pattern_parse(&l->g, text, &p, &error), 0);
	assert_int_equal(p.n, 1);
	l->globs[l->n++] = p.alts[0].comps[0].glob;
}

static void begin(struct lab *l, const char *const *globs)
{
	*l = (struct lab){};
	assert_int_equal(ka_ctx_init(&l->ctx), 0);
	assert_int_equal(ka_globs_init(&l->g, &l->ctx), 0);
	for (; *globs; globs++)
		add_glob(l, *globs);
	assert_int_equal(ka_bytes_init(&l->b, &l->ctx, &l->g, l->globs, l->n), 0);
	l->b.rows_limit = ROWS;
	l->b.work_limit = 1ull << 30;
}

static int compare(const void *a, const void *b)
{
	return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

/* The scanner of the globs whose bits are set. */
static const struct ka_scanner *scanner(struct lab *l, uint32_t bits)
{
	const struct ka_scanner *s;
	uint32_t v[64], n = 0, set;

	for (uint32_t i = 0; i < l->n; i++)
		if (bits >> i & 1)
			v[n++] = l->globs[i];
	qsort(v, n, sizeof(*v), compare);
	assert_int_equal(ka_intern(&l->b.sets, v, n * sizeof(*v), &set), 0);
	assert_int_equal(ka_bytes_scanner(&l->b, set, &s), 0);
	return s;
}

/* One glob, one name, the obvious way. */
static bool matches(const struct lab *l, const uint32_t *t, uint32_t m, const char *s, size_t len)
{
	if (t[0] & KA_GLOB_STAR) {
		uint32_t rest[256];

		memcpy(rest, t, (m + 1) * sizeof(*t));
		rest[0] &= ~KA_GLOB_STAR;
		for (size_t i = 0; i <= len; i++)
			if (matches(l, rest, m, s + i, len - i))
				return true;
		return false;
	}
	if (!m)
		return !len;
	return len && ka_set_has(&l->g, t[0] >> 1, s[0]) &&
	       matches(l, t + 1, m - 1, s + 1, len - 1);
}

static void agree(struct lab *l, uint32_t bits, const char *name)
{
	const struct ka_scanner *s = scanner(l, bits);
	uint32_t class = ka_bytes_class(&l->b, s, name, strlen(name)), n, m;
	const uint32_t *matched = ka_interned(&l->b.sets, s->matched[class], &n);

	for (uint32_t i = 0; i < l->n; i++) {
		const uint32_t *t = ka_glob_tokens(&l->g, l->globs[i], &m);
		bool want = (bits >> i & 1) && matches(l, t, m, name, strlen(name)), is = false;

		for (uint32_t k = 0; k < n / sizeof(*matched); k++)
			is |= matched[k] == l->globs[i];
		if (want != is)
			fail_msg("glob %u, set %x, name '%s'", i, bits, name);
	}
}

static const char *const some[] = {"*.conf", "a*",   "*a",  "a?b*", "[ab]*[^c]", "id_rsa*", "..?*",
				   "*aab*b", "abab", "*a*", "?",    "*.c*.c",    NULL};

static void every_subset_agrees_with_single_globs(void **state)
{
	static const char alphabet[] = "ab.c_d";
	struct lab l;
	uint64_t x = 1;

	(void)state;
	begin(&l, some);
	for (int i = 0; i < 200000; i++) {
		char name[16];
		uint32_t len;

		x = x * 6364136223846793005ull + 1442695040888963407ull;
		len = 1 + (x >> 33) % 9;
		for (uint32_t k = 0; k < len; k++)
			name[k] = alphabet[(x >> (5 * k)) % 6];
		name[len] = '\0';
		agree(&l, (x >> 40) & ((1u << l.n) - 1), name);
	}
	agree(&l, ~0u, "x.conf");
	agree(&l, ~0u, "id_rsa.pub");
	ka_ctx_done(&l.ctx);
}

static void rows_are_shared_between_sets(void **state)
{
	struct lab l;
	uint32_t rows;

	(void)state;
	begin(&l, (const char *const[]){"login", "logout", "*.conf", "x*", NULL});
	scanner(&l, 7);
	rows = l.b.built;
	scanner(&l, 15); /* the same and one more */
	assert_true(l.b.built - rows < rows);
	ka_ctx_done(&l.ctx);
}

static void a_certain_outcome_needs_no_more_bytes(void **state)
{
	const struct ka_scanner *s;
	struct lab l;

	(void)state;
	begin(&l, (const char *const[]){"ab*", NULL});
	s = scanner(&l, 1);
	/* after "ab" everything matches, after "x" nothing does: both are final */
	uint32_t a = l.b.cells[s->start * l.b.columns + l.b.column['a']];
	uint32_t x = l.b.cells[s->start * l.b.columns + l.b.column['x']];

	assert_false(a & KA_CELL_FINAL);
	assert_true(x & KA_CELL_FINAL);
	assert_true(l.b.cells[a * l.b.columns + l.b.column['b']] & KA_CELL_FINAL);
	ka_ctx_done(&l.ctx);
}

static void outcomes_of_one_scanner_get_different_numbers(void **state)
{
	uint32_t sets[64], n = 0, *colours;
	struct lab l;

	(void)state;
	begin(&l, some);
	for (uint32_t bits = 1; bits < 64; bits++) {
		const struct ka_scanner *s = scanner(&l, bits * 37 & 0xfff);

		for (uint32_t i = 0; i < l.b.scanners_cap; i++)
			if (l.b.scanners[i] == s)
				sets[n++] = i;
	}
	assert_int_equal(ka_bytes_colour(&l.b, sets, n, &colours), 0);
	assert_int_equal(colours[0], 0);
	for (uint32_t i = 0; i < n; i++) {
		const struct ka_scanner *s = l.b.scanners[sets[i]];

		for (uint32_t k = 0; k < s->nclasses; k++)
			for (uint32_t j = 0; j < k; j++)
				assert_int_not_equal(colours[s->matched[k]],
						     colours[s->matched[j]]);
	}
	ka_ctx_done(&l.ctx);
}

static void limits_hold(void **state)
{
	const struct ka_scanner *s;
	struct lab l;
	uint32_t set;

	(void)state;
	begin(&l, (const char *const[]){"*a????????????", NULL});
	l.b.rows_limit = 1000;
	assert_int_equal(ka_intern(&l.b.sets, l.globs, sizeof(uint32_t), &set), 0);
	assert_int_equal(ka_bytes_scanner(&l.b, set, &s), -E2BIG);
	ka_ctx_done(&l.ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_subset_agrees_with_single_globs),
		cmocka_unit_test(rows_are_shared_between_sets),
		cmocka_unit_test(a_certain_outcome_needs_no_more_bytes),
		cmocka_unit_test(outcomes_of_one_scanner_get_different_numbers),
		cmocka_unit_test(limits_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
