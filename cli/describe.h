/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change does on this node, in words: what was created or changed, whom each policy
 * selects, which categories it makes allow-lists, what a link wakes. On stdout.
 */
#pragma once

#include "change.h"
#include "workloads.h"

/*
 * The end of every change: builds what is wanted (unless it came as a bundle), puts it in force,
 * and describes the policies in `given` (NULL: all that are wanted), and those that are gone; whom
 * they select if `workloads`. The exit code.
 */
int ka_describe_make(struct ka_change *c, const struct ka_policies *given,
		     bool workloads) KA_MUST_CHECK;
