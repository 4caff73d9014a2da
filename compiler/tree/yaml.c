// SPDX-License-Identifier: Apache-2.0
#include "yaml.h"

#include <yaml.h>

#include "place.h"
#include "tree.h"
#include "yaml_error.h"

#define STR_TAG "tag:yaml.org,2002:"

struct reader {
	struct ka_ctx *ctx;
	const struct ka_source *src;
	ka_yaml_each each;
	void *arg;
	struct ka_cursor base, here; /* where the parser began; how far places were counted */
	size_t floor;                /* offset of the document that is being read */
	struct ka_tree tree;
	uint32_t error_line, error_column; /* of the last one, which is not told twice */
};

/* ---- places ---- */

static size_t offset_of(struct reader *r, const yaml_mark_t *mark)
{
	if (!ka_cursor_to_mark(r->src, &r->here, mark->line, mark->column)) {
		r->here = r->base;
		ka_cursor_to_mark(r->src, &r->here, mark->line, mark->column);
	}
	return r->here.offset;
}

static struct ka_loc loc_at(struct reader *r, const yaml_mark_t *mark)
{
	offset_of(r, mark);
	return ka_cursor_loc(r->src, &r->here);
}

/* The place of a value: underlined to its end, or to the end of its first line. */
static struct ka_loc loc_of(struct reader *r, const yaml_event_t *e)
{
	struct ka_loc loc = loc_at(r, &e->start_mark);
	size_t start = r->here.offset, end;

	end = offset_of(r, &e->end_mark);
	if (r->here.line != loc.line) {
		const char *nl = memchr(r->src->text + start, '\n', r->src->len - start);

		end = nl ? (size_t)(nl - r->src->text) : r->src->len;
		if (end > start && r->src->text[end - 1] == '\r')
			end--;
	}
	loc.length = (uint32_t)(end - start);
	return loc;
}

/* ---- events ---- */

/* The type that a tag asks for; -1: none that we know. */
static int type_of_tag(const char *tag)
{
	static const struct {
		const char *name;
		enum ka_node_type type;
	} tags[] = {
		{"str", KA_NODE_STRING}, {"int", KA_NODE_INT},   {"float", KA_NODE_FLOAT},
		{"bool", KA_NODE_BOOL},  {"null", KA_NODE_NULL}, {"seq", KA_NODE_SEQ},
		{"map", KA_NODE_MAP},
	};

	if (strncmp(tag, STR_TAG, strlen(STR_TAG)))
		return -1;
	for (size_t i = 0; i < KA_ARRAY_SIZE(tags); i++)
		if (!strcmp(tag + strlen(STR_TAG), tags[i].name))
			return tags[i].type;
	return -1;
}

static void check_tag(struct reader *r, const yaml_char_t *tag, enum ka_node_type type,
		      struct ka_loc loc)
{
	if (tag && strcmp((const char *)tag, "!") && type_of_tag((const char *)tag) != (int)type)
		ka_diag(r->ctx, KA_D_TAG, loc, (const char *)tag);
}

static enum ka_node_type scalar_type(const yaml_event_t *e)
{
	const char *s = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	const char *tag = (const char *)e->data.scalar.tag;

	if (tag && type_of_tag(tag) == KA_NODE_STRING)
		return KA_NODE_STRING;
	if (tag && type_of_tag(tag) >= 0) /* "!!int '5'" is a number, too */
		return ka_scalar_type(s, len);
	if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || tag)
		return KA_NODE_STRING;
	return ka_scalar_type(s, len);
}

