/* SPDX-License-Identifier: Apache-2.0 */
/* measure COMMAND...: what it took, as "SECONDS KILOBYTES" (processor time, largest RSS) on fd 3.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage u;
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = fork();
	if (!pid) {
		close(3);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) < 0)
		return 1;
	dprintf(3, "%.3f %ld\n",
		u.ru_utime.tv_sec + u.ru_stime.tv_sec +
			(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6,
		u.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
