// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

static mode_t plain_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* The rename itself must reach the disk as well. */
static int sync_dir(const char *path)
{
	KA_FREE char *copy = strdup(path);
	KA_CLOSE int fd = -1;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return errno == EINVAL || errno == EACCES ? 0 : -errno;
	return 0;
}

int ka_file_replace(const char *path, const void *bytes, size_t size)
{
	KA_FREE char *temp = NULL;
	KA_CLOSE int fd = -1;
	int r;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0) {
		temp = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes, size);
	if (!r && (fchmod(fd, plain_mode()) < 0 || fsync(fd) < 0 || rename(temp, path) < 0))
		r = -errno;
	if (r) {
		unlink(temp);
		return r;
	}
	return sync_dir(path);
}
