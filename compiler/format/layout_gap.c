// SPDX-License-Identifier: Apache-2.0
/*
 * Whose is a comment? Behind something on a line it is that thing's. Alone on its line it belongs
 * to what follows, unless a block ended before it and the comment is indented like that block:
 * then it stands at the block's end, like an item that was commented out.
 */
#include "layout.h"

/* ---- lists of lines ---- */

void ka_lines_add(struct ka_line_list *to, struct ka_line *line)
{
	line->next = NULL;
	if (!to->last)
		to->last = &to->first;
	*to->last = line;
	to->last = &line->next;
}

void ka_lines_move(struct ka_line_list *to, struct ka_line_list *from)
{
	if (!from->first)
		return;
	if (!to->last)
		to->last = &to->first;
	*to->last = from->first;
	to->last = from->last;
	*from = (struct ka_line_list){};
}

void ka_lines_drop_leading_blanks(struct ka_line_list *l)
{
	while (l->first && !l->first->text)
		l->first = l->first->next;
	if (!l->first)
		*l = (struct ka_line_list){};
	else if (l->last == &l->first)
		l->last = NULL;
}

bool ka_lines_have_comment(const struct ka_line_list *l)
{
	for (const struct ka_line *line = l->first; line; line = line->next)
		if (line->text)
			return true;
	return false;
}

/* ---- passing ---- */

size_t ka_layout_column(const struct ka_layout_text *text, size_t at)
{
	const char *nl = memrchr(text->text, '\n', at);

	return nl ? at - (size_t)(nl - text->text) - 1 : at;
}

size_t ka_layout_line_end(const struct ka_layout_text *text, size_t at)
{
	const char *nl = memchr(text->text + at, '\n', text->len - at);

	return nl ? (size_t)(nl - text->text) : text->len;
}

static struct ka_line *line_new(struct ka_gaps *g, const char *text, size_t len, size_t column)
{
	struct ka_line *line = ka_calloc(g->ctx, 1, sizeof(*line));

	if (!line) {
		g->err = -ENOMEM;
		return NULL;
	}
	*line = (struct ka_line){.text = text, .len = len, .column = column};
	return line;
}

static size_t trimmed(const char *text, size_t len)
{
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len;
}

/* How many blanks stand before it; a tab among them is no width that could be kept. */
static size_t gap_before(const struct ka_gaps *g, size_t at)
{
	size_t n = 0;

	while (n < at && g->text->text[at - n - 1] == ' ')
		n++;
	return n ? n : 1;
}

static void add_pending(struct ka_gaps *g, const char *text, size_t len, size_t column)
{
	struct ka_line *line = line_new(g, text, len, column);

	if (line)
		ka_lines_add(g->after_remark ? &g->remark->more : &g->pending, line);
}

static void take_comment(struct ka_gaps *g, size_t end)
{
	const char *text = g->text->text + g->at;
	size_t eol = ka_layout_line_end(g->text, g->at);
	size_t size = (eol < end ? eol : end) - g->at, len = trimmed(text, size);
	size_t column = ka_layout_column(g->text, g->at);

	if (!g->fresh && g->remark && !g->remark->text) {
		*g->remark = (struct ka_remark){
			.text = text, .len = len, .gap = gap_before(g, g->at), .column = column};
		g->after_remark = true;
	} else {
		g->after_remark = g->after_remark && g->remark->column == column;
		add_pending(g, text, len, column);
	}
	g->at += size;
	g->fresh = false;
}

static void take_line_end(struct ka_gaps *g)
{
	if (g->fresh) {
		g->after_remark = false;
		add_pending(g, NULL, 0, 0);
	}
	g->at++;
	g->fresh = true;
}

void ka_gap_pass(struct ka_gaps *g, size_t end)
{
	while (g->at < end) {
		char c = g->text->text[g->at];

		if (c == ' ' || c == '\t')
			g->at++;
		else if (c == '\n')
			take_line_end(g);
		else if (c == '#')
			take_comment(g, end);
		else
			return;
	}
}

void ka_gap_take(struct ka_gaps *g, size_t end, struct ka_remark *remark)
{
	g->at = end;
	g->fresh = end && g->text->text[end - 1] == '\n';
	g->remark = remark;
	g->after_remark = false;
}

/* ---- giving ---- */

void ka_gap_ended(struct ka_gaps *g, struct ka_block *block)
{
	if (g->nended < KA_ARRAY_SIZE(g->ended))
		g->ended[g->nended++] = block;
}

/* The deepest block that ended here and is not indented further than the comment. */
static size_t block_of(const struct ka_gaps *g, size_t from, size_t column)
{
	while (from < g->nended && g->ended[from]->column > column)
		from++;
	return from;
}

void ka_gap_settle(struct ka_gaps *g, size_t column, struct ka_line_list *before)
{
	struct ka_line_list blanks = {};
	struct ka_line *line = g->pending.first, *next;
	size_t block = 0; /* only upwards: the order of comments stays */

	for (; line; line = next) {
		next = line->next;
		if (!line->text) {
			ka_lines_add(&blanks, line);
			continue;
		}
		block = line->column >= column ? block_of(g, block, line->column) : g->nended;
		struct ka_line_list *to = block < g->nended ? &g->ended[block]->tail : before;

		ka_lines_move(to, &blanks);
		ka_lines_add(to, line);
	}
	ka_lines_move(before, &blanks);
	g->pending = (struct ka_line_list){};
	g->nended = 0;
}
