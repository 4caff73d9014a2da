// SPDX-License-Identifier: Apache-2.0
#include "layout.h"

#define STEP 2u

/* A text that grows. */
struct printer {
	const struct ka_layout_text *from;
	char *text;
	size_t len, cap;
	size_t line; /* where the line begins */
	bool kept;   /* a value that includes the blank lines behind it was just printed */
	bool failed;
};

static void put(struct printer *p, const char *text, size_t len)
{
	if (p->failed)
		return;
	if (len > p->cap - p->len) {
		size_t cap = p->cap + len + p->cap / 2 + 4096;
		char *more = realloc(p->text, cap);

		if (!more) {
			p->failed = true;
			return;
		}
		p->text = more;
		p->cap = cap;
	}
	if (len)
		memcpy(p->text + p->len, text, len);
	p->len += len;
	p->kept = false;
}

static void put_blanks(struct printer *p, size_t n)
{
	static const char blanks[] = "                                ";

	for (size_t some; n; n -= some) {
		some = n < sizeof(blanks) - 1 ? n : sizeof(blanks) - 1;
		put(p, blanks, some);
	}
}

static void end_line(struct printer *p)
{
	put(p, "\n", 1);
	p->line = p->len;
}

static size_t leading_blanks(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && (text[n] == ' ' || text[n] == '\t'))
		n++;
	return n;
}

/* ---- comments ---- */

/* One blank line where there are several, none at the start of a block or of a text. */
static void put_lines(struct printer *p, const struct ka_line_list *lines, size_t column,
		      bool first)
{
	bool after_blank = first || !p->len || p->kept;

	for (const struct ka_line *l = lines->first; l; l = l->next) {
		if (!l->text && after_blank)
			continue;
		after_blank = !l->text;
		if (l->text) {
			put_blanks(p, column);
			put(p, l->text, l->len);
		}
		end_line(p);
	}
}

/* The rest of a line. */
static void put_remark(struct printer *p, const struct ka_remark *r)
{
	size_t column;

	if (r->text) {
		put_blanks(p, r->gap);
		column = p->len - p->line;
		put(p, r->text, r->len);
		for (const struct ka_line *l = r->more.first; l; l = l->next) {
			end_line(p);
			put_blanks(p, column);
			put(p, l->text, l->len);
		}
	}
	end_line(p);
}

/* ---- values ---- */

struct lines_of {
	const char *text;
	size_t len;
};

/* The next line without its end; false: there is none. */
static bool next_line(struct lines_of *l, const char **ret, size_t *ret_len)
{
	const char *nl;

	if (!l->text)
		return false;
	nl = memchr(l->text, '\n', l->len);
	*ret = l->text;
	*ret_len = nl ? (size_t)(nl - l->text) : l->len;
	l->len -= nl ? *ret_len + 1 : l->len;
	l->text = nl ? nl + 1 : NULL;
	return true;
}

/* Plain and quoted: what stands before a line's first character means nothing. */
static void put_folded(struct printer *p, const struct ka_block *leaf, size_t column)
{
	struct lines_of rest = {p->from->text + leaf->start, leaf->end - leaf->start};
	const char *line;
	size_t len, blanks;

	if (next_line(&rest, &line, &len))
		put(p, line, len);
	while (next_line(&rest, &line, &len)) {
		end_line(p);
		blanks = leading_blanks(line, len);
		if (blanks == len)
			continue;
		put_blanks(p, column + STEP);
		put(p, line + blanks, len - blanks);
	}
}

/* Lines move with the line on which the first bracket stands. */
static void put_flow(struct printer *p, const struct ka_block *leaf)
{
	struct lines_of rest = {p->from->text + leaf->start, leaf->end - leaf->start};
	size_t was = leaf->start - ka_layout_column(p->from, leaf->start), is, len, blanks;
	const char *line;

	was = leading_blanks(p->from->text + was, leaf->start - was);
	is = leading_blanks(p->text + p->line, p->len - p->line);
	if (next_line(&rest, &line, &len))
		put(p, line, len);
	while (next_line(&rest, &line, &len)) {
		end_line(p);
		blanks = leading_blanks(line, len);
		if (blanks == len)
			continue;
		put_blanks(p, is + (blanks > was ? blanks - was : 0));
		put(p, line + blanks, len - blanks);
	}
}

