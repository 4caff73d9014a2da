/* SPDX-License-Identifier: Apache-2.0 */
#include "slot.h"

#include <sys/mman.h>

#include <bpf/bpf.h>

#define MAX_LABELS 64

static size_t map_bytes(unsigned int class)
{
	return ((size_t)1 << class) + KA_IMAGE_SLACK;
}

static int write_image(int fd, unsigned int class, const void *image, size_t size)
{
	void *to = mmap(NULL, map_bytes(class), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (to == MAP_FAILED)
		return -errno;
	memcpy(to, image, size);
	munmap(to, map_bytes(class)); /* freezing refuses while it is writable somewhere */
	return bpf_map_freeze(fd) < 0 ? -errno : 0;
}

int ka_image_create(unsigned int class, const void *image, size_t size, struct ka_error *e)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	KA_CLOSE int fd = -1;
	int r;

	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ka_image", 4, map_bytes(class), 1, &opts);
	if (fd < 0)
		return ka_error_set(e, -errno, "creating a map for an image of %zu bytes: %s", size,
				    strerror(errno));
	r = write_image(fd, class, image, size);
	if (r)
		return ka_error_set(e, r, "filling the image map: %s", strerror(-r));
	return KA_TAKE_FD(fd);
}

int ka_images_create(int template_fd, struct ka_error *e)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = template_fd);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, KA_MAP_IMAGES, 4, 4, KA_SLOTS, &opts);

	if (fd < 0)
		return ka_error_set(e, -errno, "creating %s: %s", KA_MAP_IMAGES, strerror(errno));
	return fd;
}

int ka_slot_get(int images_fd, uint32_t slot)
{
	uint32_t id;
	int fd;

	if (bpf_map_lookup_elem(images_fd, &slot, &id) < 0)
		return -errno;
	fd = bpf_map_get_fd_by_id(id);
	return fd < 0 ? -errno : fd;
}

int ka_slot_set(int images_fd, uint32_t slot, int image_fd, struct ka_error *e)
{
	if (bpf_map_update_elem(images_fd, &slot, &image_fd, BPF_ANY) < 0)
		return ka_error_set(e, -errno, "putting the image into slot %u: %s", slot,
				    strerror(errno));
	return 0;
}

int ka_image_mmap(int image_fd, void **ret, size_t *ret_size)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);
	void *p;

	if (bpf_obj_get_info_by_fd(image_fd, &info, &len) < 0)
		return -errno;
	if (info.type != BPF_MAP_TYPE_ARRAY ||
	    info.value_size < sizeof(struct ka_image) + KA_IMAGE_SLACK)
		return -EBADMSG;
	p = mmap(NULL, info.value_size, PROT_READ, MAP_SHARED, image_fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*ret = p;
	*ret_size = info.value_size;
	return 0;
}

int ka_grace(struct ka_node_handle *h, uint32_t slot, struct ka_error *e)
{
	KA_CLOSE int fd = ka_slot_get(h->images_fd, slot);

	if (fd < 0)
		return ka_error_set(e, fd, "reading slot %u: %s", slot, strerror(-fd));
	/* updating a map of maps waits for all programs that run (synchronize_rcu) */
	return ka_slot_set(h->images_fd, slot, fd, e);
}

/* ---- members ---- */

/* "k=v\nk=v\n", as a registered workload's labels are kept; cut up in place. */
static size_t split_labels(char *text, const char **keys, const char **values)
{
	size_t n = 0;
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")) && n < MAX_LABELS) {
		char *eq = strchr(line, '=');

		if (!eq)
			continue;
		*eq = '\0';
		keys[n] = line;
		values[n++] = eq + 1;
	}
	return n;
}

static int put_member(struct ka_node_handle *h, uint32_t slot, uint32_t id,
		      const struct ka_member *m, struct ka_error *e)
{
	struct ka_member_key key = {.slot = slot, .workload = id};

	if (bpf_map_update_elem(h->members_fd, &key, m, BPF_ANY) < 0)
		return ka_error_set(e, -errno, "making workload %u a member: %s", id,
				    strerror(errno));
	return 0;
}

int ka_slot_member(struct ka_node_handle *h, uint32_t slot, const struct ka_reader *r,
		   const struct ka_node *node, uint32_t id, const struct ka_workload *w,
		   struct ka_error *e)
{
	const char *keys[MAX_LABELS], *values[MAX_LABELS];
	struct ka_workload copy = *w;
	struct ka_labels labels = {.keys = keys, .values = values};
	struct ka_member m;

	copy.ns[sizeof(copy.ns) - 1] = '\0';
	copy.labels[sizeof(copy.labels) - 1] = '\0';
	labels.n = split_labels(copy.labels, keys, values);
	memset(&m, 0, sizeof(m));
	ka_member_make(r, node, copy.ns, &labels, &m);
	return put_member(h, slot, id, &m, e);
}

