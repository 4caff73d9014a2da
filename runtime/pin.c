/* SPDX-License-Identifier: Apache-2.0 */
#include "pin.h"

#include <dirent.h>
#include <inttypes.h>
#include <sys/stat.h>

#include <bpf/bpf.h>

static const char *const families[KA_FAMILY__MAX] = {
	[KA_FAMILY_TASK] = "task",     [KA_FAMILY_EXEC] = "exec",       [KA_FAMILY_MMAP] = "mmap",
	[KA_FAMILY_OPEN] = "open",     [KA_FAMILY_PATH] = "path",       [KA_FAMILY_MOUNT] = "mount",
	[KA_FAMILY_SOCKET] = "socket", [KA_FAMILY_CAPABLE] = "capable",
};

_Static_assert(KA_HOOKS_TASK == 1u << KA_FAMILY_TASK && KA_HOOKS_EXEC == 1u << KA_FAMILY_EXEC &&
		       KA_HOOKS_MMAP == 1u << KA_FAMILY_MMAP &&
		       KA_HOOKS_OPEN == 1u << KA_FAMILY_OPEN &&
		       KA_HOOKS_PATH == 1u << KA_FAMILY_PATH &&
		       KA_HOOKS_MOUNT == 1u << KA_FAMILY_MOUNT &&
		       KA_HOOKS_SOCKET == 1u << KA_FAMILY_SOCKET &&
		       KA_HOOKS_CAPABLE == 1u << KA_FAMILY_CAPABLE,
	       "families in the order of KA_HOOKS_*");

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

const char *ka_family_str(enum ka_family f)
{
	return families[f];
}

unsigned int ka_class_log2(size_t size)
{
	unsigned int n = 0;

	while (((size_t)1 << n) < size)
		n++;
	return n;
}

struct ka_pin ka_pin_map(const char *map)
{
	struct ka_pin p;

	snprintf(p.path, sizeof(p.path), "%s/%s", KA_PIN_DIR, map);
	return p;
}

struct ka_pin ka_pin_images(unsigned int class)
{
	struct ka_pin p;

	snprintf(p.path, sizeof(p.path), "%s/%s-%02u", KA_PIN_DIR, KA_MAP_IMAGES, class);
	return p;
}

struct ka_pin ka_pin_family(const char *prefix, const struct ka_attached *a, const char *leaf)
{
	struct ka_pin p;

	snprintf(p.path, sizeof(p.path), "%s/%s%s-%016" PRIx64 "-%02u%s%s", KA_PIN_DIR, prefix,
		 families[a->family], a->code, a->class, leaf ? "/" : "", leaf ? leaf : "");
	return p;
}

/* "<family>-<16 hex>-<2 digits>" */
static bool parse_family(const char *name, struct ka_attached *ret)
{
	for (unsigned int f = 0; f < KA_FAMILY__MAX; f++) {
		size_t len = strlen(families[f]);
		int end = 0;

		if (strncmp(name, families[f], len) || name[len] != '-')
			continue;
		if (sscanf(name + len, "-%16" SCNx64 "-%2u%n", &ret->code, &ret->class, &end) !=
			    2 ||
		    name[len + end])
			return false;
		ret->family = f;
		return ret->class < 32;
	}
	return false;
}

/* errno, with what could not be done; a read-only bpffs is the usual reason. */
static int cannot(struct ka_error *e, const char *what, const char *path)
{
	int code = -errno;

	ka_error_set(e, code, "%s %s: %s", what, path, strerror(-code));
	if (code == -EROFS)
		ka_error_hint(e, "mount -o remount,rw /sys/fs/bpf");
	return code;
}

int ka_pins_make(struct ka_error *e)
{
	if (mkdir(KA_PIN_DIR, 0700) == 0 || errno == EEXIST)
		return 0;
	return cannot(e, "creating", KA_PIN_DIR);
}

static int remove_entries(DIR *d)
{
	const struct dirent *entry;

	rewinddir(d);
	while ((entry = readdir(d)))
		if (entry->d_name[0] != '.' && unlinkat(dirfd(d), entry->d_name, 0) < 0 &&
		    errno != ENOENT)
			return -errno;
	return 0;
}

