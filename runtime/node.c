/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <bpf/bpf.h>
#include <linux/magic.h>

#include "lock.h"
#include "maps.h"
#include "slot.h"
#include "state.h"

#define BPFFS "/sys/fs/bpf"
#define CLASS_MIN 16
#define CLASS_MAX 26

_Static_assert(KA_MIN_CLASS == 1u << CLASS_MIN && KA_MAX_CLASS == 1u << CLASS_MAX, "classes");

/* ---- the generation in force ---- */

static void forget_image(struct ka_node_handle *h)
{
	if (h->image)
		munmap(h->image, h->image_map_size);
	h->image = NULL;
	h->image_map_size = 0;
	memset(&h->reader, 0, sizeof(h->reader));
	ka_closep(&h->images_fd);
	h->images_fd = -1;
}

/* Finds the outer map that has the slot: the largest class that is pinned and filled. */
static int find_image(struct ka_node_handle *h, uint32_t slot)
{
	uint32_t flags = h->lock_fd < 0 ? BPF_F_RDONLY : 0;

	for (unsigned int class = CLASS_MAX; class >= CLASS_MIN; class --) {
		struct ka_pin p = ka_pin_images(class);
		KA_CLOSE int outer = ka_pin_open(p.path, flags);
		KA_CLOSE int inner = outer < 0 ? -1 : ka_slot_get(outer, slot);
		int r;

		if (inner < 0)
			continue;
		r = ka_image_mmap(inner, &h->image, &h->image_map_size);
		if (r)
			return r;
		h->images_fd = KA_TAKE_FD(outer);
		return 0;
	}
	return -ENOENT;
}

static int read_image(struct ka_node_handle *h, struct ka_error *e)
{
	const struct ka_image *head = h->image;
	size_t capacity = h->image_map_size - KA_IMAGE_SLACK;
	char why[256] = "its size is wrong";
	int r = -EBADMSG;

	if (head->size <= capacity)
		r = ka_image_check(head, head->size, capacity, why, sizeof(why), &h->reader);
	if (!r)
		return 0;
	forget_image(h);
	return ka_error_set(e, r, "the image in force cannot be read: %s", why);
}

int ka_node_current(struct ka_node_handle *h, struct ka_error *e)
{
	uint64_t value;

	for (int tries = 0; tries < 16; tries++) {
		int r;

		forget_image(h);
		value = __atomic_load_n(&h->root->value, __ATOMIC_ACQUIRE);
		if (!value)
			return ka_error_set(e, -ENOENT, "no policy is in force");
		r = find_image(h, KA_ROOT_SLOT(value));
		if (value != __atomic_load_n(&h->root->value, __ATOMIC_ACQUIRE))
			continue; /* swapped meanwhile */
		return r ? ka_error_set(e, -EIO, "the image in force cannot be found: %s",
					strerror(-r))
			 : read_image(h, e);
	}
	return ka_error_set(e, -EAGAIN, "the generation changes all the time");
}

/* ---- open and close ---- */

static int check_place(struct ka_error *e)
{
	struct statfs fs;

	if (geteuid()) {
		ka_error_set(e, -EPERM, "this needs root");
		ka_error_hint(e, "run it with sudo");
		return -EPERM;
	}
	if (statfs(BPFFS, &fs) == 0 && fs.f_type == BPF_FS_MAGIC)
		return 0;
	ka_error_set(e, -EOPNOTSUPP, "%s is no bpf file system", BPFFS);
	ka_error_hint(e, "mount -t bpf bpf %s", BPFFS);
	return -EOPNOTSUPP;
}

static void reset(struct ka_node_handle *h)
{
	memset(h, 0, sizeof(*h));
	h->lock_fd = h->root_fd = h->images_fd = h->members_fd = h->sources_fd = h->subjects_fd =
		h->records_fd = h->counts_fd = h->workloads_fd = h->job_fd = -1;
}

static int open_node(struct ka_node_handle *h, enum ka_open_mode mode, struct ka_error *e)
{
	int r = check_place(e);

	if (r)
		return r;
	if (mode != KA_OPEN_READ) {
		h->lock_fd = ka_lock(e);
		if (h->lock_fd < 0)
			return h->lock_fd;
	}
	if (mode == KA_OPEN_CREATE) {
		r = ka_pins_make(e);
		if (r)
			return r;
	}
	r = ka_maps_open(h, mode == KA_OPEN_READ ? BPF_F_RDONLY : 0, e);
	if (r)
		return r;
	if (h->root_fd < 0)
		return mode == KA_OPEN_CREATE ? 0
					      : ka_error_set(e, -ENOENT, "no policy is in force");
	r = ka_node_current(h, e);
	/* an apply replaces what it finds, be it nothing or damaged */
	return mode == KA_OPEN_CREATE ? 0 : r;
}

int ka_node_open(struct ka_node_handle *h, enum ka_open_mode mode, struct ka_error *e)
{
	int r;

	reset(h);
	r = open_node(h, mode, e);
	if (r)
		ka_node_close(h);
	return r;
}

void ka_node_close(struct ka_node_handle *h)
{
	forget_image(h);
	ka_maps_close(h);
	ka_closep(&h->lock_fd);
	reset(h);
}

/* ---- off ---- */

/*
 * First the root: from that store on nothing is enforced, whatever becomes of the rest, and no
 * policy can keep us from the rest. Then links, then maps; what is left when we are killed
 * enforces nothing and goes with the next off or apply.
 */
static void enforce_nothing(struct ka_node_handle *h)
{
	struct ka_error ignored;

	if (!ka_maps_open(h, 0, &ignored) && h->root)
		__atomic_store_n(&h->root->value, 0, __ATOMIC_SEQ_CST);
	ka_maps_close(h);
}

static int take_down(struct ka_node_handle *h, struct ka_error *e)
{
	int r;

	enforce_nothing(h);
	h->lock_fd = ka_lock(e);
	if (h->lock_fd == -EBUSY)
		return -EBUSY;
	enforce_nothing(h); /* an apply may have come to its end meanwhile */
	/* also without a lock or maps: the way out must not depend on anything */
	r = ka_pins_clear(e);
	return r ? r : ka_state_retire(e);
}

int ka_node_off(struct ka_error *e)
{
	KA_NODE struct ka_node_handle h;
	int r;

	reset(&h);
	r = check_place(e);
	return r ? r : take_down(&h, e);
}
