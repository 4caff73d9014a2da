/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that status shows, gathered once; then printed as text or JSON.
 */
#pragma once

#include "../compiler/bundle/compile.h"
#include "../runtime/pin.h"
#include "workloads.h"

struct ka_status {
	struct ka_node_handle h;
	bool attached;
	uint32_t sequence;
	struct ka_node node;
	struct ka_workloads workloads;
	struct ka_counts counts;
	struct ka_attachments pins;
	struct ka_probe probe; /* what this kernel and this build do without */

	/* The policies in force, compiled again for what links make of them on this root. */
	struct ka_ctx ctx;
	struct ka_bundle bundle;
	struct ka_policies policies;
	struct ka_compiled compiled;
	bool readable; /* the four above are valid */
	char unreadable[512];
};

/* KA_GO, or the exit code. */
int ka_status_gather(struct ka_status *s) KA_MUST_CHECK;
void ka_status_done(struct ka_status *s);

void ka_status_text(const struct ka_status *s);
int ka_status_json(const struct ka_status *s);

/* "enforce", "audit", or "mixed" */
const char *ka_status_mode(const struct ka_status *s);
