/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of the automaton (ka_step): names of every length, probing, rows.
 */
#include "handmade.h"

static __u32 slot_of(struct maker *m, __u64 key)
{
	return (__u32)(((key >> 32) * head(m)->edge_slots) >> 32);
}

/* Puts an edge `skip` slots behind its home; what lies between must be taken already. */
static void edge_at(struct maker *m, __u32 from, const char *bytes, __u32 len, __u32 next,
		    __u32 skip)
{
	__u32 words = take(m, (len + 7) / 8 * 8);
	struct ka_edge *e;
	struct named n;

	name_it(&n, bytes, len);
	memcpy(at(m, words), bytes, len);
	e = at(m, head(m)->edges);
	e += slot_of(m, ka_name_hash(from, &n.name)) + skip;
	assert_int_equal(e->key, 0);
	*e = (struct ka_edge){ka_name_hash(from, &n.name), next, words};
}

static void edge(struct maker *m, __u32 from, const char *bytes, __u32 len, __u32 next)
{
	const struct ka_edge *e = at(m, head(m)->edges);
	struct named n;
	__u32 skip = 0;

	name_it(&n, bytes, len);
	e += slot_of(m, ka_name_hash(from, &n.name));
	while (e[skip].key)
		skip++;
	assert_true(skip < KA_PROBES);
	edge_at(m, from, bytes, len, next, skip);
}

/* ---- names ---- */

static void edges_of_every_length(void **arg KA_UNUSED)
{
	struct maker *m = make(1024);
	__u32 other = state(m, 0, 0), from = state(m, KA_STATE_NAMES, other);
	__u32 next[KA_MAX_NAME + 1];
	char bytes[KA_MAX_NAME + 1];

	memset(bytes, 'x', sizeof(bytes));
	for (__u32 len = 1; len <= KA_MAX_NAME; len++) {
		next[len] = 100000 + len;
		edge(m, from, bytes, len, next[len]);
	}
	for (__u32 len = 1; len <= KA_MAX_NAME; len++) {
		assert_int_equal(step(m, from, bytes, len, 0), next[len]);
		assert_int_equal(step(m, from, bytes, len, 1), next[len]);
		/* every byte counts */
		for (__u32 i = 0; i < len; i++) {
			bytes[i] ^= 1;
			assert_int_equal(step(m, from, bytes, len, 0), other);
			bytes[i] ^= 1;
		}
	}
	free(m);
}

static void edges_belong_to_their_state(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0);
	__u32 a = state(m, KA_STATE_NAMES, other), b = state(m, KA_STATE_NAMES, other);

	edge(m, a, "name", 4, 4711);
	assert_int_equal(step(m, a, "name", 4, 0), 4711);
	assert_int_equal(step(m, b, "name", 4, 0), other);
	free(m);
}

static void trailing_zeros_are_no_prefix(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0), from = state(m, KA_STATE_NAMES, other);

	/* the same words, other lengths */
	edge(m, from, "ab", 2, 4711);
	assert_int_equal(step(m, from, "ab\0", 3, 0), other);
	assert_int_equal(step(m, from, "a", 1, 0), other);
	free(m);
}

static void names_without_the_flag_are_not_looked_up(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0), from = state(m, 0, other);

	edge(m, from, "a", 1, 4711);
	assert_int_equal(step(m, from, "a", 1, 1), other);
	free(m);
}

/* ---- probing ---- */

/* Fills `n` slots from the home slot of a name on with keys that are not its own. */
static void crowd(struct maker *m, __u32 from, const char *name, __u32 n)
{
	struct ka_edge *e = at(m, head(m)->edges);
	struct named it;

	name_it(&it, name, (__u32)strlen(name));
	e += slot_of(m, ka_name_hash(from, &it.name));
	for (__u32 i = 0; i < n; i++)
		e[i] = (struct ka_edge){0x1234500000000001ull + i, 99, take(m, 8)};
}

static void probing_reaches_its_last_slot(void **arg KA_UNUSED)
{
	for (__u32 skip = 0; skip < KA_PROBES; skip++) {
		struct maker *m = make(64);
		__u32 other = state(m, 0, 0), from = state(m, KA_STATE_NAMES, other);

		crowd(m, from, "name", skip);
		edge_at(m, from, "name", 4, 4711, skip);
		assert_int_equal(step(m, from, "name", 4, 0), 4711);
		free(m);
	}
}

static void probing_ends(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0), from = state(m, KA_STATE_NAMES, other);

	crowd(m, from, "name", KA_PROBES);
	edge_at(m, from, "name", 4, 4711, KA_PROBES);
	assert_int_equal(step(m, from, "name", 4, 0), other);
	free(m);
}

static void a_free_slot_ends_probing(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0), from = state(m, KA_STATE_NAMES, other);

	edge_at(m, from, "name", 4, 4711, 1);
	assert_int_equal(step(m, from, "name", 4, 0), other);
	free(m);
}

/* Two names with one hash, as an attacker might find: the words tell them apart. */
static void an_equal_hash_is_not_enough(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0), from = state(m, KA_STATE_NAMES, other);
	struct ka_edge *e = at(m, head(m)->edges);
	__u32 words = take(m, 256);
	char longer[64];
	struct named n;

	name_it(&n, "name", 4);
	memcpy(at(m, words), "nam\0", 4);
	e[slot_of(m, ka_name_hash(from, &n.name))] =
		(struct ka_edge){ka_name_hash(from, &n.name), 4711, words};
	assert_int_equal(step(m, from, "name", 4, 0), other);

	memset(longer, 'l', sizeof(longer));
	name_it(&n, longer, sizeof(longer));
	memset(at(m, words), 'l', sizeof(longer));
	*((char *)at(m, words) + sizeof(longer) - 1) = 'm';
	e[slot_of(m, ka_name_hash(from, &n.name))] =
		(struct ka_edge){ka_name_hash(from, &n.name), 4711, words};
	assert_int_equal(step(m, from, longer, sizeof(longer), 0), other);
	free(m);
}

