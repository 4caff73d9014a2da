// SPDX-License-Identifier: Apache-2.0
/*
 * Block scalars: where their lines begin and which of them count. What is said here follows
 * libyaml, whose reading decides what a text means.
 */
#include "layout.h"

/* Behind an anchor and a tag, which stand on the same line. */
static size_t find_indicator(const struct ka_layout_text *t, size_t at, size_t end)
{
	while (at < end && (t->text[at] == '&' || t->text[at] == '!')) {
		while (at < end && !strchr(" \t\n", t->text[at]))
			at++;
		while (at < end && (t->text[at] == ' ' || t->text[at] == '\t'))
			at++;
	}
	return at;
}

static bool read_header(const struct ka_layout_text *t, size_t at, size_t column,
			struct ka_literal *l)
{
	if (at >= t->len || (t->text[at] != '|' && t->text[at] != '>'))
		return false;
	l->header = ka_layout_line_end(t, at);
	for (at++; at < l->header; at++) {
		char c = t->text[at];

		if (c == '+')
			l->keeps = true;
		else if (c == '-')
			l->strips = true;
		else if (c >= '1' && c <= '9')
			l->digit = (size_t)(c - '0');
		else
			break;
	}
	l->indent = l->digit ? column + l->digit : 0;
	return true;
}

static size_t blanks_at(const struct ka_layout_text *t, size_t at, size_t end)
{
	size_t n = 0;

	while (at + n < end && t->text[at + n] == ' ')
		n++;
	return n;
}

/* The last line that is no blank one behind the text; on the way, how far lines are indented. */
static size_t last_line_end(const struct ka_layout_text *t, size_t end, size_t column,
			    struct ka_literal *l)
{
	size_t last = l->header, most = column + 1, at = l->header + 1, eol;

	for (; at < end; at = eol + 1) {
		size_t blanks;

		eol = ka_layout_line_end(t, at);
		if (eol > end)
			eol = end;
		blanks = blanks_at(t, at, eol);
		if (at + blanks < eol || (l->indent && blanks > l->indent))
			last = eol;
		if (l->indent)
			continue;
		if (blanks > most)
			most = blanks;
		if (at + blanks < eol)
			l->indent = most;
	}
	if (!l->indent) /* blank lines alone */
		l->indent = most;
	return last;
}

bool ka_literal_read(const struct ka_layout_text *text, size_t start, size_t end, size_t column,
		     struct ka_literal *ret)
{
	size_t last;

	*ret = (struct ka_literal){};
	if (!read_header(text, find_indicator(text, start, end), column, ret))
		return false;
	last = last_line_end(text, end, column, ret);
	ret->end = ret->keeps ? end : last;
	ret->ends = ret->keeps ? end && text->text[end - 1] == '\n' : last < text->len;
	return true;
}
