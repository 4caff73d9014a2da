/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KA_CONFIG: labels of this node, and postures where no policy says otherwise.
 *
 *   labels:
 *     zone: edge
 *   posture:
 *     workloads:
 *       file: block
 *       process: audit
 *     host:
 *       file: audit
 *
 * A subset of YAML: two spaces per level, plain or quoted scalars, comments. Whatever else is
 * there is refused with its line, never ignored.
 */
#pragma once

#include "node.h"

/* Adds what the text says to `ret`; `name` is for messages. -EINVAL with file:line in e. */
int ka_config_parse(const char *text, size_t len, const char *name, struct ka_node *ret,
		    struct ka_error *e) KA_MUST_CHECK;
