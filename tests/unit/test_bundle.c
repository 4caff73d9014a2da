// SPDX-License-Identifier: Apache-2.0
/*
 * The bundle: what is written is read back, always as the same bytes, and nothing damaged is
 * ever taken for whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <sys/mman.h>

#include "bundles.h"

static const struct ka_object objects[] = {
	{"open.core", "object one", 10},
	{"task.core", "object two, longer", 18},
};

struct bytes {
	void *v;
	size_t size;
};

static struct bytes write_with(const struct ka_object *o, size_t n)
{
	struct bytes b = {0};

	assert_int_equal(bundle_from(BUNDLE_YAML, o, n, &b.v, &b.size), 0);
	return b;
}

static struct bytes write_one(void)
{
	return write_with(objects, KA_ARRAY_SIZE(objects));
}

/* Parses a copy of exact size, so that a read beyond the end is seen. */
static int parse_copy(const void *bytes, size_t size, struct ka_bundle *ret, char err[256])
{
	void *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	memset(ret, 0, sizeof(*ret));
	err[0] = '\0';
	return ka_bundle_parse(copy, size, ret, err, 256);
}

static void assert_same(const struct ka_bundle *a, const struct ka_bundle *b)
{
	assert_int_equal(a->policy_len, b->policy_len);
	assert_memory_equal(a->policy, b->policy, a->policy_len);
	assert_int_equal(a->image_size, b->image_size);
	assert_memory_equal(a->image, b->image, a->image_capacity + KA_IMAGE_SLACK);
	assert_memory_equal(a->digest, b->digest, sizeof(a->digest));
	assert_int_equal(a->nobjects, b->nobjects);
	for (size_t i = 0; i < a->nobjects; i++) {
		assert_string_equal(a->objects[i].name, b->objects[i].name);
		assert_int_equal(a->objects[i].size, b->objects[i].size);
		assert_memory_equal(a->objects[i].data, b->objects[i].data, a->objects[i].size);
	}
}

static void refused(const void *bytes, size_t size, int code, const char *start)
{
	struct ka_bundle b;
	char err[256];

	assert_int_equal(parse_copy(bytes, size, &b, err), code);
	assert_null(b.bytes);
	if (strncmp(err, start, strlen(start)))
		fail_msg("expected '%s...', got '%s'", start, err);
}

/* ---- what is whole ---- */

static void what_is_written_is_read_back(void **state)
{
	struct bytes w = write_one();
	KA_BUNDLE struct ka_bundle b = {0};
	char err[256];

	(void)state;
	assert_true(ka_is_bundle(w.v, w.size));
	assert_int_equal(parse_copy(w.v, w.size, &b, err), 0);
	assert_int_equal(b.nobjects, 2);
	assert_string_equal(b.objects[0].name, "open.core");
	assert_memory_equal(b.objects[0].data, "object one", 10);
	assert_string_equal(b.objects[1].name, "task.core");
	assert_non_null(memmem(b.policy, b.policy_len, "/etc/x", 6));
	assert_int_equal(b.reader.head->policies.count, 1);
	assert_string_equal(ka_image_str(&b.reader, ka_image_policy(&b.reader, 0)->name), "p");
	free(w.v);
}

