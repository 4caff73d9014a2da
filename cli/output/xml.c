// SPDX-License-Identifier: Apache-2.0
#include "xml.h"

#include "../utf8.h"

static const char *escape(uint32_t c, bool attribute)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\t':
		return attribute ? "&#9;" : "\t";
	case '\n':
		return attribute ? "&#10;" : "\n";
	case '\r':
		return "&#13;";
	default:
		break;
	}
	/* a terminal may show it, so what would drive one goes as well */
	return ka_utf8_is_unsafe(c) || c == 0xfffe || c == 0xffff ? "\xef\xbf\xbd" : NULL;
}

void ka_xml_text(FILE *out, const char *s, size_t len, bool attribute)
{
	size_t from = 0, n;

	for (size_t i = 0; i < len; i += n) {
		const char *e = escape(ka_utf8_decode(s + i, len - i, &n), attribute);

		if (!e)
			continue;
		fwrite(s + from, 1, i - from, out);
		fputs(e, out);
		from = i + n;
	}
	fwrite(s + from, 1, len - from, out);
}

void ka_xml_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	ka_xml_text(out, value, strlen(value), true);
	fputc('"', out);
}
