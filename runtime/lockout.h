/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock-out check: would these host policies leave a node that nobody can repair?
 *
 * Judged by the automaton, before anything reaches the kernel: init, the ELF loader, libc,
 * /bin/sh, login, sshd, sudo, systemctl and this program must stay runnable and readable, for
 * a task that no rule names and for the tasks that start the others. Links are resolved in
 * the running root, since the kernel never sees a link's name. What does not exist here cannot
 * be locked out.
 */
#pragma once

#include "image.h"

struct ka_lockout {
	const char *what;   /* "the shell" */
	const char *path;   /* resolved */
	const char *source; /* who is refused; NULL: a task that no fromSource names */
	enum ka_category category;
	enum ka_op op;
	struct ka_ruling ruling;
};

/*
 * Calls `found` for everything that would be denied. Returns how many; 0 also when no host
 * policy selects the node.
 */
size_t ka_lockout_check(const struct ka_reader *r, const struct ka_node *node,
			void (*found)(const struct ka_lockout *l, void *arg), void *arg);