int ka_pins_remove(const char *path, struct ka_error *e)
{
	KA_CLEANUP(closedirp) DIR *d = opendir(path);

	if (!d)
		return errno == ENOENT ? 0 : cannot(e, "opening", path);
	/* a directory that changes while it is read may hide an entry from the first pass */
	for (int pass = 0; pass < 4; pass++) {
		if (remove_entries(d))
			return cannot(e, "emptying", path);
		if (!rmdir(path))
			return 0;
		if (errno != ENOTEMPTY)
			break;
	}
	return cannot(e, "removing", path);
}

static int heal_entry(const char *name, struct ka_error *e)
{
	struct ka_pin p;

	if (strncmp(name, "new-", 4) && strncmp(name, "old-", 4))
		return 0;
	snprintf(p.path, sizeof(p.path), "%s/%.64s", KA_PIN_DIR, name);
	return ka_pins_remove(p.path, e);
}

/*
 * Names first, removal second: a directory that changes while it is read may show an entry
 * twice or not at all.
 */
struct names {
	char v[KA_MAX_ATTACHED * 2][80];
	size_t n;
};

static int read_names(struct names *ret, struct ka_error *e)
{
	KA_CLEANUP(closedirp) DIR *d = opendir(KA_PIN_DIR);
	const struct dirent *entry;

	ret->n = 0;
	if (!d)
		return errno == ENOENT ? 0 : cannot(e, "opening", KA_PIN_DIR);
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		if (ret->n == KA_ARRAY_SIZE(ret->v) || strlen(entry->d_name) >= sizeof(ret->v[0]))
			return ka_error_set(e, -E2BIG, "%s holds what is not ours: %s", KA_PIN_DIR,
					    entry->d_name);
		strcpy(ret->v[ret->n++], entry->d_name);
	}
	return 0;
}

int ka_pins_list(struct ka_attachments *ret, bool heal, struct ka_error *e)
{
	struct names names;
	int r = read_names(&names, e);

	ret->n = 0;
	for (size_t i = 0; !r && i < names.n; i++) {
		if (parse_family(names.v[i], &ret->v[ret->n]))
			ret->n++;
		else if (heal)
			r = heal_entry(names.v[i], e);
		if (ret->n == KA_MAX_ATTACHED)
			return ka_error_set(e, -E2BIG, "too many families in %s", KA_PIN_DIR);
	}
	return r;
}

int ka_pins_drop(const struct ka_attached *a, struct ka_error *e)
{
	struct ka_pin from = ka_pin_family("", a, NULL), to = ka_pin_family("old-", a, NULL);

	if (rename(from.path, to.path) < 0)
		return cannot(e, "renaming", from.path);
	return ka_pins_remove(to.path, e);
}

int ka_pins_drop_images(uint32_t keep, struct ka_error *e)
{
	struct names names;
	int r = read_names(&names, e);

	for (size_t i = 0; !r && i < names.n; i++) {
		struct ka_pin p;
		unsigned int class;

		if (sscanf(names.v[i], KA_MAP_IMAGES "-%2u", &class) != 1 || class > 31 ||
		    (keep >> class & 1))
			continue;
		p = ka_pin_images(class);
		if (unlink(p.path) < 0 && errno != ENOENT)
			r = cannot(e, "removing", p.path);
	}
	return r;
}

int ka_pins_clear(struct ka_error *e)
{
	struct ka_attachments a;
	int r = ka_pins_list(&a, true, e);

	for (size_t i = 0; !r && i < a.n; i++)
		r = ka_pins_drop(&a.v[i], e);
	return r ? r : ka_pins_remove(KA_PIN_DIR, e);
}

uint32_t ka_pins_classes(const struct ka_attachments *a)
{
	uint32_t classes = 0;

	for (size_t i = 0; i < a->n; i++)
		classes |= 1u << a->v[i].class;
	return classes;
}

int ka_pin_open(const char *path, uint32_t flags)
{
	LIBBPF_OPTS(bpf_obj_get_opts, opts, .file_flags = flags);
	int fd = bpf_obj_get_opts(path, &opts);

	return fd < 0 ? -errno : fd;
}
