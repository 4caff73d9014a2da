// SPDX-License-Identifier: Apache-2.0
#include "user.h"

#include <grp.h>
#include <pwd.h>

static const struct passwd *look_up(const char *name, struct passwd *pw, char *buffer, size_t size,
				    bool number, int *err)
{
	struct passwd *found = NULL;

	*err = number ? getpwuid_r((uid_t)strtoul(name, NULL, 10), pw, buffer, size, &found)
		      : getpwnam_r(name, pw, buffer, size, &found);
	return found;
}

int ka_user_find(const char *name, struct ka_user *ret)
{
	bool number = *name && name[strspn(name, "0123456789")] == '\0' && strlen(name) < 10;
	KA_FREE char *buffer = malloc(64u << 10);
	const struct passwd *found;
	struct passwd pw;
	int err;

	*ret = (struct ka_user){};
	if (!buffer)
		return -ENOMEM;
	found = look_up(name, &pw, buffer, 64u << 10, number, &err);
	if (!found && number) {
		ret->uid = (uid_t)strtoul(name, NULL, 10);
		ret->gid = ret->uid;
		return 0;
	}
	if (!found)
		return err ? -err : -ENOENT;
	ret->uid = found->pw_uid;
	ret->gid = found->pw_gid;
	snprintf(ret->name, sizeof(ret->name), "%s", found->pw_name);
	snprintf(ret->home, sizeof(ret->home), "%s", found->pw_dir);
	ret->ngroups = KA_USER_GROUPS;
	return getgrouplist(ret->name, ret->gid, ret->groups, &ret->ngroups) < 0 ? -E2BIG : 0;
}

static int set_ids(const struct ka_user *u)
{
	if (setgroups((size_t)u->ngroups, u->groups) < 0 || setgid(u->gid) < 0 ||
	    setuid(u->uid) < 0)
		return -errno;
	/* Whoever could go back has not gone. */
	if (u->uid && (!setuid(0) || !seteuid(0)))
		return -EPERM;
	return 0;
}

int ka_user_become(const struct ka_user *u)
{
	int r = set_ids(u);

	if (r < 0)
		return r;
	if (setenv("HOME", u->home[0] ? u->home : "/", 1) < 0)
		return -errno;
	if (!u->name[0])
		return unsetenv("USER") < 0 || unsetenv("LOGNAME") < 0 ? -errno : 0;
	return setenv("USER", u->name, 1) < 0 || setenv("LOGNAME", u->name, 1) < 0 ? -errno : 0;
}
