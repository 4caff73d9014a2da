// SPDX-License-Identifier: Apache-2.0
/*
 * Domains, addresses, ports, quotas, interfaces.
 */
#include "value.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>

#define MAX_DOMAIN 253u
#define MAX_DOMAIN_LABEL 63u
#define MAX_SERVICE 15u /* RFC 6335 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

/* ---- domains ---- */

/* What is wrong with a domain, whose last dot is gone; NULL: nothing. */
static const char *why_no_domain(const char *s, size_t len)
{
	bool number = true;
	size_t label = 0;

	if (len > MAX_DOMAIN)
		return "a name has 253 bytes at most";
	if (strstr(s, "://") || strchr(s, '/'))
		return "write the host name alone, without scheme and path";
	for (size_t i = 0; i <= len; i++) {
		if (i < len && s[i] != '.') {
			if ((unsigned char)s[i] >= 0x80)
				return "write it as DNS has it, in ASCII ('xn--...')";
			if (!is_alnum(s[i]) && s[i] != '-' && s[i] != '_')
				return "only letters, digits, '-', '_' and '.' are in names";
			number &= is_digit(s[i]);
			label++;
			continue;
		}
		if (!label)
			return "it has an empty part";
		if (label > MAX_DOMAIN_LABEL)
			return "a part has 63 bytes at most";
		if (s[i - 1] == '-' || s[i - label] == '-')
			return "a part neither begins nor ends with '-'";
		label = 0;
	}
	return number ? "it is an address, which nobody looks up" : NULL;
}

/* `*.example.com`: what can be meant is what the domain itself covers. */
static void wildcard(struct ka_ctx *ctx, const struct ka_node *n)
{
	struct ka_diag *d = ka_diag(ctx, KA_D_DOMAIN_WILDCARD, n->loc, n->str);
	const char *rest = n->str;

	while (*rest == '*' || *rest == '.')
		rest++;
	if (!*rest)
		ka_diag_hint(ctx, d, "rules of matchProtocols are about all traffic");
	else if (strchr(rest, '*'))
		ka_diag_hint(ctx, d, "a domain covers itself and all its subdomains");
	else
		ka_diag_hint(ctx, d, "a domain covers itself and all its subdomains: write '%s'",
			     rest);
}

const char *ka_value_domain(struct ka_ctx *ctx, const struct ka_node *n)
{
	const char *why;
	char *out;
	size_t len;

	if (!ka_is_string(n))
		return NULL;
	if (!n->len) {
		ka_diag(ctx, KA_D_EMPTY_VALUE, n->loc, "domain");
		return NULL;
	}
	if (strchr(n->str, '*')) {
		wildcard(ctx, n);
		return NULL;
	}
	len = n->len > 1 && n->str[n->len - 1] == '.' ? n->len - 1 : n->len;
	out = ka_strndup(ctx, n->str, len);
	if (!out)
		return NULL;
	why = why_no_domain(out, len);
	if (why) {
		ka_diag(ctx, KA_D_DOMAIN, n->loc, n->str, why);
		return NULL;
	}
	if (len != n->len)
		ka_value_fix(ctx, ka_diag(ctx, KA_D_DOMAIN_DOT, n->loc, n->str), n, out);
	lower(out);
	return out;
}

/* ---- addresses ---- */

static bool bad_cidr(struct ka_ctx *ctx, const struct ka_node *n, const char *why)
{
	ka_diag(ctx, KA_D_CIDR, n->loc, n->str, why);
	return false;
}

/* The prefix after the slash; false: it is none. */
static bool take_prefix(const char *s, unsigned most, uint8_t *ret)
{
	unsigned v = 0;

	if (!is_digit(*s) || (s[0] == '0' && s[1]) || strlen(s) > 3)
		return false;
	for (; *s; s++) {
		if (!is_digit(*s))
			return false;
		v = v * 10 + (unsigned)(*s - '0');
	}
	*ret = (uint8_t)v;
	return v <= most;
}

/* Clears what lies behind the prefix; whether there was something. */
static bool clear_host_bits(uint8_t *addr, size_t len, unsigned bits)
{
	bool had = false;

	for (size_t i = 0; i < len; i++) {
		unsigned keep = bits > i * 8 ? bits - (unsigned)i * 8 : 0;
		uint8_t mask = keep >= 8 ? 0xff : (uint8_t)(0xff00 >> keep);

		had |= addr[i] & (uint8_t)~mask;
		addr[i] &= mask;
	}
	return had;
}

