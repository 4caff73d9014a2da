// SPDX-License-Identifier: Apache-2.0
/*
 * What the lines around a syntax error look like: where fields begin, what is open, what should
 * have been quoted.
 */
#include "yaml_error.h"

/* A line without its end. */
struct line {
	const char *s; /* its first byte that is no blank */
	size_t len;    /* from there */
	uint32_t column;
	size_t offset; /* of s */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The line that begins at `start`. */
static struct line line_at(const struct ka_source *src, size_t start)
{
	const char *text = src->text, *nl = memchr(text + start, '\n', src->len - start);
	size_t end = nl ? (size_t)(nl - text) : src->len, at;

	if (!start && src->len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		start = 3; /* a byte order mark is no part of the first line */
	at = start;
	while (end > start && (is_blank(text[end - 1]) || text[end - 1] == '\r'))
		end--;
	while (at < end && is_blank(text[at]))
		at++;
	return (struct line){.s = text + at,
			     .len = end - at,
			     .column = (uint32_t)(at - start) + 1,
			     .offset = at};
}

static struct line line_of(const struct ka_yaml_error *e, const struct ka_loc *loc)
{
	return line_at(e->src, loc->offset - (loc->column - 1));
}

static size_t start_of(const struct line *l)
{
	return l->offset - (l->column - 1);
}

/* The line with content before this one; false: there is none in the document. */
static bool line_before(const struct ka_yaml_error *e, struct line l, struct line *ret)
{
	size_t start = start_of(&l);

	while (start > e->floor) {
		size_t end = start - 1;

		for (start = end; start && e->src->text[start - 1] != '\n';)
			start--;
		l = line_at(e->src, start);
		if (!l.len || *l.s == '#')
			continue;
		*ret = l;
		return true;
	}
	return false;
}

static struct ka_loc loc_in(const struct ka_yaml_error *e, const struct line *l, size_t at,
			    size_t len)
{
	return ka_yaml_place(e, l->offset + at, len);
}

/* Where a comment begins, and the blanks before it; quotes are not looked at. */
static size_t without_comment(const struct line *l, size_t from)
{
	size_t end = l->len;

	for (size_t i = from; i < l->len; i++) {
		if (l->s[i] != '#' || (i && !is_blank(l->s[i - 1])))
			continue;
		end = i;
		break;
	}
	while (end > from && is_blank(l->s[end - 1]))
		end--;
	return end;
}

/* Where the value of `name: value` or `- value` begins that has `at` in it; 0: nothing like it. */
static size_t value_before(const struct line *l, size_t at)
{
	size_t i = 0, colon = 0;

	while (i + 1 < at && l->s[i] == '-' && is_blank(l->s[i + 1]))
		for (i++; i < at && is_blank(l->s[i]);)
			i++;
	for (size_t k = i; k + 1 < at; k++) {
		if (l->s[k] == '"' || l->s[k] == '\'')
			break;
		if (l->s[k] == ':' && is_blank(l->s[k + 1])) {
			colon = k + 1;
			break;
		}
	}
	if (colon)
		i = colon;
	while (i < at && is_blank(l->s[i]))
		i++;
	return i;
}

/* Single quotes around the rest of the line: it has none, and nothing opened before it. */
static void fix_quotes(const struct ka_yaml_error *e, struct ka_diag *d, const struct line *l,
		       size_t from)
{
	size_t end = without_comment(l, from);

	if (!from || from == end || memchr(l->s + from, '\'', end - from) ||
	    memchr(l->s, '[', from) || memchr(l->s, '{', from) || l->s[end - 1] == ':' ||
	    memmem(l->s + from, end - from, ": ", 2)) /* that would be a name */
		return;
	ka_diag_fix(e->ctx, d, (uint32_t)(l->offset + from), 0, "'");
	ka_diag_fix(e->ctx, d, (uint32_t)(l->offset + end), 0, "'");
}

static bool must_quote(const struct ka_yaml_error *e, const struct line *l, size_t from)
{
	struct ka_diag *d = ka_diag(e->ctx, KA_D_SYNTAX,
				    loc_in(e, l, from, without_comment(l, from) - from),
				    "this value must be quoted");

	ka_diag_hint(e->ctx, d, "a value that begins with '%c' means something else to YAML",
		     l->s[from]);
	fix_quotes(e, d, l, from);
	return true;
}

static bool bad_indent(const struct ka_yaml_error *e, const struct line *l, const char *what,
		       const struct ka_loc *other, const char *note)
{
	struct ka_diag *d = ka_diag(e->ctx, KA_D_INDENT, loc_in(e, l, 0, 0), l->column, what);

	if (other->line)
		ka_diag_note(e->ctx, d, *other, "%s", note);
	return true;
}

static bool syntax(const struct ka_yaml_error *e, struct ka_loc loc, const char *what,
		   const char *hint)
{
	struct ka_diag *d = ka_diag(e->ctx, KA_D_SYNTAX, loc, what);

	if (hint)
		ka_diag_hint(e->ctx, d, "%s", hint);
	return true;
}

/* ---- a blank that is missing behind a colon ---- */

/* `name:value`, a plain word and more: the column of the colon, 0: no. */
static size_t glued_colon(const struct line *l)
{
	size_t i = 0;

	while (i + 1 < l->len && l->s[i] == '-' && is_blank(l->s[i + 1]))
		i += 2;
	for (; i < l->len; i++) {
		if (l->s[i] == ':')
			break;
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", l->s[i]))
			return 0;
	}
	if (!i || i + 1 >= l->len || is_blank(l->s[i + 1]) || l->s[i + 1] == ':')
		return 0;
	return i + 2 < l->len && !memcmp(l->s + i + 1, "//", 2) ? 0 : i; /* no URL */
}

static bool say_glued(const struct ka_yaml_error *e, const struct line *l)
{
	size_t colon = glued_colon(l), from = 0;
	struct ka_diag *d;

	if (!colon)
		return false;
	while (l->s[from] == '-' || is_blank(l->s[from]))
		from++;
	d = ka_diag(e->ctx, KA_D_SYNTAX, loc_in(e, l, colon, 1), "no blank behind ':'");
	ka_diag_hint(e->ctx, d, "without it '%.*s' is one word, and no field",
		     (int)(without_comment(l, from) - from), l->s + from);
	ka_diag_fix(e->ctx, d, (uint32_t)(l->offset + colon + 1), 0, " ");
	return true;
}

/* ---- the shapes ---- */

/* Whether the problem is where its line begins. */
static bool begins_line(const struct line *l, const struct ka_loc *loc)
{
	return l->offset == loc->offset;
}

/* Something behind a value that is complete: '{a,b}/c', '"a" b'. */
static bool behind_value(const struct ka_yaml_error *e, const struct line *l)
{
	size_t at = e->loc.offset - l->offset, from;

	if (e->loc.offset <= l->offset)
		return false;
	from = value_before(l, at);
	if (from < at && strchr("{[*&!", l->s[from]))
		return must_quote(e, l, from);
	if (from < at && strchr("\"'", l->s[from]))
		return syntax(e, e->loc, "more text behind the closing quote",
			      "put the quotes around all of it");
	return false;
}

/* Where a field could begin instead: with the line above, or further out. */
static const char *columns(const struct ka_yaml_error *e, const struct line *l, const char *what,
			   uint32_t column)
{
	struct line above;

	if (line_before(e, *l, &above) && above.column > l->column && above.column != column)
		return ka_sprintf(e->ctx, "%s above it in columns %u and %u", what, above.column,
				  column);
	return ka_sprintf(e->ctx, "%s above it in column %u", what, column);
}

bool ka_shape_field(const struct ka_yaml_error *e)
{
	struct line l = line_of(e, &e->loc);
	struct ka_loc other = e->context;

	if (!begins_line(&l, &e->loc) || !other.line)
		return behind_value(e, &l);
	if (l.column == other.column && *l.s == '-')
		return syntax(e, e->loc, "an item of a list among fields",
			      "indent it like the other items; a new list needs a name above it");
	if (l.column == other.column)
		return false;
	return bad_indent(e, &l, columns(e, &l, "the fields", other.column), &other,
			  "these fields begin here");
}

bool ka_shape_item(const struct ka_yaml_error *e)
{
	struct line l = line_of(e, &e->loc);
	struct ka_loc other = e->context;

	if (!begins_line(&l, &e->loc) || !other.line)
		return behind_value(e, &l);
	if (l.column == other.column)
		return syntax(e, e->loc, "a field among the items of a list",
			      "indent it to the item's other fields, or put it before the list");
	return bad_indent(e, &l, columns(e, &l, "the items", other.column), &other,
			  "this list begins here");
}

bool ka_shape_colon(const struct ka_yaml_error *e)
{
	struct line l = line_of(e, &e->loc), above;
	size_t at = e->loc.offset - l.offset, from = value_before(&l, at);
	struct ka_loc other;

	if (e->loc.offset < l.offset)
		return false;
	for (size_t i = 0; i + 1 < at; i++)
		if (l.s[i] == ':' && is_blank(l.s[i + 1]))
			return syntax(e, e->loc, "a second ': ' in one line",
				      "put quotes around the value, or begin a new line");
	if (from < at && strchr("{[", l.s[from]))
		return must_quote(e, &l, from);
	if (!line_before(e, l, &above))
		return false;
	if (say_glued(e, &above))
		return true;
	if (l.column <= above.column && !(*above.s == '-' && l.column > above.column))
		return false;
	other = loc_in(e, &above, 0, above.len);
	return bad_indent(e, &l, "deeper than the value above, which it becomes part of", &other,
			  "this value goes on in the next line");
}

bool ka_shape_no_colon(const struct ka_yaml_error *e)
{
	struct line l;

	if (!e->context.line)
		return false;
	l = line_of(e, &e->context);
	if (say_glued(e, &l))
		return true;
	return syntax(e,
		      loc_in(e, &l, e->context.offset - l.offset,
			     without_comment(&l, e->context.offset - l.offset) -
				     (e->context.offset - l.offset)),
		      "this is no field: there is no ':'", "a field is written 'name: value'");
}

bool ka_shape_root(const struct ka_yaml_error *e)
{
	struct line l = line_of(e, &e->loc);
	const char *what;

	if (!begins_line(&l, &e->loc))
		return behind_value(e, &l);
	if (!e->root.line || e->root.column == l.column)
		return false;
	what = ka_sprintf(e->ctx, "the first field of the document in column %u", e->root.column);
	return bad_indent(e, &l, what, &e->root, "the document begins here");
}

bool ka_shape_dash(const struct ka_yaml_error *e)
{
	struct line l = line_of(e, &e->loc);

	if (begins_line(&l, &e->loc))
		return syntax(e, e->loc, "an item of a list where none can be",
			      "check the indentation: items of one list begin in the same column");
	return syntax(e, e->loc, "a list cannot begin behind its name",
		      "put its first item on a line of its own");
}

bool ka_shape_quote(const struct ka_yaml_error *e)
{
	struct ka_loc loc = e->context;

	if (!loc.line)
		return false;
	loc.length = 1;
	ka_diag(e->ctx, KA_D_UNCLOSED, loc, "this quote");
	return true;
}

/* The innermost bracket that is open. */
static struct ka_loc open_bracket(const struct ka_yaml_error *e)
{
	const struct ka_tree *t = e->tree;

	for (unsigned i = t->depth; i; i--)
		if (t->frames[i - 1].flow)
			return t->frames[i - 1].node->loc;
	return e->context;
}

bool ka_shape_flow(const struct ka_yaml_error *e)
{
	struct ka_loc loc = open_bracket(e);
	struct line l;
	size_t at;

	if (!loc.line)
		return false;
	l = line_of(e, &loc);
	at = loc.offset - l.offset;
	if (loc.line == e->loc.line && at && value_before(&l, l.len) == at)
		return must_quote(e, &l, at);
	if (loc.line == e->loc.line)
		return false;
	loc.length = 1;
	ka_diag(e->ctx, KA_D_UNCLOSED, loc, "this bracket");
	return true;
}

bool ka_shape_start(const struct ka_yaml_error *e)
{
	struct ka_loc loc = e->context.line ? e->context : e->loc;
	struct line l = line_of(e, &loc);
	size_t at = loc.offset - l.offset, from;

	if (loc.offset < l.offset || at >= l.len)
		return false;
	from = value_before(&l, l.len);
	if (from != at && !(from < at && strchr("{[", l.s[from])))
		return false;
	return must_quote(e, &l, from);
}
