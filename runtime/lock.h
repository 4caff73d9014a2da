/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One writer at a time: KA_RUN_DIR/lock.
 */
#pragma once

#include "node.h"

/* Waits up to 10 s; the lock goes with the descriptor. -EBUSY: another one holds it. */
int ka_lock(struct ka_error *e) KA_MUST_CHECK;