static void host_bits(struct ka_ctx *ctx, const struct ka_node *n, int family, const uint8_t *addr,
		      unsigned bits)
{
	char text[INET6_ADDRSTRLEN], block[INET6_ADDRSTRLEN + 4];

	if (!inet_ntop(family, addr, text, sizeof(text)))
		return;
	snprintf(block, sizeof(block), "%s/%u", text, bits);
	ka_value_fix(ctx, ka_diag(ctx, KA_D_CIDR_HOST_BITS, n->loc, n->str, block), n, block);
}

/* An address alone is a block of one, but the language wants it said. */
static bool no_prefix(struct ka_ctx *ctx, const struct ka_node *n, unsigned most)
{
	struct ka_diag *d = ka_diag(ctx, KA_D_CIDR, n->loc, n->str, "it has no prefix");
	char block[INET6_ADDRSTRLEN + 4];

	snprintf(block, sizeof(block), "%s/%u", n->str, most);
	ka_diag_hint(ctx, d, "write '%s' for this one address", block);
	ka_value_fix(ctx, d, n, block);
	return false;
}

bool ka_value_cidr(struct ka_ctx *ctx, const struct ka_node *n, uint8_t *ret_family,
		   uint8_t *ret_bits, uint8_t ret_addr[16])
{
	char text[INET6_ADDRSTRLEN];
	const char *slash;
	unsigned most;
	size_t len;
	int family;

	if (!ka_is_string(n))
		return false;
	slash = strchrnul(n->str, '/');
	len = (size_t)(slash - n->str);
	if (!len || len >= sizeof(text))
		return bad_cidr(ctx, n, "write an address, '/' and a prefix, as in '10.0.0.0/8'");
	*(char *)mempcpy(text, n->str, len) = '\0';
	family = strchr(text, ':') ? AF_INET6 : AF_INET;
	most = family == AF_INET6 ? 128 : 32;
	memset(ret_addr, 0, 16);
	if (inet_pton(family, text, ret_addr) != 1)
		return bad_cidr(ctx, n, ka_sprintf(ctx, "'%s' is no address", text));
	if (!*slash)
		return no_prefix(ctx, n, most);
	if (!take_prefix(slash + 1, most, ret_bits))
		return bad_cidr(ctx, n,
				ka_sprintf(ctx, "the prefix is a number from 0 to %u", most));
	*ret_family = (uint8_t)family;
	if (clear_host_bits(ret_addr, most / 8, *ret_bits))
		host_bits(ctx, n, family, ret_addr, *ret_bits);
	return true;
}

/* ---- ports ---- */

/* RFC 6335: letters, digits and single hyphens inside, a letter at least. */
static bool is_service(const char *s, size_t len)
{
	bool letter = false;

	if (!len || len > MAX_SERVICE || s[0] == '-' || s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_alnum(s[i]) && (s[i] != '-' || s[i - 1] == '-'))
			return false;
		letter |= is_alnum(s[i]) && !is_digit(s[i]);
	}
	return letter;
}

static bool bad_port(struct ka_ctx *ctx, const struct ka_node *n)
{
	const char *dash = strchr(n->str, '-');
	struct ka_diag *d;

	d = ka_diag(ctx, KA_D_PORT, n->loc, n->str,
		    "a port is a number from 1 to 65535, or the name of a service");
	if (dash && strspn(n->str, "0123456789-") == n->len)
		ka_diag_hint(ctx, d, "a range is written with 'endPort'");
	else if (strchr(n->str, ','))
		ka_diag_hint(ctx, d, "give each port an item of its own");
	return false;
}

bool ka_value_port(struct ka_ctx *ctx, const struct ka_node *n, uint16_t *ret,
		   const char **ret_name)
{
	unsigned long v;
	char *name;

	if (!ka_is_string(n))
		return false;
	*ret = 0;
	*ret_name = NULL;
	if (n->len && strspn(n->str, "0123456789") == n->len) {
		v = n->len > 5 ? 0 : strtoul(n->str, NULL, 10);
		if (n->str[0] == '0' || v < 1 || v > 65535)
			return bad_port(ctx, n);
		*ret = (uint16_t)v;
		return true;
	}
	if (!is_service(n->str, n->len))
		return bad_port(ctx, n);
	name = ka_strndup(ctx, n->str, n->len);
	if (!name)
		return false;
	lower(name);
	*ret_name = name;
	return true;
}

