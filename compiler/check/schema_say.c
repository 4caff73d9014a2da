// SPDX-License-Identifier: Apache-2.0
/*
 * Values that are wrong: what they should be, and, where that is no guess, the text to write.
 */
#include "../base/suggest.h"
#include "schema_check.h"

#define LIST_BYTES 256u

bool ka_check_kept(struct ka_check *c, const struct ka_diag *d)
{
	c->full = !d->message;
	return !c->full;
}

/* ---- the text behind a node ---- */

static const char *text_at(const struct ka_node *n, size_t len)
{
	const struct ka_source *src = n->loc.source;

	if (!src || n->loc.offset > src->len || len > src->len - n->loc.offset)
		return NULL;
	return src->text + n->loc.offset;
}

bool ka_check_verbatim(const struct ka_node *n)
{
	size_t len = n->loc.length;
	const char *text = text_at(n, len);

	if (!text || n->type > KA_NODE_NULL || !n->len)
		return false;
	if (len == n->len + 2 && (*text == '"' || *text == '\'') && text[len - 1] == *text) {
		text++;
		len -= 2;
	}
	return len == n->len && !memcmp(text, n->str, len);
}

char ka_check_char(const struct ka_node *n)
{
	const char *text = text_at(n, 1);

	return text ? *text : '\0';
}

bool ka_check_first_in_line(const struct ka_node *n)
{
	size_t before = n->loc.column - 1;
	const char *text = text_at(n, 0);

	if (!text || before > n->loc.offset)
		return false;
	for (size_t i = 1; i <= before; i++)
		if (text[-(ssize_t)i] != ' ')
			return false;
	return true;
}

/* Whether this is one plain or quoted text that stands where it means this value alone. */
static bool is_quoted(const struct ka_node *n)
{
	char c = ka_check_char(n);

	return ka_check_verbatim(n) && n->loc.length == n->len + 2 && (c == '"' || c == '\'');
}

static void replace(struct ka_check *c, struct ka_diag *d, const struct ka_node *n,
		    const char *text)
{
	if (text && ka_check_verbatim(n))
		ka_diag_fix(c->ctx, d, n->loc.offset, n->loc.length, text);
}

const char *ka_check_fields(struct ka_check *c, const struct ka_schema *s)
{
	char list[LIST_BYTES] = "";
	size_t len = 0;

	for (size_t i = 0; i < s->nfields; i++) {
		int w = snprintf(list + len, sizeof(list) - len, "%s%s", len ? ", " : "",
				 s->fields[i].name);

		if (w < 0 || (size_t)w >= sizeof(list) - len)
			break;
		len += (size_t)w;
	}
	list[len] = '\0';
	return ka_sprintf(c->ctx, "%s", list) ?: "";
}

/* ---- types ---- */

static const char *type_str(enum ka_schema_type type)
{
	static const char *const names[] = {
		[KA_SCHEMA_ANY] = "a value",    [KA_SCHEMA_STRING] = "a string",
		[KA_SCHEMA_INT] = "an integer", [KA_SCHEMA_BOOL] = "a boolean (true or false)",
		[KA_SCHEMA_LIST] = "a list",    [KA_SCHEMA_MAP] = "a mapping",
	};

	return names[type];
}

/* "severity", "an item of 'tags'" */
static const char *name_of(struct ka_check *c, const struct ka_at *at)
{
	const struct ka_at *up = at->up;

	if (c->full)
		return "this";
	if (at->key)
		return ka_sprintf(c->ctx, "'%s'", at->key->str) ?: at->key->str;
	while (up && !up->key)
		up = up->up;
	if (!up)
		return "this";
	return ka_sprintf(c->ctx, "an item of '%s'", up->key->str) ?: "an item";
}

