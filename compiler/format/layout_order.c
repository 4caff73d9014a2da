// SPDX-License-Identifier: Apache-2.0
/*
 * Fields into the order in which their schema has them; unknown ones behind them, as they were.
 * The keys of labels and annotations, and the items of lists, stay in the author's order.
 */
#include "layout.h"

#define KIND_PREFIX "KubeArmor"

static const char *const list_fields[] = {"apiVersion", "kind", "metadata", "items"};

static const struct ka_block_entry *find(const struct ka_block *map, const char *key)
{
	if (!map || map->type != KA_BLOCK_MAP)
		return NULL;
	for (const struct ka_block_entry *e = map->first; e; e = e->next)
		if (e->key->string && !strcmp(e->key->string, key))
			return e;
	return NULL;
}

static const char *kind_of(const struct ka_block *map)
{
	const struct ka_block_entry *e = find(map, "kind");

	return e && e->value && e->value->string ? e->value->string : "";
}

static bool is_list(const char *kind)
{
	size_t len = strlen(kind), prefix = strlen(KIND_PREFIX);

	return !strcmp(kind, "List") || (len > prefix + 4 && !strncmp(kind, KIND_PREFIX, prefix) &&
					 !strcmp(kind + len - 4, "List"));
}

/* ---- order ---- */

typedef size_t (*rank_fn)(const void *table, const char *key); /* SIZE_MAX: not in it */

static size_t rank_in_schema(const void *table, const char *key)
{
	const struct ka_schema *s = table;
	const struct ka_schema_field *f = ka_schema_field(s, key, strlen(key));

	return f ? (size_t)(f - s->fields) : SIZE_MAX;
}

static size_t rank_in_list(const void *table, const char *key)
{
	(void)table;
	for (size_t i = 0; i < KA_ARRAY_SIZE(list_fields); i++)
		if (!strcmp(list_fields[i], key))
			return i;
	return SIZE_MAX;
}

static size_t rank_of(const struct ka_block_entry *e, rank_fn rank, const void *table)
{
	return e->key->string ? rank(table, e->key->string) : SIZE_MAX;
}

/* Puts an entry behind all that are not to come after it. */
static void insert(struct ka_block_entry **first, struct ka_block_entry *e, rank_fn rank,
		   const void *table)
{
	size_t own = rank_of(e, rank, table);

	while (*first && rank_of(*first, rank, table) <= own)
		first = &(*first)->next;
	e->next = *first;
	*first = e;
}

/* Known fields are few, as none is there twice; unknown ones are many in hostile texts only. */
static void sort(struct ka_block *map, rank_fn rank, const void *table)
{
	struct ka_block_entry *e = map->first, *next, *known = NULL, *unknown = NULL;
	struct ka_block_entry **last = &unknown;

	for (; e; e = next) {
		next = e->next;
		e->next = NULL;
		if (rank_of(e, rank, table) == SIZE_MAX) {
			*last = e;
			last = &e->next;
		} else {
			insert(&known, e, rank, table);
		}
	}
	map->first = known;
	for (last = &map->first; *last; last = &(*last)->next)
		;
	*last = unknown;
}

static void order(struct ka_block *b, const struct ka_schema *s, bool stay)
{
	if (b->type == KA_BLOCK_LEAF)
		return;
	/* a mapping of any keys has no order but the author's */
	if (b->type == KA_BLOCK_MAP && s && s->fields && !s->items && !stay)
		sort(b, rank_in_schema, s);
	for (struct ka_block_entry *e = b->first; e; e = e->next) {
		const struct ka_schema_field *f = NULL;

		if (!e->value)
			continue;
		if (s && e->key && e->key->string)
			f = ka_schema_field(s, e->key->string, strlen(e->key->string));
		order(e->value, f ? f->schema : s ? s->items : NULL, stay);
	}
}

/* ---- comments at the start of an item ---- */

static bool is_plain_block(const struct ka_block_entry *e)
{
	return e->value && e->value->type != KA_BLOCK_LEAF && !e->value->end && !e->head.text;
}

/* `- # comment`, and the first field below: the comment goes above the `-`. */
static void lift_comments(struct ka_block *b)
{
	if (b->type == KA_BLOCK_LEAF)
		return;
	for (struct ka_block_entry *e = b->first; e; e = e->next) {
		if (!e->value)
			continue;
		lift_comments(e->value);
		if (b->type != KA_BLOCK_LIST || !is_plain_block(e))
			continue;
		ka_lines_drop_leading_blanks(&e->value->first->before);
		ka_lines_move(&e->before, &e->value->first->before);
	}
}

/* ---- documents ---- */

static bool order_list(struct ka_layout *doc)
{
	const struct ka_block_entry *items = find(doc->root, "items");
	bool policies = false;

	if (!items || !items->value || items->value->type != KA_BLOCK_LIST)
		return false;
	for (struct ka_block_entry *e = items->value->first; e; e = e->next) {
		const struct ka_schema *s = ka_schema_of_kind(kind_of(e->value));

		policies |= s != NULL;
		if (s)
			order(e->value, s, doc->stay);
	}
	if (policies && !doc->stay)
		sort(doc->root, rank_in_list, NULL);
	return policies;
}

static bool order_document(struct ka_layout *doc)
{
	const char *kind = kind_of(doc->root);
	const struct ka_schema *s = ka_schema_of_kind(kind);

	if (!s)
		return is_list(kind) && order_list(doc);
	order(doc->root, s, doc->stay);
	return true;
}

void ka_layout_order(struct ka_layout *documents)
{
	for (struct ka_layout *doc = documents; doc; doc = doc->next) {
		if (doc->as_is)
			continue;
		if (order_document(doc))
			lift_comments(doc->root);
		else
			doc->as_is = true;
	}
}
