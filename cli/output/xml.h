/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text in XML: what it has no escape for (control characters, bytes that are no UTF-8) becomes
 * U+FFFD.
 */
#pragma once

#include "../../runtime/util.h"

/* attribute: line ends and tabs, too, so that a parser gives back what was written. */
void ka_xml_text(FILE *out, const char *s, size_t len, bool attribute);
/* ` name="value"` */
void ka_xml_attribute(FILE *out, const char *name, const char *value);
