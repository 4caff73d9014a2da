// SPDX-License-Identifier: Apache-2.0
#include "input_bytes.h"

#include <sys/mman.h>

#include "../compiler/tree/yaml.h"

#define LARGE (8u << 20)  /* from here on large pages pay */
#define FIRST (16u << 10) /* most of what comes from a pipe is shorter */

/* Reads until the end, or until there are `cap` bytes. */
static int fill(struct ka_ctx *ctx, int fd, const char *name, char *buf, size_t cap, size_t *len)
{
	while (*len < cap) {
		ssize_t n = read(fd, buf + *len, cap - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ka_fail(ctx, -errno, "cannot read '%s': %s", name, strerror(errno));
		if (!n)
			break;
		*len += (size_t)n;
	}
	return 0;
}

static int too_much(struct ka_bytes *ret, size_t limit)
{
	*ret = (struct ka_bytes){.text = "", .limit = limit};
	return 0;
}

/* The size is not known; `have` bytes of it are. The memory that is not needed is never touched. */
static int read_unknown(struct ka_ctx *ctx, int fd, const char *name, const char *have, size_t len,
			struct ka_bytes *ret)
{
	char *text = ka_alloc(ctx, KA_INPUT_PIPE_MAX + 1);
	int e;

	if (!text)
		return -ENOMEM;
	memcpy(text, have, len);
	e = fill(ctx, fd, name, text, KA_INPUT_PIPE_MAX + 1, &len);
	if (e < 0)
		return e;
	if (len > KA_INPUT_PIPE_MAX)
		return too_much(ret, KA_INPUT_PIPE_MAX);
	*ret = (struct ka_bytes){.text = text, .len = len};
	return 0;
}

/* A hint: with large pages half of the time of reading is saved. */
static void expect_large(char *p, size_t size)
{
	uintptr_t page = 4096, start = ((uintptr_t)p + page - 1) & ~(page - 1);

	if (size >= LARGE)
		madvise((void *)start, size - page, MADV_HUGEPAGE);
}

/* Where the size was right no second read has to say so: a file that grows meanwhile is as it was.
 */
static int read_size(struct ka_ctx *ctx, int fd, const char *name, size_t size,
		     struct ka_bytes *ret)
{
	char *text = ka_alloc(ctx, size);
	size_t len = 0;
	int e;

	if (!text)
		return -ENOMEM;
	expect_large(text, size);
	e = fill(ctx, fd, name, text, size, &len);
	if (e < 0)
		return e;
	*ret = (struct ka_bytes){.text = text, .len = len};
	return 0;
}

int ka_input_bytes(struct ka_ctx *ctx, int fd, const struct stat *st, const char *name,
		   struct ka_bytes *ret)
{
	char first[FIRST];
	size_t len = 0;
	int e;

	if (S_ISREG(st->st_mode) && st->st_size > (off_t)KA_YAML_MAX_SIZE)
		return too_much(ret, KA_YAML_MAX_SIZE);
	if (S_ISREG(st->st_mode) && st->st_size > 0)
		return read_size(ctx, fd, name, (size_t)st->st_size, ret);
	e = fill(ctx, fd, name, first, sizeof(first), &len);
	if (e < 0)
		return e;
	if (len == sizeof(first))
		return read_unknown(ctx, fd, name, first, len, ret);
	ret->text = ka_strndup(ctx, first, len);
	ret->len = len;
	ret->limit = 0;
	return ret->text ? 0 : -ENOMEM;
}
