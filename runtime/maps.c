/* SPDX-License-Identifier: Apache-2.0 */
#include "maps.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sodium.h>

#define MAX_WORKLOADS 65536

/* Where the handle keeps which map. */
static const struct {
	const char *name;
	size_t off;
} kept[] = {
	{KA_MAP_ROOT, offsetof(struct ka_node_handle, root_fd)},
	{KA_MAP_MEMBERS, offsetof(struct ka_node_handle, members_fd)},
	{KA_MAP_SOURCES, offsetof(struct ka_node_handle, sources_fd)},
	{KA_MAP_SUBJECTS, offsetof(struct ka_node_handle, subjects_fd)},
	{KA_MAP_RECORDS, offsetof(struct ka_node_handle, records_fd)},
	{KA_MAP_COUNTS, offsetof(struct ka_node_handle, counts_fd)},
	{KA_MAP_JOB, offsetof(struct ka_node_handle, job_fd)},
	{KA_MAP_WORKLOADS, offsetof(struct ka_node_handle, workloads_fd)},
};

static int *kept_fd(struct ka_node_handle *h, size_t i)
{
	return (int *)((char *)h + kept[i].off);
}

/* ---- the root ---- */

static int map_root(struct ka_node_handle *h, int prot)
{
	void *p = mmap(NULL, sizeof(*h->root), prot, MAP_SHARED, h->root_fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	h->root = p;
	return 0;
}

/* On a read-only bpffs there is no descriptor that can be mapped: a reader gets a copy. */
static int copy_root(struct ka_node_handle *h)
{
	uint32_t zero = 0;
	void *p = mmap(NULL, sizeof(*h->root), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	h->root = p;
	return bpf_map_lookup_elem(h->root_fd, &zero, p) < 0 ? -errno : 0;
}

/* What another version pinned may be laid out otherwise. */
static bool is_ours(int fd)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) == 0 && info.type == BPF_MAP_TYPE_ARRAY &&
	       info.value_size == sizeof(struct ka_root);
}

static int open_root(struct ka_node_handle *h, uint32_t flags)
{
	struct ka_pin p = ka_pin_map(KA_MAP_ROOT);
	int fd = ka_pin_open(p.path, 0); /* a read-only one cannot be mapped */

	if (fd == -EROFS && (flags & BPF_F_RDONLY)) {
		h->root_fd = ka_pin_open(p.path, flags);
		return h->root_fd < 0 ? h->root_fd : copy_root(h);
	}
	h->root_fd = fd < 0 ? -1 : fd;
	if (fd < 0)
		return fd;
	if (!is_ours(fd))
		return -EPROTO;
	return map_root(h, flags & BPF_F_RDONLY ? PROT_READ : PROT_READ | PROT_WRITE);
}

/*
 * The node's root directory as the kernel numbers it. mountinfo has the device of the
 * superblock; stat(2) may show another one (btrfs). Seen from PID 1, wherever we are called.
 */
static int find_host_root(uint64_t *ret_dev, uint64_t *ret_ino)
{
	KA_FCLOSE FILE *f = fopen("/proc/1/mountinfo", "re");
	KA_FREE char *line = NULL;
	size_t cap = 0;
	struct stat st;
	bool found = false;

	if (!f || stat("/proc/1/root/", &st) < 0)
		return -errno;
	while (getline(&line, &cap, f) >= 0) {
		unsigned int major, minor;
		int at = 0;

		/* id parent major:minor root mountpoint ...; the last one on "/" is on top */
		if (sscanf(line, "%*d %*d %u:%u %*s %n", &major, &minor, &at) != 2 || !at ||
		    strncmp(line + at, "/ ", 2))
			continue;
		*ret_dev = (uint64_t)major << 20 | minor;
		found = true;
	}
	*ret_ino = st.st_ino;
	return found ? 0 : -ENOENT;
}

/* The root map is fresh: nothing is attached yet, nobody reads it. */
static int init_root(struct ka_node_handle *h, struct ka_error *e)
{
	uint64_t dev = 0, ino = 0;
	int r = map_root(h, PROT_READ | PROT_WRITE);

	if (r)
		return ka_error_set(e, r, "mapping %s: %s", KA_MAP_ROOT, strerror(-r));
	r = find_host_root(&dev, &ino);
	if (r)
		return ka_error_set(e, r, "finding the node's root directory: %s", strerror(-r));
	randombytes_buf(h->root->key, sizeof(h->root->key));
	h->root->host_dev = dev;
	h->root->host_ino = ino;
	h->root->next_workload = KA_WORKLOAD_FIRST;
	return 0;
}

/* ---- open and close ---- */

static int cannot_open(const char *path, int code, struct ka_error *e)
{
	ka_error_set(e, code, "opening %s: %s", path, strerror(-code));
	if (code == -EROFS)
		ka_error_hint(e, "mount -o remount,rw /sys/fs/bpf");
	if (code == -EPROTO) {
		ka_error_set(e, code, "%s was pinned by another version", path);
		ka_error_hint(e, "'karmor-c off' takes it out of force; then apply again");
	}
	return code;
}

