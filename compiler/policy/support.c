// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <sys/utsname.h>

#include "../check/value.h"

/* ---- kernels ---- */

struct ka_kernel_profile {
	unsigned char major, minor;
	const char *version;
};

const char *const ka_kernel_profiles[] = {"6.1", "6.6", "6.12", "running", NULL};

#define V(major, minor)                         \
	{                                       \
		major, minor, #major "." #minor \
	}
#define TEN(major, tens)                                                                    \
	V(major, tens##0), V(major, tens##1), V(major, tens##2), V(major, tens##3),         \
		V(major, tens##4), V(major, tens##5), V(major, tens##6), V(major, tens##7), \
		V(major, tens##8), V(major, tens##9)

static const struct ka_kernel_profile kernels[] = {TEN(4, ),  TEN(4, 1), V(4, 20),  TEN(5, ),
						   TEN(5, 1), TEN(6, ),  TEN(6, 1), TEN(7, )};

static bool is_older(const struct ka_kernel_profile *k, unsigned major, unsigned minor)
{
	return k->major < major || (k->major == major && k->minor < minor);
}

/* "6.12", "6.12.9-amd64": what follows the second number says nothing about the kernel's kind. */
static bool parse(const char *s, unsigned *ret_major, unsigned *ret_minor)
{
	char end;
	int n = sscanf(s, "%2u.%2u%c", ret_major, ret_minor, &end);

	return n == 2 || (n == 3 && strchr(".-+", end));
}

const struct ka_kernel_profile *ka_kernel_profile(const char *version)
{
	const struct ka_kernel_profile *newest = &kernels[KA_ARRAY_SIZE(kernels) - 1];
	bool running = !strcmp(version, "running");
	struct utsname u;
	unsigned major, minor;

	if (running) {
		if (uname(&u) < 0)
			return NULL;
		version = u.release;
	}
	if (!parse(version, &major, &minor))
		return NULL;
	for (size_t i = 0; i < KA_ARRAY_SIZE(kernels); i++)
		if (kernels[i].major == major && kernels[i].minor == minor)
			return &kernels[i];
	/* The running one is there, whether it is known here or not. */
	if (running)
		return is_older(newest, major, minor) ? newest : &kernels[0];
	return NULL;
}

/* ---- this build ---- */

static const struct {
	enum ka_feature part;
	const char *what;
} unsupported[] = {
	{KA_FEATURE_KIND, NULL}, /* the kind's name */
	{KA_FEATURE_DNS, "list 'matchDNSQueries'"},
	{KA_FEATURE_SYSCALLS, "section 'syscalls'"},
	{KA_FEATURE_PRESETS, "section 'presets'"},
	{KA_FEATURE_DEVICE, "section 'device'"},
	{KA_FEATURE_ARGS, "field 'allowedArgs'"},
	{KA_FEATURE_APPARMOR, "field 'apparmor'"},
	{KA_FEATURE_GUARDS, "annotation 'karmor-c/guards'"},
};

static unsigned part_of(enum ka_section section)
{
	static const uint8_t parts[KA_SECTION__MAX] = {
		[KA_SECTION_FILE] = KA_FEATURE__MAX,
		[KA_SECTION_PROCESS] = KA_FEATURE__MAX,
		[KA_SECTION_NETWORK] = KA_FEATURE__MAX,
		[KA_SECTION_CAPABILITIES] = KA_FEATURE__MAX,
		[KA_SECTION_DNS] = KA_FEATURE_DNS,
		[KA_SECTION_SYSCALLS] = KA_FEATURE_SYSCALLS,
		[KA_SECTION_PRESETS] = KA_FEATURE_PRESETS,
		[KA_SECTION_DEVICE] = KA_FEATURE_DEVICE,
		[KA_SECTION_INGRESS] = KA_FEATURE_PACKETS,
		[KA_SECTION_EGRESS] = KA_FEATURE_PACKETS,
	};

	return parts[section];
}

#define PART(part) (1u << (part))

/* Which parts one rule has. */
static unsigned parts_of_rule(const struct ka_rule *r)
{
	unsigned section = part_of(r->section), parts = 0;

	if (section != KA_FEATURE__MAX)
		parts |= PART(section);
	if (r->has_args)
		parts |= PART(KA_FEATURE_ARGS);
	return parts;
}

static bool is_set(const char *s)
{
	return s && *s;
}

/* Which parts a policy has besides its rules. */
static unsigned parts_of_policy(const struct ka_policy *p)
{
	unsigned parts = 0;

	if (p->kind == KA_KIND_NETWORK)
		parts |= PART(KA_FEATURE_KIND);
	if (is_set(p->apparmor))
		parts |= PART(KA_FEATURE_APPARMOR);
	if (is_set(p->guards))
		parts |= PART(KA_FEATURE_GUARDS);
	return parts;
}

/* Where a part is: as it was read, or the rule, or the policy. */
static struct ka_loc place_of(const struct ka_policy *p, enum ka_feature part)
{
	if (p->places && p->places[part].line)
		return p->places[part];
	for (size_t i = 0; i < p->nrules; i++)
		if (parts_of_rule(&p->rules[i]) & PART(part))
			return p->rules[i].loc;
	return p->loc;
}

static void check_build(struct ka_ctx *ctx, const struct ka_policy *p, unsigned parts, bool must)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(unsupported); i++) {
		enum ka_feature part = unsupported[i].part;
		const char *what = unsupported[i].what;

		if (!(parts & PART(part)))
			continue;
		if (!what)
			what = ka_sprintf(ctx, "kind '%s'", ka_kind_str(p->kind));
		ka_diag(ctx, must ? KA_D_NOT_YET : KA_D_LATER, place_of(p, part), what);
		if (part == KA_FEATURE_KIND)
			return; /* all of it */
	}
}

/* ---- a kernel ---- */

static void check_syscalls(struct ka_ctx *ctx, const struct ka_rule *r,
			   const struct ka_kernel_profile *k)
{
	for (size_t i = 0; i < r->extra->syscalls.n; i++) {
		const struct ka_word *w = &r->extra->syscalls.v[i];
		unsigned major, minor;

		ka_syscall_since(w->text, &major, &minor);
		if (!is_older(k, major, minor))
			continue;
		ka_diag(ctx, KA_D_KERNEL_LACKS, w->loc,
			ka_sprintf(ctx, "system call '%s'", w->text), k->version,
			ka_sprintf(ctx, "it needs Linux %u.%u", major, minor));
	}
}

#define OLDEST_MAJOR 6
#define OLDEST_MINOR 1

static void check_kernel(struct ka_ctx *ctx, const struct ka_policy *p,
			 const struct ka_kernel_profile *k)
{
	if (is_older(k, OLDEST_MAJOR, OLDEST_MINOR)) {
		ka_diag(ctx, KA_D_KERNEL_LACKS, p->loc, ka_sprintf(ctx, "policy '%s'", p->name),
			k->version, "it needs Linux 6.1");
		return;
	}
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rules[i].section == KA_SECTION_SYSCALLS)
			check_syscalls(ctx, &p->rules[i], k);
}

void ka_support_check(struct ka_ctx *ctx, const struct ka_policies *set,
		      const struct ka_kernel_profile *kernel, bool must)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct ka_policy *p = set->v[i];
		unsigned parts = parts_of_policy(p);

		for (size_t k = 0; k < p->nrules; k++)
			parts |= parts_of_rule(&p->rules[k]);
		check_build(ctx, p, parts, must);
		if (kernel)
			check_kernel(ctx, p, kernel);
	}
}
