/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of one change, in their order: check, heal, build, swap, clean up.
 *
 * Until the swap everything that is built is looked at by no decision: new programs judge the
 * old generation (its image is copied when the size class grows), the new slot is nobody's.
 * Old programs go only when new ones of the same family are attached. So at every instant the
 * old generation is enforced by the old programs, the new ones, or both, and after the swap
 * the new one by the new ones.
 */
#include <bpf/bpf.h>

#include "load.h"
#include "maps.h"
#include "slot.h"
#include "state.h"
#include "tasks.h"

struct change {
	struct ka_node_handle *h;
	const struct ka_bundle *b;
	const struct ka_node *node;
	struct ka_bundle old;                    /* read only when its objects are needed */
	struct ka_attachments attached;          /* before the change */
	struct ka_attached want[KA_FAMILY__MAX]; /* what carries each family at the swap */
	uint32_t wanted;                         /* families that have one, as bits */
	uint32_t made;                           /* those that the change attached */
	bool committed; /* old programs are going: nothing is undone any more */
	bool probed, legacy;
	uint32_t hooks; /* that the new image needs */
	unsigned int class;
	uint64_t current;         /* the root value that is replaced; 0: nothing is in force */
	uint32_t slot, prev, seq; /* of the new one */
};

/* ---- check and heal ---- */

static int check(struct change *c, struct ka_error *e)
{
	c->hooks = c->b->reader.head->hooks | KA_HOOKS_TASK;
	if (c->hooks & ~KA_ALL_HOOKS)
		return ka_error_set(e, -EPROTO, "the bundle needs hooks that this build lacks");
	return 0;
}

/* An apply that died before anything was in force, or an off in the middle: start afresh. */
static int start_afresh(struct change *c, struct ka_error *e)
{
	int r;

	ka_maps_close(c->h);
	r = ka_pins_clear(e);
	return r ? r : ka_pins_make(e);
}

static int heal_slots(struct change *c, struct ka_error *e)
{
	struct ka_node_handle *h = c->h;
	uint32_t current = KA_ROOT_SLOT(c->current);
	int r = 0;

	if (h->images_fd >= 0)
		r = ka_grace(h, current, e);
	return r ? r : ka_slots_clear(h, current, e);
}

static int check_maps(const struct ka_node_handle *h, struct ka_error *e)
{
	if (h->members_fd >= 0 && h->sources_fd >= 0 && h->workloads_fd >= 0 && h->job_fd >= 0)
		return 0;
	ka_error_set(e, -EIO, "maps are missing in %s", KA_PIN_DIR);
	ka_error_hint(e, "'karmor-c off', then apply again");
	return -EIO;
}

static int heal(struct change *c, struct ka_error *e)
{
	struct ka_node_handle *h = c->h;
	bool afresh = !h->root || !h->root->value;
	int r = afresh ? start_afresh(c, e) : check_maps(h, e);

	if (!r)
		r = ka_pins_list(&c->attached, true, e);
	if (!r)
		r = ka_pins_drop_images(ka_pins_classes(&c->attached), e);
	if (r)
		return r;
	if (h->root) {
		c->current = h->root->value;
		r = ka_node_current(h, e);
		/* an image that is lost is replaced by this apply; meanwhile programs deny */
		r = r == -EIO || r == -EBADMSG ? 0 : r;
		if (!r)
			r = heal_slots(c, e);
	}
	return r ? r : ka_state_heal(h->image, e);
}

/* ---- programs ---- */

static const struct ka_object *find_object(const struct ka_bundle *b, enum ka_family f, bool legacy)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%s", ka_family_str(f), legacy ? "legacy" : "core");
	for (size_t i = 0; i < b->nobjects; i++)
		if (!strcmp(b->objects[i].name, name))
			return &b->objects[i];
	return NULL;
}

static bool is_attached(const struct change *c, const struct ka_attached *a)
{
	for (size_t i = 0; i < c->attached.n; i++) {
		const struct ka_attached *have = &c->attached.v[i];

		if (have->family == a->family && have->class == a->class && have->code == a->code)
			return true;
	}
	return false;
}

/* The family as it is attached now, of our class if there is one; NULL: it is not. */
static const struct ka_attached *family_attached(const struct change *c, enum ka_family f)
{
	const struct ka_attached *ret = NULL;

	for (size_t i = 0; i < c->attached.n; i++) {
		const struct ka_attached *have = &c->attached.v[i];

		if (have->family == f && (!ret || have->class == c->class))
			ret = have;
	}
	return ret;
}