int ka_maps_open(struct ka_node_handle *h, uint32_t flags, struct ka_error *e)
{
	int r = open_root(h, flags);

	if (r && r != -ENOENT)
		return cannot_open(KA_PIN_DIR "/" KA_MAP_ROOT, r, e);
	for (size_t i = 0; i < KA_ARRAY_SIZE(kept); i++) {
		struct ka_pin p = ka_pin_map(kept[i].name);
		int fd;

		if (*kept_fd(h, i) >= 0)
			continue;
		fd = ka_pin_open(p.path, flags);
		if (fd < 0 && fd != -ENOENT)
			return cannot_open(p.path, fd, e);
		*kept_fd(h, i) = fd < 0 ? -1 : fd;
	}
	return 0;
}

void ka_maps_close(struct ka_node_handle *h)
{
	if (h->root)
		munmap(h->root, sizeof(*h->root));
	h->root = NULL;
	for (size_t i = 0; i < KA_ARRAY_SIZE(kept); i++) {
		ka_closep(kept_fd(h, i));
		*kept_fd(h, i) = -1;
	}
}

/* ---- sharing between objects ---- */

static bool same_layout(const struct bpf_map *m, const struct bpf_map_info *info)
{
	return bpf_map__type(m) == info->type && bpf_map__key_size(m) == info->key_size &&
	       bpf_map__value_size(m) == info->value_size &&
	       bpf_map__max_entries(m) == info->max_entries &&
	       bpf_map__map_flags(m) == info->map_flags;
}

/* The root slot is a data section of the objects; libbpf calls its map like the section. */
static const char *name_of(const struct bpf_map *m)
{
	const char *name = bpf_map__name(m);

	return strcmp(name, KA_ROOT_SECTION) ? name : KA_MAP_ROOT;
}

/* .rodata and the like belong to one object. */
static bool is_private(const struct bpf_map *m)
{
	return bpf_map__is_internal(m) && strcmp(bpf_map__name(m), KA_ROOT_SECTION);
}

static int reuse(struct bpf_map *m, int fd, struct ka_error *e)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);
	int r;

	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
		return ka_error_set(e, -errno, "looking at %s: %s", bpf_map__name(m),
				    strerror(errno));
	if (bpf_map__type(m) != BPF_MAP_TYPE_ARRAY_OF_MAPS && !same_layout(m, &info)) {
		ka_error_set(e, -EBUSY, "%s is pinned with another layout", bpf_map__name(m));
		ka_error_hint(e, "another version is in force: 'karmor-c off' first");
		return -EBUSY;
	}
	r = bpf_map__reuse_fd(m, fd);
	return r ? ka_error_set(e, r, "sharing %s: %s", bpf_map__name(m), strerror(-r)) : 0;
}

static int share(struct ka_node_handle *h, struct bpf_map *m, struct ka_error *e)
{
	struct ka_pin p = ka_pin_map(name_of(m));
	KA_CLOSE int fd = -1;

	if (!strcmp(bpf_map__name(m), KA_MAP_IMAGES))
		return reuse(m, h->images_fd, e);
	fd = ka_pin_open(p.path, 0);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return ka_error_set(e, fd, "opening %s: %s", p.path, strerror(-fd));
	return reuse(m, fd, e);
}

int ka_maps_share(struct ka_node_handle *h, struct bpf_object *obj, struct ka_error *e)
{
	struct bpf_map *m;

	bpf_object__for_each_map (m, obj) {
		int r = is_private(m) ? 0 : share(h, m, e);

		if (r)
			return r;
	}
	return 0;
}

static int pin(int fd, const char *name, struct ka_error *e)
{
	struct ka_pin p = ka_pin_map(name);

	if (bpf_obj_pin(fd, p.path) < 0)
		return ka_error_set(e, -errno, "pinning %s: %s", p.path, strerror(errno));
	return 0;
}

static int keep(struct ka_node_handle *h, struct bpf_map *m, struct ka_error *e)
{
	const char *name = name_of(m);
	struct ka_pin p = ka_pin_map(name);
	int r;

	if (!strcmp(name, KA_MAP_IMAGES) || !access(p.path, F_OK))
		return 0;
	for (size_t i = 0; i < KA_ARRAY_SIZE(kept); i++) {
		if (strcmp(kept[i].name, name) || *kept_fd(h, i) >= 0)
			continue;
		*kept_fd(h, i) = fcntl(bpf_map__fd(m), F_DUPFD_CLOEXEC, 3);
		if (*kept_fd(h, i) < 0)
			return ka_error_set(e, -errno, "keeping %s: %s", name, strerror(errno));
	}
	if (!strcmp(name, KA_MAP_ROOT)) {
		r = init_root(h, e);
		if (r)
			return r;
	}
	return pin(bpf_map__fd(m), name, e);
}

/* No program reads the workloads, so no object brings their map. */
static int keep_workloads(struct ka_node_handle *h, struct ka_error *e)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int fd;

	if (h->workloads_fd >= 0)
		return 0;
	fd = bpf_map_create(BPF_MAP_TYPE_HASH, KA_MAP_WORKLOADS, 4, sizeof(struct ka_workload),
			    MAX_WORKLOADS, &opts);
	if (fd < 0)
		return ka_error_set(e, -errno, "creating %s: %s", KA_MAP_WORKLOADS,
				    strerror(errno));
	h->workloads_fd = fd;
	return pin(fd, KA_MAP_WORKLOADS, e);
}

int ka_maps_keep(struct ka_node_handle *h, struct bpf_object *obj, struct ka_error *e)
{
	struct bpf_map *m;

	bpf_object__for_each_map (m, obj) {
		int r = is_private(m) ? 0 : keep(h, m, e);

		if (r)
			return r;
	}
	return keep_workloads(h, e);
}
