/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop OPERATION ARGUMENT...: nanoseconds of CLOCK_MONOTONIC per operation, the least of several
 * batches. Under QEMU's icount one nanosecond is one guest instruction, so this counts what the
 * kernel and the loop execute, repeatable to about 0.1 %.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 9

static char name_a[4096], name_b[4096];
static int held = -1; /* the descriptor of read and write */

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void do_open(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		fail(path);
	close(fd);
}

static void do_create_unlink(const char *dir)
{
	int fd = open(name_a, O_CREAT | O_EXCL | O_WRONLY, 0600);

	if (fd < 0)
		fail(dir);
	close(fd);
	if (unlink(name_a))
		fail(dir);
}

static void do_rename(const char *dir)
{
	if (rename(name_a, name_b) || rename(name_b, name_a))
		fail(dir);
}

static void do_mkdir_rmdir(const char *dir)
{
	if (mkdir(name_a, 0700) || rmdir(name_a))
		fail(dir);
}

static void do_chmod(const char *path)
{
	if (chmod(path, 0644))
		fail(path);
}

static void do_stat(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		fail(path);
}

static void do_read(const char *path)
{
	char c;

	if (pread(held, &c, 1, 0) != 1)
		fail(path);
}

static void do_write(const char *path)
{
	if (pwrite(held, "x", 1, 0) != 1)
		fail(path);
}

static int new_socket(const char *kind)
{
	int fd = socket(AF_INET, !strcmp(kind, "tcp") ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (fd < 0)
		fail(kind);
	return fd;
}

static void do_socket(const char *kind)
{
	close(new_socket(kind));
}

static void do_socket_connect(const char *kind)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(9),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = new_socket(kind);

	if (connect(fd, (void *)&a, sizeof(a)) && errno != ECONNREFUSED)
		fail(kind);
	close(fd);
}

/* Raising the priority asks for sys_nice, lowering it for nothing. */
static void do_capability(const char *priority)
{
	int n = atoi(priority);

	if (setpriority(PRIO_PROCESS, 0, n - 1) || setpriority(PRIO_PROCESS, 0, n))
		fail(priority);
}

static void do_exec(const char *path)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execl(path, path, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		fail(path);
}

static const struct op {
	const char *name;
	void (*run)(const char *arg);
	int times;
} ops[] = {
	{"open", do_open, 300},
	{"create+unlink", do_create_unlink, 100},
	{"rename", do_rename, 100},
	{"mkdir+rmdir", do_mkdir_rmdir, 100},
	{"chmod", do_chmod, 300},
	{"stat", do_stat, 300},
	{"read", do_read, 300},
	{"write", do_write, 300},
	{"fork+exec", do_exec, 10},
	{"socket", do_socket, 300},
	{"socket+connect", do_socket_connect, 100},
	{"capability", do_capability, 300},
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static double least(const struct op *op, const char *arg)
{
	double best = 1e18;

	for (int batch = 0; batch < BATCHES; batch++) {
		double t = now();

		for (int i = 0; i < op->times; i++)
			op->run(arg);
		t = (now() - t) / op->times;
		if (t < best)
			best = t;
	}
	return best;
}

/* What an operation needs to be there; a directory gets two free names. */
static void prepare(const struct op *op, const char *arg)
{
	snprintf(name_a, sizeof(name_a), "%s/loop-a", arg);
	snprintf(name_b, sizeof(name_b), "%s/loop-b", arg);
	if (op->run == do_rename)
		close(open(name_a, O_CREAT | O_WRONLY, 0600));
	if (op->run == do_read)
		held = open(arg, O_RDONLY);
	if (op->run == do_write)
		held = open(arg, O_WRONLY);
}

int main(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		const struct op *op = NULL;

		for (size_t k = 0; k < sizeof(ops) / sizeof(*ops); k++)
			if (!strcmp(ops[k].name, argv[i]))
				op = &ops[k];
		if (!op)
			return 2;
		prepare(op, argv[i + 1]);
		printf("%s %s %.0f\n", op->name, argv[i + 1], least(op, argv[i + 1]));
		fflush(stdout);
		if (op->run == do_rename)
			unlink(name_a);
	}
	return 0;
}
