/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is registered on this node, with names, labels and the number of live tasks.
 */
#pragma once

#include "../runtime/node.h"

#define KA_MAX_LABELS 64u

/* Labels of "k=v\nk=v\n", which is cut in place. */
struct ka_label_set {
	char text[KA_LABELS_TEXT];
	const char *keys[KA_MAX_LABELS], *values[KA_MAX_LABELS];
	size_t n;
};

void ka_label_set_parse(const char *text, struct ka_label_set *ret);
struct ka_labels ka_label_set_view(const struct ka_label_set *s);

struct ka_member_of {
	uint32_t id, tasks;
	struct ka_workload info;
	struct ka_label_set labels;
};

struct ka_workloads {
	struct ka_member_of *v; /* by id */
	size_t n;
	uint32_t host_tasks;    /* labelled as the node's own */
	uint32_t foreign_tasks; /* of containers that nobody registered */
};

int ka_workloads_read(struct ka_node_handle *h, struct ka_workloads *ret,
		      struct ka_error *e) KA_MUST_CHECK;
void ka_workloads_done(struct ka_workloads *w);
#define KA_WORKLOADS KA_CLEANUP(ka_workloads_done)

/* How many of them policy i selects. */
size_t ka_workloads_selected(const struct ka_workloads *w, const struct ka_reader *r, uint32_t i);
