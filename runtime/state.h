/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundles under KA_STATE_DIR. Below node.h; whoever calls holds the lock.
 */
#pragma once

#include "node.h"

#define KA_STATE_GENERATION KA_STATE_DIR "/generation.bundle"
#define KA_STATE_NEXT KA_STATE_DIR "/next.bundle"
#define KA_STATE_LAST KA_STATE_DIR "/last.bundle"

/* Before the swap: next.bundle is complete and on the disk. */
int ka_state_next(const void *bytes, size_t size, struct ka_error *e) KA_MUST_CHECK;
/* After it: next.bundle is the generation. */
int ka_state_commit(struct ka_error *e) KA_MUST_CHECK;
/* The swap did not happen. */
void ka_state_forget_next(void);
/* An earlier apply died: `image` is what is in force (NULL: nothing). */
int ka_state_heal(const struct ka_image *image, struct ka_error *e) KA_MUST_CHECK;
/* Off: nothing is in force, and nothing is to be restored at the next boot. */
int ka_state_retire(struct ka_error *e) KA_MUST_CHECK;