/* What was checked stays what it was, whatever becomes of the file. */
static void a_file_is_read_as_it_was(void **state)
{
	struct bytes w = write_one();
	KA_CLOSE int fd = memfd_create("test", 0);
	KA_BUNDLE struct ka_bundle memory = {0}, file = {0};
	char err[256], path[64];

	(void)state;
	assert_int_equal(write(fd, w.v, w.size), w.size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(parse_copy(w.v, w.size, &memory, err), 0);
	assert_int_equal(ka_bundle_read(path, &file, err, sizeof(err)), 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	ka_bundle_rest(&file);
	assert_int_equal(file.size, w.size);
	assert_memory_equal(file.bytes, w.v, w.size);
	assert_same(&file, &memory);
	assert_int_equal(ka_bundle_read(path, &memory, err, sizeof(err)), -EBADMSG);
	free(w.v);
}

static void the_order_of_objects_does_not_matter(void **state)
{
	const struct ka_object reversed[] = {objects[1], objects[0]};
	struct bytes a = write_one(), b = write_with(reversed, 2);

	(void)state;
	assert_int_equal(a.size, b.size);
	assert_memory_equal(a.v, b.v, a.size);
	free(a.v);
	free(b.v);
}

static void a_bundle_needs_no_objects(void **state)
{
	struct bytes w = write_with(NULL, 0);
	KA_BUNDLE struct ka_bundle b = {0};
	char err[256];

	(void)state;
	assert_int_equal(parse_copy(w.v, w.size, &b, err), 0);
	assert_int_equal(b.nobjects, 0);
	free(w.v);
}

static void it_is_an_ordinary_elf_file_for_bpf(void **state)
{
	struct bytes w = write_one();
	const Elf64_Ehdr *h = w.v;

	(void)state;
	assert_memory_equal(h->e_ident, ELFMAG, SELFMAG);
	assert_int_equal(h->e_machine, EM_BPF);
	assert_int_equal(h->e_type, ET_REL);
	assert_int_equal(h->e_shnum, 2 + 4 + 2);
	free(w.v);
}

/* ---- what the writer refuses ---- */

static void objects_are_named_once_and_not_too_long(void **state)
{
	const struct ka_object twice[] = {objects[0], objects[0]};
	const struct ka_object lengthy[] = {
		{"a-name-that-is-longer-than-any-section-of-a-bundle-ever-was-or-will-be", "", 0}};
	struct ka_object many[KA_BUNDLE_MAX_OBJECTS + 1] = {0};
	void *v;
	size_t size;

	(void)state;
	assert_int_equal(bundle_from(BUNDLE_YAML, twice, 2, &v, &size), -EEXIST);
	assert_int_equal(bundle_from(BUNDLE_YAML, lengthy, 1, &v, &size), -ENAMETOOLONG);
	assert_int_equal(bundle_from(BUNDLE_YAML, many, KA_ARRAY_SIZE(many), &v, &size), -E2BIG);
}

/* ---- what the reader refuses ---- */

static void every_truncation_is_refused(void **state)
{
	struct bytes w = write_one();

	(void)state;
	for (size_t size = 0; size < w.size; size++) {
		struct ka_bundle b;
		char err[256];
		int r = parse_copy(w.v, size, &b, err);

		if (r != -EBADMSG || !err[0])
			fail_msg("%zu of %zu bytes: %d '%s'", size, w.size, r, err);
	}
	free(w.v);
}

static void every_flipped_bit_is_refused(void **state)
{
	struct bytes w = write_one();

	(void)state;
	for (size_t bit = 0; bit < 8 * w.size; bit++) {
		KA_BUNDLE struct ka_bundle b = {0};
		char err[256];
		int r;

		((uint8_t *)w.v)[bit / 8] ^= 1u << bit % 8;
		r = parse_copy(w.v, w.size, &b, err);
		((uint8_t *)w.v)[bit / 8] ^= 1u << bit % 8;
		if ((r != -EBADMSG && r != -EPROTO) || !err[0])
			fail_msg("bit %zu: %d '%s'", bit, r, err);
	}
	free(w.v);
}

static void what_is_added_is_refused(void **state)
{
	struct bytes w = write_one();
	uint8_t *more = calloc(1, w.size + 64);

	(void)state;
	assert_non_null(more);
	memcpy(more, w.v, w.size);
	for (size_t n = 1; n <= 64; n++)
		refused(more, w.size + n, -EBADMSG, "damaged: not laid out");
	free(more);
	free(w.v);
}

static void another_version_is_told_from_damage(void **state)
{
	struct bytes w = write_one();
	struct ka_bundle_head *h = memmem(w.v, w.size, KA_BUNDLE_MAGIC, 8);

	(void)state;
	assert_non_null(h);
	h->version++;
	refused(w.v, w.size, -EPROTO, "bundle version 2");
	h->version--;
	h->abi++;
	refused(w.v, w.size, -EPROTO, "bundle version 1 for ABI 3");
	free(w.v);
}

static void other_files_are_no_bundles(void **state)
{
	static const char yaml[] = "apiVersion: security.kubearmor.com/v1\n";
	Elf64_Ehdr h = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB}};

	(void)state;
	assert_false(ka_is_bundle(yaml, sizeof(yaml)));
	assert_false(ka_is_bundle("\177EL", 3));
	refused(yaml, sizeof(yaml), -EBADMSG, "not a bundle: no ELF file");
	refused(&h, sizeof(h), -EBADMSG, "not a bundle: another kind of ELF file");
	refused("", 0, -EBADMSG, "not a bundle");
}

static void unreadable_files_say_why(void **state)
{
	struct ka_bundle b = {0};
	char err[256];

	(void)state;
	assert_int_equal(ka_bundle_read("/nonexistent/bundle", &b, err, sizeof(err)), -ENOENT);
	assert_string_equal(err, "No such file or directory");
	assert_int_equal(ka_bundle_read("/", &b, err, sizeof(err)), -EISDIR);
	assert_int_equal(ka_bundle_read("/dev/null", &b, err, sizeof(err)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_file_is_read_as_it_was),
		cmocka_unit_test(the_order_of_objects_does_not_matter),
		cmocka_unit_test(a_bundle_needs_no_objects),
		cmocka_unit_test(it_is_an_ordinary_elf_file_for_bpf),
		cmocka_unit_test(objects_are_named_once_and_not_too_long),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(what_is_added_is_refused),
		cmocka_unit_test(another_version_is_told_from_damage),
		cmocka_unit_test(other_files_are_no_bundles),
		cmocka_unit_test(unreadable_files_say_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