static void the_last_home_slot_has_room_behind_it(void **arg KA_UNUSED)
{
	struct maker *m = make(1); /* every home is slot 0: what follows needs no wrap */
	__u32 other = state(m, 0, 0), from = state(m, KA_STATE_NAMES, other);
	char name[2] = "a";

	for (__u32 i = 0; i < KA_PROBES; i++) {
		name[0] = (char)('a' + i);
		edge(m, from, name, 1, 1000 + i);
	}
	for (__u32 i = 0; i < KA_PROBES; i++) {
		name[0] = (char)('a' + i);
		assert_int_equal(step(m, from, name, 1, 0), 1000 + i);
	}
	assert_int_equal(step(m, from, "z", 1, 0), other);
	free(m);
}

/* ---- rows ---- */

/*
 * A byte automaton for `*b` over two columns ('b', the rest): class 1 if the name ends in b.
 * With `final`, it stops at the first b: class 1 if the name has one.
 */
static __u32 scanner(struct maker *m, int final, __u32 *ret_classes)
{
	__u16 *columns = at(m, head(m)->byte_class);
	__u32 no, yes, *row;

	for (int i = 0; i < 256; i++)
		columns[i] = i == 'b' ? 8 : 4;
	head(m)->row_bytes = 12;
	no = take(m, 12);
	yes = take(m, 12);
	row = at(m, no);
	row[0] = 0;
	row[1] = no;
	row[2] = final ? yes | KA_ROW_FINAL : yes;
	row = at(m, yes);
	row[0] = 1;
	/* a scan that went on after a final row would be led astray */
	row[1] = no;
	row[2] = final ? no : yes;
	*ret_classes = take(m, 8);
	((__u32 *)at(m, *ret_classes))[0] = 500;
	((__u32 *)at(m, *ret_classes))[1] = 501;
	return no;
}

static __u32 scanning_state(struct maker *m, __u32 flags, __u32 other, int final)
{
	__u32 from = state(m, flags, other);
	struct ka_state *s = at(m, from);

	s->scan = scanner(m, final, &s->classes);
	return from;
}

static void every_byte_is_scanned(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0), from = scanning_state(m, KA_STATE_SCAN, other, 0);
	char bytes[KA_MAX_NAME];

	memset(bytes, 'x', sizeof(bytes));
	for (__u32 len = 1; len <= KA_MAX_NAME; len++) {
		assert_int_equal(step(m, from, bytes, len, 0), 500);
		bytes[len - 1] = 'b';
		assert_int_equal(step(m, from, bytes, len, 0), 501);
		bytes[len - 1] = 'x';
		if (len < 2)
			continue;
		bytes[len - 2] = 'b';
		assert_int_equal(step(m, from, bytes, len, 0), 500);
		bytes[len - 2] = 'x';
	}
	free(m);
}

static void a_final_row_ends_the_scan(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0), from = scanning_state(m, KA_STATE_SCAN, other, 1);
	char bytes[KA_MAX_NAME];

	for (__u32 len = 1; len <= KA_MAX_NAME; len++) {
		for (__u32 i = 0; i < len; i++) {
			memset(bytes, 'x', sizeof(bytes));
			bytes[i] = 'b';
			assert_int_equal(step(m, from, bytes, len, 0), 501);
			bytes[len - 1] = 'b';
			assert_int_equal(step(m, from, bytes, len, 0), 501);
		}
	}
	free(m);
}

static void bytes_above_127_have_columns_too(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0), from = scanning_state(m, KA_STATE_SCAN, other, 0);

	((__u16 *)at(m, head(m)->byte_class))[0xff] = 8;
	assert_int_equal(step(m, from, "a\xff", 2, 0), 501);
	assert_int_equal(step(m, from, "a\xfe", 2, 0), 500);
	free(m);
}

static void scan_last_is_about_the_last_component(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0);
	__u32 from = scanning_state(m, KA_STATE_SCAN | KA_STATE_SCAN_LAST, other, 0);

	assert_int_equal(step(m, from, "ab", 2, 1), 501);
	assert_int_equal(step(m, from, "aa", 2, 1), 500);
	assert_int_equal(step(m, from, "ab", 2, 0), other);
	free(m);
}

static void an_edge_goes_before_a_scan(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 other = state(m, 0, 0);
	__u32 from = scanning_state(m, KA_STATE_SCAN | KA_STATE_NAMES, other, 0);

	edge(m, from, "ab", 2, 4711);
	assert_int_equal(step(m, from, "ab", 2, 1), 4711);
	assert_int_equal(step(m, from, "bb", 2, 1), 501);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_of_every_length),
		cmocka_unit_test(edges_belong_to_their_state),
		cmocka_unit_test(trailing_zeros_are_no_prefix),
		cmocka_unit_test(names_without_the_flag_are_not_looked_up),
		cmocka_unit_test(probing_reaches_its_last_slot),
		cmocka_unit_test(probing_ends),
		cmocka_unit_test(a_free_slot_ends_probing),
		cmocka_unit_test(an_equal_hash_is_not_enough),
		cmocka_unit_test(the_last_home_slot_has_room_behind_it),
		cmocka_unit_test(every_byte_is_scanned),
		cmocka_unit_test(a_final_row_ends_the_scan),
		cmocka_unit_test(bytes_above_127_have_columns_too),
		cmocka_unit_test(scan_last_is_about_the_last_component),
		cmocka_unit_test(an_edge_goes_before_a_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
