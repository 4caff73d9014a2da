// SPDX-License-Identifier: Apache-2.0
#include "mutate.h"

#include "../../compiler/check/schema.h"
#include "judge.h"

uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

size_t random_below(struct random *r, size_t n)
{
	return random_next(r) % n;
}

/* ---- edits of bytes ---- */

struct edit {
	const struct sample *s;
	struct random *r;
	char *text;
	size_t len;
};

/* s[from, to) becomes what is given. */
static void replace(struct edit *e, size_t from, size_t to, const char *with, size_t len)
{
	char *text = malloc(e->len - (to - from) + len + 1);

	if (!text)
		abort();
	memcpy(text, e->text, from);
	memcpy(text + from, with, len);
	memcpy(text + from + len, e->text + to, e->len - to);
	e->len = e->len - (to - from) + len;
	text[e->len] = '\0';
	free(e->text);
	e->text = text;
}

static const struct spot *pick(struct edit *e, bool (*fits)(const struct spot *))
{
	size_t start = random_below(e->r, e->s->nspots);

	for (size_t i = 0; i < e->s->nspots; i++) {
		const struct spot *s = &e->s->spots[(start + i) % e->s->nspots];

		if (fits(s))
			return s;
	}
	return NULL;
}

/* One letter is put in, left out, changed, or swapped with the next. Into `to`; its length. */
static size_t misspell(struct edit *e, const char *s, size_t len, char *to)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t at = random_below(e->r, len), n = 0;
	char c = letters[random_below(e->r, sizeof(letters) - 1)];
	int way = (int)random_below(e->r, 4);

	for (size_t i = 0; i < len; i++) {
		if (i != at || way == 0)
			to[n++] = s[i];
		if (i == at && way < 2)
			to[n++] = c; /* behind it, or instead */
		if (i == at && way == 3 && i + 1 < len) {
			to[n++] = s[i + 1];
			to[n++] = s[i];
			i++;
		}
	}
	return n;
}

/* ---- names and values ---- */

static bool is_known_key(const struct spot *s)
{
	return s->is_key && s->is_plain && s->in_policy && !s->is_foreign && !s->is_free;
}

static enum demand misspell_key(struct edit *e)
{
	const struct spot *s = pick(e, is_known_key);
	char to[256];
	size_t n;

	if (!s || s->end - s->start > 200)
		return NOTHING;
	n = misspell(e, e->text + s->start, s->end - s->start, to);
	if (n == s->end - s->start && !memcmp(to, e->text + s->start, n))
		return NOTHING;
	replace(e, s->start, s->end, to, n);
	to[n] = '\0';
	/* what is a field elsewhere may be one here */
	return ka_schema_name(to, n) ? MUST_SHOW : MUST_REFUSE;
}

static bool is_any_key(const struct spot *s)
{
	return s->is_key;
}

static enum demand exchange_key(struct edit *e)
{
	const struct spot *a = pick(e, is_any_key), *b = pick(e, is_any_key);

	if (!a || !b)
		return NOTHING;
	replace(e, a->start, a->end, e->s->text + b->start, b->end - b->start);
	return MUST_SHOW;
}

static bool is_typed_value(const struct spot *s)
{
	return !s->is_key && s->type < KA_NODE_NULL && s->in_policy && !s->is_foreign;
}

static enum demand other_type(struct edit *e)
{
	static const struct {
		const char *text;
		enum ka_node_type type;
	} values[] = {{"5", KA_NODE_INT},        {"0x10", KA_NODE_INT},
		      {"true", KA_NODE_BOOL},    {"off", KA_NODE_BOOL},
		      {"1.5", KA_NODE_FLOAT},    {"[x]", KA_NODE_SEQ},
		      {"{x: y}", KA_NODE_MAP},   {"word", KA_NODE_STRING},
		      {"\"5\"", KA_NODE_STRING}, {"'true'", KA_NODE_STRING}};
	const struct spot *s = pick(e, is_typed_value);
	size_t i = random_below(e->r, KA_ARRAY_SIZE(values));

	if (!s || s->type == values[i].type)
		return NOTHING;
	replace(e, s->start, s->end, values[i].text, strlen(values[i].text));
	return MUST_REFUSE;
}

static bool is_choice(const struct spot *s)
{
	return !s->is_key && s->is_plain && s->in_policy && !s->is_free && !s->is_foreign &&
	       (!strcmp(s->key, "action") || !strcmp(s->key, "kind") ||
		!strcmp(s->key, "apiVersion"));
}

static enum demand misspell_choice(struct edit *e)
{
	const struct spot *s = pick(e, is_choice);
	char to[256];
	size_t n;

	if (!s || s->end - s->start > 200)
		return NOTHING;
	n = misspell(e, e->text + s->start, s->end - s->start, to);
	if (n == s->end - s->start && !memcmp(to, e->text + s->start, n))
		return NOTHING;
	replace(e, s->start, s->end, to, n);
	return MUST_REFUSE;
}

static bool is_text(const struct spot *s)
{
	return !s->is_key && s->type < KA_NODE_SEQ && s->end - s->start < 200;
}

static enum demand misspell_value(struct edit *e)
{
	const struct spot *s = pick(e, is_text);
	char to[256];

	if (!s)
		return NOTHING;
	replace(e, s->start, s->end, to, misspell(e, e->text + s->start, s->end - s->start, to));
	return MUST_SHOW;
}

