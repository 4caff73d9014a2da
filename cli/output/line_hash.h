/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What names a line by its text and not by its number, so that a finding stays the same one when
 * lines are added above it. This is the hash that code-scanning views compute themselves where a
 * report has none (primaryLocationLineHash): over the 100 characters from the line's start that
 * are no blanks, and how often that has been seen before in the file.
 */
#pragma once

#include "../../runtime/util.h"

#define KA_LINE_HASH_SIZE 32

/* Hashes of the n lines of `lines` (from 1, ascending, may repeat): "c129715d7a2bc9a3:1". */
int ka_line_hashes(const char *text, size_t len, const uint32_t *lines, size_t n,
		   char (*ret)[KA_LINE_HASH_SIZE]) KA_MUST_CHECK;