static int probe(struct change *c, struct ka_error *e)
{
	struct ka_probe p;
	int r;

	if (c->probed)
		return 0;
	r = ka_probe_kernel(&p);
	if (r)
		return ka_error_set(e, r, "probing the kernel: %s", strerror(-r));
	for (size_t i = 0; i < p.n; i++) {
		const struct ka_check *check_ = &p.checks[i];

		if (!check_->required || check_->ok)
			continue;
		ka_error_set(e, -EOPNOTSUPP, "%s: %s", check_->what, check_->state);
		ka_error_hint(e, "%s", check_->fix);
		return -EOPNOTSUPP;
	}
	c->probed = true;
	c->legacy = p.legacy;
	return 0;
}

/*
 * The object of a family that only the old image needs lies in the old bundle: the new one
 * carries what it needs itself.
 */
static int choose_object(struct change *c, enum ka_family f, bool legacy,
			 const struct ka_object **ret, struct ka_error *e)
{
	*ret = find_object(c->b, f, legacy);
	if (*ret)
		return 0;
	if (c->hooks >> f & 1)
		return ka_error_set(e, -EBADMSG, "the bundle lacks the object '%s.%s'",
				    ka_family_str(f), legacy ? "legacy" : "core");
	if (!c->old.bytes) {
		int r = ka_node_bundle(c->h, &c->old, e);

		if (r)
			return r;
	}
	*ret = find_object(&c->old, f, legacy);
	return *ret ? 0
		    : ka_error_set(e, -EBADMSG, "the bundle in force lacks the object '%s'",
				   ka_family_str(f));
}

/* Whether the new bundle's code is what is attached, in either variant: nothing to load. */
static bool carries_attached(struct change *c, enum ka_family f)
{
	for (int legacy = 0; legacy < 2; legacy++) {
		const struct ka_object *o = find_object(c->b, f, legacy);

		c->want[f].code = o ? ka_object_code(o) : 0;
		if (o && is_attached(c, &c->want[f]))
			return true;
	}
	return false;
}

static int load_wanted(struct change *c, enum ka_family f, struct ka_error *e)
{
	const struct ka_object *o;
	int r;

	if (carries_attached(c, f))
		return 0;
	r = probe(c, e);
	if (!r)
		r = choose_object(c, f, c->legacy, &o, e);
	if (r)
		return r;
	c->want[f].code = ka_object_code(o);
	if (is_attached(c, &c->want[f]))
		return 0;
	r = ka_load_family(c->h, o, &c->want[f], e);
	ka_bundle_rest(c->b);
	ka_bundle_rest(&c->old);
	if (!r)
		c->made |= 1u << f;
	return r;
}

static int attach_family(struct change *c, enum ka_family f, struct ka_error *e)
{
	const struct ka_attached *have = family_attached(c, f);
	bool needed = c->hooks >> f & 1;

	if (!needed && !have)
		return 0;
	c->wanted |= 1u << f;
	c->want[f] = (struct ka_attached){.family = f, .class = c->class};
	if (needed || have->class != c->class)
		return load_wanted(c, f, e);
	c->want[f] = *have; /* only until the swap, and as it is */
	return 0;
}

/* Membership first: no fork or exec is missed while the rest is attached. */
static int attach_families(struct change *c, struct ka_error *e)
{
	for (unsigned int f = 0; f < KA_FAMILY__MAX; f++) {
		int r = attach_family(c, f, e);

		if (r)
			return r;
	}
	return 0;
}

/*
 * Programs of another class or of other code go before the swap. The kernel detaches them a
 * little later; those of another class do not find the new image, see ka_root.mask and know
 * that they are no longer asked.
 */
static int drop_superseded(struct change *c, struct ka_error *e)
{
	c->committed = true;
	for (size_t i = 0; i < c->attached.n; i++) {
		const struct ka_attached *a = &c->attached.v[i], *want = &c->want[a->family];
		int r;

		if (a->class == want->class && a->code == want->code)
			continue;
		r = ka_pins_drop(a, e);
		if (r)
			return r;
	}
	return ka_pins_drop_images(1u << c->class, e);
}

/* ---- the image ---- */

static int copy_current(struct change *c, int images_fd, struct ka_error *e)
{
	const struct ka_image *head = c->h->image;
	KA_CLOSE int fd = -1;

	if (!head)
		return 0;
	fd = ka_image_create(c->class, head, head->size, e);
	if (fd < 0)
		return fd;
	return ka_slot_set(images_fd, KA_ROOT_SLOT(c->current), fd, e);
}

