// SPDX-License-Identifier: Apache-2.0
/*
 * The reader: libyaml's events, with places, to the tree; documents that cannot be read are given
 * up one by one.
 */
#include "yaml.h"

#include <yaml.h>

#include "feed.h"
#include "ignore.h"
#include "place.h"
#include "template.h"
#include "tree.h"
#include "yaml_error.h"

#define STR_TAG "tag:yaml.org,2002:"
#define AGAIN 2                /* the document is read once more */
#define AGAIN_BYTES (1u << 20) /* that may be read again */
#define JOINED 8u              /* suspicious lines of one document that are told */

struct reader {
	struct ka_ctx *ctx;
	const struct ka_source *src;
	ka_yaml_each each;
	void *arg;
	bool templates; /* the text has braces that could be one */
	struct ka_places places;
	struct ka_feed feed;
	struct ka_remarks remarks;
	struct ka_arena nodes; /* ka_yaml_walk */
	struct ka_tree tree;
	size_t floor;       /* offset of the document that is being read */
	struct ka_loc root; /* of the last document's first value */
	struct ka_loc joined[JOINED];
	unsigned njoined;
	unsigned broken;                   /* documents that were given up */
	size_t read_again;                 /* bytes */
	uint32_t error_line, error_column; /* of the last one, which is not told twice */
};

/* ---- places ---- */

static size_t offset_of(struct reader *r, const yaml_mark_t *mark)
{
	ka_places_to_mark(&r->places, mark);
	return r->places.here.offset;
}

static struct ka_loc loc_at(struct reader *r, const yaml_mark_t *mark)
{
	ka_places_to_mark(&r->places, mark);
	return ka_places_loc(&r->places);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind the anchor and the tag, so that a place is that of the value alone. */
static void skip_properties(const struct ka_source *src, struct ka_loc *loc, size_t end)
{
	const char *text = src->text;
	size_t at = loc->offset, line = at - (loc->column - 1);

	while (at < end && (text[at] == '&' || text[at] == '!')) {
		while (at < end && !is_space(text[at]))
			at++;
		for (; at < end && is_space(text[at]); at++) {
			if (text[at] != '\n' && (text[at] != '\r' || text[at + 1] == '\n'))
				continue;
			loc->line++;
			line = at + 1;
		}
	}
	loc->offset = (uint32_t)at;
	loc->column = (uint32_t)(at - line) + 1;
}

struct extent {
	struct ka_loc start; /* of the anchor or tag, if there is one */
	uint32_t end;        /* behind the last byte that is no white space */
};

/* The place of a value: underlined to its end, or to the end of its first line. */
static struct ka_loc loc_of(struct reader *r, const yaml_event_t *e, bool properties,
			    struct extent *ret)
{
	struct ka_loc loc = loc_at(r, &e->start_mark);
	const char *text = r->src->text;
	size_t end = offset_of(r, &e->end_mark), stop = end;

