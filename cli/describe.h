/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change does on this node, in words: what was created or changed, whom each policy
 * selects, which categories it makes allow-lists, what a link wakes. On stdout.
 */
#pragma once

#include "change.h"
#include "workloads.h"

/* The policies in `given` (NULL: all that are wanted), and those that are gone. */
void ka_describe_change(const struct ka_change *c, const struct ka_policies *given,
			const struct ka_workloads *w);
/* "in force: generation 7, 3 policies"; what would be, when dry. */
void ka_describe_summary(const struct ka_change *c);
