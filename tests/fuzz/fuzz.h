/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target is one function. libFuzzer calls it with inputs of its own, replay.c with
 * those of a corpus, so that every build runs what was once found.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