	ret->start = loc;
	if (properties)
		skip_properties(r->src, &loc, end);
	if (r->places.here.line != loc.line) {
		while (end > loc.offset && is_space(text[end - 1]))
			end--;
		for (stop = loc.offset; stop < end && text[stop] != '\n' && text[stop] != '\r';)
			stop++;
	}
	loc.length = (uint32_t)(stop - loc.offset);
	ret->end = (uint32_t)end;
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
	if (tag && strcmp((const char *)tag, "!") && type_of_tag((const char *)tag) != (int)type &&
	    !ka_tree_was_said(&r->tree, KA_D_TAG, loc))
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

/* One that is about what stands here, and about nothing else in this document. */
static int give_up_template(struct reader *r, struct ka_loc loc)
{
	ka_yaml_report_template(r->ctx, loc);
	return KA_TREE_ABANDON;
}

static bool is_template_in(const struct reader *r, struct ka_loc *loc, size_t end)
{
	size_t at, len;

	if (!r->templates || !ka_template_find(r->src->text, loc->offset, end, &at, &len))
		return false;
	loc->column += (uint32_t)(at - loc->offset);
	loc->offset = (uint32_t)at;
	loc->length = (uint32_t)len;
	return true;
}

/*
 * Lines that continue a value without quotes although they look like items of a list. They are
 * told when the document is complete, since comments in it may say that they are meant.
 */
static void look_for_joined(struct reader *r, struct ka_loc loc, size_t end)
{
	const char *text = r->src->text;
	size_t at = loc.offset, start;

	while (r->njoined < JOINED) {
		const char *nl = memchr(text + at, '\n', end - at);

		if (!nl)
			return;
		start = at = (size_t)(nl - text) + 1;
		loc.line++;
		while (at < end && text[at] == ' ')
			at++;
		if (at + 1 >= end || text[at] != '-' || text[at + 1] != ' ')
			continue;
		loc.offset = (uint32_t)at;
		loc.column = (uint32_t)(at - start) + 1;
		loc.length = 1;
		r->joined[r->njoined++] = loc;
	}
}

static void tell_joined(struct reader *r)
{
	for (unsigned i = 0; i < r->njoined; i++)
		ka_diag_hint(r->ctx, ka_diag(r->ctx, KA_D_JOINED, r->joined[i]),
			     "indent it like the other items, or put quotes around the value");
	r->njoined = 0;
}

static int check_scalar(struct reader *r, struct ka_node *n, yaml_scalar_style_t style)
{
	bool plain = style == YAML_PLAIN_SCALAR_STYLE;

	if (n->len > KA_YAML_MAX_SCALAR) {
		ka_diag(r->ctx, KA_D_LIMIT_SCALAR, n->loc, KA_YAML_MAX_SCALAR);
		return KA_TREE_ABANDON;
	}
	if (memchr(n->str, 0, n->len)) {
		ka_diag(r->ctx, KA_D_NUL, n->loc, "a string");
		return KA_TREE_ABANDON;
	}
	if (plain && r->templates && memmem(n->str, n->len, "{{", 2) &&
	    is_template_in(r, &n->loc, n->end))
		return give_up_template(r, n->loc);
	if (plain && n->loc.offset + n->loc.length != n->end)
		look_for_joined(r, n->loc, n->end);
	if (!plain)
		ka_remarks_are_text(&r->remarks, n->loc.offset, n->end);
	return 0;
}

static int on_scalar(struct reader *r, const yaml_event_t *e)
{
	struct ka_node n = {.type = scalar_type(e),
			    .str = (const char *)e->data.scalar.value,
			    .len = e->data.scalar.length};
	struct extent extent;
	int err;

	n.loc = loc_of(r, e, e->data.scalar.anchor || e->data.scalar.tag, &extent);
	n.end = extent.end;
	err = check_scalar(r, &n, e->data.scalar.style);
	if (err)
		return err;
	check_tag(r, e->data.scalar.tag, n.type, extent.start);
	return ka_tree_scalar(&r->tree, &n, (const char *)e->data.scalar.anchor,
			      e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
}

static int on_seq(struct reader *r, const yaml_event_t *e)
{
	struct ka_loc loc = loc_at(r, &e->start_mark);

	check_tag(r, e->data.sequence_start.tag, KA_NODE_SEQ, loc);
	return ka_tree_open(&r->tree, KA_NODE_SEQ, (const char *)e->data.sequence_start.anchor,
			    e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE, loc);
}

static int on_map(struct reader *r, const yaml_event_t *e)
{
	bool flow = e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	struct ka_loc loc = loc_at(r, &e->start_mark), template = loc;

	/* A mapping as a name is nothing that anybody writes. */
	if (flow && r->templates && r->src->len - loc.offset > 1 &&
	    !memcmp(r->src->text + loc.offset, "{{", 2)) {
		size_t len = 2;

		ka_template_at(r->src->text + loc.offset, r->src->len - loc.offset, &len);
		template.length = (uint32_t)len;
		return give_up_template(r, template);
	}
	check_tag(r, e->data.mapping_start.tag, KA_NODE_MAP, loc);
	return ka_tree_open(&r->tree, KA_NODE_MAP, (const char *)e->data.mapping_start.anchor, flow,
			    loc);
}

/* Brackets have an end of their own; what is indented ends with its last value. */
static int on_close(struct reader *r, const yaml_event_t *e)
{
	bool flow = r->tree.frames[r->tree.depth - 1].flow;

	return ka_tree_close(&r->tree, flow ? (uint32_t)offset_of(r, &e->end_mark) : 0);
}

static int on_document_start(struct reader *r, const yaml_event_t *e)
{
	ka_tree_reset(&r->tree);
	r->floor = offset_of(r, &e->start_mark);
	return 0;
}

static int on_document_end(struct reader *r, const yaml_event_t *e)
{
	const struct ka_node *root = r->tree.root;
	size_t end = offset_of(r, &e->end_mark);
	int err;

	ka_tree_reset(&r->tree);
	r->tree.again = false;
	r->floor = end;
	if (!e->data.document_end.implicit) {
		const char *nl = memchr(r->src->text + end, '\n', r->src->len - end);

		r->floor = nl ? (size_t)(nl - r->src->text) + 1 : r->src->len;
	}
	if (root && root->type == KA_NODE_NULL)
		root = NULL;
	if (root) {
		r->root = root->loc;
		err = ka_remarks_document(&r->remarks, root->loc.offset, root->end, end);
		if (err)
			return err;
	}
	tell_joined(r);
	err = r->each(r->ctx, root, r->arg);
	if (r->tree.nodes == &r->nodes)
		ka_arena_reset(&r->nodes);
	return err;
}

static int on_alias(struct reader *r, const yaml_event_t *e)
{
	struct extent extent;

	return ka_tree_alias(&r->tree, (const char *)e->data.alias.anchor,
			     loc_of(r, e, false, &extent));
}

static int on_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return on_document_start(r, e);
	case YAML_DOCUMENT_END_EVENT:
		return on_document_end(r, e);
	case YAML_SCALAR_EVENT:
		return on_scalar(r, e);
	case YAML_ALIAS_EVENT:
		return on_alias(r, e);
	case YAML_SEQUENCE_START_EVENT:
		return on_seq(r, e);
	case YAML_MAPPING_START_EVENT:
		return on_map(r, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_close(r, e);
	default:
		return 0;
	}
}

/* ---- the stream ---- */

static size_t line_start(const struct ka_source *src, size_t at)
{
	while (at && src->text[at - 1] != '\n')
		at--;
	return at;
}

/*
 * A tab was told. With a blank in its place the document can be read on, so that all of its
 * mistakes are found in one run; the bytes that are read again are bounded.
 */
static int read_again(struct reader *r, size_t tab)
{
	size_t start = line_start(r->src, r->floor);

	if (start < r->places.base.offset)
		start = r->places.base.offset;
	r->read_again += tab - start;
	if (r->feed.ntabs == KA_FEED_TABS || r->read_again > AGAIN_BYTES)
		return KA_TREE_ABANDON;
	r->feed.tabs[r->feed.ntabs++] = tab;
	ka_places_rebase(&r->places, start);
	r->tree.again = true;
	return AGAIN;
}

/* Where the parser stopped. */
static struct ka_loc error_place(struct reader *r, const yaml_parser_t *p)
{
	if (r->feed.why == KA_FEED_TOO_LONG) {
		ka_places_to_offset(&r->places, r->feed.event);
	} else if (r->feed.why == KA_FEED_BAD_BYTE) {
		ka_places_to_offset(&r->places, r->feed.at);
	} else if (p->error == YAML_READER_ERROR) {
		ka_places_to_offset(&r->places, r->places.base.offset + p->problem_offset);
	} else {
		return loc_at(r, &p->problem_mark);
	}
	return ka_places_loc(&r->places);
}

static int on_error(struct reader *r, const yaml_parser_t *p)
{
	struct ka_yaml_error e = {.ctx = r->ctx,
				  .src = r->src,
				  .parser = p,
				  .feed = &r->feed,
				  .tree = &r->tree,
				  .root = r->root,
				  .floor = r->floor};
	size_t tab = KA_NO_TAB;

	if (p->error == YAML_MEMORY_ERROR)
		return ka_fail(r->ctx, -ENOMEM, "out of memory");
	if (p->context && p->error != YAML_READER_ERROR)
		e.context = loc_at(r, &p->context_mark);
	e.loc = error_place(r, p);
	if (e.loc.line != r->error_line || (e.loc.column != r->error_column && !r->tree.again))
		tab = ka_yaml_report(&e);
	r->error_line = e.loc.line;
	r->error_column = e.loc.column;
	return tab != KA_NO_TAB ? read_again(r, tab) : KA_TREE_ABANDON;
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
		r->feed.since = r->feed.at;
		r->feed.event = r->places.here.offset;
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
	r->feed.at = r->feed.since = r->feed.event = r->places.base.offset;
	r->feed.why = KA_FEED_GOES_ON;
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&p, ka_feed_read, &r->feed);
	err = parse(r, &p);
	yaml_parser_delete(&p);
	ka_tree_reset(&r->tree);
	if (r->tree.nodes == &r->nodes)
		ka_arena_reset(&r->nodes);
	r->njoined = 0;
	return err;
}

static bool is_marker(const struct ka_source *src, size_t at)
{
	const char *s = src->text + at;
	size_t left = src->len - at;

	if (left < 3 || memcmp(s, "---", 3) != 0)
		return false;
	return left == 3 || is_space(s[3]);
}

/* The first `---` line at or behind `at`, which begins a line; the text's end if there is none. */
static size_t next_marker(const struct ka_source *src, size_t at)
{
	while (!is_marker(src, at)) {
		const char *p = memmem(src->text + at, src->len - at, "\n---", 4);

		if (!p)
			return src->len;
		at = (size_t)(p - src->text) + 1;
	}
	return at;
}

/* Moves base to the first `---` line behind the document that was given up. */
static bool find_next_document(struct reader *r)
{
	size_t at = next_marker(r->src, r->places.here.line_start);

	if (at <= r->floor && at < r->src->len) {
		const char *nl = memchr(r->src->text + at, '\n', r->src->len - at);

		at = nl ? next_marker(r->src, (size_t)(nl - r->src->text) + 1) : r->src->len;
	}
	ka_remarks_skip(&r->remarks, at);
	r->tree.again = false;
	if (at >= r->src->len)
		return false;
	ka_places_rebase(&r->places, at);
	if (++r->broken > KA_YAML_MAX_BROKEN) {
		ka_diag(r->ctx, KA_D_LIMIT_BROKEN, ka_places_loc(&r->places), KA_YAML_MAX_BROKEN);
		return false;
	}
	r->floor = at;
	return true;
}

static void reader_done(struct reader *r)
{
	ka_tree_done(&r->tree);
	ka_arena_done(&r->nodes);
}

/* Directives may be many in few bytes, and libyaml compares each with all before it. */
static bool has_many_directives(const struct ka_source *src)
{
	const char *p = src->text, *end = p + src->len;
	unsigned n = 0;

	while ((p = memmem(p, (size_t)(end - p), "\n%", 2)) && n <= KA_YAML_MAX_DIRECTIVES) {
		n++;
		p += 2;
	}
	return n > KA_YAML_MAX_DIRECTIVES;
}

static bool has_braces(const struct ka_source *src)
{
	return memmem(src->text, src->len, "{{", 2);
}

/* What is refused before anything is parsed. */
static bool is_refused(struct ka_ctx *ctx, const struct ka_source *src)
{
	if (src->len > KA_YAML_MAX_SIZE) {
		ka_diag(ctx, KA_D_LIMIT_SIZE, (struct ka_loc){.source = src}, KA_YAML_MAX_SIZE);
		return true;
	}
	if (has_many_directives(src)) {
		ka_diag(ctx, KA_D_LIMIT_DIRECTIVES, (struct ka_loc){.source = src},
			KA_YAML_MAX_DIRECTIVES);
		return true;
	}
	return false;
}

static int read_source(struct reader *r)
{
	int err;

	if (is_refused(r->ctx, r->src))
		return 0;
	err = ka_remarks_find(r->ctx, r->src, &r->remarks);
	if (err)
		return err;
	r->templates = has_braces(r->src);
	r->feed.src = r->src;
	ka_places_start(&r->places, r->src);
	r->floor = r->places.base.offset;
	do {
		err = parse_from_base(r);
	} while (err == AGAIN || (err == KA_TREE_ABANDON && find_next_document(r)));
	if (err < 0)
		return err;
	return ka_remarks_end(&r->remarks);
}

int ka_yaml_read(struct ka_ctx *ctx, const struct ka_source *src, ka_yaml_each each, void *arg)
{
	KA_CLEANUP(reader_done)
	struct reader r = {.ctx = ctx, .src = src, .each = each, .arg = arg};

	r.tree.ctx = ctx;
	r.tree.nodes = ctx->arena;
	return read_source(&r);
}

int ka_yaml_walk(struct ka_ctx *ctx, const struct ka_source *src, ka_yaml_each each, void *arg)
{
	KA_CLEANUP(reader_done)
	struct reader r = {.ctx = ctx, .src = src, .each = each, .arg = arg};

	r.tree.ctx = ctx;
	r.tree.nodes = &r.nodes;
	return read_source(&r);
}
