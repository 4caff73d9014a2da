// SPDX-License-Identifier: Apache-2.0
/*
 * Labels, and the values that select by them.
 */
#include "value.h"

#include <regex.h>

#define MAX_LABEL 63u  /* of a label's value, of its name */
#define MAX_DNS 253u   /* of the prefix before '/' */
#define MAX_REGEX 256u /* bytes */
#define MAX_REPEAT 255u

#define CONTAINER_NAME "kubearmor.io/container.name"

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits and marks, a letter or digit at both ends. */
static bool is_name(const char *s, size_t len, size_t most, const char *marks)
{
	if (!len || len > most || !is_alnum(s[0]) || !is_alnum(s[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s[i]) && !strchr(marks, s[i]))
			return false;
	return true;
}

static bool is_key(const char *s, size_t len)
{
	const char *slash = memchr(s, '/', len);
	size_t prefix = slash ? (size_t)(slash - s) : 0;

	if (slash && !is_name(s, prefix, MAX_DNS, "-."))
		return false;
	if (slash)
		prefix++;
	return is_name(s + prefix, len - prefix, MAX_LABEL, "-._");
}

static bool is_any(const char *s)
{
	return !*s || !strcmp(s, "*") || !strcmp(s, ".*");
}

bool ka_check_label_key(struct ka_ctx *ctx, const struct ka_node *n)
{
	if (is_key(n->str, n->len))
		return true;
	ka_diag_hint(ctx, ka_diag(ctx, KA_D_LABEL_KEY, n->loc, n->str),
		     "letters, digits, '-', '_' and '.', at most 63 bytes, a letter or digit at "
		     "both ends; a DNS name and '/' may stand before");
	return false;
}

/* ---- lists of names ---- */

static bool bad_list(struct ka_ctx *ctx, const struct ka_node *n, const char *hint)
{
	ka_diag_hint(ctx, ka_diag(ctx, KA_D_NAME_LIST, n->loc, n->str), "%s", hint);
	return false;
}

/* "a, b": every one there, none with a blank inside. */
static bool check_names(struct ka_ctx *ctx, const struct ka_node *n, const char *s, size_t len)
{
	const char *end = s + len;

	while (s <= end) {
		const char *stop = memchr(s, ',', (size_t)(end - s));
		size_t part;

		stop = stop ?: end;
		for (part = (size_t)(stop - s); part && *s == ' '; part--)
			s++;
		while (part && s[part - 1] == ' ')
			part--;
		if (!part)
			return bad_list(ctx, n, "a name is missing");
		if (memchr(s, ' ', part))
			return bad_list(ctx, n, "names are separated by commas");
		s = stop + 1;
	}
	return true;
}

static bool check_container(struct ka_ctx *ctx, const struct ka_node *n)
{
	if (n->str[0] != '[')
		return true;
	if (n->len < 2 || n->str[n->len - 1] != ']')
		return bad_list(ctx, n, "a list is written '[a,b]'");
	return check_names(ctx, n, n->str + 1, n->len - 2);
}

static bool check_hostname(struct ka_ctx *ctx, const struct ka_node *n)
{
	if (strchr(n->str, '*')) {
		ka_diag_hint(ctx, ka_diag(ctx, KA_D_STAR_IS_LITERAL, n->loc, "a host name"),
			     "'kubernetes.io/hostnamereg' takes a regular expression");
		return true;
	}
	return check_names(ctx, n, n->str, n->len);
}

/* ---- regular expressions ---- */

/*
 * regcomp() copies what is repeated: `(a{255}){255}` takes as much memory as its author likes.
 * So the product of all repetitions is bounded.
 */
static bool repeats_much(const char *s)
{
	unsigned long product = 1;

	for (; *s; s++) {
		unsigned long v = 0;

		if (*s == '\\' && s[1]) {
			s++;
			continue;
		}
		if (*s != '{')
			continue;
		for (const char *p = s + 1; *p && *p != '}'; p++) {
			unsigned long w = *p >= '0' && *p <= '9' ? strtoul(p, NULL, 10) : 0;

			v = w > v ? w : v;
		}
		if (v > MAX_REPEAT)
			return true;
		product *= v ? v : 1;
		if (product > MAX_REPEAT)
			return true;
	}
	return false;
}

static bool check_regex(struct ka_ctx *ctx, const struct ka_node *n)
{
	char why[128] = "it is longer than 256 bytes";
	regex_t re;
	int r;

	if (n->len <= MAX_REGEX && repeats_much(n->str)) {
		snprintf(why, sizeof(why), "it repeats too often");
	} else if (n->len <= MAX_REGEX) {
		r = regcomp(&re, n->str, REG_EXTENDED | REG_NOSUB);
		if (!r) {
			regfree(&re);
			return true;
		}
		regerror(r, NULL, why, sizeof(why));
	}
	ka_diag(ctx, KA_D_REGEX, n->loc, n->str, why);
	return false;
}

/* ---- values ---- */

static bool is_host_key(const char *key, const char *name)
{
	static const char *const prefixes[] = {"kubernetes.io/", "kubearmor.io/"};

	for (size_t i = 0; i < KA_ARRAY_SIZE(prefixes); i++) {
		size_t len = strlen(prefixes[i]);

		if (!strncmp(key, prefixes[i], len) && !strcmp(key + len, name))
			return true;
	}
	return false;
}

static bool check_plain(struct ka_ctx *ctx, const struct ka_node *n)
{
	if (!is_name(n->str, n->len, MAX_LABEL, "-._"))
		ka_diag_hint(ctx, ka_diag(ctx, KA_D_LABEL_VALUE, n->loc, n->str),
			     "letters, digits, '-', '_' and '.', at most 63 bytes, a letter or "
			     "digit at both ends; '*' is any");
	return true;
}

bool ka_check_label_value(struct ka_ctx *ctx, const char *key, const struct ka_node *n, bool node)
{
	if (!ka_is_string(n))
		return false;
	if (is_any(n->str))
		return true;
	if (node && is_host_key(key, "hostname"))
		return check_hostname(ctx, n);
	if (node && is_host_key(key, "hostnamereg"))
		return check_regex(ctx, n);
	if (!node && !strcmp(key, CONTAINER_NAME))
		return check_container(ctx, n);
	return check_plain(ctx, n);
}

bool ka_check_expression_label(struct ka_ctx *ctx, const struct ka_node *n)
{
	const char *equals;

	if (!ka_is_string(n))
		return false;
	equals = strchr(n->str, '=');
	if (equals && is_key(n->str, (size_t)(equals - n->str)))
		return true;
	ka_diag_hint(ctx, ka_diag(ctx, KA_D_EXPRESSION_VALUE, n->loc, n->str),
		     equals ? "before '=' stands the label's key" : "as in 'app=nginx'");
	return false;
}

bool ka_check_expression_namespace(struct ka_ctx *ctx, const struct ka_node *n)
{
	if (ka_is_string(n) && is_any(n->str) && n->len)
		return true;
	return ka_check_name(ctx, n, "namespace", MAX_LABEL);
}