static int on_scalar(struct reader *r, const yaml_event_t *e)
{
	struct ka_node n = {.type = scalar_type(e),
			    .loc = loc_of(r, e),
			    .str = (const char *)e->data.scalar.value,
			    .len = e->data.scalar.length};

	if (n.len > KA_YAML_MAX_SCALAR) {
		ka_diag(r->ctx, KA_D_LIMIT_SCALAR, n.loc, KA_YAML_MAX_SCALAR);
		return KA_TREE_ABANDON;
	}
	if (memchr(n.str, 0, n.len)) {
		ka_diag(r->ctx, KA_D_NUL, n.loc, "a string");
		return KA_TREE_ABANDON;
	}
	check_tag(r, e->data.scalar.tag, n.type, n.loc);
	return ka_tree_scalar(&r->tree, &n, (const char *)e->data.scalar.anchor,
			      e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
}

static int on_start(struct reader *r, const yaml_event_t *e, enum ka_node_type type,
		    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct ka_loc loc = loc_at(r, &e->start_mark);

	check_tag(r, tag, type, loc);
	return ka_tree_open(&r->tree, type, (const char *)anchor, loc);
}

static int on_document_end(struct reader *r)
{
	const struct ka_node *root = r->tree.root;

	ka_tree_reset(&r->tree);
	if (root && root->type == KA_NODE_NULL)
		root = NULL;
	return r->each(r->ctx, root, r->arg);
}

static int on_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		ka_tree_reset(&r->tree);
		r->floor = offset_of(r, &e->start_mark);
		return 0;
	case YAML_DOCUMENT_END_EVENT:
		return on_document_end(r);
	case YAML_SCALAR_EVENT:
		return on_scalar(r, e);
	case YAML_ALIAS_EVENT:
		return ka_tree_alias(&r->tree, (const char *)e->data.alias.anchor, loc_of(r, e));
	case YAML_SEQUENCE_START_EVENT:
		return on_start(r, e, KA_NODE_SEQ, e->data.sequence_start.anchor,
				e->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return on_start(r, e, KA_NODE_MAP, e->data.mapping_start.anchor,
				e->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return ka_tree_close(&r->tree);
	default:
		return 0;
	}
}

/* ---- the stream ---- */

static int on_error(struct reader *r, const yaml_parser_t *p)
{
	struct ka_yaml_error e = {.ctx = r->ctx, .src = r->src, .parser = p};

	if (p->error == YAML_MEMORY_ERROR)
		return ka_fail(r->ctx, -ENOMEM, "out of memory");
	if (p->error == YAML_READER_ERROR) {
		r->here = r->base;
		ka_cursor_to_offset(r->src, &r->here, r->base.offset + p->problem_offset);
	} else {
		if (p->context)
			e.context = loc_at(r, &p->context_mark);
		offset_of(r, &p->problem_mark);
	}
	e.offset = r->here.offset;
	e.loc = ka_cursor_loc(r->src, &r->here);
	if (e.loc.line != r->error_line || e.loc.column != r->error_column)
		ka_yaml_report(&e);
	r->error_line = e.loc.line;
	r->error_column = e.loc.column;
	return KA_TREE_ABANDON;
}

static int parse(struct reader *r, yaml_parser_t *p)
{
	yaml_event_t e;
	int err = 0;
	bool end = false;

	while (!err && !end) {
		if (!yaml_parser_parse(p, &e))
			return on_error(r, p);
		end = e.type == YAML_STREAM_END_EVENT;
		err = on_event(r, &e);
		yaml_event_delete(&e);
	}
	return err;
}

static int parse_from_base(struct reader *r)
{
	yaml_parser_t p;
	int err;

	if (!yaml_parser_initialize(&p))
		return ka_fail(r->ctx, -ENOMEM, "out of memory");
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, (const unsigned char *)r->src->text + r->base.offset,
				     r->src->len - r->base.offset);
	err = parse(r, &p);
	yaml_parser_delete(&p);
	return err;
}

static bool is_marker(const char *s, size_t left)
{
	if (left < 3 || memcmp(s, "---", 3))
		return false;
	return left == 3 || s[3] == ' ' || s[3] == '\t' || s[3] == '\n' || s[3] == '\r';
}

/* Moves base to the first `---` line behind the document that was given up. */
static bool find_next_document(struct reader *r)
{
	const char *text = r->src->text, *nl;
	size_t at = r->here.line_start;

	while (at <= r->floor || !is_marker(text + at, r->src->len - at)) {
		nl = memchr(text + at, '\n', r->src->len - at);
		if (!nl)
			return false;
		at = (size_t)(nl - text) + 1;
	}
	if (at < r->here.offset) /* the line where reading stopped is a marker itself */
		r->here = r->base;
	ka_cursor_to_offset(r->src, &r->here, at);
	r->base = r->here;
	r->base.mark_line = 0;
	r->base.mark_column = 0;
	r->here = r->base;
	r->floor = at;
	return true;
}

static void reader_done(struct reader *r)
{
	ka_tree_done(&r->tree);
}

int ka_yaml_read(struct ka_ctx *ctx, const struct ka_source *src, ka_yaml_each each, void *arg)
{
	KA_CLEANUP(reader_done)
	struct reader r = {.ctx = ctx, .src = src, .each = each, .arg = arg, .tree.ctx = ctx};
	int err;

	if (src->len > KA_YAML_MAX_SIZE) {
		ka_diag(ctx, KA_D_LIMIT_SIZE, (struct ka_loc){.source = src}, KA_YAML_MAX_SIZE);
		return 0;
	}
	r.base = ka_cursor_start(src);
	r.here = r.base;
	do {
		err = parse_from_base(&r);
		ka_tree_reset(&r.tree);
	} while (err == KA_TREE_ABANDON && find_next_document(&r));
	return err == KA_TREE_ABANDON ? 0 : err;
}
