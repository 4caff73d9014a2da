// SPDX-License-Identifier: Apache-2.0
#include "yaml_error.h"

#include "template.h"

/* What people mostly did when libyaml says so. */
static const struct {
	const char *problem, *context; /* NULL: any */
	bool (*shape)(const struct ka_yaml_error *e);
	const char *hint;
} problems[] = {
	{"mapping values are not allowed in this context", NULL, ka_shape_colon,
	 "check the indentation; a value that contains ': ' must be quoted"},
	{"could not find expected ':'", NULL, ka_shape_no_colon,
	 "a field is written 'name: value'"},
	{"did not find expected key", NULL, ka_shape_field,
	 "check the indentation: fields of one mapping begin in the same column"},
	{"did not find expected '-' indicator", NULL, ka_shape_item,
	 "check the indentation: items of one list begin in the same column"},
	{"did not find expected <document start>", NULL, ka_shape_root,
	 "documents are separated by a line '---'"},
	{"block sequence entries are not allowed in this context", NULL, ka_shape_dash, NULL},
	{"found unexpected end of stream", "while scanning a quoted scalar", ka_shape_quote, NULL},
	{"found unexpected document indicator", "while scanning a quoted scalar", ka_shape_quote,
	 NULL},
	{"did not find expected ',' or '}'", NULL, ka_shape_flow,
	 "a pattern that begins with '{' must be quoted"},
	{"did not find expected ',' or ']'", NULL, ka_shape_flow,
	 "a value that begins with '[' must be quoted"},
	{"did not find expected node content", "while parsing a flow node", ka_shape_flow, NULL},
	{"did not find expected alphabetic or numeric character", "while scanning an alias",
	 ka_shape_start, "a value that begins with '*' must be quoted"},
	{"did not find expected alphabetic or numeric character", "while scanning an anchor",
	 ka_shape_start, "a value that begins with '&' must be quoted"},
	{"found character that cannot start any token", NULL, ka_shape_start,
	 "a value that begins with this character must be quoted"},
	{"found unknown escape character", NULL, NULL,
	 "in double quotes '\\' escapes; use single quotes for a pattern with '\\'"},
};

struct ka_loc ka_yaml_place(const struct ka_yaml_error *e, size_t offset, size_t len)
{
	struct ka_loc loc;

	ka_places_to_offset(e->places, offset);
	loc = ka_places_loc(e->places);
	loc.length = (uint32_t)len;
	return loc;
}

/* ---- tabs ---- */

static bool is_covered(const struct ka_feed *f, size_t at)
{
	for (unsigned i = 0; i < f->ntabs; i++)
		if (f->tabs[i] == at)
			return true;
	return false;
}

/* Between brackets tabs are as good as blanks, and outside of them no other character is wrong. */
static bool may_be_indentation(const yaml_parser_t *p)
{
	return (!p->context || !strstr(p->context, "flow")) && p->problem &&
	       !strstr(p->problem, "cannot start");
}