static void say_string(struct ka_check *c, const struct ka_at *at, struct ka_diag *d)
{
	const struct ka_node *n = at->node;
	char first = ka_check_char(n);

	if (n->type < KA_NODE_NULL) {
		ka_diag_hint(c->ctx, d, "quote it: \"%s\"", n->str);
		replace(c, d, n, ka_sprintf(c->ctx, "\"%s\"", n->str));
	} else if (n->type == KA_NODE_NULL) {
		ka_diag_hint(c->ctx, d, "an empty string is written \"\"");
	} else if (first == '{' || (first == '[' && at->up && at->up->schema->items)) {
		ka_diag_hint(c->ctx, d, "quote it: a value that begins with '%c' is %s to YAML",
			     first, ka_node_type_str(n->type));
	} else if (n->type == KA_NODE_SEQ) {
		ka_diag_hint(c->ctx, d, "it takes one value");
	}
}

static bool is_in_range(const struct ka_schema *s, const struct ka_node *quoted)
{
	struct ka_node n = *quoted;
	long long v;

	n.type = KA_NODE_INT;
	return ka_node_int(&n, &v) && v >= s->min && v <= s->max;
}

/* A number or boolean in quotes. */
static void say_plain(struct ka_check *c, const struct ka_at *at, struct ka_diag *d)
{
	const struct ka_node *n = at->node;
	enum ka_node_type want = at->schema->type == KA_SCHEMA_INT ? KA_NODE_INT : KA_NODE_BOOL;

	if (n->type == KA_NODE_STRING && ka_scalar_type(n->str, n->len) == want) {
		ka_diag_hint(c->ctx, d, "write it without quotes: %s", n->str);
		if (is_quoted(n) && (want == KA_NODE_BOOL || is_in_range(at->schema, n)))
			replace(c, d, n, n->str);
	} else if (want == KA_NODE_BOOL) {
		ka_diag_hint(c->ctx, d, "write true or false");
	} else {
		ka_diag_hint(c->ctx, d, "write a number from %lld to %lld", at->schema->min,
			     at->schema->max);
	}
}

/* ---- lists and mappings, one for the other ---- */

/* The one field that a text can be meant for, where a mapping is due; NULL: none. */
static const char *field_for(const struct ka_schema *s, const struct ka_node *n)
{
	uint64_t due = s->required ? s->required : s->one_of;
	const struct ka_schema_field *f;

	if (s->type != KA_SCHEMA_MAP || n->type != KA_NODE_STRING || !due)
		return NULL;
	f = &s->fields[__builtin_ctzll(due)];
	if (s->required & (s->required - 1) || f->schema->type != KA_SCHEMA_STRING)
		return NULL;
	if (!strcmp(f->name, "path") && (n->str[0] != '/' || n->str[n->len - 1] == '/'))
		return NULL;
	if (!strcmp(f->name, "dir") && n->str[0] != '/')
		return NULL;
	return f->name;
}

/* A text that may stand behind a `[` or `{` as it is. */
static bool is_safe_in_flow(const struct ka_node *n)
{
	return ka_check_verbatim(n) && (is_quoted(n) || !strpbrk(n->str, ",[]{}#:\"'"));
}

/* A text where a list is due: a list of that one. */
static void say_list_of_one(struct ka_check *c, const struct ka_at *at, struct ka_diag *d)
{
	const struct ka_node *n = at->node;
	const struct ka_schema *items = at->schema->items;
	const char *field = field_for(items, n), *text = NULL;

	if (field)
		text = ka_sprintf(c->ctx, "[{%s: %.*s}]", field, (int)n->loc.length,
				  text_at(n, n->loc.length) ?: "");
	else if (items->type == KA_SCHEMA_STRING && n->type == KA_NODE_STRING)
		text = ka_sprintf(c->ctx, "[%.*s]", (int)n->loc.length,
				  text_at(n, n->loc.length) ?: "");
	if (text && strchr(n->str, ',') && !is_quoted(n)) {
		ka_diag_hint(c->ctx, d, "write it as a list: [%s]", n->str);
		return;
	}
	if (!text || !is_safe_in_flow(n)) {
		ka_diag_hint(c->ctx, d, "a list's items begin with '- '");
		return;
	}
	ka_diag_hint(c->ctx, d, "write it as a list: %s", text);
	replace(c, d, n, text);
}

