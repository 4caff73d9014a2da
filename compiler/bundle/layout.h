/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last step: tables and automaton into bytes, as bpf/abi.h says.
 *
 *   | ka_image | states | edges | names | rows | classes | entries | psets | tables | strings |
 */
#pragma once

#include "../automaton/automaton.h"
#include "../rules/lower.h"

/* -E2BIG: larger than an image may be, said in a diagnostic. */
int ka_layout(const struct ka_lowered *l, struct ka_automaton *a, const uint8_t digest[32],
	      struct ka_compiled *ret) KA_MUST_CHECK;
