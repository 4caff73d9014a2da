/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does what a list of emit.c says and compares with what it expects. Runs governed, inside the
 * VM; static, so that no rule on libraries is in its way.
 *
 * Must be run by root: "theirs" is what belongs to somebody else.
 *
 *   walk --make LIST...   creates the files and directories that the lists name
 *   walk LIST             tries each; prints differences and a sum; exit 1 if there was one
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct step {
	char what[16], path[4096];
	int dir, theirs, deny;
};

static int unhex(const char *from, char *to, size_t size)
{
	unsigned byte;

	for (; from[0] && from[1] && size > 1; from += 2, size--) {
		if (sscanf(from, "%2x", &byte) != 1)
			return -1;
		*to++ = (char)byte;
	}
	*to = '\0';
	return *from ? -1 : 0;
}

/* 1: read one; 0: end; -1: not a list */
static int next_step(FILE *f, struct step *s)
{
	char hex[2 * sizeof(s->path)], kind[8], owner[8], verdict[8];
	int n = fscanf(f, "%15s %8191s %7s %7s %7s", s->what, hex, kind, owner, verdict);

	if (n == EOF)
		return 0;
	if (n != 5 || unhex(hex, s->path, sizeof(s->path)))
		return -1;
	s->dir = !strcmp(kind, "dir");
	s->theirs = !strcmp(owner, "theirs");
	s->deny = !strcmp(verdict, "deny");
	return 1;
}

static int is(const struct step *s, const char *what)
{
	return !strcmp(s->what, what);
}

/* ---- making ---- */

static int make_parents(const char *path)
{
	char buf[4096], *slash;

	strcpy(buf, path);
	for (slash = strchr(buf + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(buf, 0755) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

/* A file that the kernel would run if it were a program. */
static int make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0755), ok;

	if (fd < 0)
		return -1;
	ok = write(fd, "x", 1) == 1;
	close(fd);
	return ok ? 0 : -1;
}

#define SOMEBODY_ELSE 1

static int make(const struct step *s)
{
	int failed;

	if (make_parents(s->path))
		return -1;
	if (is(s, "create") || is(s, "mkdir"))
		return 0;
	failed = s->dir ? mkdir(s->path, 0755) && errno != EEXIST : make_file(s->path);
	return failed || (s->theirs && chown(s->path, SOMEBODY_ELSE, SOMEBODY_ELSE)) ? -1 : 0;
}

/* ---- trying ---- */

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags, 0644);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* What is no program fails with ENOEXEC once it is permitted. */
static int try_exec(const char *path)
{
	char *argv[] = {(char *)"x", NULL};
	int status;
	pid_t pid = vfork();

	if (!pid) {
		execve(path, argv, argv + 1);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return EIO;
	return WEXITSTATUS(status) == ENOEXEC ? 0 : WEXITSTATUS(status);
}

static int answer(int failed)
{
	return failed ? errno : 0;
}

static int try(const struct step *s)
{
	if (is(s, "read"))
		return try_open(s->path, O_RDONLY | (s->dir ? O_DIRECTORY : 0));
	if (is(s, "write"))
		return try_open(s->path, O_WRONLY);
	if (is(s, "create"))
		return try_open(s->path, O_WRONLY | O_CREAT | O_EXCL);
	if (is(s, "exec"))
		return try_exec(s->path);
	if (is(s, "truncate"))
		return answer(truncate(s->path, 1));
	if (is(s, "chmod"))
		return answer(chmod(s->path, 0755));
	if (is(s, "chown"))
		return answer(chown(s->path, -1, -1)); /* is judged, but leaves the owner */
	if (is(s, "unlink"))
		return answer(unlink(s->path));
	if (is(s, "mkdir"))
		return answer(mkdir(s->path, 0755));
	if (is(s, "rmdir"))
		return answer(rmdir(s->path));
	return EINVAL;
}

/* ---- lists ---- */

static int each(const char *list, int making, unsigned *n, unsigned *denied, unsigned *wrong)
{
	FILE *f = fopen(list, "r");
	struct step s;
	int r, err;

	if (!f) {
		perror(list);
		return -1;
	}
	while ((r = next_step(f, &s)) > 0) {
		err = making ? (make(&s) ? errno : 0) : try(&s);
		++*n;
		*denied += s.deny;
		if (err == (!making && s.deny ? EACCES : 0))
			continue;
		++*wrong;
		printf("WRONG %s of %s: expected %s, got %s\n", s.what, s.path,
		       making   ? "to make it"
		       : s.deny ? "deny"
				: "permit",
		       err ? strerror(err) : "permit");
	}
	fclose(f);
	return r;
}

/* What is expected is expected of a task that has none. */
static void without_terminal(void)
{
	int status;
	pid_t pid;

	if (setsid() >= 0)
		return;
	pid = fork();
	if (pid > 0)
		exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
									  : 3);
	if (pid < 0 || setsid() < 0)
		exit(3);
}

int main(int argc, char **argv)
{
	int making = argc > 1 && !strcmp(argv[1], "--make"), i;
	unsigned n = 0, denied = 0, wrong = 0;

	if (argc < 2 + making)
		return 2;
	umask(022);
	without_terminal();
	for (i = 1 + making; i < argc; i++)
		if (each(argv[i], making, &n, &denied, &wrong))
			return 3;
	if (making)
		printf("made %u, failed %u\n", n, wrong);
	else
		printf("%u tried, %u to be denied, %u wrong\n", n, denied, wrong);
	return wrong ? 1 : 0;
}
