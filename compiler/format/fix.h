/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Corrections (struct ka_fix) into the text of a source, and whether they were any good.
 * Everything else keeps its bytes.
 */
#pragma once

#include "../base/context.h"

/*
 * Applies the corrections of those diagnostics that are about `src`; of two that overlap, the
 * first one. *ret: malloc'ed, also when *ret_applied is 0. -ENOMEM.
 */
int ka_fix_apply(const struct ka_source *src, const struct ka_diag *const *diags, size_t n,
		 char **ret, size_t *ret_len, size_t *ret_applied) KA_MUST_CHECK;

/* Bytes [offset, offset + length) of a text have become others. */
struct ka_edit {
	uint32_t offset, length;
	const char *text; /* the diagnostic's */
	size_t len;
	size_t to; /* where they are in the new text */
};

/* A corrected text, with how it came about. */
struct ka_fixed {
	char *text;
	size_t len;
	struct ka_edit *edits; /* offsets ascend */
	size_t nedits;
	const struct ka_diag **made; /* whose corrections they are */
	size_t nmade;
};

/* ka_fix_apply with more to know. */
int ka_fix_make(const struct ka_source *src, const struct ka_diag *const *diags, size_t n,
		struct ka_fixed *ret) KA_MUST_CHECK;
void ka_fixed_done(struct ka_fixed *f);
#define KA_FIXED KA_CLEANUP(ka_fixed_done)

/*
 * Whether the corrected text is better: given the diagnostics about the text as it was and as it
 * became (others are passed over), each mistake that was corrected is gone, and no error is new
 * but for one that it hid: what nobody could read before may be wrong as well.
 * A correction that fails this is a mistake of ours; its source must stay as it was.
 */
bool ka_fix_is_good(const struct ka_fixed *f, const struct ka_source *was,
		    const struct ka_ctx *before, const struct ka_source *is,
		    const struct ka_ctx *after);

/* A unified diff of two texts (three lines of context); *ret: malloc'ed, "" if they are equal. */
int ka_text_diff(const char *name, const char *before, size_t before_len, const char *after,
		 size_t after_len, char **ret) KA_MUST_CHECK;
