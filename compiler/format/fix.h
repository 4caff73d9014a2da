/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Corrections (struct ka_fix) into the text of a source. Everything else keeps its bytes.
 */
#pragma once

#include "../base/context.h"

/*
 * Applies the corrections of those diagnostics that are about `src`; of two that overlap, the
 * first one. *ret: malloc'ed, also when *ret_applied is 0. -ENOMEM.
 */
int ka_fix_apply(const struct ka_source *src, const struct ka_diag *const *diags, size_t n,
		 char **ret, size_t *ret_len, size_t *ret_applied) KA_MUST_CHECK;

/* A unified diff of two texts (three lines of context); *ret: malloc'ed, "" if they are equal. */
int ka_text_diff(const char *name, const char *before, size_t before_len, const char *after,
		 size_t after_len, char **ret) KA_MUST_CHECK;
