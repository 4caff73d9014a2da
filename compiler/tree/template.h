/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that is still to become YAML: actions of Helm and Go templates (`{{ .Values.x }}`), and
 * statements of Jinja (`{% if x %}`). Nested alternatives of a pattern (`{{a,b},c}`) are none.
 */
#pragma once

#include "../../runtime/util.h"

/* Whether an action begins at s; *ret_len: its bytes, at least to the end of the line. */
bool ka_template_at(const char *s, size_t left, size_t *ret_len);

/*
 * The first action in text[from, to), which begins at the start of a line, that no comment and
 * no quoted string explains.
 */
bool ka_template_find(const char *text, size_t from, size_t to, size_t *ret, size_t *ret_len);
