/* SPDX-License-Identifier: Apache-2.0 */
#include "lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define LOCK_FILE KA_RUN_DIR "/lock"
#define STEP_MS 20
#define WAIT_MS 10000

int ka_lock(struct ka_error *e)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000l};
	KA_CLOSE int fd = -1;

	if (mkdir(KA_RUN_DIR, 0755) < 0 && errno != EEXIST)
		return ka_error_set(e, -errno, "creating %s: %s", KA_RUN_DIR, strerror(errno));
	fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ka_error_set(e, -errno, "opening %s: %s", LOCK_FILE, strerror(errno));
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return ka_error_set(e, -errno, "locking %s: %s", LOCK_FILE,
					    strerror(errno));
		if (waited >= WAIT_MS) {
			ka_error_set(e, -EBUSY, "another change is under way (%s)", LOCK_FILE);
			ka_error_hint(e, "wait for it, or find it with 'fuser %s'", LOCK_FILE);
			return -EBUSY;
		}
		nanosleep(&step, NULL);
	}
	return KA_TAKE_FD(fd);
}
