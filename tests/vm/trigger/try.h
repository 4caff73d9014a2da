/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ka-try: does to the kernel what a policy is asked about, and says what came of it.
 *
 * A sequence is a list of steps separated by ",": each step is an operation with arguments. All
 * but the last must succeed; a step that begins with "~" may fail. Some steps change who goes
 * on: `fork`, `thread`, `unshare-p` run the rest of the sequence elsewhere.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define KEPT_FD 100 /* the descriptor that `keep-*` leaves for a later step */

struct sequence;

/* argv[0] is the operation's name; argv[argc] is NULL. Returns 0 or an errno, positive. */
#define MAY_IGNORE __attribute__((unused))
#define OP(id)                                                                   \
	static int op_##id(MAY_IGNORE struct sequence *seq, MAY_IGNORE int argc, \
			   MAY_IGNORE char **argv)
typedef int (*op_fn)(struct sequence *seq, int argc, char **argv);

struct op {
	const char *name;
	int args; /* at least so many after the name */
	op_fn fn;
};

/* What became of a sequence; in memory that children share. */
struct outcome {
	int done; /* the last step, or the one that failed, has set the rest */
	int err;
	char step[32];     /* which failed, "" if it was the last */
	int agree, differ; /* of many threads or tasks: how many met err, how many something else */
};

struct sequence {
	char **argv; /* the steps that are left */
	int argc;
	struct outcome *out;
};

extern const struct op file_ops[], exec_ops[], mount_ops[], task_ops[], net_ops[], cap_ops[];

/* Runs the steps that are left and records what came of them. */
void run_rest(struct sequence *seq);
/* Returned by an operation that has run the rest of the sequence itself. */
#define RAN_THE_REST (-1)

int err_of(long r); /* 0, or errno if r < 0 */
int open_uring(const char *path);
