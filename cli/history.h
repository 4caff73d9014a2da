/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names for records that outlive what they name.
 *
 * A record carries the number of a rule of the generation that decided, and the number of a
 * workload. When a generation is replaced, the rules that its records name are written down,
 * and the workloads alike, in one file beside the bundle in force; what no record names any
 * more goes with the next swap. Only names: when the file is lost, numbers are shown.
 */
#pragma once

#include <jansson.h>

#include "../runtime/node.h"

#define KA_HISTORY KA_STATE_DIR "/names.json"

/* A rule as logs shows it: {policy, kind, namespace, name, rule, severity, message, tags}. */
json_t *ka_history_rule_of(const struct ka_reader *r, uint32_t rule);

/*
 * Writes down what the records of generation `root` (low word of the root's value) name, by its
 * image `r`. Failure costs names, so it is none of the change.
 */
void ka_history_save(struct ka_node_handle *h, uint32_t root, const struct ka_reader *r);

/* The file, or an empty object: also when it is about what was in force before an `off` or a boot,
 * since numbers begin anew then. */
json_t *ka_history_load(const struct ka_node_handle *h);
/* Borrowed, or NULL. */
json_t *ka_history_rule(const json_t *history, uint32_t root, uint32_t rule);
json_t *ka_history_workload(const json_t *history, uint32_t id);
