/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON Schemas, each kind in one piece; made at build time from schemas/.
 */
#pragma once

struct ka_schema_text {
	const char *kind;        /* NULL: behind the last one */
	const char *description; /* one sentence */
	const char *text;        /* JSON */
};

extern const struct ka_schema_text ka_schema_texts[];
