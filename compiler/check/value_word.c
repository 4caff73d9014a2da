// SPDX-License-Identifier: Apache-2.0
/*
 * Words of a known set, whatever their case.
 */
#include "value.h"

#include <netinet/in.h>
#include <seccomp.h>

#include "../../runtime/words.h"
#include "../base/suggest.h"

#define LONGEST 64u

static const char *const presets[] = {
	"filelessExec", "anonymousMapExec", "protectEnv", "protectProc", "exec", NULL};

static const char *const levels[] = {"pod", "policy", NULL};

/* Base classes of the USB Implementers Forum; the first name of a number is the canonical one. */
static const struct {
	uint8_t number;
	const char *name;
} usb_classes[] = {
	{0x01, "AUDIO"},
	{0x02, "COMMUNICATIONS"},
	{0x02, "CDC"},
	{0x02, "CDC-CONTROL"},
	{0x03, "HID"},
	{0x05, "PHYSICAL"},
	{0x06, "IMAGE"},
	{0x06, "STILL-IMAGE"},
	{0x07, "PRINTER"},
	{0x08, "MASS-STORAGE"},
	{0x09, "HUB"},
	{0x0a, "CDC-DATA"},
	{0x0b, "SMART-CARD"},
	{0x0d, "CONTENT-SECURITY"},
	{0x0e, "VIDEO"},
	{0x0f, "PERSONAL-HEALTHCARE"},
	{0x10, "AUDIO-VIDEO"},
	{0x11, "BILLBOARD"},
	{0x12, "TYPE-C-BRIDGE"},
	{0xdc, "DIAGNOSTIC"},
	{0xdc, "DIAGNOSTIC-DEVICE"},
	{0xe0, "WIRELESS-CONTROLLER"},
	{0xe0, "WIRELESS"},
	{0xef, "MISCELLANEOUS"},
	{0xef, "MISC"},
	{0xfe, "APPLICATION-SPECIFIC"},
	{0xff, "VENDOR-SPECIFIC"},
};

/* What came after the oldest kernel that is supported; libseccomp may not know it yet. */
static const struct {
	const char *name;
	unsigned char major, minor;
} late_syscalls[] = {
	{"cachestat", 6, 5},         {"fchmodat2", 6, 6},        {"map_shadow_stack", 6, 6},
	{"futex_wake", 6, 7},        {"futex_wait", 6, 7},       {"futex_requeue", 6, 7},
	{"statmount", 6, 8},         {"listmount", 6, 8},        {"lsm_get_self_attr", 6, 8},
	{"lsm_set_self_attr", 6, 8}, {"lsm_list_modules", 6, 8}, {"mseal", 6, 10},
	{"uretprobe", 6, 11},        {"setxattrat", 6, 13},      {"getxattrat", 6, 13},
	{"listxattrat", 6, 13},      {"removexattrat", 6, 13},   {"open_tree_attr", 6, 15},
	{"file_getattr", 6, 17},     {"file_setattr", 6, 17},
};

/* ---- finding ---- */

static const char *find(const char *const *words, const char *s)
{
	for (; *words; words++)
		if (!strcasecmp(*words, s))
			return *words;
	return NULL;
}

static struct ka_diag *not_one_of(struct ka_ctx *ctx, const struct ka_node *n, const char *field)
{
	return ka_value_told(ctx, n) ? NULL : ka_diag(ctx, KA_D_NOT_ONE_OF, n->loc, n->str, field);
}

/* `all`: how the words are told if none is near. */
static const char *word(struct ka_ctx *ctx, const struct ka_node *n, const char *field,
			const char *const *words, const char *all)
{
	struct ka_suggest near;
	struct ka_diag *d;
	const char *found;

	if (!ka_is_string(n))
		return NULL;
	found = find(words, n->str);
	if (found)
		return found;
	d = not_one_of(ctx, n, field);
	if (!d || !d->message)
		return NULL;
	near = ka_suggest_for(n->str, n->len);
	for (; *words; words++)
		ka_suggest_try(&near, *words);
	if (near.best)
		ka_diag_hint(ctx, d, "did you mean '%s'?", near.best);
	else if (all)
		ka_diag_hint(ctx, d, "%s", all);
	return NULL;
}

const char *ka_value_protocol(struct ka_ctx *ctx, const struct ka_node *n)
{
	return word(ctx, n, "protocol", ka_net_words,
		    "its values are: tcp, udp, icmp, icmpv6, sctp, raw, stream, dgram, rdm, "
		    "seqpacket, dccp, packet, all");
}

const char *ka_value_capability(struct ka_ctx *ctx, const struct ka_node *n)
{
	struct ka_node rest;

	if (ka_is_string(n) && !strncasecmp(n->str, "cap_", 4)) {
		const char *found = find(ka_capabilities, n->str + 4);

		if (found)
			return found;
		rest = *n;
		rest.str += 4;
		rest.len -= 4;
		return word(ctx, &rest, "capability", ka_capabilities, "see capabilities(7)");
	}
	return word(ctx, n, "capability", ka_capabilities, "see capabilities(7)");
}

