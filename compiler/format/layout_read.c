// SPDX-License-Identifier: Apache-2.0
#include <yaml.h>

#include "layout.h"

struct reader {
	struct ka_ctx *ctx;
	const struct ka_layout_text *text;
	yaml_parser_t parser;
	yaml_event_t event; /* the one that is being looked at */
	struct ka_gaps gaps;
	struct ka_layout *doc;
	unsigned depth;
	size_t mark, offset; /* of the last mark: characters and bytes */
};

#define STRING_MAX 256u /* bytes of a value that is kept: enough for every name of a field */

/* ---- events ---- */

static int next_event(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return 0;
	return r->parser.error == YAML_MEMORY_ERROR ? -ENOMEM : -EINVAL;
}

static bool is_inside(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80; /* of a character */
}

/* libyaml counts characters. Marks hardly ever go back, and never far. */
static size_t offset_of(struct reader *r, const yaml_mark_t *mark)
{
	const char *text = r->text->text;

	while (r->mark < mark->index && r->offset < r->text->len) {
		r->offset++;
		while (r->offset < r->text->len && is_inside(text[r->offset]))
			r->offset++;
		r->mark++;
	}
	while (r->mark > mark->index && r->offset) {
		r->offset--;
		while (r->offset && is_inside(text[r->offset]))
			r->offset--;
		r->mark--;
	}
	return r->offset;
}

static size_t event_start(struct reader *r)
{
	return offset_of(r, &r->event.start_mark);
}

static size_t event_end(struct reader *r)
{
	return offset_of(r, &r->event.end_mark);
}

/* ---- blocks ---- */

static struct ka_block *block_new(struct reader *r, enum ka_block_type type)
{
	struct ka_block *b = ka_calloc(r->ctx, 1, sizeof(*b));

	if (b)
		b->type = type;
	return b;
}

static struct ka_block_entry *entry_new(struct reader *r, struct ka_block *block)
{
	struct ka_block_entry *e = ka_calloc(r->ctx, 1, sizeof(*e));

	if (!e)
		return NULL;
	if (!block->last)
		block->last = &block->first;
	*block->last = e;
	block->last = &e->next;
	return e;
}

/* What is not understood is not touched. */
static void give_up(struct reader *r)
{
	r->doc->as_is = true;
}

static int keep_string(struct reader *r, struct ka_block *leaf)
{
	const char *s = (const char *)r->event.data.scalar.value;
	size_t len = r->event.data.scalar.length;

	if (len > STRING_MAX || memchr(s, 0, len))
		return 0;
	leaf->string = ka_strndup(r->ctx, s, len);
	return leaf->string ? 0 : -ENOMEM;
}

/* An alias comes behind its anchor, wherever that is. */
static void look_for_anchors(struct reader *r)
{
	const yaml_event_t *e = &r->event;

	if (e->type == YAML_ALIAS_EVENT ||
	    (e->type == YAML_SCALAR_EVENT && e->data.scalar.anchor) ||
	    (e->type == YAML_SEQUENCE_START_EVENT && e->data.sequence_start.anchor) ||
	    (e->type == YAML_MAPPING_START_EVENT && e->data.mapping_start.anchor))
		r->doc->stay = true;
}

/* Passes a collection up to its last event. */
static int pass_collection(struct reader *r)
{
	unsigned depth = 0;
	int err;

	for (;;) {
		yaml_event_type_t type = r->event.type;

		look_for_anchors(r);
		if (type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT)
			depth++;
		else if (type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT)
			depth--;
		if (!depth)
			return 0;
		err = next_event(r);
		if (err)
			return err;
	}
}

/* The end of a block scalar; one that lacks its last line end must stay the last thing. */
static size_t literal_end(struct reader *r, struct ka_block *leaf, size_t end)
{
	struct ka_literal l;

	leaf->literal = true;
	if (!ka_literal_read(r->text, leaf->start, end, leaf->column, &l) ||
	    (!l.ends && !l.strips)) {
		give_up(r);
		return end;
	}
	return l.end;
}

static struct ka_block *leaf_new(struct reader *r, size_t column, struct ka_line_list *before)
{
	struct ka_block *leaf = block_new(r, KA_BLOCK_LEAF);

	if (!leaf)
		return NULL;
	leaf->start = event_start(r);
	leaf->column = column;
	ka_gap_pass(&r->gaps, leaf->start);
	if (r->gaps.at != leaf->start)
		give_up(r);
	ka_lines_move(before, &r->gaps.pending);
	return leaf;
}

static int read_scalar(struct reader *r, struct ka_block *leaf)
{
	yaml_scalar_style_t style = r->event.data.scalar.style;
	bool literal = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;

	look_for_anchors(r);
	leaf->end = event_end(r);
	if (literal)
		leaf->end = literal_end(r, leaf, leaf->end);
	return keep_string(r, leaf);
}

