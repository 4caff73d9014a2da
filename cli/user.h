/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Becoming another user, for good: groups, gid, uid, environment.
 */
#pragma once

#include <sys/types.h>

#include "../runtime/util.h"

#define KA_USER_GROUPS 1024

struct ka_user {
	uid_t uid;
	gid_t gid;
	char name[256]; /* "" when only a number is known */
	char home[4096];
	gid_t groups[KA_USER_GROUPS]; /* read beforehand: a workload may not open /etc/group */
	int ngroups;
};

/* A name or a number. -ENOENT: no such user; -E2BIG: too many groups; other negative errno for
 * failures. */
int ka_user_find(const char *name, struct ka_user *ret) KA_MUST_CHECK;
/* setgroups, setgid, setuid; then HOME, USER, LOGNAME. Proves that there is no way back. */
int ka_user_become(const struct ka_user *u) KA_MUST_CHECK;
