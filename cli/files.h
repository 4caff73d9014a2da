/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a file so that nobody ever sees half of it: temporary file, fsync, rename.
 */
#pragma once

#include "../runtime/util.h"

/* Replaces `path`; on failure negative errno, and what was there before is untouched. */
int ka_file_replace(const char *path, const void *bytes, size_t size) KA_MUST_CHECK;
