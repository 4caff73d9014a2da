/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and directories under KA_PIN_DIR; below node.h, used by every change to the node.
 *
 *   KA_PIN_DIR/ka_<map>                     maps shared by all programs
 *   KA_PIN_DIR/ka_images-<class>            the images of one size class (log2, two digits)
 *   KA_PIN_DIR/<family>-<code>-<class>/     links of one family's programs, and its iterator;
 *                                           <code> is the digest of the object, 16 digits
 *   KA_PIN_DIR/new-<family>-...             being attached: nothing relies on it yet
 *   KA_PIN_DIR/old-<family>-...             being detached: nothing relies on it any more
 *
 * A family's directory gets its name by rename once it is complete and loses it by rename
 * before its first link goes, so whatever carries a family's name enforces completely. bpffs
 * refuses dots in names.
 */
#pragma once

#include <limits.h>

#include "node.h"

enum ka_family {
	KA_FAMILY_TASK,
	KA_FAMILY_EXEC,
	KA_FAMILY_MMAP,
	KA_FAMILY_OPEN,
	KA_FAMILY_PATH,
	KA_FAMILY_MOUNT,
	KA_FAMILY_SOCKET,
	KA_FAMILY_CAPABLE,
	KA_FAMILY__MAX
};

#define KA_ALL_HOOKS ((1u << KA_FAMILY__MAX) - 1)

const char *ka_family_str(enum ka_family f); /* "task" */

/* log2 of a size class: 16 .. 26 */
unsigned int ka_class_log2(size_t size);

/* One attached family, as its directory's name tells. */
struct ka_attached {
	enum ka_family family;
	uint64_t code;
	unsigned int class;
};

#define KA_MAX_ATTACHED 64
struct ka_attachments {
	struct ka_attached v[KA_MAX_ATTACHED];
	size_t n;
};

struct ka_pin {
	char path[128];
};

struct ka_pin ka_pin_map(const char *map);
struct ka_pin ka_pin_images(unsigned int class);
/* prefix: "", "new-", "old-"; leaf: a file in it, or NULL */
struct ka_pin ka_pin_family(const char *prefix, const struct ka_attached *a, const char *leaf);

/* Lists complete families; with `heal`, removes what an interrupted change left behind. */
int ka_pins_list(struct ka_attachments *ret, bool heal, struct ka_error *e) KA_MUST_CHECK;
/* Detaches a family: first takes its name away, then its links. */
int ka_pins_drop(const struct ka_attached *a, struct ka_error *e) KA_MUST_CHECK;
/* Removes a directory of pins and all in it; nothing there is no error. */
int ka_pins_remove(const char *path, struct ka_error *e) KA_MUST_CHECK;
/* Removes ka_images of all classes that are no bits of `keep`. */
int ka_pins_drop_images(uint32_t keep, struct ka_error *e) KA_MUST_CHECK;
/* Makes KA_PIN_DIR. */
int ka_pins_make(struct ka_error *e) KA_MUST_CHECK;
/* Removes KA_PIN_DIR and all in it: programs first. */
int ka_pins_clear(struct ka_error *e) KA_MUST_CHECK;

/* The classes that attached families look at, as bits. */
uint32_t ka_pins_classes(const struct ka_attachments *a);

/* Opens a pinned map; -errno. flags: 0 or BPF_F_RDONLY. */
int ka_pin_open(const char *path, uint32_t flags);
