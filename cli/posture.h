/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the posture of an allow-list comes from, for `apply` and `status`.
 *
 * The verdict itself is ka_member_make's; this is its explanation: the annotation of the Allow
 * policies that govern (block beats audit), the Namespace document, the node's configuration,
 * the default.
 */
#pragma once

#include "../runtime/image.h"

struct ka_posture_origin {
	enum ka_posture posture;
	char origin[1100]; /* "the annotation of KubeArmorPolicy/ns/name" */
};

/*
 * For the policies in `set` (bits as in ka_member.policies). False: none of them makes the
 * category an allow-list. ns: of the workload; NULL: the node's own tasks; "": any.
 */
bool ka_posture_find(const struct ka_reader *r, const struct ka_node *node, const __u64 *set,
		     const char *ns, enum ka_category cat, struct ka_posture_origin *ret);
