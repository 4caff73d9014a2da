/* SPDX-License-Identifier: Apache-2.0 */
#include "btf.h"

#include <fcntl.h>

#include <linux/btf.h>

#define MAX_STRINGS (64u << 20)

static int read_at(int fd, void *to, size_t size, off_t off)
{
	uint8_t *p = to;

	while (size) {
		ssize_t n = pread(fd, p, size, off);

		if (n <= 0)
			return n ? -errno : -EBADMSG;
		p += n;
		off += n;
		size -= n;
	}
	return 0;
}

static int read_strings(char **ret, size_t *ret_size)
{
	KA_CLOSE int fd = open(KA_VMLINUX_BTF, O_RDONLY | O_CLOEXEC);
	KA_FREE char *strings = NULL;
	struct btf_header h;
	int r;

	if (fd < 0)
		return -errno;
	r = read_at(fd, &h, sizeof(h), 0);
	if (r)
		return r;
	if (h.magic != BTF_MAGIC || !h.str_len || h.str_len > MAX_STRINGS)
		return -EBADMSG;
	strings = malloc(h.str_len);
	if (!strings)
		return -ENOMEM;
	r = read_at(fd, strings, h.str_len, (off_t)h.hdr_len + h.str_off);
	if (r)
		return r;
	if (strings[h.str_len - 1])
		return -EBADMSG;
	*ret = KA_TAKE(strings);
	*ret_size = h.str_len;
	return 0;
}

int ka_btf_find(struct ka_btf_name *names, size_t n)
{
	KA_FREE char *strings = NULL;
	size_t size = 0;
	int r = read_strings(&strings, &size);

	if (r)
		return r;
	for (size_t i = 0; i < n; i++)
		names[i].found = false;
	for (const char *s = strings; s < strings + size; s += strlen(s) + 1)
		for (size_t i = 0; i < n; i++)
			if (*s == *names[i].name && !strcmp(s, names[i].name))
				names[i].found = true;
	return 0;
}
