/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a change would change nothing, so that no swap is needed.
 */
#pragma once

#include "change.h"

/*
 * The same bundle is in force, its hooks are attached with the same code, and every member entry
 * says what this node's configuration says now. When in doubt: false.
 */
bool ka_is_current(const struct ka_change *c);
