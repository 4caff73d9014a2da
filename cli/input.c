// SPDX-License-Identifier: Apache-2.0
#include "input.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define INPUT_MAX (64u << 20) /* bytes of one input; the reader's own limit is lower */
#define DIR_DEPTH 32u

/* ---- one input ---- */

/* Reads all of fd, at most INPUT_MAX + 1 bytes: the one more shows that there are too many. */
static int read_fd(struct ka_ctx *ctx, int fd, const char *name, char **ret, size_t *ret_len)
{
	size_t len = 0, cap = 0;
	KA_FREE char *text = NULL;

	for (;;) {
		ssize_t n;

		if (len == cap) {
			char *more;

			cap = cap ? cap * 2 : 64u << 10;
			more = realloc(text, cap);
			if (!more)
				return ka_fail(ctx, -ENOMEM, "out of memory");
			text = more;
		}
		n = read(fd, text + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ka_fail(ctx, -errno, "cannot read '%s': %s", name, strerror(errno));
		if (!n)
			break;
		len += (size_t)n;
		if (len > INPUT_MAX)
			return ka_fail(ctx, -EFBIG, "'%s' is too large (limit is %u bytes)", name,
				       INPUT_MAX);
	}
	*ret = KA_TAKE(text);
	*ret_len = len;
	return 0;
}

static int read_text(struct ka_ctx *ctx, int fd, const char *name, struct ka_input *ret)
{
	KA_FREE char *text = NULL;
	struct ka_source *src;
	size_t len = 0;
	int r;

	r = read_fd(ctx, fd, name, &text, &len);
	if (r < 0)
		return r;
	src = ka_calloc(ctx, 1, sizeof(*src));
	if (!src)
		return -ENOMEM;
	/* Diagnostics point into name and text, so both live as long as the context. */
	src->name = ka_strndup(ctx, name, strlen(name));
	src->text = ka_strndup(ctx, text, len);
	src->len = len;
	if (!src->name || !src->text)
		return -ENOMEM;
	ret->nfiles++;
	return ka_policies_read(ctx, src, &ret->policies);
}

/* ---- directories ---- */

static bool is_yaml(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && name[0] != '.' && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

static int is_wanted(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Byte order, whatever the locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void free_names(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

static int read_path(struct ka_ctx *ctx, const char *path, unsigned depth, struct ka_input *ret);

static int read_dir(struct ka_ctx *ctx, const char *path, unsigned depth, struct ka_input *ret)
{
	struct dirent **names;
	size_t len = strlen(path);
	int n, r = 0;

	if (depth >= DIR_DEPTH)
		return ka_fail(ctx, -ELOOP, "'%s' is too deep (limit is %u directories)", path,
			       DIR_DEPTH);
	n = scandir(path, &names, is_wanted, by_bytes);
	if (n < 0)
		return ka_fail(ctx, -errno, "cannot read directory '%s': %s", path,
			       strerror(errno));
	while (len > 1 && path[len - 1] == '/')
		len--;
	for (int i = 0; i < n && !r; i++) {
		char *sub = ka_sprintf(ctx, "%.*s/%s", len == 1 && path[0] == '/' ? 0 : (int)len,
				       path, names[i]->d_name);
		struct stat st;

		if (!sub)
			r = -ENOMEM;
		/* A link to a directory is not followed: it could lead back up. */
		else if (lstat(sub, &st) < 0)
			r = ka_fail(ctx, -errno, "cannot read '%s': %s", sub, strerror(errno));
		else if (S_ISDIR(st.st_mode) || is_yaml(names[i]->d_name))
			r = read_path(ctx, sub, depth + 1, ret);
	}
	free_names(names, n);
	return r;
}

static int read_path(struct ka_ctx *ctx, const char *path, unsigned depth, struct ka_input *ret)
{
	KA_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ka_fail(ctx, -errno, "cannot read '%s': %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return read_dir(ctx, path, depth, ret);
	return read_text(ctx, fd, path, ret);
}

int ka_input_read(struct ka_ctx *ctx, const char *const *operands, size_t n, unsigned flags,
		  struct ka_input *ret)
{
	bool stdin_read = false;
	int r;

	(void)flags;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(operands[i], "-")) {
			r = read_path(ctx, operands[i], 0, ret);
		} else {
			if (stdin_read)
				return ka_fail(ctx, -EINVAL, "'-' is given twice");
			stdin_read = true;
			r = read_text(ctx, STDIN_FILENO, "<stdin>", ret);
		}
		if (r < 0)
			return r;
	}
	return ka_policies_finish(ctx, &ret->policies);
}
