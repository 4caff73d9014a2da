/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundle: one ELF file (EM_BPF, ET_REL, written with libelf) that holds a whole generation.
 *
 *   .karmor.head      struct ka_bundle_head
 *   .karmor.policy    canonical policy text (YAML)
 *   .karmor.image     the image, as bpf/abi.h says: what fills the map
 *   .karmor.obj.NAME  a precompiled BPF object, one section each, e.g. .karmor.obj.file.core
 *                     (NAME is <family>.<variant>; variant "core" uses bpf_rdonly_cast,
 *                     "legacy" runs on kernels without it)
 *   .karmor.digest    SHA-256 over all other .karmor.* sections, name and bytes, in file order
 *
 * The same content gives the same bytes. Readers trust no length: libelf checks the ELF, this
 * module every range, digest and version.
 */
#pragma once

#include "image.h"

#define KA_BUNDLE_VERSION 1u
#define KA_BUNDLE_MAX_OBJECTS 32u
#define KA_BUNDLE_MAX_SIZE (256u << 20)
#define KA_BUNDLE_MAGIC "KARMORC\x1a"

#define KA_SECTION_HEAD ".karmor.head"
#define KA_SECTION_POLICY ".karmor.policy"
#define KA_SECTION_IMAGE ".karmor.image"
#define KA_SECTION_OBJECT ".karmor.obj." /* prefix */
#define KA_SECTION_DIGEST ".karmor.digest"

struct ka_bundle_head {
	char magic[8]; /* "KARMORC\x1a" */
	uint32_t version;
	uint32_t abi;
	uint32_t flags;
	uint32_t objects;
};

struct ka_object {
	const char *name; /* "file.core" */
	const void *data;
	size_t size;
};

/* A bundle in memory; everything points into `bytes`. */
struct ka_bundle {
	void *bytes; /* malloc'ed; read-only pages of a sealed memfd if `mapped` */
	size_t size;
	bool mapped;
	const char *policy;
	size_t policy_len;
	void *image; /* malloc'ed copy, padded: see ka_compiled */
	size_t image_size, image_capacity;
	struct ka_reader reader;
	struct ka_object objects[KA_BUNDLE_MAX_OBJECTS];
	size_t nobjects;
	uint8_t digest[32];
};

/*
 * Opens a bundle; err gets one sentence that says what is wrong.
 * -ENOENT, -EACCES, ...: unreadable; -EBADMSG: truncated or damaged; -EPROTO: another version.
 */
int ka_bundle_read(const char *path, struct ka_bundle *ret, char *err,
		   size_t err_size) KA_MUST_CHECK;
/* Takes bytes (malloc'ed), also when it fails. */
int ka_bundle_parse(void *bytes, size_t size, struct ka_bundle *ret, char *err,
		    size_t err_size) KA_MUST_CHECK;
void ka_bundle_done(struct ka_bundle *b);
/* Nothing of the bundle is looked at for a while: its pages need not be resident. */
void ka_bundle_rest(const struct ka_bundle *b);
#define KA_BUNDLE KA_CLEANUP(ka_bundle_done)

/* Whether the file begins like a bundle (ELF magic): how apply tells bundles from YAML. */
bool ka_is_bundle(const void *bytes, size_t size);

/* Writes a bundle to memory (*ret malloc'ed). The order of objects does not matter. */
int ka_bundle_write(const char *policy, size_t policy_len, const void *image, size_t image_size,
		    const struct ka_object *objects, size_t nobjects, void **ret,
		    size_t *ret_size) KA_MUST_CHECK;
