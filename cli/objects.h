/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The precompiled BPF objects that this program carries; the build makes them from bpf/ and
 * cli/embed.py turns them into tables. A bundle gets those that its image needs.
 */
#pragma once

#include "../runtime/bundle.h"

extern const struct ka_object ka_objects[];
extern const size_t ka_objects_n;
