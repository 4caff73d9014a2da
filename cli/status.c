// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <fcntl.h>

#include "change.h"
#include "report.h"

void ka_status_done(struct ka_status *s)
{
	if (s->attached)
		ka_node_close(&s->h);
	ka_node_done(&s->node);
	ka_workloads_done(&s->workloads);
	ka_bundle_done(&s->bundle);
	ka_compiled_done(&s->compiled);
	ka_ctx_done(&s->ctx);
}

/* What is on disk explains what is in the kernel; when it cannot, status says so and goes on. */
static void read_policies(struct ka_status *s)
{
	KA_CLOSE int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ka_compile_options opts = {.root_fd = root, .follow_shared = true};
	struct ka_error e = {};

	if (ka_node_bundle(&s->h, &s->bundle, &e) < 0) {
		snprintf(s->unreadable, sizeof(s->unreadable), "%s", e.text);
		return;
	}
	if (root < 0 || ka_change_policies(&s->ctx, &s->bundle, &s->policies) < 0 ||
	    ka_compile(&s->ctx, &s->policies, &opts, &s->compiled) < 0) {
		snprintf(s->unreadable, sizeof(s->unreadable),
			 "this version cannot read the policies in force");
		return;
	}
	ka_sort_aliases(&s->compiled);
	s->readable = true;
}

static int by_family(const void *a, const void *b)
{
	const struct ka_attached *x = a, *y = b;

	return (int)x->family - (int)y->family;
}

int ka_status_gather(struct ka_status *s)
{
	struct ka_error e = {};
	int r;

	if (ka_ctx_init(&s->ctx) < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	r = ka_node_open(&s->h, KA_OPEN_READ, &e);
	if (r == -ENOENT)
		return KA_GO;
	if (r < 0)
		return ka_report_error(&e);
	s->attached = true;
	s->sequence = KA_ROOT_SEQ(s->h.root->value);
	if (ka_node_identify(&s->node, &e) < 0 || ka_node_counts(&s->h, &s->counts) < 0 ||
	    ka_pins_list(&s->pins, false, &e) < 0)
		return ka_report_error(&e);
	qsort(s->pins.v, s->pins.n, sizeof(s->pins.v[0]), by_family);
	if (ka_probe_kernel(&s->probe) < 0)
		ka_warn("cannot probe the kernel");
	if (ka_workloads_read(&s->h, &s->workloads, &e) < 0)
		ka_warn("cannot list workloads: %s", e.text);
	read_policies(s);
	return KA_GO;
}

const char *ka_status_mode(const struct ka_status *s)
{
	const struct ka_reader *r = &s->h.reader;
	uint32_t audit = 0, n = r->head->policies.count;

	for (uint32_t i = 0; i < n; i++)
		audit += !!(ka_image_policy(r, i)->flags & KA_POL_WOULD);
	return !audit ? "enforce" : audit == n ? "audit" : "mixed";
}
