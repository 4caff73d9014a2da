/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as people and machines get them. Policies are hostile bytes: whatever a format cannot
 * carry, or a terminal would obey, is replaced here and nowhere else.
 */
#pragma once

#include <jansson.h>

#include "../runtime/util.h"

#define KA_NO_CHAR 0xfffdu /* what stands for bytes that are no UTF-8 */

/* The code point at s; *ret_len: its bytes. KA_NO_CHAR and 1 byte for what is no UTF-8. */
uint32_t ka_utf8_decode(const char *s, size_t left, size_t *ret_len);
/* Whether a terminal would do something else with it than show it in its place. */
bool ka_utf8_is_unsafe(uint32_t c);
/* How many UTF-16 units it takes. */
static inline uint32_t ka_utf16_units(uint32_t c)
{
	return c > 0xffff ? 2 : 1;
}

/* Prints with control characters replaced. */
void ka_print_safe(FILE *out, const char *s, size_t len);
/* A JSON string of any bytes: what is no UTF-8 becomes U+FFFD. */
json_t *ka_json_bytes(const char *s, size_t len);
