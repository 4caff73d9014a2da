// SPDX-License-Identifier: Apache-2.0
#include "lockout.h"

#include <limits.h>
#include <link.h>

#define MAX_OBJECTS 48

enum role {
	ROLE_PROGRAM = 1 << 0, /* is executed */
	ROLE_LIBRARY = 1 << 1, /* is opened and mapped executable, never executed */
	ROLE_SOURCE = 1 << 2,  /* starts the others */
};

static const struct {
	const char *path, *what;
	unsigned int roles;
} wanted[] = {
	{"/proc/1/exe", "PID 1", ROLE_PROGRAM | ROLE_SOURCE},
	{"/sbin/init", "init", ROLE_PROGRAM | ROLE_SOURCE},
	{"/bin/sh", "the shell", ROLE_PROGRAM | ROLE_SOURCE},
	{"/bin/login", "login", ROLE_PROGRAM | ROLE_SOURCE},
	{"/usr/sbin/sshd", "sshd", ROLE_PROGRAM | ROLE_SOURCE},
	{"/usr/lib/openssh/sshd-session", "sshd's session", ROLE_PROGRAM | ROLE_SOURCE},
	{"/usr/bin/sudo", "sudo", ROLE_PROGRAM | ROLE_SOURCE},
	{"/bin/systemctl", "systemctl", ROLE_PROGRAM},
	{"/proc/self/exe", "karmor-c", ROLE_PROGRAM},
};

struct object {
	char *path;
	const char *what;
	unsigned int roles;
	__u16 class;
};

struct check {
	const struct ka_reader *r;
	struct ka_member member;
	struct object objects[MAX_OBJECTS];
	size_t nobjects;
	size_t nfound;
	void (*found)(const struct ka_lockout *l, void *arg);
	void *arg;
};

static void check_done(struct check *c)
{
	for (size_t i = 0; i < c->nobjects; i++)
		free(c->objects[i].path);
}

static bool host_selected(const struct ka_reader *r, const struct ka_node *node)
{
	for (uint32_t i = 0; i < r->head->policies.count; i++)
		if (ka_selects_node(r, i, node))
			return true;
	return false;
}

static __u16 class_of(const struct ka_reader *r, const char *path)
{
	for (uint32_t c = 1; c <= r->head->sources.count; c++) {
		const char *source = ka_image_source(r, c);

		if (source && !strcmp(source, path))
			return (__u16)c;
	}
	return 0;
}

/* A path twice (init is PID 1, /bin/sh is bash) is one object in all its roles. */
static void add(struct check *c, const char *path, const char *what, unsigned int roles)
{
	char *real = realpath(path, NULL);

	if (!real)
		return;
	for (size_t i = 0; i < c->nobjects; i++) {
		if (strcmp(c->objects[i].path, real))
			continue;
		c->objects[i].roles |= roles;
		free(real);
		return;
	}
	if (c->nobjects == MAX_OBJECTS) {
		free(real);
		return;
	}
	c->objects[c->nobjects++] = (struct object){real, what, roles, class_of(c->r, real)};
}

/* The loader and the libraries of this very program: libc is among them. */
static int add_library(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	if (info->dlpi_name && info->dlpi_name[0] == '/')
		add(arg, info->dlpi_name,
		    strstr(info->dlpi_name, "/ld-") ? "the ELF loader"
		    : strstr(info->dlpi_name, "/libc.") || strstr(info->dlpi_name, "/libc-")
			    ? "libc"
			    : "a library of karmor-c",
		    ROLE_LIBRARY);
	return 0;
}

static void judge(struct check *c, const struct object *o, const struct object *source,
		  enum ka_category cat, enum ka_op op)
{
	struct ka_who who = {.policies = c->member.policies,
			     .words = KA_POLICY_WORDS,
			     .flags = c->member.flags,
			     .class = {source ? source->class : 0, 0}};
	struct ka_lockout l = {.what = o->what,
			       .path = o->path,
			       .source = source ? source->path : NULL,
			       .category = cat,
			       .op = op};

	ka_image_judge(c->r, &who, cat, op, o->path, strlen(o->path), &l.ruling);
	if (l.ruling.verdict != KA_DENY)
		return;
	c->nfound++;
	c->found(&l, c->arg);
}

static void judge_for(struct check *c, const struct object *source)
{
	for (size_t i = 0; i < c->nobjects; i++) {
		const struct object *o = &c->objects[i];

		judge(c, o, source, KA_CAT_FILE, KA_OP_READ);
		/* A library is mapped by ld.so, which only Block rules judge. */
		judge(c, o, source, KA_CAT_PROCESS,
		      o->roles & ROLE_PROGRAM ? KA_OP_EXEC : KA_OP_MAP_EXEC);
	}
}

size_t ka_lockout_check(const struct ka_reader *r, const struct ka_node *node,
			void (*found)(const struct ka_lockout *l, void *arg), void *arg)
{
	KA_CLEANUP(check_done) struct check c = {.r = r, .found = found, .arg = arg};

	if (!host_selected(r, node))
		return 0;
	ka_member_make(r, node, NULL, NULL, &c.member);
	for (size_t i = 0; i < KA_ARRAY_SIZE(wanted); i++)
		add(&c, wanted[i].path, wanted[i].what, wanted[i].roles);
	dl_iterate_phdr(add_library, &c);

	judge_for(&c, NULL);
	for (size_t i = 0; i < c.nobjects; i++)
		if ((c.objects[i].roles & ROLE_SOURCE) && c.objects[i].class)
			judge_for(&c, &c.objects[i]);
	return c.nfound;
}