static int read_collection(struct reader *r, struct ka_block *leaf)
{
	int err = pass_collection(r);

	leaf->flow = true;
	leaf->end = event_end(r);
	return err;
}

/* A value that keeps its spelling; *ret is NULL where there is nothing to spell. */
static int read_leaf(struct reader *r, size_t column, struct ka_line_list *before,
		     struct ka_block **ret)
{
	bool scalar = r->event.type == YAML_SCALAR_EVENT;
	struct ka_block *leaf;
	int err;

	*ret = NULL;
	if (scalar && event_start(r) == event_end(r))
		return next_event(r);
	leaf = leaf_new(r, column, before);
	if (!leaf)
		return -ENOMEM;
	err = scalar ? read_scalar(r, leaf) : read_collection(r, leaf);
	if (err)
		return err;
	ka_gap_take(&r->gaps, leaf->end, &leaf->remark);
	*ret = leaf;
	return next_event(r);
}

/* `&anchor !tag` before a block. */
static void read_properties(struct reader *r, unsigned words, struct ka_block *block,
			    struct ka_block_entry *entry)
{
	const char *text = r->text->text;
	size_t at = event_start(r);

	ka_gap_pass(&r->gaps, at);
	if (r->gaps.at != at)
		give_up(r);
	block->start = at;
	for (; words; words--) {
		if (at < r->text->len && text[at] != '&' && text[at] != '!')
			give_up(r);
		while (at < r->text->len && !strchr(" \t\n", text[at]))
			at++;
		block->end = at;
		while (at < r->text->len && (text[at] == ' ' || text[at] == '\t'))
			at++;
	}
	ka_gap_take(&r->gaps, block->end, &entry->head);
}

static int read_value(struct reader *r, size_t column, struct ka_block_entry *entry);

static int read_item(struct reader *r, struct ka_block *block)
{
	struct ka_block_entry *entry = entry_new(r, block);
	struct ka_gaps *g = &r->gaps;

	if (!entry)
		return -ENOMEM;
	ka_gap_pass(g, r->text->len);
	if (g->at >= r->text->len || r->text->text[g->at] != '-') {
		give_up(r);
		g->at = event_start(r);
	}
	block->column = ka_layout_column(r->text, g->at);
	ka_gap_settle(g, block->column + 1, &entry->before);
	ka_gap_take(g, g->at < r->text->len ? g->at + 1 : g->at, &entry->head);
	return read_value(r, block->column, entry);
}

static int read_field(struct reader *r, struct ka_block *block)
{
	struct ka_block_entry *entry = entry_new(r, block);
	struct ka_gaps *g = &r->gaps;
	struct ka_line_list none = {};
	const char *text = r->text->text;
	size_t at = event_start(r);
	int err;

	if (!entry)
		return -ENOMEM;
	ka_gap_pass(g, at);
	block->column = ka_layout_column(r->text, at);
	ka_gap_settle(g, block->column + 1, &entry->before);
	if (r->event.type != YAML_SCALAR_EVENT)
		give_up(r);
	err = read_leaf(r, block->column, &none, &entry->key);
	if (err)
		return err;
	for (at = g->at; at < r->text->len && (text[at] == ' ' || text[at] == '\t'); at++)
		;
	/* a tag without a name would take the colon */
	if (!entry->key || entry->key->literal || (entry->key->string && !*entry->key->string) ||
	    at >= r->text->len || text[at] != ':')
		give_up(r);
	ka_gap_take(g, at < r->text->len ? at + 1 : at, &entry->head);
	return read_value(r, block->column, entry);
}

static int read_block(struct reader *r, struct ka_block_entry *entry, enum ka_block_type type,
		      const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct ka_block *block = block_new(r, type);
	unsigned words = (anchor ? 1 : 0) + (tag ? 1 : 0);
	int err;

	if (!block)
		return -ENOMEM;
	if (++r->depth > KA_LAYOUT_DEPTH)
		return -EINVAL;
	look_for_anchors(r);
	if (words)
		read_properties(r, words, block, entry);
	entry->value = block;
	err = next_event(r);
	while (!err && r->event.type != YAML_SEQUENCE_END_EVENT &&
	       r->event.type != YAML_MAPPING_END_EVENT)
		err = type == KA_BLOCK_LIST ? read_item(r, block) : read_field(r, block);
	if (err)
		return err;
	r->depth--;
	ka_gap_ended(&r->gaps, block);
	return next_event(r);
}

