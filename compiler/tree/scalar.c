// SPDX-License-Identifier: Apache-2.0
/*
 * What a plain scalar is: YAML 1.1 as the Kubernetes tools read it, so that a file means here
 * what it means to a cluster.
 */
#include "yaml.h"

#define LONGEST_WORD 5u

static bool is_one_of(const char *s, size_t len, const char *const *words)
{
	for (; *words; words++)
		if (!strncmp(*words, s, len) && !(*words)[len])
			return true;
	return false;
}

static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
static const char *const trues[] = {"y",  "Y",  "yes",  "Yes",  "YES",  "on",
				    "On", "ON", "true", "True", "TRUE", NULL};
static const char *const falses[] = {"n",   "N",   "no",    "No",    "NO",    "off",
				     "Off", "OFF", "false", "False", "FALSE", NULL};
static const char *const floats[] = {".inf",  ".Inf",  ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
				     "-.Inf", "-.INF", ".nan", ".NaN",  ".NAN",  NULL};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(const char *s, size_t len, const char *set)
{
	size_t n = 0;

	while (n < len && s[n] && strchr(set, s[n]))
		n++;
	return n;
}

static bool is_int(const char *s, size_t len)
{
	if (len && (*s == '-' || *s == '+')) {
		s++;
		len--;
	}
	if (!len)
		return false;
	if (len > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return digits(s + 2, len - 2, "0123456789abcdefABCDEF_") == len - 2;
	if (len > 2 && s[0] == '0' && (s[1] == 'o' || s[1] == 'O'))
		return digits(s + 2, len - 2, "01234567_") == len - 2;
	if (len > 2 && s[0] == '0' && (s[1] == 'b' || s[1] == 'B'))
		return digits(s + 2, len - 2, "01_") == len - 2;
	return is_digit(*s) && digits(s, len, "0123456789_") == len;
}

/* [-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)? */
static bool is_float(const char *s, size_t len)
{
	const char *end = s + len;
	size_t n;

	if (s < end && (*s == '-' || *s == '+'))
		s++;
	if (s < end && is_digit(*s))
		s += digits(s, (size_t)(end - s), "0123456789_");
	else if (end - s < 2 || *s != '.' || !is_digit(s[1]))
		return false;
	if (s < end && *s == '.') {
		s++;
		s += digits(s, (size_t)(end - s), "0123456789_");
	}
	if (s < end && (*s == 'e' || *s == 'E')) {
		s++;
		if (s < end && (*s == '-' || *s == '+'))
			s++;
		n = digits(s, (size_t)(end - s), "0123456789");
		if (!n)
			return false;
		s += n;
	}
	return s == end;
}

/* With what words and numbers begin; most values are neither. */
static bool may_be_special(const char *s, size_t len)
{
	return !len || strchr("0123456789+-.~yYnNtTfFoO", *s);
}

enum ka_node_type ka_scalar_type(const char *s, size_t len)
{
	if (len > 64) /* a longer number is no number anybody means */
		return KA_NODE_STRING;
	if (!may_be_special(s, len))
		return KA_NODE_STRING;
	if (len <= LONGEST_WORD) {
		if (is_one_of(s, len, nulls))
			return KA_NODE_NULL;
		if (is_one_of(s, len, trues) || is_one_of(s, len, falses))
			return KA_NODE_BOOL;
		if (is_one_of(s, len, floats))
			return KA_NODE_FLOAT;
	}
	if (is_int(s, len))
		return KA_NODE_INT;
	return is_float(s, len) ? KA_NODE_FLOAT : KA_NODE_STRING;
}

bool ka_node_true(const struct ka_node *n)
{
	return n && n->type == KA_NODE_BOOL && is_one_of(n->str, n->len, trues);
}

const char *ka_node_type_str(enum ka_node_type type)
{
	switch (type) {
	case KA_NODE_STRING:
		return "a string";
	case KA_NODE_INT:
		return "an integer";
	case KA_NODE_FLOAT:
		return "a number with a fraction";
	case KA_NODE_BOOL:
		return "a boolean";
	case KA_NODE_NULL:
		return "null";
	case KA_NODE_SEQ:
		return "a list";
	case KA_NODE_MAP:
		return "a mapping";
	}
	return "something else";
}

const struct ka_pair *ka_node_pair(const struct ka_node *map, const char *key)
{
	if (!map || map->type != KA_NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->npairs; i++) {
		const char *name = map->pairs[i].key->str;

		if (*name == *key && !strcmp(name, key))
			return &map->pairs[i];
	}
	return NULL;
}

const struct ka_node *ka_node_get(const struct ka_node *map, const char *key)
{
	const struct ka_pair *p = ka_node_pair(map, key);

	return p ? p->value : NULL;
}