/* A mapping where a list is due: its first item, if it could be one. */
static void say_list_of_map(struct ka_check *c, const struct ka_at *at, struct ka_diag *d)
{
	const struct ka_node *n = at->node;
	const struct ka_schema *items = at->schema->items;

	ka_diag_hint(c->ctx, d, "a list's items begin with '- '");
	if (items->type != KA_SCHEMA_MAP || !n->npairs || !at->key)
		return;
	for (size_t i = 0; i < n->npairs; i++)
		if (!ka_schema_field(items, n->pairs[i].key->str, n->pairs[i].key->len))
			return;
	if (ka_check_char(n) == '{' && n->end > n->loc.offset) {
		ka_diag_fix(c->ctx, d, n->loc.offset, 0, "[");
		ka_diag_fix(c->ctx, d, n->end, 0, "]");
	} else if (ka_check_first_in_line(n) && n->loc.line > at->key->loc.line &&
		   n->loc.column >= at->key->loc.column + 2) {
		/* the fields stay where they are: the dash takes the place of two blanks */
		ka_diag_fix(c->ctx, d, n->loc.offset - 2, 2, "- ");
	}
}

/* A list where a mapping is due: its one item, if that is a mapping. */
static void say_map_of_list(struct ka_check *c, const struct ka_at *at, struct ka_diag *d)
{
	const struct ka_node *n = at->node;
	const struct ka_node *item = n->nitems == 1 ? n->items[0] : NULL;

	ka_diag_hint(c->ctx, d, "write its fields without '- '");
	if (!item || item->type != KA_NODE_MAP || !item->npairs || ka_check_char(n) != '-')
		return;
	if (ka_check_first_in_line(n) && item->loc.line == n->loc.line &&
	    item->loc.offset == n->loc.offset + 2 && item->loc.source == n->loc.source)
		ka_diag_fix(c->ctx, d, n->loc.offset, 2, "  ");
}

/* A text where a mapping is due. */
static void say_map_of_text(struct ka_check *c, const struct ka_at *at, struct ka_diag *d)
{
	const struct ka_node *n = at->node;
	const char *field = field_for(at->schema, n);
	const char *text = text_at(n, n->loc.length);

	if (!field) {
		if (at->schema->example)
			ka_diag_hint(c->ctx, d, "for example: %s", at->schema->example);
		else if (at->schema->nfields)
			ka_diag_hint(c->ctx, d, "what can be here: %s",
				     ka_check_fields(c, at->schema));
		return;
	}
	ka_diag_hint(c->ctx, d, "write '%s: %s'", field, n->str);
	if (!text || !is_safe_in_flow(n) || n->loc.offset < 2)
		return;
	if (text[-1] == ' ' && text[-2] == '-')
		ka_diag_fix(c->ctx, d, n->loc.offset, 0, ka_sprintf(c->ctx, "%s: ", field) ?: "");
	else
		replace(c, d, n, ka_sprintf(c->ctx, "{%s: %.*s}", field, (int)n->loc.length, text));
}

void ka_check_type(struct ka_check *c, const struct ka_at *at)
{
	enum ka_schema_type want = at->schema->type;
	const struct ka_node *n = at->node;
	struct ka_diag *d = ka_diag(c->ctx, KA_D_WRONG_TYPE, n->loc, name_of(c, at), type_str(want),
				    ka_node_type_str(n->type));

	if (want == KA_SCHEMA_STRING)
		say_string(c, at, d);
	else if (want == KA_SCHEMA_BOOL || want == KA_SCHEMA_INT)
		say_plain(c, at, d);
	else if (want == KA_SCHEMA_LIST && n->type == KA_NODE_MAP)
		say_list_of_map(c, at, d);
	else if (want == KA_SCHEMA_LIST && n->type < KA_NODE_NULL)
		say_list_of_one(c, at, d);
	else if (want == KA_SCHEMA_MAP && n->type == KA_NODE_SEQ)
		say_map_of_list(c, at, d);
	else if (want == KA_SCHEMA_MAP && n->type < KA_NODE_NULL)
		say_map_of_text(c, at, d);
}

/* ---- words ---- */

