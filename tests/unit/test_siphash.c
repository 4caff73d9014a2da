/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf/siphash.h: SipHash-2-4 as published, over words; and the encoding of paths that makes of
 * it the hash of a source (ka_source_hash).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../../bpf/siphash.h"
#include "../../runtime/image.h"

#define K0 0x0706050403020100ull
#define K1 0x0f0e0d0c0b0a0908ull

static const uint64_t key[2] = {K0, K1};

/*
 * The published vectors (key 00..0f, input 00, 01, 02, ...) whose inputs are whole words. The
 * last block of a byte stream holds the number of bytes where ours holds that of words; told
 * that it is the former, ka_sip_end must give the published values.
 */
static void published_vectors(void **arg KA_UNUSED)
{
	static const uint64_t vectors[] = {
		0x726fdb47dd0e0e31ull, 0x93f5f5799a932462ull, 0x3f2acc7f57c29bdbull,
		0xb8ad50c6f649af94ull, 0x7127512f72f27cceull, 0x0e3ea96b5304a7d0ull,
		0xe612a3cb9ecba951ull, 0xb78dbfaf3a8d83bdull,
	};
	uint8_t bytes[64];
	struct ka_sip s;
	uint64_t w;
	size_t i, n;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (n = 0; n < KA_ARRAY_SIZE(vectors); n++) {
		ka_sip_start(&s, K0, K1);
		for (i = 0; i < n; i++) {
			memcpy(&w, bytes + 8 * i, 8);
			ka_sip_word(&s, w);
		}
		assert_int_equal(s.words, n);
		s.words = 8 * n;
		assert_true(ka_sip_end(&s) == vectors[n]);
	}
}

static uint64_t hash_words(const uint64_t *w, size_t n, uint64_t k0, uint64_t k1)
{
	struct ka_sip s;
	size_t i;

	ka_sip_start(&s, k0, k1);
	for (i = 0; i < n; i++)
		ka_sip_word(&s, w[i]);
	return ka_sip_end(&s);
}

static void key_and_length_count(void **arg KA_UNUSED)
{
	static const uint64_t zeros[4];
	uint64_t plain = hash_words(zeros, 1, K0, K1);
	int bit;

	assert_true(hash_words(zeros, 0, K0, K1) != plain);
	assert_true(hash_words(zeros, 2, K0, K1) != plain);
	for (bit = 0; bit < 64; bit++) {
		uint64_t w = 1ull << bit;

		assert_true(hash_words(zeros, 1, K0 ^ w, K1) != plain);
		assert_true(hash_words(zeros, 1, K0, K1 ^ w) != plain);
		assert_true(hash_words(&w, 1, K0, K1) != plain);
	}
}

/* Computed by a separate implementation: per component its length, then its padded words. */
static void paths(void **arg KA_UNUSED)
{
	static const struct {
		const char *path;
		uint64_t hash;
	} known[] = {
		{"/", 0x726fdb47dd0e0e31ull},
		{"/a", 0x5b004b90daa3e8caull},
		{"/usr/bin/dash", 0x557ad46912b32ca5ull},
		{"/usr/bin/python3", 0x60c4ba7d268d1ad2ull},
		{"/abcdefgh", 0x4ff531e820bd581bull},
		{"/abcdefgh/i", 0x0be55dec9b9168b6ull},
		{"/\xc3\xa9", 0x42872abe156018e2ull},
	};
	char name[257] = "/", deep[700] = "/";
	size_t i;

	for (i = 0; i < KA_ARRAY_SIZE(known); i++)
		assert_true(ka_source_hash(key, known[i].path, strlen(known[i].path)) ==
			    known[i].hash);
	memset(name + 1, 'x', 255);
	assert_true(ka_source_hash(key, name, 256) == 0x829e1ec4e472c438ull);
	memset(deep + 1, 'x', 40);
	for (i = 0; i < 300; i++)
		memcpy(deep + 41 + 2 * i, "/y", 2);
	assert_true(ka_source_hash(key, deep, 641) == 0x862b6ead60579dd8ull);
}

/* What would be one byte stream must not be one sequence of words. */
static void crafted_names_do_not_collide(void **arg KA_UNUSED)
{
	static const char *const pairs[][2] = {
		{"/ab/c", "/a/bc"}, {"/abcdefgh/i", "/abcdefghi"}, {"/a\x01", "/a/\x01"},
		{"/a", "/a/a"},     {"/abcdefg", "/abcdefgh"},
	};
	size_t i;

	for (i = 0; i < KA_ARRAY_SIZE(pairs); i++)
		assert_true(ka_source_hash(key, pairs[i][0], strlen(pairs[i][0])) !=
			    ka_source_hash(key, pairs[i][1], strlen(pairs[i][1])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(key_and_length_count),
		cmocka_unit_test(paths),
		cmocka_unit_test(crafted_names_do_not_collide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
