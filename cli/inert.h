/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that do nothing on this root as it is now. Only what is certain: a program that is
 * allowed, or a source, that does not exist.
 */
#pragma once

#include "../compiler/policy/policy.h"

struct ka_inert {
	const struct ka_policy *policy;
	const struct ka_rule *rule;
	const struct ka_from *from; /* the source that is missing; NULL: the object is */
	const char *path;
};

/* Calls `found` for each; returns how many. */
size_t ka_inert_find(const struct ka_policies *policies, int root_fd,
		     void (*found)(const struct ka_inert *i, void *arg), void *arg);