static int fill_workloads(struct ka_node_handle *h, uint32_t slot, const struct ka_reader *r,
			  const struct ka_node *node, struct ka_error *e)
{
	uint32_t id, prev = 0;
	struct ka_workload w;
	bool first = true;

	while (!bpf_map_get_next_key(h->workloads_fd, first ? NULL : &prev, &id)) {
		int err;

		first = false;
		prev = id;
		if (bpf_map_lookup_elem(h->workloads_fd, &id, &w) < 0)
			return ka_error_set(e, -errno, "reading workload %u: %s", id,
					    strerror(errno));
		err = ka_slot_member(h, slot, r, node, id, &w, e);
		if (err)
			return err;
	}
	return 0;
}

static bool selects_host(const struct ka_reader *r, const struct ka_node *node)
{
	for (uint32_t i = 0; i < r->head->policies.count; i++)
		if (ka_image_policy(r, i)->kind == KA_KIND_HOST && ka_selects_node(r, i, node))
			return true;
	return false;
}

/* Every number that a label can carry gets a member, so that one without is a mistake. */
static int fill_node(struct ka_node_handle *h, uint32_t slot, const struct ka_reader *r,
		     const struct ka_node *node, struct ka_error *e)
{
	bool host = selects_host(r, node);
	struct ka_member m;
	int err;

	memset(&m, 0, sizeof(m));
	err = put_member(h, slot, KA_WORKLOAD_FOREIGN, &m, e);
	if (err)
		return err;
	if (host)
		ka_member_make(r, node, NULL, NULL, &m);
	err = put_member(h, slot, KA_WORKLOAD_HOST, &m, e);
	if (err)
		return err;
	__atomic_store_n(&h->root->flags[slot], host ? KA_ROOT_HOST : 0, __ATOMIC_RELEASE);
	return 0;
}

/* ---- sources ---- */

static int fill_sources(struct ka_node_handle *h, uint32_t slot, const struct ka_reader *r,
			struct ka_error *e)
{
	const uint64_t seed[2] = {h->root->key[0], h->root->key[1]};

	for (uint32_t class = 1; class <= r->head->sources.count; class ++) {
		const char *path = ka_image_source(r, class);
		struct ka_source_key key = {.slot = slot};

		key.hash = ka_source_hash(seed, path, strlen(path));
		if (bpf_map_update_elem(h->sources_fd, &key, &class, BPF_ANY) < 0)
			return ka_error_set(e, -errno, "adding source %s: %s", path,
					    strerror(errno));
	}
	return 0;
}

int ka_slot_fill(struct ka_node_handle *h, uint32_t slot, const struct ka_reader *r,
		 const struct ka_node *node, struct ka_error *e)
{
	int err = fill_node(h, slot, r, node, e);

	if (!err)
		err = fill_workloads(h, slot, r, node, e);
	if (!err)
		err = fill_sources(h, slot, r, e);
	return err;
}

/* ---- clearing ---- */

/*
 * Deletes the keys of a hash map that belong to other slots. The next key is always asked from
 * one that stays, so that deleting does not start the walk over.
 */
static int clear_keys(int fd, size_t key_size, size_t slot_off, uint32_t keep)
{
	uint8_t key[16], stays[16];
	bool any = false;

	while (!bpf_map_get_next_key(fd, any ? stays : NULL, key)) {
		uint32_t slot;

		memcpy(&slot, key + slot_off, sizeof(slot));
		if (slot == keep) {
			memcpy(stays, key, key_size);
			any = true;
		} else if (bpf_map_delete_elem(fd, key) < 0 && errno != ENOENT) {
			return -errno;
		}
	}
	return errno == ENOENT ? 0 : -errno;
}

static int clear_images(int images_fd, uint32_t keep)
{
	for (uint32_t slot = 0; slot < KA_SLOTS; slot++)
		if (slot != keep && bpf_map_delete_elem(images_fd, &slot) < 0 && errno != ENOENT)
			return -errno;
	return 0;
}

int ka_slots_clear(struct ka_node_handle *h, uint32_t keep, struct ka_error *e)
{
	int r = h->images_fd < 0 ? 0 : clear_images(h->images_fd, keep);

	if (!r)
		r = clear_keys(h->members_fd, sizeof(struct ka_member_key),
			       offsetof(struct ka_member_key, slot), keep);
	if (!r)
		r = clear_keys(h->sources_fd, sizeof(struct ka_source_key),
			       offsetof(struct ka_source_key, slot), keep);
	return r ? ka_error_set(e, r, "clearing old generations: %s", strerror(-r)) : 0;
}
