/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to run a program, or to bring its code into memory. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "try.h"

extern char **environ;

OP(exec)
{
	execve(argv[1], argv + 1, environ);
	return errno;
}

/* execfd PROGRAM: by descriptor, without a path */
OP(execfd)
{
	int fd = open(argv[1], O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno;
	syscall(SYS_execveat, fd, "", argv + 1, environ, AT_EMPTY_PATH);
	return errno;
}

/* execat DIR NAME */
OP(execat)
{
	int fd = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	syscall(SYS_execveat, fd, argv[2], argv + 2, environ, 0);
	return errno;
}

static int copy_fd(int from, int to)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, n) != n)
			return EIO;
	return n < 0 ? errno : 0;
}

/* memfd PROGRAM ARGS: a copy of it without any path */
OP(memfd)
{
	int from = open(argv[1], O_RDONLY | O_CLOEXEC), to = memfd_create("copy", MFD_CLOEXEC);
	int err;

	if (from < 0 || to < 0)
		return errno;
	err = copy_fd(from, to);
	if (err)
		return err;
	syscall(SYS_execveat, to, "", argv + 1, environ, AT_EMPTY_PATH);
	return errno;
}

/* copy FROM TO: the bytes of a program under another name */
OP(copy)
{
	int from = open(argv[1], O_RDONLY | O_CLOEXEC), to, err;

	if (from < 0)
		return errno;
	to = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (to < 0)
		return errno;
	err = copy_fd(from, to);
	close(from);
	close(to);
	return err;
}

static void *exec_thread(void *arg)
{
	char **argv = arg;

	execve(argv[1], argv + 1, environ);
	return (void *)(long)errno;
}

OP(exec_thread)
{
	void *err = NULL;
	pthread_t t;

	if (pthread_create(&t, NULL, exec_thread, argv))
		return EAGAIN;
	pthread_join(t, &err);
	return (long)err;
}

/* exec-fails PROGRAM: an exec that comes back; the task must be what it was */
OP(exec_fails)
{
	execve(argv[1], argv + 1, environ);
	return errno == EACCES ? EACCES : 0;
}

/* A program run by a shell's way: a vforked child; status of the child. */
OP(spawn)
{
	int status;
	pid_t pid = vfork();

	if (!pid) {
		execve(argv[1], argv + 1, environ);
		_exit(errno);
	}
	if (pid < 0)
		return errno;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static int map_file(const char *path, int prot, int then)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *m;

	if (fd < 0)
		return errno;
	m = mmap(NULL, 4096, prot, MAP_PRIVATE, fd, 0);
	close(fd);
	if (m == MAP_FAILED)
		return errno;
	return then ? err_of(mprotect(m, 4096, then)) : 0;
}

OP(map_exec)
{
	return map_file(argv[1], PROT_READ | PROT_EXEC, 0);
}

OP(map_then_exec)
{
	return map_file(argv[1], PROT_READ, PROT_READ | PROT_EXEC);
}

OP(setenv)
{
	return err_of(setenv(argv[1], argv[2], 1));
}

/* Replaces one of our own mappings by an anonymous copy, in place. */
static int detach_mapping(char *start, char *end, int prot)
{
	size_t len = end - start;
	char *copy = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return errno;
	memcpy(copy, start, len);
	if (mprotect(copy, len, prot))
		return errno;
	if (mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, start) == MAP_FAILED)
		return errno;
	return 0;
}

static int detach_self(void)
{
	char line[512], self[256] = "";
	FILE *f = fopen("/proc/self/maps", "re");
	struct {
		char *start, *end;
		int prot;
	} maps[16];
	size_t n = 0;

	if (!f || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return errno;
	while (n < ARRAY_SIZE(maps) && fgets(line, sizeof(line), f)) {
		void *start, *end;
		char prot[5];

		if (!strstr(line, self) || sscanf(line, "%p-%p %4s", &start, &end, prot) != 3)
			continue;
		maps[n].start = start;
		maps[n].end = end;
		maps[n++].prot = (prot[0] == 'r' ? PROT_READ : 0) |
				 (prot[1] == 'w' ? PROT_WRITE : 0) |
				 (prot[2] == 'x' ? PROT_EXEC : 0);
	}
	fclose(f);
	for (size_t i = 0; i < n; i++) {
		int err = detach_mapping(maps[i].start, maps[i].end, maps[i].prot);

		if (err)
			return err;
	}
	return 0;
}

/* pose PROGRAM: /proc/self/exe becomes PROGRAM, by prctl(PR_SET_MM_EXE_FILE) */
OP(pose)
{
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = detach_self();
	if (err)
		return err;
	return err_of(prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0));
}

const struct op exec_ops[] = {
	{"exec", 1, op_exec},
	{"execfd", 1, op_execfd},
	{"execat", 2, op_execat},
	{"memfd", 1, op_memfd},
	{"copy", 2, op_copy},
	{"exec-thread", 1, op_exec_thread},
	{"exec-fails", 1, op_exec_fails},
	{"spawn", 1, op_spawn},
	{"map-exec", 1, op_map_exec},
	{"map-then-exec", 1, op_map_then_exec},
	{"setenv", 2, op_setenv},
	{"pose", 1, op_pose},
	{NULL, 0, NULL},
};