static enum demand exchange_value(struct edit *e)
{
	const struct spot *a = pick(e, is_text), *b = pick(e, is_text);

	if (!a || !b)
		return NOTHING;
	replace(e, a->start, a->end, e->s->text + b->start, b->end - b->start);
	return MUST_SHOW;
}

static bool is_any(const struct spot *s)
{
	return s->end > s->start;
}

/* What is there is gone, or stands in another place. */
static enum demand drop_spot(struct edit *e)
{
	const struct spot *s = pick(e, is_any);

	if (!s)
		return NOTHING;
	replace(e, s->start, s->end, "", 0);
	return MUST_SHOW;
}

static enum demand move_spot(struct edit *e)
{
	const struct spot *a = pick(e, is_any), *b = pick(e, is_any);

	if (!a || !b)
		return NOTHING;
	replace(e, a->start, a->end, e->s->text + b->start, b->end - b->start);
	return MUST_SHOW;
}

/* ---- lines ---- */

struct line {
	size_t start, text, end; /* end: behind the line's end */
};

static struct line pick_line(struct edit *e)
{
	size_t at = random_below(e->r, e->len ? e->len : 1);
	struct line l = {.start = at, .end = at};

	while (l.start && e->text[l.start - 1] != '\n')
		l.start--;
	while (l.end < e->len && e->text[l.end++] != '\n')
		;
	for (l.text = l.start; l.text < l.end && e->text[l.text] == ' ';)
		l.text++;
	return l;
}

static enum demand indent_line(struct edit *e)
{
	struct line l = pick_line(e);
	size_t n = 1 + random_below(e->r, 4);

	if (l.text > l.start && random_below(e->r, 2))
		replace(e, l.start, l.start + (n < l.text - l.start ? n : l.text - l.start), "", 0);
	else
		replace(e, l.start, l.start, "    ", n);
	return MUST_SHOW;
}

static enum demand drop_line(struct edit *e)
{
	struct line l = pick_line(e);

	replace(e, l.start, l.end, "", 0);
	return MUST_SHOW;
}

/* A second time, here or elsewhere. */
static enum demand copy_line(struct edit *e)
{
	struct line l = pick_line(e), to = random_below(e->r, 2) ? pick_line(e) : l;

	replace(e, to.start, to.start, e->s->text + l.start, l.end - l.start);
	return MUST_SHOW;
}

static enum demand move_line(struct edit *e)
{
	struct line l = pick_line(e), to = pick_line(e);

	if (to.start <= l.end)
		return NOTHING;
	replace(e, to.start, to.start, e->s->text + l.start, l.end - l.start);
	replace(e, l.start, l.end, "", 0);
	return MUST_SHOW;
}

static enum demand join_lines(struct edit *e)
{
	struct line l = pick_line(e);

	if (l.end == l.start)
		return NOTHING;
	replace(e, l.end - 1, l.end, " ", random_below(e->r, 2));
	return MUST_SHOW;
}

static enum demand change_dash(struct edit *e)
{
	struct line l = pick_line(e);
	bool dash = e->text[l.text] == '-';

	if (dash)
		replace(e, l.text, l.text + 1, " ", random_below(e->r, 2));
	else
		replace(e, l.text, l.text, "- ", 2);
	return MUST_SHOW;
}

/* ---- bytes ---- */

static enum demand change_byte(struct edit *e)
{
	static const char bytes[] = ":-#'\"{}[],&*!|>%@`?\t\n\r \\~<=./\0\x80\xff\xc3\xa4"
				    "aZ09";
	char c = bytes[random_below(e->r, sizeof(bytes) - 1)];
	size_t at = random_below(e->r, e->len ? e->len : 1);
	int way = (int)random_below(e->r, 3);

	if (!e->len)
		return NOTHING;
	replace(e, at, at + (way != 0), &c, way != 1);
	return MUST_SHOW;
}

static enum demand cut(struct edit *e)
{
	size_t at = random_below(e->r, e->len ? e->len : 1);

	replace(e, at, e->len, "", 0);
	return MUST_SHOW;
}

static const struct {
	const char *name;
	enum demand (*way)(struct edit *e);
} ways[] = {
	{"a name misspelt", misspell_key},
	{"a name misspelt", misspell_key},
	{"another name", exchange_key},
	{"another type", other_type},
	{"another type", other_type},
	{"a choice misspelt", misspell_choice},
	{"a value misspelt", misspell_value},
	{"another value", exchange_value},
	{"something gone", drop_spot},
	{"something moved", move_spot},
	{"a line indented", indent_line},
	{"a line indented", indent_line},
	{"a line gone", drop_line},
	{"a line twice", copy_line},
	{"a line moved", move_line},
	{"lines joined", join_lines},
	{"a dash", change_dash},
	{"a byte", change_byte},
	{"a byte", change_byte},
	{"cut short", cut},
};

enum demand mutate(const struct sample *s, struct random *r, char **ret, size_t *ret_len,
		   const char **how)
{
	enum demand demand = NOTHING;

	while (demand == NOTHING) {
		struct edit e = {.s = s, .r = r, .text = malloc(s->len + 1), .len = s->len};
		size_t i = random_below(r, KA_ARRAY_SIZE(ways));

		if (!e.text)
			abort();
		memcpy(e.text, s->text, s->len);
		demand = ways[i].way(&e);
		*how = ways[i].name;
		*ret = e.text;
		*ret_len = e.len;
		if (demand == NOTHING)
			free(e.text);
	}
	return demand;
}
