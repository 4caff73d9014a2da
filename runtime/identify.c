/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/utsname.h>

#include "config.h"

#define MAX_CONFIG (64u << 10)

/* Machines as Go, and so Kubernetes, spells them; others keep their own name. */
static const char *go_arch(const char *machine)
{
	static const char *const names[][2] = {
		{"x86_64", "amd64"}, {"aarch64", "arm64"},   {"armv7l", "arm"},
		{"armv6l", "arm"},   {"i386", "386"},        {"i486", "386"},
		{"i586", "386"},     {"i686", "386"},        {"ppc64le", "ppc64le"},
		{"s390x", "s390x"},  {"riscv64", "riscv64"}, {"loongarch64", "loong64"},

	};

	for (size_t i = 0; i < KA_ARRAY_SIZE(names); i++)
		if (!strcmp(machine, names[i][0]))
			return names[i][1];
	return machine;
}

static int read_config(char **ret, size_t *ret_len)
{
	KA_CLOSE int fd = open(KA_CONFIG, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	KA_FREE char *text = NULL;
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	text = malloc(MAX_CONFIG + 1);
	if (!text)
		return -ENOMEM;
	while ((n = read(fd, text + len, MAX_CONFIG + 1 - len)) > 0)
		len += n;
	if (n < 0)
		return -errno;
	if (len > MAX_CONFIG)
		return -EFBIG;
	*ret = KA_TAKE(text);
	*ret_len = len;
	return 0;
}

static int identify(struct ka_node *ret, struct ka_error *e)
{
	KA_FREE char *text = NULL;
	size_t len = 0;
	struct utsname u;
	int r;

	if (uname(&u) < 0)
		return ka_error_set(e, -errno, "uname: %s", strerror(errno));
	ret->hostname = strdup(u.nodename);
	ret->os = strdup("linux");
	ret->arch = strdup(go_arch(u.machine));
	if (!ret->hostname || !ret->os || !ret->arch)
		return ka_error_set(e, -ENOMEM, "no memory");
	r = read_config(&text, &len);
	if (r == -ENOENT)
		return 0;
	if (r)
		return ka_error_set(e, r, "reading %s: %s", KA_CONFIG, strerror(-r));
	return ka_config_parse(text, len, KA_CONFIG, ret, e);
}

int ka_node_identify(struct ka_node *ret, struct ka_error *e)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	r = identify(ret, e);
	if (r)
		ka_node_done(ret);
	return r;
}

void ka_node_done(struct ka_node *n)
{
	for (size_t i = 0; i < n->labels.n; i++) {
		free((char *)n->labels.keys[i]);
		free((char *)n->labels.values[i]);
	}
	free((void *)n->labels.keys);
	free((void *)n->labels.values);
	free((char *)n->hostname);
	free((char *)n->os);
	free((char *)n->arch);
	memset(n, 0, sizeof(*n));
}
