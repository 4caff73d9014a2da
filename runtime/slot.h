/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One generation in the kernel: its image, its members and its sources, all under a slot.
 *
 * Filled while no program looks at the slot, frozen, then made current by the root's store
 * (apply.c). Below node.h.
 */
#pragma once

#include "pin.h"

/* An image map of the class with the image in it, frozen; fd or negative errno. */
int ka_image_create(unsigned int class, const void *image, size_t size, struct ka_error *e);
/* The outer map of a class; the template is an image map of that class. Not pinned. */
int ka_images_create(int template_fd, struct ka_error *e);

int ka_slot_get(int images_fd, uint32_t slot); /* fd of the image map, negative errno */
int ka_slot_set(int images_fd, uint32_t slot, int image_fd, struct ka_error *e) KA_MUST_CHECK;

/* Maps a slot's image read-only; the size is the map's, not the image's. */
int ka_image_mmap(int image_fd, void **ret, size_t *ret_size) KA_MUST_CHECK;

/* Writes members and sources of a slot that is not current, and its flags in the root. */
int ka_slot_fill(struct ka_node_handle *h, uint32_t slot, const struct ka_reader *r,
		 const struct ka_node *node, struct ka_error *e) KA_MUST_CHECK;
/* Removes what belongs to any slot but `keep` (KA_SLOTS: to any), once nothing can use it. */
int ka_slots_clear(struct ka_node_handle *h, uint32_t keep, struct ka_error *e) KA_MUST_CHECK;

/* Makes the member entry of a registered workload in a slot. */
int ka_slot_member(struct ka_node_handle *h, uint32_t slot, const struct ka_reader *r,
		   const struct ka_node *node, uint32_t id, const struct ka_workload *w,
		   struct ka_error *e) KA_MUST_CHECK;

/* Returns once no program can still look at what the root named before. */
int ka_grace(struct ka_node_handle *h, uint32_t slot, struct ka_error *e) KA_MUST_CHECK;
