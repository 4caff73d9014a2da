// SPDX-License-Identifier: Apache-2.0
/*
 * The stream of documents: where each begins, and where reading goes on behind one that cannot be
 * read.
 */
#include "reader.h"
#include "yaml_error.h"

#define AGAIN 2                /* the document is read once more */
#define AGAIN_BYTES (1u << 20) /* that may be read again */

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
static int read_again(struct ka_yaml_reader *r, size_t tab)
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
static struct ka_loc error_place(struct ka_yaml_reader *r, const yaml_parser_t *p)
{
	if (r->feed.why == KA_FEED_TOO_LONG) {
		ka_places_to_offset(&r->places, r->feed.event);
	} else if (r->feed.why == KA_FEED_BAD_BYTE) {
		ka_places_to_offset(&r->places, r->feed.at);
	} else if (p->error == YAML_READER_ERROR) {
		ka_places_to_offset(&r->places, r->places.base.offset + p->problem_offset);
	} else {
		return ka_reader_loc(r, &p->problem_mark);
	}
	return ka_places_loc(&r->places);
}

static int on_error(struct ka_yaml_reader *r, const yaml_parser_t *p)
{
	struct ka_yaml_error e = {.ctx = r->ctx,
				  .src = r->src,
				  .parser = p,
				  .feed = &r->feed,
				  .tree = &r->tree,
				  .places = &r->places,
				  .root = r->root,
				  .floor = r->floor};
	size_t tab = KA_NO_TAB;

	if (p->error == YAML_MEMORY_ERROR)
		return ka_fail(r->ctx, -ENOMEM, "out of memory");
	if (p->context && p->error != YAML_READER_ERROR)
		e.context = ka_reader_loc(r, &p->context_mark);
	e.loc = error_place(r, p);
	if (r->tree.again && e.loc.line == r->error_line) {
		ka_yaml_report_tabs(&e, ka_next_marker(r->src, r->places.here.line_start));
		return KA_TREE_ABANDON;
	}
	if (e.loc.line != r->error_line || e.loc.column != r->error_column)
		tab = ka_yaml_report(&e);
	r->error_line = e.loc.line;
	r->error_column = e.loc.column;
	return tab != KA_NO_TAB ? read_again(r, tab) : KA_TREE_ABANDON;
}

static int parse(struct ka_yaml_reader *r, yaml_parser_t *p)
{
	yaml_event_t e;
	int err = 0;
	bool end = false;

	while (!err && !end) {
		if (!yaml_parser_parse(p, &e))
			return on_error(r, p);
		end = e.type == YAML_STREAM_END_EVENT;
		err = ka_reader_event(r, &e);
		r->feed.since = r->feed.at;
		r->feed.event = r->places.here.offset;
		yaml_event_delete(&e);
	}
	return err;
}

static int parse_from_base(struct ka_yaml_reader *r)
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

/* Moves base to the first `---` line behind the document that was given up. */
static bool find_next_document(struct ka_yaml_reader *r)
{
	size_t at = ka_next_marker(r->src, r->places.here.line_start);

	if (at <= r->floor && at < r->src->len) {
		const char *nl = memchr(r->src->text + at, '\n', r->src->len - at);

		at = nl ? ka_next_marker(r->src, (size_t)(nl - r->src->text) + 1) : r->src->len;
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

static void reader_done(struct ka_yaml_reader *r)
{
	ka_tree_done(&r->tree);
	ka_arena_done(&r->nodes);
}

/* Directives may be many in few bytes, and libyaml compares each with all before it. */
static bool has_many_directives(const struct ka_source *src)
{
	const char *p = src->text, *end = p + src->len;
	unsigned n = 0;

	for (; n <= KA_YAML_MAX_DIRECTIVES && (p = memchr(p, '%', (size_t)(end - p))); p++)
		n += p == src->text || p[-1] == '\n' || p[-1] == '\r';
	return n > KA_YAML_MAX_DIRECTIVES;
}

static bool has_braces(const struct ka_source *src)
{
	const char *p = src->text, *end = p + src->len;

	while ((p = memchr(p, '{', (size_t)(end - p))))
		if (++p < end && *p == '{')
			return true;
	return false;
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

static int read_source(struct ka_yaml_reader *r)
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
	struct ka_yaml_reader r = {.ctx = ctx, .src = src, .each = each, .arg = arg};

	r.tree.ctx = ctx;
	r.tree.nodes = ctx->arena;
	return read_source(&r);
}

int ka_yaml_walk(struct ka_ctx *ctx, const struct ka_source *src, ka_yaml_each each, void *arg)
{
	KA_CLEANUP(reader_done)
	struct ka_yaml_reader r = {.ctx = ctx, .src = src, .each = each, .arg = arg};

	r.tree.ctx = ctx;
	r.tree.nodes = &r.nodes;
	return read_source(&r);
}
