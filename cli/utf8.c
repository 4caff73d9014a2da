// SPDX-License-Identifier: Apache-2.0
#include "utf8.h"

uint32_t ka_utf8_decode(const char *str, size_t left, size_t *len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)str;
	size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : 4;
	uint32_t c = s[0];

	*len = 1;
	if (n == 1)
		return c;
	if ((n == 4 && s[0] >> 3 != 30) || n > left)
		return KA_NO_CHAR;
	c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return KA_NO_CHAR;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return KA_NO_CHAR;
	*len = n;
	return c;
}

bool ka_utf8_is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == KA_NO_CHAR || c == 0xfeff ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f);
}

void ka_print_safe(FILE *out, const char *s, size_t len)
{
	size_t from = 0, n;

	for (size_t i = 0; i < len; i += n) {
		if (!ka_utf8_is_unsafe(ka_utf8_decode(s + i, len - i, &n)))
			continue;
		fwrite(s + from, 1, i - from, out);
		fputc('?', out);
		from = i + n;
	}
	fwrite(s + from, 1, len - from, out);
}

json_t *ka_json_bytes(const char *s, size_t len)
{
	KA_FREE char *copy = malloc(len * 3 + 1);
	size_t used = 0;

	if (!copy)
		return NULL;
	for (size_t i = 0, n; i < len; i += n) {
		if (ka_utf8_decode(s + i, len - i, &n) == KA_NO_CHAR && n == 1) {
			memcpy(copy + used, "\xef\xbf\xbd", 3);
			used += 3;
			continue;
		}
		memcpy(copy + used, s + i, n);
		used += n;
	}
	return json_stringn(copy, used);
}
