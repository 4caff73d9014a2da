// SPDX-License-Identifier: Apache-2.0
#include "policy_json.h"

#include "../compiler/tree/yaml.h"
#include "report.h"

/* Depth is bounded by the reader. */
static json_t *node_json(const struct ka_node *n)
{
	json_t *j;

	switch (n->type) {
	case KA_NODE_STRING:
		return ka_json_bytes(n->str, n->len);
	case KA_NODE_INT:
		return json_integer(strtoll(n->str, NULL, 0));
	case KA_NODE_FLOAT:
		return json_real(strtod(n->str, NULL));
	case KA_NODE_BOOL:
		return json_boolean(ka_node_true(n));
	case KA_NODE_NULL:
		return json_null();
	case KA_NODE_SEQ:
		j = json_array();
		for (size_t i = 0; i < n->nitems; i++)
			json_array_append_new(j, node_json(n->items[i]));
		return j;
	case KA_NODE_MAP:
		j = json_object();
		for (size_t i = 0; i < n->npairs; i++)
			json_object_set_new(j, n->pairs[i].key->str, node_json(n->pairs[i].value));
		return j;
	}
	return json_null();
}

static int take(struct ka_ctx *ctx, const struct ka_node *root, void *arg)
{
	(void)ctx;
	return root ? json_array_append_new(arg, node_json(root)) : 0;
}

json_t *ka_text_json(struct ka_ctx *ctx, const char *text, size_t len)
{
	struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));
	json_t *ret = json_array();

	if (src && ret) {
		*src = (struct ka_source){"<in force>", text, len};
		if (!ka_yaml_read(ctx, src, take, ret))
			return ret;
	}
	json_decref(ret);
	return NULL;
}

json_t *ka_policy_json(struct ka_ctx *ctx, const struct ka_policy *p)
{
	json_t *documents = ka_text_json(ctx, p->text, strlen(p->text));
	json_t *ret = json_incref(json_array_get(documents, 0));

	json_decref(documents);
	return ret;
}
