/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an image in user space: check it once, then use it.
 *
 * ka_image_check proves every table's range, so that the accessors below and the matcher may
 * trust offsets. Used by the loader (before anything reaches the kernel), by inspect, explain,
 * status and logs.
 */
#pragma once

#include "../bpf/match.h"
#include "util.h"

struct ka_reader {
	const struct ka_image *head;
	struct ka_view view; /* img padded to mask + 1 + KA_IMAGE_SLACK bytes */
};

/* -EBADMSG: inconsistent, with a sentence in err; -EPROTO: another ABI. `capacity` as in
 * ka_compiled. */
int ka_image_check(const void *image, size_t size, size_t capacity, char *err, size_t err_size,
		   struct ka_reader *ret) KA_MUST_CHECK;

const char *ka_image_str(const struct ka_reader *r, uint32_t off); /* "" when out of range */
const struct ka_policy_rec *ka_image_policy(const struct ka_reader *r, uint32_t i); /* NULL: none */
const struct ka_rule_rec *ka_image_rule(const struct ka_reader *r, uint32_t i);
const struct ka_label_rec *ka_image_label(const struct ka_reader *r, uint32_t i);
/* The Namespace document of that name; NULL: there was none. */
const struct ka_space_rec *ka_image_space(const struct ka_reader *r, const char *name);
const char *ka_image_source(const struct ka_reader *r, uint32_t class);

/* Walks an absolute path; returns the state of the object (offset). */
uint32_t ka_image_walk(const struct ka_reader *r, const char *path, size_t len);
/* The whole judgement of a path rule in user space: what the kernel would say. */
void ka_image_judge(const struct ka_reader *r, const struct ka_who *who, enum ka_category cat,
		    enum ka_op op, const char *path, size_t len, struct ka_ruling *ret);
/* The same for an object without a path: a ka_socket_index, a capability's number. */
void ka_image_judge_flat(const struct ka_reader *r, const struct ka_who *who, enum ka_category cat,
			 enum ka_op op, uint32_t index, struct ka_ruling *ret);
/* The keyed hash of an absolute path, as the programs compute it. */
uint64_t ka_source_hash(const uint64_t key[2], const char *path, size_t len);

/* ---- who is governed by what: selectors, postures ---- */

struct ka_labels {
	const char *const *keys, *const *values;
	size_t n;
};

struct ka_node {
	const char *hostname, *os,
		*arch;           /* of uname(2); os "linux", arch in Go's spelling ("amd64") */
	struct ka_labels labels; /* of /etc/karmor-c/config.yaml */
	enum ka_posture posture[2][KA_CAT__MAX]; /* of the same file: [0] workloads, [1] the node's
						    own tasks */
};

/* Whether policy i governs a workload {ns, labels}; host policies: never. */
bool ka_selects_workload(const struct ka_reader *r, uint32_t i, const char *ns,
			 const struct ka_labels *labels);
/* Whether host policy i selects this node. */
bool ka_selects_node(const struct ka_reader *r, uint32_t i, const struct ka_node *node);
/* The member entry of a workload; ns NULL: of the node's own tasks. */
void ka_member_make(const struct ka_reader *r, const struct ka_node *node, const char *ns,
		    const struct ka_labels *labels, struct ka_member *ret);