static int read_value(struct reader *r, size_t column, struct ka_block_entry *entry)
{
	const yaml_event_t *e = &r->event;

	switch (e->type) {
	case YAML_SEQUENCE_START_EVENT:
		if (e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
			break;
		return read_block(r, entry, KA_BLOCK_LIST, e->data.sequence_start.anchor,
				  e->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		if (e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE)
			break;
		return read_block(r, entry, KA_BLOCK_MAP, e->data.mapping_start.anchor,
				  e->data.mapping_start.tag);
	case YAML_SCALAR_EVENT:
	case YAML_ALIAS_EVENT:
		break;
	default:
		return -EINVAL;
	}
	return read_leaf(r, column, &entry->between, &entry->value);
}

/* ---- documents ---- */

static int start_document(struct reader *r)
{
	size_t start = event_start(r), end = event_end(r);
	struct ka_layout *doc = r->doc;

	doc->marker = SIZE_MAX;
	if (!r->event.data.document_start.implicit) {
		ka_gap_pass(&r->gaps, start);
		if (r->gaps.at != start || end < start + 3)
			give_up(r);
		ka_gap_settle(&r->gaps, 0, &doc->before);
		doc->marker = end - 3;
		doc->directives = doc->marker - start;
		ka_gap_take(&r->gaps, end, &doc->remark);
	}
	return next_event(r);
}

/* `...` and what else is on its line */
static void take_end_marker(struct reader *r)
{
	struct ka_gaps *g = &r->gaps;

	r->doc->ended = true;
	ka_gap_take(g, event_end(r), &r->doc->end_remark);
	ka_gap_pass(g, ka_layout_line_end(r->text, g->at));
	if (g->at != ka_layout_line_end(r->text, g->at))
		give_up(r);
	g->at = ka_layout_line_end(r->text, g->at);
	if (g->at < r->text->len)
		g->at++;
	ka_gap_take(g, g->at, NULL);
}

/* Characters that libyaml takes for line ends, and a byte order mark that is no character. */
static bool has_odd_characters(const struct ka_layout_text *t, size_t start, size_t end)
{
	static const char *const odd[] = {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9",
					  "\xef\xbb\xbf"};

	for (size_t i = 0; i < KA_ARRAY_SIZE(odd); i++)
		if (memmem(t->text + start, end - start, odd[i], strlen(odd[i])))
			return true;
	return false;
}

static int end_document(struct reader *r)
{
	struct ka_layout *doc = r->doc;
	struct ka_gaps *g = &r->gaps;
	size_t start = event_start(r);

	if (r->event.type != YAML_DOCUMENT_END_EVENT)
		return -EINVAL;
	ka_gap_pass(g, start);
	if (g->at != start)
		give_up(r);
	ka_gap_settle(g, 0, &doc->tail);
	g->at = start;
	if (!r->event.data.document_end.implicit)
		take_end_marker(r);
	doc->end = g->at;
	if (has_odd_characters(r->text, doc->start, doc->end))
		give_up(r);
	return next_event(r);
}

static int read_document(struct reader *r)
{
	struct ka_block_entry root = {};
	struct ka_layout *doc = r->doc;
	int err;

	doc->start = r->gaps.at;
	err = start_document(r);
	if (!err)
		err = read_value(r, 0, &root);
	if (!err)
		err = end_document(r);
	if (err)
		return err;
	doc->root = root.value;
	if (!doc->root || doc->root->type != KA_BLOCK_MAP || doc->root->end || root.head.text)
		give_up(r);
	else
		ka_lines_move(&doc->top, &doc->root->first->before);
	return 0;
}

static int read_stream(struct reader *r, struct ka_layout **last)
{
	int err = next_event(r); /* the start of the stream */

	if (!err)
		err = next_event(r);
	while (!err && r->event.type != YAML_STREAM_END_EVENT) {
		r->doc = *last = ka_calloc(r->ctx, 1, sizeof(**last));
		if (!r->doc)
			return -ENOMEM;
		last = &r->doc->next;
		err = read_document(r);
		if (!err && r->gaps.err)
			err = r->gaps.err;
	}
	if (err || !r->doc || r->gaps.at >= r->text->len)
		return err;
	/* comments behind the last `...` */
	*last = ka_calloc(r->ctx, 1, sizeof(**last));
	if (!*last)
		return -ENOMEM;
	**last = (struct ka_layout){
		.start = r->gaps.at, .end = r->text->len, .as_is = true, .marker = SIZE_MAX};
	return 0;
}

int ka_layout_read(struct ka_ctx *ctx, const struct ka_layout_text *text, struct ka_layout **ret)
{
	struct reader r = {
		.ctx = ctx, .text = text, .gaps = {.ctx = ctx, .text = text, .fresh = true}};
	int err;

	*ret = NULL;
	if (!yaml_parser_initialize(&r.parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text->text, text->len);
	err = read_stream(&r, ret);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return err;
}
