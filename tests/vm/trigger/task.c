/* SPDX-License-Identifier: Apache-2.0 */
/* Who does it: forks, threads, namespaces, roots, users. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "try.h"

/* Becomes the child's equal: exits as it did, when it left no outcome. */
static int rest_in_child(struct sequence *seq, int (*prepare)(void))
{
	int status, err;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (!pid) {
		err = prepare ? prepare() : 0;
		if (err)
			_exit(124);
		run_rest(seq);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (!seq->out->done)
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return RAN_THE_REST;
}

OP(fork)
{
	return rest_in_child(seq, NULL);
}

/* Orphaned and in a session of its own: whoever inherits it must not matter. */
OP(double_fork)
{
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (!pid) {
		setsid();
		if (fork())
			_exit(0);
		while (getppid() == getpgrp())
			usleep(1000);
		run_rest(seq);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 20000 && !__atomic_load_n(&seq->out->done, __ATOMIC_ACQUIRE); i++)
		usleep(1000);
	return seq->out->done ? RAN_THE_REST : ETIMEDOUT;
}

static void *thread_main(void *arg)
{
	run_rest(arg);
	return NULL;
}

/* threads N: all of them run the rest at once */
OP(threads)
{
	int n = atoi(argv[1]);
	pthread_t *t = calloc(n, sizeof(*t));

	if (!t)
		return ENOMEM;
	for (int i = 0; i < n; i++)
		if (pthread_create(&t[i], NULL, thread_main, seq))
			return EAGAIN;
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	free(t);
	return RAN_THE_REST;
}

OP(wait_for)
{
	while (access(argv[1], F_OK))
		usleep(100000);
	return 0;
}

/*
 * breed N FILE: N lines of descent, each child forking the next and leaving, until FILE is
 * there; then the living run the rest. No task lives long enough to be seen twice.
 */
OP(breed)
{
	int n = atoi(argv[1]);
	struct outcome *out = seq->out;

	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return errno;
		if (pid)
			continue;
		while (access(argv[2], F_OK)) {
			pid = fork();
			if (pid > 0)
				_exit(0);
			if (pid < 0)
				usleep(1000);
		}
		run_rest(seq);
		_exit(0);
	}
	for (int i = 0; i < 120000; i++) {
		if (__atomic_load_n(&out->agree, __ATOMIC_ACQUIRE) +
			    __atomic_load_n(&out->differ, __ATOMIC_ACQUIRE) >=
		    n)
			return RAN_THE_REST;
		usleep(1000);
	}
	return ETIMEDOUT;
}

OP(setsid)
{
	setsid();
	return 0;
}

/* A session of its own with a controlling terminal. */
static int get_terminal(void)
{
	int pty = posix_openpt(O_RDWR | O_NOCTTY);

	if (setsid() < 0 || pty < 0 || grantpt(pty) || unlockpt(pty))
		return errno;
	return open(ptsname(pty), O_RDWR) < 0 ? errno : 0;
}

OP(terminal)
{
	return rest_in_child(seq, get_terminal);
}

OP(unshare_m)
{
	return err_of(unshare(CLONE_NEWNS));
}

OP(unshare_u)
{
	return err_of(unshare(CLONE_NEWUSER | CLONE_NEWNS));
}

OP(unshare_p)
{
	if (unshare(CLONE_NEWPID))
		return errno;
	return rest_in_child(seq, NULL);
}

OP(setns)
{
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno : err_of(setns(fd, 0));
}

/* Only the root: the working directory is moved too, as escapes do not need it. */
OP(chroot)
{
	return err_of(chroot(argv[1])) ?: err_of(chdir("/"));
}

OP(chroot_only)
{
	return err_of(chroot(argv[1]));
}

OP(user)
{
	uid_t uid = atoi(argv[1]);

	return err_of(setresgid(uid, uid, uid)) ?: err_of(setresuid(uid, uid, uid));
}

/* cgroup DIR: moves itself there */
OP(cgroup)
{
	char path[512];
	int fd, err;

	if (mkdir(argv[1], 0755) && errno != EEXIST)
		return errno;
	snprintf(path, sizeof(path), "%s/cgroup.procs", argv[1]);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	err = err_of(write(fd, "0", 1));
	close(fd);
	return err;
}

OP(sleep)
{
	sleep(atoi(argv[1]));
	return 0;
}

OP(nothing)
{
	return 0;
}

const struct op task_ops[] = {
	{"fork", 0, op_fork},
	{"double-fork", 0, op_double_fork},
	{"threads", 1, op_threads},
	{"wait-for", 1, op_wait_for},
	{"breed", 2, op_breed},
	{"setsid", 0, op_setsid},
	{"terminal", 0, op_terminal},
	{"unshare-m", 0, op_unshare_m},
	{"unshare-u", 0, op_unshare_u},
	{"unshare-p", 0, op_unshare_p},
	{"setns", 1, op_setns},
	{"chroot", 1, op_chroot},
	{"chroot-only", 1, op_chroot_only},
	{"user", 1, op_user},
	{"cgroup", 1, op_cgroup},
	{"sleep", 1, op_sleep},
	{"nothing", 0, op_nothing},
	{NULL, 0, NULL},
};
