/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sign of life for what may take long: one line on a terminal's stderr after a second.
 */
#pragma once

void ka_progress_start(void);
void ka_progress_stop(void);