const char *ka_value_preset(struct ka_ctx *ctx, const struct ka_node *n)
{
	return word(ctx, n, "name", presets,
		    "its values are: filelessExec, anonymousMapExec, protectEnv, protectProc, "
		    "exec");
}

const char *ka_value_level(struct ka_ctx *ctx, const struct ka_node *n)
{
	return word(ctx, n, "level", levels, "its values are: pod, policy");
}

uint8_t ka_value_transport(struct ka_ctx *ctx, const struct ka_node *n)
{
	static const char *const names[] = {"TCP", "UDP", "SCTP", NULL};
	static const uint8_t numbers[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP};
	const char *found = word(ctx, n, "protocol", names, "its values are: TCP, UDP, SCTP");

	for (size_t i = 0; found && names[i]; i++)
		if (found == names[i])
			return numbers[i];
	return 0;
}

/* ---- USB classes ---- */

/* '_' and blanks are as good as '-'. */
static bool same_class(const char *name, const char *s)
{
	for (; *name && *s; name++, s++) {
		char c = *s == '_' || *s == ' ' ? '-' : *s;

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c != *name)
			return false;
	}
	return !*name && !*s;
}

static const char *class_name(struct ka_ctx *ctx, unsigned long number)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(usb_classes); i++)
		if (usb_classes[i].number == number)
			return usb_classes[i].name;
	return ka_sprintf(ctx, "%lu", number);
}

const char *ka_value_usb_class(struct ka_ctx *ctx, const struct ka_node *n)
{
	struct ka_suggest near;
	struct ka_diag *d;
	unsigned long number;
	char *end;

	if (!ka_is_string(n))
		return NULL;
	if (!strcasecmp(n->str, "all"))
		return "ALL";
	for (size_t i = 0; i < KA_ARRAY_SIZE(usb_classes); i++)
		if (same_class(usb_classes[i].name, n->str))
			return class_name(ctx, usb_classes[i].number);
	number = strtoul(n->str, &end, 0);
	if (n->str[0] >= '0' && n->str[0] <= '9' && !*end && number >= 1 && number <= 255)
		return class_name(ctx, number);
	d = not_one_of(ctx, n, "class");
	if (!d || !d->message)
		return NULL;
	near = ka_suggest_for(n->str, n->len);
	for (size_t i = 0; i < KA_ARRAY_SIZE(usb_classes); i++)
		ka_suggest_try(&near, usb_classes[i].name);
	if (near.best)
		ka_diag_hint(ctx, d, "did you mean '%s'?", near.best);
	else
		ka_diag_hint(ctx, d,
			     "a class is a name, such as 'MASS-STORAGE', a number from 1 to 255, "
			     "or 'ALL'");
	return NULL;
}

/* ---- system calls ---- */

#define HIGHEST_SYSCALL 600

void ka_syscall_since(const char *name, unsigned *ret_major, unsigned *ret_minor)
{
	*ret_major = *ret_minor = 0;
	for (size_t i = 0; i < KA_ARRAY_SIZE(late_syscalls); i++) {
		if (strcmp(late_syscalls[i].name, name) != 0)
			continue;
		*ret_major = late_syscalls[i].major;
		*ret_minor = late_syscalls[i].minor;
	}
}

/* Of the native table or of the compat one; what other machines have is none here. */
static bool is_syscall(const char *name)
{
	unsigned major, minor;

	if (seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, name) >= 0 ||
	    seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, name) >= 0)
		return true;
	ka_syscall_since(name, &major, &minor);
	return major;
}

static void suggest_syscall(struct ka_ctx *ctx, struct ka_diag *d, const struct ka_node *n)
{
	struct ka_suggest near = ka_suggest_for(n->str, n->len);
	char best[LONGEST] = "";

	for (int i = 0; i < HIGHEST_SYSCALL; i++) {
		KA_FREE char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, i);

		near.best = NULL;
		if (name)
			ka_suggest_try(&near, name);
		if (near.best)
			snprintf(best, sizeof(best), "%s", near.best);
	}
	if (*best)
		ka_diag_hint(ctx, d, "did you mean '%s'?", best);
}

bool ka_check_syscall(struct ka_ctx *ctx, const struct ka_node *n)
{
	struct ka_diag *d;

	if (!ka_is_string(n))
		return false;
	if (is_syscall(n->str))
		return true;
	if (ka_value_told(ctx, n))
		return false;
	d = ka_diag(ctx, KA_D_SYSCALL_UNKNOWN, n->loc, n->str);
	if (d->message)
		suggest_syscall(ctx, d, n);
	return false;
}
