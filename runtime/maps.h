/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps that all programs share: created once, by the first object that defines them, then
 * found by their pins. Below node.h.
 */
#pragma once

#include "pin.h"

struct bpf_object;

#define KA_PIN_ITERATOR "iterator"

/* Opens the pinned maps into the handle; those that are not there stay -1. */
int ka_maps_open(struct ka_node_handle *h, uint32_t flags, struct ka_error *e) KA_MUST_CHECK;
/* Before an object is loaded: makes it use the maps that exist. */
int ka_maps_share(struct ka_node_handle *h, struct bpf_object *obj,
		  struct ka_error *e) KA_MUST_CHECK;
/* After it was loaded: pins the maps that came with it. */
int ka_maps_keep(struct ka_node_handle *h, struct bpf_object *obj,
		 struct ka_error *e) KA_MUST_CHECK;
/* Closes all of the handle's. */
void ka_maps_close(struct ka_node_handle *h);

/* Finds the image that the root names, with its outer map. -ENOENT: nothing is in force. */
int ka_node_current(struct ka_node_handle *h, struct ka_error *e) KA_MUST_CHECK;