/* The outer map of the class, made if it is new, with the generation in force in it. */
static int open_images(struct change *c, int template_fd, struct ka_error *e)
{
	struct ka_pin p = ka_pin_images(c->class);
	KA_CLOSE int fd = ka_pin_open(p.path, 0);
	int r = 0;

	if (fd == -ENOENT) {
		fd = ka_images_create(template_fd, e);
		if (fd < 0)
			return fd;
		r = copy_current(c, fd, e);
		if (r)
			return r;
		if (bpf_obj_pin(fd, p.path) < 0)
			return ka_error_set(e, -errno, "pinning %s: %s", p.path, strerror(errno));
	}
	if (fd < 0)
		return ka_error_set(e, fd, "opening %s: %s", p.path, strerror(-fd));
	ka_closep(&c->h->images_fd);
	c->h->images_fd = KA_TAKE_FD(fd);
	return 0;
}

static void choose_slot(struct change *c)
{
	c->prev = KA_ROOT_SLOT(c->current);
	c->slot = c->current ? (c->prev + 1) % KA_SLOTS : 0;
	c->seq = (KA_ROOT_SEQ(c->current) + 1) & 0x0fffffffu;
	if (!c->seq)
		c->seq = 1;
}

/* ---- build, swap, clean up ---- */

static int build(struct change *c, struct ka_error *e)
{
	const struct ka_bundle *b = c->b;
	KA_CLOSE int image_fd = ka_image_create(c->class, b->image, b->image_size, e);
	int r = image_fd < 0 ? image_fd : open_images(c, image_fd, e);

	if (!r)
		r = attach_families(c, e);
	if (r)
		return r;
	choose_slot(c);
	c->h->root->mask[c->slot] = (1u << c->class) - 1;
	r = ka_slot_set(c->h->images_fd, c->slot, image_fd, e);
	if (!r)
		r = ka_slot_fill(c->h, c->slot, &b->reader, c->node, e);
	if (!r && (c->h->root->flags[c->slot] & KA_ROOT_HOST))
		r = ka_tasks_label(c->h, e);
	if (!r)
		r = ka_state_next(b->bytes, b->size, e);
	return r ? r : drop_superseded(c, e);
}

/* Takes back what was built; whatever cannot be, the next apply heals. */
static void undo(struct change *c)
{
	struct ka_node_handle *h = c->h;
	struct ka_error ignored;
	int r = 0;

	ka_state_forget_next();
	if (c->committed)
		return;
	for (unsigned int f = KA_FAMILY__MAX; f-- > 0;)
		if (c->made >> f & 1)
			r |= ka_pins_drop(&c->want[f], &ignored);
	if (!c->current) {
		r |= ka_pins_clear(&ignored);
	} else {
		r |= ka_slots_clear(h, KA_ROOT_SLOT(c->current), &ignored);
		r |= ka_pins_drop_images(ka_pins_classes(&c->attached), &ignored);
		r |= ka_node_current(h, &ignored);
	}
	(void)r;
}

static void swap(struct change *c)
{
	uint64_t value = KA_ROOT_VALUE(c->slot, c->prev, c->seq, 0);

	__atomic_store_n(&c->h->root->value, value, __ATOMIC_SEQ_CST);
}

static int drop_unneeded(struct change *c, struct ka_error *e)
{
	struct ka_attachments now;
	int r = ka_pins_list(&now, false, e);

	for (size_t i = 0; !r && i < now.n; i++)
		if (!(c->hooks >> now.v[i].family & 1))
			r = ka_pins_drop(&now.v[i], e);
	return r;
}

/* The new generation is in force: from here on nothing fails, it is only left for the next. */
static void clean_up(struct change *c, struct ka_error *e)
{
	struct ka_node_handle *h = c->h;
	int r = ka_state_commit(e);

	if (!r)
		r = ka_grace(h, c->slot, e);
	if (!r)
		r = ka_slots_clear(h, c->slot, e);
	if (!r)
		r = drop_unneeded(c, e);
	if (!r)
		r = ka_node_current(h, e);
	if (r)
		ka_error_hint(e, "the new generation is in force; the next apply cleans up");
	else
		memset(e, 0, sizeof(*e));
}

int ka_node_apply(struct ka_node_handle *h, const struct ka_bundle *b,
		  const struct ka_apply_options *opts, struct ka_error *e)
{
	KA_FREE struct change *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return ka_error_set(e, -ENOMEM, "no memory");
	c->h = h;
	c->b = b;
	c->node = opts->node;
	r = check(c, e);
	if (!r)
		r = heal(c, e);
	if (r)
		return r;
	c->class = ka_class_log2(b->image_capacity);
	while (ka_pins_classes(&c->attached) >> c->class > 1)
		c->class ++;
	r = build(c, e);
	ka_bundle_done(&c->old);
	if (r) {
		undo(c);
		return r;
	}
	swap(c);
	clean_up(c, e);
	return 0;
}