/* ---- quotas ---- */

static bool bad_limit(struct ka_ctx *ctx, const struct ka_node *n, const char *why)
{
	if (!ka_value_told(ctx, n))
		ka_diag(ctx, KA_D_LIMIT, n->loc, n->str, why);
	return false;
}

/* 1024 times each, as KubeArmor counts; without a unit GB. */
static int unit_of(const char *s)
{
	static const char *const units[] = {"K", "KB", "M", "MB", "G", "GB"};

	if (!*s)
		return 30;
	for (size_t i = 0; i < KA_ARRAY_SIZE(units); i++)
		if (!strcasecmp(units[i], s))
			return 10 * ((int)i / 2 + 1);
	return -1;
}

bool ka_value_limit(struct ka_ctx *ctx, const struct ka_node *n, uint64_t *ret_bytes)
{
	size_t digits = ka_is_string(n) ? strspn(n->str, "0123456789") : 0;
	uint64_t v;
	int shift;

	if (!ka_is_string(n))
		return false;
	shift = unit_of(n->str + digits);
	if (!digits || shift < 0)
		return bad_limit(ctx, n, "write a number and KB, MB or GB, as in '500MB'");
	if (digits > 12)
		return bad_limit(ctx, n, "it is too large");
	v = strtoull(n->str, NULL, 10);
	if (!v)
		return bad_limit(ctx, n, "nothing could pass");
	if (v > UINT64_MAX >> shift)
		return bad_limit(ctx, n, "it is too large");
	if (!n->str[digits])
		ka_value_fix(ctx, ka_diag(ctx, KA_D_LIMIT_UNIT, n->loc, n->str), n,
			     ka_sprintf(ctx, "%sGB", n->str) ?: "");
	*ret_bytes = v << shift;
	return true;
}

static bool bad_duration(struct ka_ctx *ctx, const struct ka_node *n, const char *why,
			 const char *hint)
{
	struct ka_diag *d;

	if (ka_value_told(ctx, n))
		return false;
	d = ka_diag(ctx, KA_D_DURATION, n->loc, n->str, why);
	if (hint)
		ka_diag_hint(ctx, d, "%s", hint);
	return false;
}

/* "1h30m": each part a whole number and its unit. */
bool ka_value_duration(struct ka_ctx *ctx, const struct ka_node *n, uint64_t *ret_seconds)
{
	static const struct {
		char unit;
		unsigned seconds;
	} units[] = {{'h', 3600}, {'m', 60}, {'s', 1}};
	const char *how = "write a number and h, m or s, as in '30m'";
	uint64_t sum = 0;

	if (!ka_is_string(n))
		return false;
	if (!n->len)
		return bad_duration(ctx, n, how, NULL);
	for (const char *s = n->str; *s;) {
		size_t digits = strspn(s, "0123456789"), i;

		for (i = 0; i < KA_ARRAY_SIZE(units); i++)
			if (s[digits] == units[i].unit && s[digits + 1] != 's')
				break;
		if (!digits || i == KA_ARRAY_SIZE(units))
			return bad_duration(ctx, n, how,
					    s[digits] == 'd' ? "a day is '24h'"
					    : !s[digits]     ? "a number needs its unit"
							     : NULL);
		if (digits > 8)
			return bad_duration(ctx, n, "it is too long", NULL);
		sum += strtoull(s, NULL, 10) * units[i].seconds;
		s += digits + 1;
	}
	if (!sum || sum > UINT32_MAX)
		return bad_duration(ctx, n, sum ? "it is too long" : "it is no time at all", NULL);
	*ret_seconds = sum;
	return true;
}

/* ---- interfaces ---- */

/* What the kernel's dev_valid_name() takes. */
bool ka_check_iface(struct ka_ctx *ctx, const struct ka_node *n)
{
	bool good;

	if (!ka_is_string(n))
		return false;
	good = n->len && n->len < IFNAMSIZ && strcmp(n->str, ".") && strcmp(n->str, "..");
	for (const char *s = n->str; good && *s; s++)
		good = *s != '/' && *s != ':' && !strchr(" \t\n\v\f\r", *s);
	if (!good)
		ka_diag_hint(ctx, ka_diag(ctx, KA_D_IFACE, n->loc, n->str),
			     "1 to %d bytes, without '/', ':' and blanks", IFNAMSIZ - 1);
	return good;
}
