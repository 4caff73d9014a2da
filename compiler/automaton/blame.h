/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who made the automaton too big? Patterns can multiply: this names the two that do.
 *
 * Each policy's patterns must stay within bounds on their own, so that no tenant pays for
 * another's; all together must fit an image. Bounds are counts, so that the answer is the same
 * on every machine.
 */
#pragma once

#include "../rules/lower.h"
#include "automaton.h"

extern const struct ka_limits ka_limits_all, ka_limits_policy;

/* Looks at each policy's patterns alone. 0, also when diagnostics were added. */
int ka_blame_policies(const struct ka_lowered *l) KA_MUST_CHECK;
/* The rules together exceed ka_limits_all: says which patterns are to blame. */
int ka_blame_all(const struct ka_lowered *l) KA_MUST_CHECK;
