/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records in words: who did what to which path, and which rule of which policy said what.
 *
 * Paths, program names and labels were chosen by whoever is being watched. In text they are
 * quoted and escaped, so that no name can look like a field or a line of its own.
 */
#pragma once

#include <jansson.h>

#include "../runtime/node.h"

struct ka_events {
	struct ka_node_handle h;
	uint32_t root; /* low word of the generation in force */
	json_t *history;
	struct ka_node node;
	int64_t boot_ns; /* CLOCK_REALTIME when CLOCK_BOOTTIME was 0 */
};

/* KA_GO, or the exit code. */
int ka_events_open(struct ka_events *e) KA_MUST_CHECK;
void ka_events_done(struct ka_events *e);

/* One record as an object; the fields are listed in karmor-c(1). */
json_t *ka_event_json(const struct ka_events *e, const struct ka_event *ev);
/* The same object as a line of text, with its newline. */
void ka_event_line(FILE *out, const json_t *event);
/* Whether the record names the policy: [KIND/][NAMESPACE/]NAME. */
bool ka_event_names(const json_t *event, const char *policy);

/* Bytes as a word that cannot be mistaken: as they are, or in quotes with escapes. */
void ka_print_word(FILE *out, const char *s, size_t len);