static void put_literal(struct printer *p, const struct ka_block *leaf, size_t column)
{
	struct lines_of rest = {p->from->text + leaf->start, leaf->end - leaf->start};
	struct ka_literal l;
	const char *line;
	size_t len, blanks, indent;

	if (!ka_literal_read(p->from, leaf->start, leaf->end, leaf->column, &l)) {
		put(p, rest.text, rest.len);
		return;
	}
	indent = column + (l.digit ? l.digit : STEP);
	if (next_line(&rest, &line, &len)) {
		while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
			len--;
		put(p, line, len);
	}
	while (next_line(&rest, &line, &len)) {
		end_line(p);
		for (blanks = 0; blanks < len && blanks < l.indent && line[blanks] == ' ';)
			blanks++;
		if (blanks == len)
			continue;
		put_blanks(p, indent);
		put(p, line + blanks, len - blanks);
	}
	p->kept = l.keeps && p->len == p->line;
}

static void put_leaf(struct printer *p, const struct ka_block *leaf, size_t column)
{
	if (leaf->literal)
		put_literal(p, leaf, column);
	else if (leaf->flow)
		put_flow(p, leaf);
	else
		put_folded(p, leaf, column);
	if (!p->kept)
		put_remark(p, &leaf->remark);
}

/* ---- blocks ---- */

static void put_block(struct printer *p, const struct ka_block *block, size_t column, bool inside);

/* A value that is no block, behind `key:` or `-` in this column. */
static void put_leaf_value(struct printer *p, const struct ka_block_entry *e, size_t column)
{
	if (e->head.text || ka_lines_have_comment(&e->between)) {
		put_remark(p, &e->head);
		put_lines(p, &e->between, column + STEP, true);
		put_blanks(p, column + STEP);
	} else {
		put(p, " ", 1);
	}
	put_leaf(p, e->value, column);
}

static void put_value(struct printer *p, const struct ka_block_entry *e, size_t column)
{
	const struct ka_block *v = e->value;
	bool on_line = !e->key && v && v->type != KA_BLOCK_LEAF && !v->end && !e->head.text;

	if (v && v->type == KA_BLOCK_LEAF) {
		put_leaf_value(p, e, column);
		return;
	}
	if (on_line) { /* `- key: value`, `- - item` */
		put(p, " ", 1);
		put_block(p, v, column + STEP, true);
		return;
	}
	if (v && v->end) {
		put(p, " ", 1);
		put(p, p->from->text + v->start, v->end - v->start);
	}
	put_remark(p, &e->head);
	if (v) /* a list of a field stands below its key */
		put_block(p, v, column + (e->key && v->type == KA_BLOCK_LIST ? 0 : STEP), false);
}

/* inside: the line has been begun, up to the column */
static void put_block(struct printer *p, const struct ka_block *block, size_t column, bool inside)
{
	for (const struct ka_block_entry *e = block->first; e; e = e->next) {
		if (!inside || e != block->first) {
			put_lines(p, &e->before, column, e == block->first);
			put_blanks(p, column);
		}
		if (e->key) {
			put(p, p->from->text + e->key->start, e->key->end - e->key->start);
			put(p, ":", 1);
		} else {
			put(p, "-", 1);
		}
		put_value(p, e, column);
	}
	put_lines(p, &block->tail, column, false);
}

/* ---- documents ---- */

static void put_document(struct printer *p, const struct ka_layout *doc)
{
	if (doc->as_is) {
		put(p, p->from->text + doc->start, doc->end - doc->start);
		p->line = p->len;
		return;
	}
	put_lines(p, &doc->before, 0, false);
	if (doc->marker != SIZE_MAX) {
		put(p, p->from->text + doc->marker - doc->directives, doc->directives + 3);
		put_remark(p, &doc->remark);
	}
	put_lines(p, &doc->top, 0, true);
	put_block(p, doc->root, 0, false);
	put_lines(p, &doc->tail, 0, false);
	if (doc->ended) {
		put(p, "...", 3);
		put_remark(p, &doc->end_remark);
	}
}

/* Blank lines behind the last document, but for those that are part of a value. */
static void drop_last_blanks(struct printer *p)
{
	while (p->len > 1 && p->text[p->len - 1] == '\n' && p->text[p->len - 2] == '\n')
		p->len--;
}

int ka_layout_print(const struct ka_layout_text *text, const struct ka_layout *documents,
		    char **ret, size_t *ret_len)
{
	struct printer p = {.from = text};

	for (const struct ka_layout *doc = documents; doc; doc = doc->next) {
		put_document(&p, doc);
		if (!doc->next && !doc->as_is && !p.kept)
			drop_last_blanks(&p);
	}
	put(&p, "", 1);
	if (p.failed) {
		free(p.text);
		return -ENOMEM;
	}
	*ret = p.text;
	*ret_len = p.len - 1;
	return 0;
}
