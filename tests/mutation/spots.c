// SPDX-License-Identifier: Apache-2.0
#include "../../compiler/base/intern.h"
#include "judge.h"
#include "mutate.h"

struct zone {
	const char *key; /* the name before */
	bool in_policy, is_foreign, is_free;
};

static void add(struct sample *s, const struct ka_node *n, struct zone z, bool is_key)
{
	struct spot *spot;

	if (!ka_grow(&s->ctx, &s->spots, &s->cap, s->nspots + 1, sizeof(*s->spots)))
		abort();
	spot = &s->spots[s->nspots++];
	*spot = (struct spot){.start = n->loc.offset,
			      .end = n->end,
			      .line_start = n->loc.offset - (n->loc.column - 1),
			      .type = n->type,
			      .str = n->type < KA_NODE_SEQ ? n->str : "",
			      .key = z.key,
			      .is_key = is_key,
			      .in_policy = z.in_policy,
			      .is_foreign = z.is_foreign,
			      .is_free = z.is_free};
	spot->is_plain = n->type < KA_NODE_SEQ && n->len == n->end - n->loc.offset &&
			 !memcmp(s->text + n->loc.offset, n->str, n->len);
}

static struct zone zone_of(struct zone z, const struct ka_node *map, const char *key)
{
	bool metadata = !strcmp(z.key, "metadata"), annotations = !strcmp(z.key, "annotations");

	(void)map;
	if (metadata && is_foreign(key))
		z.is_foreign = true;
	if (annotations && !is_our_annotation(key))
		z.is_foreign = true;
	if (!strcmp(key, "status") && !*z.key)
		z.is_foreign = true;
	z.is_free = has_free_keys(z.key);
	z.key = key;
	return z;
}

static void walk(struct sample *s, const struct ka_node *n, struct zone z, unsigned depth)
{
	if (depth > 20)
		return;
	if (n->loc.offset < n->end)
		add(s, n, z, false);
	for (size_t i = 0; n->type == KA_NODE_SEQ && i < n->nitems; i++)
		if (n->items[i]->loc.offset >= n->loc.offset) /* no alias */
			walk(s, n->items[i], z, depth + 1);
	for (size_t i = 0; n->type == KA_NODE_MAP && i < n->npairs; i++) {
		const struct ka_node *key = n->pairs[i].key, *value = n->pairs[i].value;
		struct zone below = zone_of(z, n, key->str);

		if (key->loc.offset < n->loc.offset)
			continue;
		add(s, key,
		    (struct zone){z.key, z.in_policy, below.is_foreign, has_free_keys(z.key)},
		    true);
		if (value->loc.offset >= key->loc.offset)
			walk(s, value, below, depth + 1);
	}
}

static int on_document(struct ka_ctx *ctx, const struct ka_node *root, void *arg)
{
	const struct ka_node *kind = ka_node_get(root, "kind");
	struct zone z = {.key = ""};

	(void)ctx;
	z.in_policy = kind && kind->type == KA_NODE_STRING && strstr(kind->str, "KubeArmor") &&
		      !strstr(kind->str, "List");
	if (root)
		walk(arg, root, z, 0);
	return 0;
}

void sample_prepare(struct sample *s)
{
	struct ka_source *src;

	if (ka_ctx_init(&s->ctx))
		abort();
	src = ka_calloc(&s->ctx, 1, sizeof(*src));
	if (!src)
		abort();
	*src = (struct ka_source){.name = s->name, .text = s->text, .len = s->len};
	if (ka_yaml_read(&s->ctx, src, on_document, s))
		abort();
}

void sample_done(struct sample *s)
{
	ka_ctx_done(&s->ctx);
	free(s->text);
}
