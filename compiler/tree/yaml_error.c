// SPDX-License-Identifier: Apache-2.0
#include "yaml_error.h"

/* What people mostly did when libyaml says so. */
static const struct {
	const char *problem, *context; /* NULL: any */
	const char *hint;
} hints[] = {
	{"mapping values are not allowed in this context", NULL,
	 "check the indentation; a value that contains ': ' must be quoted"},
	{"did not find expected alphabetic or numeric character", "while scanning an alias",
	 "a value that begins with '*' must be quoted"},
	{"did not find expected alphabetic or numeric character", "while scanning an anchor",
	 "a value that begins with '&' must be quoted"},
	{"found character that cannot start any token", NULL,
	 "a value that begins with this character must be quoted"},
	{"did not find expected key", NULL,
	 "check the indentation: fields of one mapping begin in the same column"},
	{"did not find expected '-' indicator", NULL,
	 "check the indentation: items of one list begin in the same column"},
	{"could not find expected ':'", NULL, "a field is written 'name: value'"},
	{"found unknown escape character", NULL,
	 "in double quotes '\\' escapes; use single quotes for a pattern with '\\'"},
	{"did not find expected ',' or '}'", NULL, "a pattern that begins with '{' must be quoted"},
	{"did not find expected ',' or ']'", NULL, "a value that begins with '[' must be quoted"},
};

static const char *hint_for(const yaml_parser_t *p)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(hints); i++) {
		if (strcmp(hints[i].problem, p->problem))
			continue;
		if (!hints[i].context || (p->context && !strcmp(hints[i].context, p->context)))
			return hints[i].hint;
	}
	return NULL;
}

/* The tab that libyaml stumbled over: at the problem, or in the line's indentation. */
static bool find_tab(const struct ka_yaml_error *e, size_t *ret)
{
	const char *text = e->src->text;
	size_t start = e->offset - (e->loc.column - 1);

	for (size_t i = start; i < e->src->len && strchr(" \t-", text[i]) && text[i]; i++) {
		if (text[i] == '\t') {
			*ret = i;
			return true;
		}
	}
	*ret = e->offset;
	return e->offset < e->src->len && text[e->offset] == '\t';
}

static void report_tab(const struct ka_yaml_error *e, size_t tab)
{
	struct ka_loc loc = e->loc;
	struct ka_diag *d;

	loc.column = (uint32_t)(loc.column + tab - e->offset);
	loc.length = 1;
	d = ka_diag(e->ctx, KA_D_TAB, loc);
	ka_diag_hint(e->ctx, d, "replace each tab by spaces");
}

static void report_encoding(const struct ka_yaml_error *e)
{
	const char *at = e->src->text + e->offset;
	bool nul = e->offset < e->src->len && !*at;
	struct ka_diag *d;

	if (nul) {
		ka_diag(e->ctx, KA_D_NUL, e->loc, "the text");
		return;
	}
	d = ka_diag(e->ctx, KA_D_ENCODING, e->loc, e->parser->problem);
	ka_diag_hint(e->ctx, d, "the input must be UTF-8 text");
}

void ka_yaml_report(const struct ka_yaml_error *e)
{
	const yaml_parser_t *p = e->parser;
	const char *hint;
	struct ka_diag *d;
	size_t tab;

	if (p->error == YAML_READER_ERROR) {
		report_encoding(e);
		return;
	}
	if (find_tab(e, &tab)) {
		report_tab(e, tab);
		return;
	}
	d = ka_diag(e->ctx, KA_D_SYNTAX, e->loc, p->problem ? p->problem : "malformed YAML");
	hint = p->problem ? hint_for(p) : NULL;
	if (hint)
		ka_diag_hint(e->ctx, d, "%s", hint);
	if (p->context && e->context.line)
		ka_diag_note(e->ctx, d, e->context, "%s that begins here", p->context);
}
