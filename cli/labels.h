/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels as people type them: KEY=VALUE, in Kubernetes' syntax.
 */
#pragma once

#include "workloads.h"

/* Names of namespaces and workloads: what Kubernetes takes, at most `max` bytes. */
bool ka_name_ok(const char *s, size_t max);

/* Adds one label to the set. NULL: done; else a sentence that says what is wrong with it. */
const char *ka_label_add(struct ka_label_set *set, const char *label) KA_MUST_CHECK;
