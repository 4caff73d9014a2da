/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pinned task iterator does for us: label tasks, list labels. Below node.h.
 */
#pragma once

#include "node.h"

/* Labels every task that has no label as the node's own or a stranger's. */
int ka_tasks_label(struct ka_node_handle *h, struct ka_error *e) KA_MUST_CHECK;
/* Gives all threads of a process the label. */
int ka_tasks_register(struct ka_node_handle *h, uint32_t tgid, uint32_t workload,
		      struct ka_error *e) KA_MUST_CHECK;
