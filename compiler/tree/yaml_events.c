// SPDX-License-Identifier: Apache-2.0
/*
 * libyaml's events, with places, to the tree.
 */
#include "reader.h"
#include "template.h"
#include "yaml_error.h"

#define STR_TAG "tag:yaml.org,2002:"

/* ---- places ---- */

size_t ka_reader_offset(struct ka_yaml_reader *r, const yaml_mark_t *mark)
{
	ka_places_to_mark(&r->places, mark);
	return r->places.here.offset;
}

struct ka_loc ka_reader_loc(struct ka_yaml_reader *r, const yaml_mark_t *mark)
{
	ka_places_to_mark(&r->places, mark);
	return ka_places_loc(&r->places);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* At LF, CR, and the last byte of CRLF. */
static bool ends_line(const struct ka_source *src, size_t at)
{
	if (src->text[at] == '\r')
		return at + 1 == src->len || src->text[at + 1] != '\n';
	return src->text[at] == '\n';
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
			if (!ends_line(src, at))
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
static struct ka_loc loc_of(struct ka_yaml_reader *r, const yaml_event_t *e, bool properties,
			    struct extent *ret)
{
	struct ka_loc loc = ka_reader_loc(r, &e->start_mark);
	const char *text = r->src->text;
	size_t end = ka_reader_offset(r, &e->end_mark), stop = end;

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

static void check_tag(struct ka_yaml_reader *r, const yaml_char_t *tag, enum ka_node_type type,
		      struct ka_loc loc)
{
	const char *name = (const char *)tag;
	bool ours = name && !strncmp(name, STR_TAG, strlen(STR_TAG));

	if (!name || !strcmp(name, "!") || type_of_tag(name) == (int)type ||
	    ka_tree_was_said(&r->tree, KA_D_TAG, loc))
		return;
	ka_diag(r->ctx, KA_D_TAG, loc,
		ours ? ka_sprintf(r->ctx, "!!%s", name + strlen(STR_TAG)) : name);
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
static int give_up_template(struct ka_yaml_reader *r, struct ka_loc loc)
{
	ka_yaml_report_template(r->ctx, loc);
	return KA_TREE_ABANDON;
}

static bool is_template_in(struct ka_yaml_reader *r, struct ka_loc *loc, size_t end)
{
	size_t at, len;

	if (!r->templates || !ka_template_find(r->src->text, loc->offset, end, &at, &len))
		return false;
	ka_places_to_offset(&r->places, at); /* no mark follows: the document is given up */
	*loc = ka_places_loc(&r->places);
	loc->length = (uint32_t)len;
	return true;
}

/*
 * Lines that continue a value without quotes although they look like items of a list. They are
 * told when the document is complete, since comments in it may say that they are meant.
 */
static void look_for_joined(struct ka_yaml_reader *r, struct ka_loc loc, size_t end)
{
	const char *text = r->src->text;
	size_t at = loc.offset, start;

	while (r->njoined < KA_READER_JOINED) {
		while (at < end && !ends_line(r->src, at))
			at++;
		if (at == end)
			return;
		start = ++at;
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

static void tell_joined(struct ka_yaml_reader *r)
{
	for (unsigned i = 0; i < r->njoined; i++)
		ka_diag_hint(r->ctx, ka_diag(r->ctx, KA_D_JOINED, r->joined[i]),
			     "indent it like the other items, or put quotes around the value");
	r->njoined = 0;
}

static int check_scalar(struct ka_yaml_reader *r, struct ka_node *n, yaml_scalar_style_t style)
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
	if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
		ka_remarks_are_text(&r->remarks, n->loc.offset + n->loc.length, n->end);
	else if (!plain)
		ka_remarks_are_text(&r->remarks, n->loc.offset, n->end);
	return 0;
}

static int on_scalar(struct ka_yaml_reader *r, const yaml_event_t *e)
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

static int on_seq(struct ka_yaml_reader *r, const yaml_event_t *e)
{
	struct ka_loc loc = ka_reader_loc(r, &e->start_mark);

	check_tag(r, e->data.sequence_start.tag, KA_NODE_SEQ, loc);
	return ka_tree_open(&r->tree, KA_NODE_SEQ, (const char *)e->data.sequence_start.anchor,
			    e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE, loc);
}

static int on_map(struct ka_yaml_reader *r, const yaml_event_t *e)
{
	bool flow = e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	struct ka_loc loc = ka_reader_loc(r, &e->start_mark), template = loc;

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
static int on_close(struct ka_yaml_reader *r, const yaml_event_t *e)
{
	bool flow = r->tree.frames[r->tree.depth - 1].flow;

	return ka_tree_close(&r->tree, flow ? (uint32_t)ka_reader_offset(r, &e->end_mark) : 0);
}

static int on_document_start(struct ka_yaml_reader *r, const yaml_event_t *e)
{
	ka_tree_reset(&r->tree);
	r->floor = ka_reader_offset(r, &e->start_mark);
	return 0;
}

static int on_document_end(struct ka_yaml_reader *r, const yaml_event_t *e)
{
	const struct ka_node *root = r->tree.root;
	size_t end = ka_reader_offset(r, &e->end_mark);
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

static int on_alias(struct ka_yaml_reader *r, const yaml_event_t *e)
{
	struct extent extent;

	return ka_tree_alias(&r->tree, (const char *)e->data.alias.anchor,
			     loc_of(r, e, false, &extent));
}

int ka_reader_event(struct ka_yaml_reader *r, const yaml_event_t *e)
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
