/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hammer ATTEMPTS STOPFILE DENIED PERMITTED: opens DENIED until both so many attempts are made and
 * STOPFILE exists, and PERMITTED every 16th time; prints what should never have happened.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long want, n = 0, leaks = 0, refused = 0, odd = 0;

	if (argc != 5)
		return 2;
	want = strtoul(argv[1], NULL, 10);
	for (; n < want || (n % 1024) || access(argv[2], F_OK); n++) {
		int fd = open(argv[3], O_RDONLY | O_CLOEXEC);

		if (fd >= 0) {
			leaks++;
			close(fd);
		} else if (errno != EACCES) {
			odd++;
		}
		if (n % 16)
			continue;
		fd = open(argv[4], O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			close(fd);
		else
			refused++;
	}
	printf("attempts %lu leaks %lu refused %lu odd %lu\n", n, leaks, refused, odd);
	return leaks || refused || odd;
}
