/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>

#include "node.h"

int ka_error_set(struct ka_error *e, int code, const char *fmt, ...)
{
	va_list ap;

	e->code = code;
	e->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return code;
}

void ka_error_hint(struct ka_error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
}
