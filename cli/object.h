/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record was about, where that is no path: a socket, a capability.
 */
#pragma once

#include <jansson.h>

#include "../runtime/util.h"

#include "../bpf/abi.h"

/* Both set "object", a text for people, and the parts that it was made of. */
void ka_object_socket(const struct ka_event_socket *s, json_t *o);
void ka_object_capability(uint32_t number, json_t *o);
