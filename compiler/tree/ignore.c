// SPDX-License-Identifier: Apache-2.0
#include "ignore.h"

#include "../base/suggest.h"

#define PREFIX "karmor-c:"
#define VERB "ignore"

struct ka_remark {
	size_t hash;       /* offset of the '#' */
	struct ka_loc loc; /* of the '#' */
	size_t ids, end;   /* of what follows the verb; of the verb itself if that is misspelt */
	bool text;         /* it stands inside of a string */
	bool alone;        /* on a line of its own */
	bool misspelt, surplus;
	uint32_t first, last; /* lines that it is about; 0: not known yet */
	uint32_t indent;      /* of the line that it is about */
	bool item;            /* that line begins with '-' */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t skip_blanks(const char *text, size_t at, size_t end)
{
	while (at < end && is_blank(text[at]))
		at++;
	return at;
}

/* LF, CR or CRLF, or the text's end. */
static size_t end_of_line(const struct ka_source *src, size_t at)
{
	const char *lf = memchr(src->text + at, '\n', src->len - at), *cr;
	size_t end = lf ? (size_t)(lf - src->text) : src->len;

	cr = memchr(src->text + at, '\r', end - at);
	return cr ? (size_t)(cr - src->text) : end;
}

/* The line behind this end of one; the text's end if there is none. */
static size_t next_line(const struct ka_source *src, size_t end)
{
	if (end + 1 < src->len && src->text[end] == '\r' && src->text[end + 1] == '\n')
		return end + 2;
	return end < src->len ? end + 1 : end;
}

/* ---- finding ---- */

/* The verb, or what was meant to be it: a comment may also just speak of the tool. */
static bool is_verb(const char *s, size_t len)
{
	return len && ka_edits(s, len, VERB, strlen(VERB), 2) <= 2;
}

/* The next '#' that begins a comment for this tool; the text's end if there is none. */
static size_t next_hash(const struct ka_source *src, size_t from)
{
	const char *t = src->text, *p = t + from, *end = t + src->len;

	for (; (p = memchr(p, '#', (size_t)(end - p))); p++) {
		size_t at;

		while (p + 1 < end && p[1] == '#')
			p++;
		at = skip_blanks(t, (size_t)(p - t) + 1, src->len);
		if (src->len - at < strlen(PREFIX) || memcmp(t + at, PREFIX, strlen(PREFIX)) != 0)
			continue;
		if (p == t || strchr(" \t\n\r\xbf", p[-1])) /* bf: of a byte order mark */
			return (size_t)(p - t);
	}
	return src->len;
}

/* Fills in what is known of a comment from its line; false: it just speaks of the tool. */
static bool is_remark(const struct ka_source *src, size_t hash, struct ka_remark *ret)
{
	const char *t = src->text;
	size_t at = skip_blanks(t, hash + 1, src->len) + strlen(PREFIX), verb, start = hash;

	ret->hash = hash;
	ret->end = end_of_line(src, at);
	verb = skip_blanks(t, at, ret->end);
	for (ret->ids = verb; ret->ids < ret->end && !is_blank(t[ret->ids]);)
		ret->ids++;
	if (!is_verb(t + verb, ret->ids - verb))
		return false;
	ret->misspelt = ret->ids - verb != strlen(VERB) ||
			memcmp(t + verb, VERB, strlen(VERB)) != 0;
	if (ret->misspelt)
		ret->ids = verb;
	while (start && is_blank(t[start - 1]))
		start--;
	ret->alone = !start || t[start - 1] == '\n' || t[start - 1] == '\r' ||
		     (start == 3 && !memcmp(t, "\xef\xbb\xbf", 3));
	return true;
}

/* Calls come with ascending offsets. */
static struct ka_loc loc_of(struct ka_remarks *r, size_t offset)
{
	ka_places_to_offset(&r->places, offset);
	return ka_places_loc(&r->places);
}

int ka_remarks_find(struct ka_ctx *ctx, const struct ka_source *src, struct ka_remarks *ret)
{
	size_t at = next_hash(src, 0);

	*ret = (struct ka_remarks){.ctx = ctx, .src = src};
	if (at == src->len || !src->findings || src->findings->remarks_read)
		return 0;
	src->findings->remarks_read = true;
	ret->v = ka_calloc(ctx, KA_IGNORES_MAX + 1, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	ka_places_start(&ret->places, src);
	for (; at < src->len && ret->n <= KA_IGNORES_MAX; at = next_hash(src, at + 1)) {
		struct ka_remark *m = &ret->v[ret->n];

		if (!is_remark(src, at, m))
			continue;
		m->loc = loc_of(ret, m->hash);
		m->surplus = ret->n++ == KA_IGNORES_MAX;
	}
	ka_places_start(&ret->places, src);
	return 0;
}

void ka_remarks_are_text(struct ka_remarks *r, size_t from, size_t to)
{
	for (size_t i = r->done; i < r->n && r->v[i].hash < to; i++)
		r->v[i].text |= r->v[i].hash >= from;
}

/* ---- lines ---- */

struct line {
	size_t start, text, end; /* text: the first byte that is no blank */
	uint32_t nr;
};

static bool has_content(const struct ka_source *src, const struct line *l)
{
	return l->text < l->end && src->text[l->text] != '#';
}

static bool is_item(const struct ka_source *src, const struct line *l)
{
	return src->text[l->text] == '-' &&
	       (l->text + 1 == l->end || is_blank(src->text[l->text + 1]));
}

/*
 * What a comment is about ends before the first line that is not indented deeper. The items of a
 * list may stand in the column of its name.
 */
static bool goes_on(const struct ka_source *src, const struct ka_remark *m, const struct line *l)
{
	size_t indent = l->text - l->start;

	return indent > m->indent || (indent == m->indent && is_item(src, l) && !m->item);
}

/* One line for all comments that are open; those that wait for it begin with it. */
static void take_line(struct ka_remarks *r, struct ka_remark **open, size_t *nopen, size_t *next,
		      size_t n, const struct line *l)
{
	while (*nopen && !goes_on(r->src, open[*nopen - 1], l))
		(*nopen)--;
	for (; *next < n && r->v[*next].hash < l->start; (*next)++) {
		struct ka_remark *m = &r->v[*next];

		if (m->text || m->first)
			continue;
		m->first = m->last = l->nr;
		m->indent = (uint32_t)(l->text - l->start);
		m->item = is_item(r->src, l);
		open[(*nopen)++] = m;
	}
	for (size_t i = 0; i < *nopen; i++)
		open[i]->last = l->nr;
}

/* The ranges of comments [done, n) that stand on lines of their own, in one pass over the text. */
static int find_ranges(struct ka_remarks *r, size_t n, size_t last)
{
	const char *t = r->src->text;
	KA_FREE struct ka_remark **open = NULL;
	size_t nopen = 0, next = r->done;
	struct line l;

	while (next < n && (r->v[next].text || r->v[next].first))
		next++;
	if (next == n)
		return 0;
	open = reallocarray(NULL, n - r->done, sizeof(struct ka_remark *));
	if (!open)
		return ka_fail(r->ctx, -ENOMEM, "out of memory");
	l.start = r->v[next].hash;
	l.nr = r->v[next].loc.line;
	while ((l.start = next_line(r->src, end_of_line(r->src, l.start))) < last) {
		l.end = end_of_line(r->src, l.start);
		l.nr++;
		for (l.text = l.start; l.text < l.end && t[l.text] == ' ';)
			l.text++;
		if (has_content(r->src, &l))
			take_line(r, open, &nopen, &next, n, &l);
		if (!nopen && next == n)
			break;
	}
	return 0;
}

/* ---- into the source's ignores ---- */

/* Of something in the comment's line. */
static struct ka_loc place(const struct ka_remark *m, size_t at, size_t len)
{
	struct ka_loc loc = m->loc;

	loc.column += (uint32_t)(at - m->hash);
	loc.offset = (uint32_t)at;
	loc.length = (uint32_t)len;
	return loc;
}

static int add(struct ka_remarks *r, const struct ka_ignore *ignore)
{
	struct ka_findings *f = r->src->findings;
	struct ka_ignore *v = (struct ka_ignore *)f->ignores;

	if (f->nignores == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 8;

		v = ka_calloc(r->ctx, cap, sizeof(*v));
		if (!v)
			return -ENOMEM;
		if (f->nignores)
			memcpy(v, f->ignores, f->nignores * sizeof(*v));
		f->ignores = v;
		r->cap = cap;
	}
	v[f->nignores++] = *ignore;
	return 0;
}

static void complain(struct ka_remarks *r, struct ka_loc loc, const char *word, const char *why)
{
	struct ka_diag *d = ka_diag(r->ctx, KA_D_IGNORE_UNKNOWN, loc, word, why);

	ka_diag_hint(r->ctx, d, "write '# karmor-c: ignore KA0801 reason'");
}

/* One id of a comment. */
static int take_id(struct ka_remarks *r, const struct ka_remark *m, size_t at, size_t len)
{
	struct ka_ignore ignore = {.first = m->first, .last = m->last};
	char code[16] = "";
	const char *word;

	ignore.loc = place(m, at, len);
	word = ka_strndup(r->ctx, r->src->text + at, len);
	ignore.used = ka_calloc(r->ctx, 1, sizeof(bool));
	if (!word || !ignore.used)
		return -ENOMEM;
	if (len < sizeof(code))
		memcpy(code, word, len);
	if (!ka_diag_find(code, &ignore.id)) {
		complain(r, ignore.loc, word, "there is no such id");
		return 0;
	}
	if (ka_diag_severity(ignore.id) == KA_ERROR) {
		complain(r, ignore.loc, word, "errors are never ignored");
		return 0;
	}
	return add(r, &ignore);
}

/* The ids are one word, or go on behind each comma. */
static int take_ids(struct ka_remarks *r, const struct ka_remark *m)
{
	const char *t = r->src->text;
	size_t at = skip_blanks(t, m->ids, m->end), len;
	bool more = true;
	int err = 0;

	if (at == m->end)
		complain(r, place(m, m->hash, m->end - m->hash), VERB, "no id is given");
	while (more && at < m->end && !err) {
		for (len = 0; at + len < m->end && t[at + len] != ',' && !is_blank(t[at + len]);)
			len++;
		if (len)
			err = take_id(r, m, at, len);
		at = skip_blanks(t, at + len, m->end);
		more = at < m->end && t[at] == ',';
		if (more)
			at = skip_blanks(t, at + 1, m->end);
	}
	return err;
}

static int take(struct ka_remarks *r, const struct ka_remark *m)
{
	size_t len;
	const char *word;

	if (m->text)
		return 0;
	if (m->surplus) {
		complain(r, place(m, m->hash, m->end - m->hash), VERB, "there are too many");
		return 0;
	}
	if (!m->misspelt)
		return take_ids(r, m);
	for (len = 0; m->ids + len < m->end && !is_blank(r->src->text[m->ids + len]);)
		len++;
	word = ka_strndup(r->ctx, r->src->text + m->ids, len);
	if (!word)
		return -ENOMEM;
	complain(r, place(m, m->ids, len), word, "did you mean 'ignore'?");
	return 0;
}

static int take_all(struct ka_remarks *r, size_t n)
{
	int err = 0;

	for (; r->done < n && !err; r->done++)
		err = take(r, &r->v[r->done]);
	return err;
}

/* ---- what the reader calls ---- */

int ka_remarks_document(struct ka_remarks *r, size_t root, size_t last, size_t end)
{
	size_t n = r->done;
	uint32_t line;
	int err;

	if (n == r->n)
		return 0;
	line = loc_of(r, end).line;
	if (end && strchr("\n\r", r->src->text[end - 1]))
		line--;
	for (; n < r->n && r->v[n].hash < end; n++) {
		struct ka_remark *m = &r->v[n];

		if (m->hash >= last && m->alone)
			break; /* the next document's */
		if (m->hash < root || !m->alone)
			m->first = m->last = m->loc.line;
		if (m->hash < root)
			m->last = line;
	}
	err = find_ranges(r, n, last);
	return err ? err : take_all(r, n);
}

void ka_remarks_skip(struct ka_remarks *r, size_t end)
{
	while (r->done < r->n && r->v[r->done].hash < end)
		r->done++;
}

int ka_remarks_end(struct ka_remarks *r)
{
	return take_all(r, r->n);
}

/* ---- what met nothing ---- */

static bool was_looked_for(const struct ka_ctx *ctx, enum ka_diag_id id, bool portable)
{
	return !ctx->ignored[id] && (portable || strncmp(ka_diag_code(id), "KA09", 4) != 0);
}

void ka_ignores_finish(struct ka_ctx *ctx, bool portable)
{
	for (size_t i = 0; i < ctx->nsources; i++) {
		const struct ka_findings *f = ctx->sources[i]->findings;

		for (size_t k = 0; k < f->nignores; k++) {
			const struct ka_ignore *g = &f->ignores[k];

			if (!*g->used && was_looked_for(ctx, g->id, portable))
				ka_diag(ctx, KA_D_IGNORE_UNUSED, g->loc, ka_diag_code(g->id));
		}
	}
}
