// SPDX-License-Identifier: Apache-2.0
#include "labels.h"

#define LABEL_MAX 63u /* bytes of a label's name, or value */
#define PREFIX_MAX 253u

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits, '-', '_', '.'; the first and the last a letter or digit. */
static bool is_word(const char *s, size_t len, size_t max, const char *inner)
{
	if (!len || len > max || !is_alnum(s[0]) || !is_alnum(s[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s[i]) && !strchr(inner, s[i]))
			return false;
	return true;
}

bool ka_name_ok(const char *s, size_t max)
{
	return is_word(s, strlen(s), max, "-._");
}

static bool is_key(const char *s, size_t len)
{
	const char *slash = memchr(s, '/', len);
	size_t prefix = slash ? (size_t)(slash - s) : 0;

	if (!slash)
		return is_word(s, len, LABEL_MAX, "-._");
	return is_word(s, prefix, PREFIX_MAX, "-.") &&
	       is_word(slash + 1, len - prefix - 1, LABEL_MAX, "-._");
}

/* The set keeps "k=v\nk=v\n", as it goes into the kernel, and cuts it: so made anew. */
static const char *append(struct ka_label_set *set, const char *label)
{
	char text[KA_LABELS_TEXT];
	size_t used = 0;

	for (size_t i = 0; i < set->n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s=%s\n", set->keys[i],
					 set->values[i]);
	used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n", label);
	if (used >= sizeof(text))
		return "there are too many labels";
	ka_label_set_parse(text, set);
	return NULL;
}

const char *ka_label_add(struct ka_label_set *set, const char *label)
{
	const char *equals = strchr(label, '=');
	size_t len = equals ? (size_t)(equals - label) : 0;

	if (!equals)
		return "write KEY=VALUE";
	if (!is_key(label, len))
		return "the key is no label's: letters, digits, '-', '_', '.', at most 63, with a "
		       "DNS name and '/' before it if need be";
	if (equals[1] && !is_word(equals + 1, strlen(equals + 1), LABEL_MAX, "-._"))
		return "the value is no label's: letters, digits, '-', '_', '.', at most 63";
	for (size_t i = 0; i < set->n; i++)
		if (strlen(set->keys[i]) == len && !memcmp(set->keys[i], label, len))
			return "the key is given twice";
	if (set->n == KA_MAX_LABELS)
		return "there are too many labels";
	return append(set, label);
}