/* The tab that libyaml stumbled over: at the problem, or in the line's indentation. */
static bool find_tab(const struct ka_yaml_error *e, size_t *ret)
{
	const char *text = e->src->text;
	size_t at = e->loc.offset, i = at - (e->loc.column - 1);

	*ret = at;
	if (at < e->src->len && text[at] == '\t' && !is_covered(e->feed, at))
		return true;
	if (!may_be_indentation(e->parser))
		return false;
	for (; i < e->src->len && text[i] && strchr(" \t-", text[i]); i++) {
		if (text[i] != '\t' || is_covered(e->feed, i))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

/* From the tab to the end of all white space. */
static size_t behind_blanks(const struct ka_source *src, size_t at)
{
	while (at < src->len && (src->text[at] == ' ' || src->text[at] == '\t'))
		at++;
	return at;
}

static bool ends_line(const struct ka_source *src, size_t at)
{
	return at >= src->len || src->text[at] == '\n' || src->text[at] == '\r';
}

/* One value follows, and nothing below it depends on its column. */
static bool is_lone_value(const struct ka_source *src, size_t at)
{
	const char *text = src->text;

	if (strchr("-?|>&*!{[", text[at]))
		return false;
	for (; !ends_line(src, at); at++)
		if (text[at] == ':' && (ends_line(src, at + 1) || strchr(" \t", text[at + 1])))
			return false;
	return true;
}

/*
 * How wide the author's tabs are is not known, so a tab is corrected only where that changes
 * nothing: in an empty line, before a comment, between '-' and a value.
 */
static void fix_tab(const struct ka_yaml_error *e, struct ka_diag *d, size_t tab)
{
	size_t end = behind_blanks(e->src, tab);
	size_t start = tab;

	while (start && e->src->text[start - 1] == ' ')
		start--;
	if (ends_line(e->src, end))
		ka_diag_fix(e->ctx, d, (uint32_t)start, (uint32_t)(end - start), "");
	else if (e->src->text[end] == '#' ||
		 (start && e->src->text[start - 1] == '-' && is_lone_value(e->src, end)))
		ka_diag_fix(e->ctx, d, (uint32_t)tab, (uint32_t)(end - tab), " ");
}

static size_t report_tab(const struct ka_yaml_error *e, size_t tab)
{
	struct ka_loc loc = ka_yaml_place(e, tab, behind_blanks(e->src, tab) - tab);
	struct ka_diag *d;

	if (ka_tree_was_said(e->tree, KA_D_TAB, loc))
		return tab;
	d = ka_diag(e->ctx, KA_D_TAB, loc);
	ka_diag_hint(e->ctx, d, "replace each tab by spaces");
	fix_tab(e, d, tab);
	return tab;
}

void ka_yaml_report_tabs(const struct ka_yaml_error *e, size_t end)
{
	const char *text = e->src->text, *nl;
	size_t at = e->loc.offset, tab;

	while (at < end && (nl = memchr(text + at, '\n', end - at))) {
		at = (size_t)(nl - text) + 1;
		for (tab = at; tab < end && text[tab] == ' ';)
			tab++;
		if (tab == end || text[tab] != '\t')
			continue;
		ka_diag_hint(e->ctx,
			     ka_diag(e->ctx, KA_D_TAB,
				     ka_yaml_place(e, tab, behind_blanks(e->src, tab) - tab)),
			     "replace each tab by spaces");
	}
}

/* ---- what the feed refused ---- */

static void report_byte(const struct ka_yaml_error *e)
{
	const unsigned char *s = (const unsigned char *)e->src->text + e->loc.offset;
	struct ka_diag *d;

	if (!*s) {
		ka_diag(e->ctx, KA_D_NUL, e->loc, "the text");
		return;
	}
	d = ka_diag(e->ctx, KA_D_ENCODING, e->loc, e->feed->problem);
	if (e->src->len - e->loc.offset >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
		ka_diag_hint(e->ctx, d, "remove it: another text was put in front of this one");
		ka_diag_fix(e->ctx, d, e->loc.offset, 3, "");
	} else if (!e->loc.offset && e->src->len > 1 &&
		   ((s[0] == 0xff && s[1] == 0xfe) || (s[0] == 0xfe && s[1] == 0xff))) {
		ka_diag_hint(e->ctx, d, "the input must be UTF-8 text, this is UTF-16");
	} else if (*s >= 0x80) {
		ka_diag_hint(e->ctx, d, "the input must be UTF-8 text");
	}
}

/* Whether comments and blanks are all that was read lately. */
static bool is_gap(const struct ka_yaml_error *e)
{
	const char *text = e->src->text;
	size_t end = e->feed->at, start = end - KA_FEED_GAP / 2;
	bool comment = false;

	/* to the start of a line, unless it is one line since the last event */
	while (start > e->loc.offset && text[start - 1] != '\n')
		start--;
	for (size_t i = start; i < end; i++) {
		if (text[i] == '\n')
			comment = false;
		else if (text[i] == '#')
			comment = true;
		else if (!comment && !strchr(" \t\r", text[i]))
			return false;
	}
	return true;
}

/* The comment or value that did not end; the feed stopped long after it began. */
static void report_too_long(const struct ka_yaml_error *e)
{
	const char *text = e->src->text;
	size_t at = e->loc.offset;
	bool comment = false;

	if (is_gap(e)) {
		ka_diag(e->ctx, KA_D_LIMIT_GAP, e->loc, KA_FEED_GAP);
		return;
	}
	/* what is no comment, and no mark of YAML itself */
	for (; at < e->feed->at; at++) {
		if (text[at] == '\n')
			comment = false;
		else if (text[at] == '#')
			comment = true;
		else if (!comment && !strchr(" \t\r-?:,[{", text[at]))
			break;
	}
	ka_diag(e->ctx, KA_D_LIMIT_SCALAR, ka_yaml_place(e, at, 0), KA_YAML_MAX_SCALAR);
}

/* ---- templates ---- */

static size_t line_before(const char *text, size_t at, size_t floor)
{
	while (at > floor && text[at - 1] != '\n')
		at--;
	return at;
}

/* An action near the problem explains it: in its line, in the two before, where it began. */
static bool is_template(const struct ka_yaml_error *e)
{
	const char *text = e->src->text, *nl;
	size_t from = line_before(text, e->loc.offset, e->floor), to, at, len;

	nl = memchr(text + e->loc.offset, '\n', e->src->len - e->loc.offset);
	to = nl ? (size_t)(nl - text) : e->src->len;
	for (int i = 0; i < 2 && from > e->floor; i++)
		from = line_before(text, from - 1, e->floor);
	if (e->context.line && e->parser->error == YAML_SCANNER_ERROR && e->context.offset < from)
		from = line_before(text, e->context.offset, e->floor);
	if (!ka_template_find(text, from, to, &at, &len))
		return false;
	ka_yaml_report_template(e->ctx, ka_yaml_place(e, at, len));
	return true;
}

void ka_yaml_report_template(struct ka_ctx *ctx, struct ka_loc loc)
{
	size_t from = line_before(loc.source->text, loc.offset, 0), to;
	struct ka_diag *d;

	/* A chart has templates of everything. */
	while (from && !ka_is_marker(loc.source, from))
		from = line_before(loc.source->text, from - 1, 0);
	to = ka_next_marker(loc.source, loc.offset);
	if (ctx->pass_templates && !ka_source_is_ours(loc.source, from, to)) {
		ka_diag(ctx, KA_D_SKIPPED, loc, "a template of something else");
		return;
	}
	d = ka_diag(ctx, KA_D_TEMPLATE, loc);
	ka_diag_hint(ctx, d, "render it first: 'helm template ... | karmor-c validate -'");
}

/* ---- all of them ---- */

static void report_problem(const struct ka_yaml_error *e)
{
	const yaml_parser_t *p = e->parser;
	const char *hint = NULL;
	struct ka_diag *d;

	for (size_t i = 0; p->problem && i < KA_ARRAY_SIZE(problems); i++) {
		const char *context = problems[i].context;

		if (strcmp(problems[i].problem, p->problem) != 0)
			continue;
		if (context && (!p->context || strcmp(context, p->context) != 0))
			continue;
		if (problems[i].shape && problems[i].shape(e))
			return;
		hint = problems[i].hint;
		break;
	}
	d = ka_diag(e->ctx, KA_D_SYNTAX, e->loc, p->problem ? p->problem : "malformed YAML");
	if (hint)
		ka_diag_hint(e->ctx, d, "%s", hint);
	if (p->context && e->context.line)
		ka_diag_note(e->ctx, d, e->context, "%s that begins here", p->context);
}

size_t ka_yaml_report(const struct ka_yaml_error *e)
{
	size_t tab;

	if (e->feed->why == KA_FEED_BAD_BYTE) {
		report_byte(e);
		return KA_NO_TAB;
	}
	if (e->feed->why == KA_FEED_TOO_LONG) {
		report_too_long(e);
		return KA_NO_TAB;
	}
	if (find_tab(e, &tab))
		return report_tab(e, tab);
	if (!is_template(e))
		report_problem(e);
	return KA_NO_TAB;
}
