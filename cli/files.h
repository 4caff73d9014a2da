/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a file so that nobody ever sees half of it: temporary file, fsync, rename.
 */
#pragma once

#include "../runtime/util.h"

/* Replaces `path`, or writes to it if it is no file; on failure negative errno, and what was there
 * before is untouched. */
int ka_file_replace(const char *path, const void *bytes, size_t size) KA_MUST_CHECK;
/*
 * The same where `before` is to become `after`: mode and owner stay, a link stays one. -ESTALE: the
 * file is no longer `before`.
 */
int ka_file_rewrite(const char *path, const void *before, size_t before_size, const void *after,
		    size_t size) KA_MUST_CHECK;
