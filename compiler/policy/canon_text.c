// SPDX-License-Identifier: Apache-2.0
/*
 * Strings and fields of canonical YAML.
 */
#include "../tree/yaml.h"
#include "text.h"

/* Bytes that may stand in a string without quotes. */
static bool is_plain_byte(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '/' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       c == '.' || c == '_' || c == '-';
}

/* Whether it can stand without quotes: nothing that YAML could take for anything else. */
static bool is_plain(const char *s, size_t len)
{
	if (!len || len > 256)
		return false;
	if (*s != '/' && !(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_plain_byte((unsigned char)s[i]))
			return false;
	return *s == '/' || ka_scalar_type(s, len) == KA_NODE_STRING;
}

/* Length of a character that may stand in double quotes as it is; 0: it must be escaped. */
static size_t printable(const unsigned char *s)
{
	uint32_t c;

	if (*s < 0x80)
		return *s >= 0x20 && *s < 0x7f && *s != '"' && *s != '\\';
	if (*s < 0xe0)
		return *s > 0xc2 || s[1] >= 0xa0 ? 2 : 0; /* not the C1 controls */
	if (*s >= 0xf0)
		return 4;
	c = (s[0] & 15u) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u);
	/* line ends to YAML, marks that change direction, the byte order mark, no characters */
	if ((c >= 0x2028 && c <= 0x202e) || c == 0xfeff || c >= 0xfffe)
		return 0;
	return 3;
}

static uint32_t character(const unsigned char *s, size_t *len)
{
	*len = *s < 0x80 ? 1 : *s < 0xe0 ? 2 : 3;
	if (*len == 1)
		return *s;
	if (*len == 2)
		return (s[0] & 31u) << 6 | (s[1] & 63u);
	return (s[0] & 15u) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u);
}

static void put_escape(struct ka_text_out *o, uint32_t c)
{
	char escape[12];

	if (c == '"' || c == '\\')
		snprintf(escape, sizeof(escape), "\\%c", (int)c);
	else if (c == '\n')
		snprintf(escape, sizeof(escape), "\\n");
	else if (c == '\t')
		snprintf(escape, sizeof(escape), "\\t");
	else
		snprintf(escape, sizeof(escape), c < 0x100 ? "\\x%02x" : "\\u%04x", c);
	ka_put(o, escape);
}

static void put_string(struct ka_text_out *o, const char *string, size_t len)
{
	const unsigned char *s = (const unsigned char *)string, *end = s + len;
	size_t n;

	if (is_plain(string, len)) {
		ka_put_bytes(o, string, len);
		return;
	}
	ka_put(o, "\"");
	for (; s < end; s += n) {
		n = printable(s);
		if (n)
			ka_put_bytes(o, (const char *)s, n);
		else
			put_escape(o, character(s, &n));
	}
	ka_put(o, "\"");
}

/* The text came from YAML, so it is UTF-8. */
void ka_put_string(struct ka_text_out *o, const char *s)
{
	put_string(o, s, strlen(s));
}

void ka_put_blanks(struct ka_text_out *o, unsigned n)
{
	static const char blanks[] = "                ";

	ka_put_bytes(o, blanks, n < sizeof(blanks) ? n : sizeof(blanks) - 1);
}

void ka_put_number(struct ka_text_out *o, uint64_t v)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
	ka_put(o, digits);
}

static void put_key(struct ka_text_out *o, unsigned indent, const char *key)
{
	ka_put_blanks(o, indent);
	ka_put(o, key);
	ka_put(o, ": ");
}

void ka_put_field(struct ka_text_out *o, unsigned indent, const char *key, const char *value)
{
	put_key(o, indent, key);
	ka_put_string(o, value);
	ka_put(o, "\n");
}

void ka_put_words(struct ka_text_out *o, unsigned indent, const char *key,
		  const struct ka_words *words)
{
	put_key(o, indent, key);
	ka_put(o, "[");
	for (size_t i = 0; i < words->n; i++) {
		ka_put(o, i ? ", " : "");
		ka_put_string(o, words->v[i].text);
	}
	ka_put(o, "]\n");
}

void ka_put_commas(struct ka_text_out *o, unsigned indent, const char *key, const char *list)
{
	put_key(o, indent, key);
	ka_put(o, "[");
	for (const char *s = list;; s++) {
		size_t len = strcspn(s, ",");

		put_string(o, s, len);
		s += len;
		if (!*s)
			break;
		ka_put(o, ", ");
	}
	ka_put(o, "]\n");
}
