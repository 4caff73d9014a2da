// SPDX-License-Identifier: Apache-2.0
#include "inert.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

/* Links are followed inside the root; anything but "no such file" is no certainty. */
static bool is_missing(int root_fd, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	KA_CLOSE int fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));

	return fd < 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* A file that may be created is no inert rule; a program that cannot be run is one. */
static bool is_allowed_program(const struct ka_rule *rule)
{
	return rule->section == KA_CAT_PROCESS && rule->action == KA_EFFECT_ALLOW &&
	       rule->list != KA_LIST_PATTERNS && !rule->execname;
}

size_t ka_inert_find(const struct ka_policies *policies, int root_fd,
		     void (*found)(const struct ka_inert *i, void *arg), void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < policies->n; i++) {
		const struct ka_policy *p = policies->v[i];

		for (size_t k = 0; k < p->nrules; k++) {
			const struct ka_rule *rule = &p->rules[k];

			if (is_allowed_program(rule) && is_missing(root_fd, rule->object)) {
				found(&(struct ka_inert){p, rule, NULL, rule->object}, arg);
				n++;
			}
			for (size_t f = 0; f < rule->nfrom; f++) {
				const struct ka_from *from = &rule->from[f];

				if (!is_missing(root_fd, from->path))
					continue;
				found(&(struct ka_inert){p, rule, from, from->path}, arg);
				n++;
			}
		}
	}
	return n;
}
