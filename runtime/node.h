/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The node: what is pinned under KA_PIN_DIR, and every change to it.
 *
 * probe -> load -> pin -> swap. A generation becomes effective by one 64-bit store to the root
 * slot; before it the old one decides everything, after it the new one. One writer at a time
 * (/run/karmor-c/lock). Whatever step dies, the old or the new generation is in force, and the
 * next apply heals what was left half-done (unreferenced slots, missing links, stale members).
 *
 *   KA_PIN_DIR/ka_*                    maps (bpf/abi.h)
 *   KA_PIN_DIR/<family>-<code>-<class>/  one link per attached program (runtime/pin.h)
 *   KA_STATE_DIR/generation.bundle     the generation in force (temporary file, fsync, rename)
 *   KA_STATE_DIR/next.bundle           the one being applied; the image's digest in the kernel
 *                                      tells which of the two is in force
 *   KA_STATE_DIR/last.bundle           what `off` took out of force
 */
#pragma once

#include "bundle.h"

#define KA_STATE_DIR "/var/lib/karmor-c"
#define KA_RUN_DIR "/run/karmor-c"
#define KA_CONFIG "/etc/karmor-c/config.yaml"

/* System failures: negative errno and one line of context. */
struct ka_error {
	int code;
	char text[512];
	char hint[256]; /* what to do next, or "" */
};

int ka_error_set(struct ka_error *e, int code, const char *fmt, ...) KA_PRINTF(3, 4);
void ka_error_hint(struct ka_error *e, const char *fmt, ...) KA_PRINTF(2, 3);

/* ---- probe ---- */

struct ka_check {
	const char *what; /* "BPF LSM active" */
	char state[96];   /* "yes", "no", or a detail such as "6.12.117" */
	bool ok, required;
	char fix[256]; /* how to get what is missing; "" if ok */
};

#define KA_MAX_CHECKS 40
struct ka_probe {
	struct ka_check checks[KA_MAX_CHECKS];
	size_t n;
	bool enforces;      /* every required check is ok */
	bool legacy;        /* no bpf_rdonly_cast: the legacy objects are used */
	bool storage_leaks; /* 6.1 with preempt=full: task storage look-ups fail, refused */
};

int ka_probe_kernel(struct ka_probe *ret) KA_MUST_CHECK;

/* ---- the handle ---- */

struct ka_node_handle {
	int lock_fd; /* -1: opened read-only, without the lock */
	int root_fd, images_fd, members_fd, sources_fd, subjects_fd, records_fd, counts_fd,
		workloads_fd, job_fd; /* -1: not pinned yet */
	struct ka_root *root;         /* mmap of ka_root */
	void *image;                  /* mmap of the image in force, NULL: none */
	size_t image_map_size;
	struct ka_reader reader; /* of it */
};

enum ka_open_mode {
	KA_OPEN_READ,   /* -ENOENT: nothing is in force */
	KA_OPEN_WRITE,  /* takes the lock (waits up to 10 s, then -EBUSY) */
	KA_OPEN_CREATE, /* ... for the first apply, too: -ENOENT never comes, fds may be -1 */
};

int ka_node_open(struct ka_node_handle *h, enum ka_open_mode mode,
		 struct ka_error *e) KA_MUST_CHECK;
void ka_node_close(struct ka_node_handle *h);
#define KA_NODE KA_CLEANUP(ka_node_close)

/* ---- changes ---- */

struct ka_apply_options {
	const struct ka_node *node; /* whom nodeSelectors are judged for */
};

/*
 * Makes the bundle's generation effective: loads and attaches the hook families that the image
 * needs and that are not attached (or whose size class is too small) by overlap, labels the
 * tasks that exist, fills a free slot, swaps the root, drops families no longer needed, frees
 * the old slot after a grace period, and makes the bundle the state on disk.
 * -EOPNOTSUPP: the kernel lacks something (probe says what). After any failure the old state is
 * in force. Success with a text in `e` is a warning: in force, but cleaning up was not possible.
 */
int ka_node_apply(struct ka_node_handle *h, const struct ka_bundle *b,
		  const struct ka_apply_options *opts, struct ka_error *e) KA_MUST_CHECK;

/* Detaches everything at once and removes all pins. Workloads' labels go with the maps. */
int ka_node_off(struct ka_error *e) KA_MUST_CHECK;

/*
 * Reads the bundle of the generation in force (healing: the digest in the kernel decides between
 * generation.bundle and next.bundle; without pins generation.bundle). -ENOENT: none.
 */
int ka_node_bundle(const struct ka_node_handle *h, struct ka_bundle *ret,
		   struct ka_error *e) KA_MUST_CHECK;

/* ---- workloads ---- */

/*
 * Registers the calling task (all its threads) as a workload of its own and returns its number.
 * The programs that follow forks and execs must be attached; they are after the first apply.
 */
int ka_node_register(struct ka_node_handle *h, const struct ka_node *node, const char *ns,
		     const char *name, const struct ka_labels *labels, uint32_t *ret_id,
		     struct ka_error *e) KA_MUST_CHECK;

struct ka_live {
	uint32_t id, tasks;
};

/* Counts the tasks of each label by the task iterator; forgets workloads whose last task is gone.
 */
int ka_node_tasks(struct ka_node_handle *h, struct ka_live **ret, size_t *ret_n,
		  struct ka_error *e) KA_MUST_CHECK;
int ka_node_workload(const struct ka_node_handle *h, uint32_t id, struct ka_workload *ret);

/* ---- what was recorded ---- */

struct ka_counts {
	uint64_t v[KA_COUNT__MAX];
};

int ka_node_counts(const struct ka_node_handle *h, struct ka_counts *ret);
/* Calls fn for each record that is still there, oldest first, from sequence number `since`;
 * returns the number of records lost before the first, or negative errno. */
int64_t ka_node_records(const struct ka_node_handle *h, uint64_t since,
			int (*fn)(const struct ka_event *ev, void *arg), void *arg);

const char *ka_op_str(uint32_t op);           /* "open for writing", "rename" */
const char *ka_verdict_str(uint32_t verdict); /* "denied", "would deny", "audited" */
const char *ka_reason_str(uint32_t reason);

/* ---- this node ---- */

/* uname, and labels and postures of KA_CONFIG (read by a tiny parser: flat `key: value`). Strings
 * are malloc'ed; ka_node_done frees. */
int ka_node_identify(struct ka_node *ret, struct ka_error *e) KA_MUST_CHECK;
void ka_node_done(struct ka_node *n);
