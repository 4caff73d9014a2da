/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One BPF object to one attached, pinned family. Below node.h, between bundle and pins.
 */
#pragma once

#include "pin.h"

/* libbpf's own words, the verifier's included, to stderr: for whoever develops the programs. */
void ka_load_debug(bool on);

/* The code part of a family's name: what the object's bytes hash to. */
uint64_t ka_object_code(const struct ka_object *o);

/*
 * Loads the object with the pinned maps (those it is the first to define are created and
 * pinned), attaches all its programs and pins their links as family `a`. On failure nothing
 * of it is left attached.
 */
int ka_load_family(struct ka_node_handle *h, const struct ka_object *o, const struct ka_attached *a,
		   struct ka_error *e) KA_MUST_CHECK;
