/* SPDX-License-Identifier: Apache-2.0 */
/* What needs a capability. */
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#include "try.h"

/* sys_time: sets the clock to what it is */
OP(set_time)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return err_of(clock_settime(CLOCK_REALTIME, &now));
}

/* sys_chroot, for a directory */
OP(cap_chroot)
{
	return err_of(chroot("/"));
}

/* net_bind_service: bind-low PORT */
OP(bind_low)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(atoi(argv[1])),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? errno : err_of(bind(fd, (void *)&a, sizeof(a)));
}

/* setuid UID */
OP(setuid)
{
	return err_of(setuid(atoi(argv[1])));
}

/* sys_nice: raises the priority */
OP(nice)
{
	return err_of(setpriority(PRIO_PROCESS, 0, -5));
}

/* sys_admin in the namespace at hand */
OP(hostname)
{
	return err_of(sethostname("karmor", 6));
}

/* unshare-user: all capabilities, in a user namespace of its own */
OP(unshare_user)
{
	return err_of(unshare(CLONE_NEWUSER));
}

/* keep-creds: new credentials that say the same */
OP(keep_creds)
{
	return err_of(prctl(PR_SET_KEEPCAPS, 1)) ?: err_of(prctl(PR_SET_KEEPCAPS, 0));
}

const struct op cap_ops[] = {
	{"set-time", 0, op_set_time},
	{"cap-chroot", 0, op_cap_chroot},
	{"bind-low", 1, op_bind_low},
	{"setuid", 1, op_setuid},
	{"nice", 0, op_nice},
	{"hostname", 0, op_hostname},
	{"unshare-user", 0, op_unshare_user},
	{"keep-creds", 0, op_keep_creds},
	{NULL, 0, NULL},
};