/* What other tools call an action. */
static const char *meant_by(const char *word)
{
	static const char *const names[][2] = {
		{"deny", "Block"},    {"denied", "Block"}, {"reject", "Block"},
		{"drop", "Block"},    {"forbid", "Block"}, {"prevent", "Block"},
		{"enforce", "Block"}, {"kill", "Block"},   {"permit", "Allow"},
		{"accept", "Allow"},  {"pass", "Allow"},   {"log", "Audit"},
		{"monitor", "Audit"}, {"alert", "Audit"},  {"warn", "Audit"},
		{"report", "Audit"},
	};

	for (size_t i = 0; i < KA_ARRAY_SIZE(names); i++)
		if (!strcasecmp(names[i][0], word))
			return names[i][1];
	return NULL;
}

static const char *find(const struct ka_schema *s, const char *word)
{
	for (const char *const *v = s->values; word && *v; v++)
		if (!strcmp(*v, word))
			return *v;
	return NULL;
}

/* The value that differs in nothing but case and blanks around it. */
static const char *same_word(const struct ka_schema *s, const struct ka_node *n)
{
	const char *str = n->str + strspn(n->str, " \t");
	size_t len = strlen(str);

	while (len && (str[len - 1] == ' ' || str[len - 1] == '\t'))
		len--;
	for (const char *const *v = s->values; *v; v++)
		if (strlen(*v) == len && !strncasecmp(*v, str, len))
			return *v;
	return NULL;
}

static const char *all_values(struct ka_check *c, const struct ka_schema *s)
{
	char list[LIST_BYTES] = "";
	size_t len = 0;

	for (const char *const *v = s->values; *v; v++) {
		int w = snprintf(list + len, sizeof(list) - len, "%s%s", len ? ", " : "", *v);

		if (w < 0 || (size_t)w >= sizeof(list) - len - strlen(", ...")) {
			memcpy(list + len, ", ...", sizeof(", ..."));
			break;
		}
		len += (size_t)w;
	}
	return ka_sprintf(c->ctx, "%s", list) ?: "";
}

static void say_word(struct ka_check *c, const struct ka_schema *s, const struct ka_node *n,
		     struct ka_diag *d)
{
	size_t skip = s->prefix && !strncasecmp(n->str, s->prefix, strlen(s->prefix))
			      ? strlen(s->prefix)
			      : 0;
	struct ka_suggest near = ka_suggest_for(n->str + skip, n->len - skip);
	const char *same = same_word(s, n), *meant = find(s, meant_by(n->str));

	if (same) {
		ka_diag_hint(c->ctx, d, "write '%s'", same);
		replace(c, d, n, same);
		return;
	}
	for (const char *const *v = s->values; *v; v++)
		ka_suggest_try(&near, *v);
	if (meant || (near.best && near.distance * 2 < strlen(near.best)))
		ka_diag_hint(c->ctx, d, "did you mean '%s'?", meant ? meant : near.best);
	else
		ka_diag_hint(c->ctx, d, "its values are: %s", all_values(c, s));
}

void ka_check_values(struct ka_check *c, const struct ka_at *at)
{
	const struct ka_node *n = at->node;
	struct ka_diag *d = ka_diag(c->ctx, KA_D_NOT_ONE_OF, n->loc, n->str,
				    at->key ? at->key->str : "this list");

	if (ka_check_kept(c, d))
		say_word(c, at->schema, n, d);
}

void ka_check_range(struct ka_check *c, const struct ka_at *at)
{
	const struct ka_schema *s = at->schema;
	struct ka_diag *d;
	long long v;

	d = ka_diag(c->ctx, KA_D_RANGE, at->node->loc, at->key ? at->key->str : "this", s->min,
		    s->max, at->node->str);
	if (ka_check_kept(c, d) && !ka_node_int(at->node, &v))
		ka_diag_hint(c->ctx, d, "write a plain decimal number");
}

void ka_check_few(struct ka_check *c, const struct ka_schema *s, const struct ka_pair *p)
{
	struct ka_diag *d = ka_diag(c->ctx, KA_D_FEW_ITEMS, p->key->loc, p->key->str, s->min_items,
				    s->min_items == 1 ? "" : "s");

	if (ka_check_kept(c, d) && s->example)
		ka_diag_hint(c->ctx, d, "for example: %s: %s", p->key->str, s->example);
}
