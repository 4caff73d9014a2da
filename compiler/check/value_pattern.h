/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns with which nothing can be wrong, seen at a glance. What is not plain has to be taken
 * apart to be judged, which costs a hundred times as much.
 */
#pragma once

#include "../../runtime/util.h"

/* True: ka_pattern_parse() would take it, and some path matches. False says nothing. */
bool ka_pattern_is_plain(const char *s, size_t len);
