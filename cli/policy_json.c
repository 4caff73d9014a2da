// SPDX-License-Identifier: Apache-2.0
#include "policy_json.h"

#include "../compiler/yaml.h"
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
	json_t **ret = arg;

	(void)ctx;
	if (root && !*ret)
		*ret = node_json(root);
	return 0;
}

json_t *ka_policy_json(struct ka_ctx *ctx, const struct ka_policy *p)
{
	struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));
	json_t *ret = NULL;

	if (!src)
		return NULL;
	*src = (struct ka_source){"<in force>", p->text, strlen(p->text)};
	if (ka_yaml_read(ctx, src, take, &ret) < 0) {
		json_decref(ret);
		return NULL;
	}
	return ret;
}
