// SPDX-License-Identifier: Apache-2.0
#include "current.h"

#include <bpf/bpf.h>

#include "../runtime/load.h"
#include "workloads.h"

static bool same_bundle(const struct ka_bundle *a, const struct ka_bundle *b)
{
	return a->bytes && a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

static bool is_attached(const struct ka_attachments *pins, const struct ka_bundle *b,
			enum ka_family family)
{
	const char *name = ka_family_str(family);
	size_t len = strlen(name);

	for (size_t i = 0; i < b->nobjects; i++) {
		const struct ka_object *o = &b->objects[i];

		if (strncmp(o->name, name, len) || o->name[len] != '.')
			continue;
		for (size_t k = 0; k < pins->n; k++)
			if (pins->v[k].family == family && pins->v[k].code == ka_object_code(o))
				return true;
	}
	return false;
}

static bool all_attached(const struct ka_bundle *b)
{
	KA_FREE struct ka_attachments *pins = calloc(1, sizeof(*pins));
	struct ka_error e = {};

	if (!pins || ka_pins_list(pins, false, &e) < 0)
		return false;
	for (unsigned int f = 0; f < KA_FAMILY__MAX; f++)
		if ((b->reader.head->hooks & 1u << f) && !is_attached(pins, b, f))
			return false;
	return true;
}

/* A change of /etc/karmor-c/config.yaml alone changes members. */
static bool same_member(const struct ka_change *c, uint32_t workload, const char *ns,
			const struct ka_labels *labels)
{
	struct ka_member_key key = {KA_ROOT_SLOT(c->h.root->value), workload};
	struct ka_member now = {}, wanted = {};

	if (bpf_map_lookup_elem(c->h.members_fd, &key, &now) < 0 && errno != ENOENT)
		return false;
	ka_member_make(&c->bundle.reader, &c->node, ns, labels, &wanted);
	return !memcmp(&now, &wanted, sizeof(now));
}

static bool same_members(const struct ka_change *c)
{
	KA_WORKLOADS struct ka_workloads w = {};
	struct ka_error e = {};

	if (!same_member(c, KA_WORKLOAD_HOST, NULL, NULL))
		return false;
	if (ka_workloads_read((struct ka_node_handle *)&c->h, &w, &e) < 0)
		return false;
	for (size_t i = 0; i < w.n; i++) {
		struct ka_labels labels = ka_label_set_view(&w.v[i].labels);

		if (!same_member(c, w.v[i].id, w.v[i].info.ns, &labels))
			return false;
	}
	return true;
}

bool ka_is_current(const struct ka_change *c)
{
	return c->attached && c->h.image && KA_ROOT_SEQ(c->h.root->value) &&
	       same_bundle(&c->old_bundle, &c->bundle) && all_attached(&c->bundle) &&
	       same_members(c);
}
