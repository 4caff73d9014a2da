/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A workload's entry: number, labels, membership in the generation in force, then its tasks.
 *
 * In this order, so that no task ever carries a number without a member.
 */
#include <time.h>

#include <bpf/bpf.h>

#include "slot.h"
#include "tasks.h"

static int copy_text(char *to, size_t size, const char *from, const char *what, struct ka_error *e)
{
	if (strlen(from) >= size)
		return ka_error_set(e, -EINVAL, "%s is too long (limit is %zu bytes)", what,
				    size - 1);
	strcpy(to, from);
	return 0;
}

static int copy_labels(struct ka_workload *w, const struct ka_labels *labels, struct ka_error *e)
{
	size_t used = 0;

	for (size_t i = 0; i < labels->n; i++) {
		const char *k = labels->keys[i], *v = labels->values[i];
		size_t room = sizeof(w->labels) - used;
		int n;

		if (!*k || strpbrk(k, "=\n") || strchr(v, '\n'))
			return ka_error_set(e, -EINVAL, "label '%s=%s' cannot be kept", k, v);
		n = snprintf(w->labels + used, room, "%s=%s\n", k, v);
		if (n < 0 || (size_t)n >= room)
			return ka_error_set(e, -EINVAL, "too many labels (limit is %zu bytes)",
					    sizeof(w->labels) - 1);
		used += n;
	}
	return 0;
}

static int describe(struct ka_workload *w, const char *ns, const char *name,
		    const struct ka_labels *labels, struct ka_error *e)
{
	int r;

	memset(w, 0, sizeof(*w));
	w->since = time(NULL);
	w->pid = getpid();
	r = copy_text(w->ns, sizeof(w->ns), ns, "the namespace", e);
	if (!r)
		r = copy_text(w->name, sizeof(w->name), name ? name : "", "the name", e);
	return r ? r : copy_labels(w, labels, e);
}

static int next_id(struct ka_node_handle *h, uint32_t *ret, struct ka_error *e)
{
	uint64_t id = h->root->next_workload;

	if (id < KA_WORKLOAD_FIRST || id > UINT32_MAX)
		return ka_error_set(e, -EOVERFLOW, "no workload numbers are left");
	/* taken before it is used: a number is never given twice */
	__atomic_store_n(&h->root->next_workload, id + 1, __ATOMIC_SEQ_CST);
	*ret = id;
	return 0;
}

static int put_workload(struct ka_node_handle *h, uint32_t id, const struct ka_workload *w,
			struct ka_error *e)
{
	KA_FREE struct ka_live *live = NULL;
	size_t n;
	int r;

	if (!bpf_map_update_elem(h->workloads_fd, &id, w, BPF_NOEXIST))
		return 0;
	if (errno != E2BIG)
		return ka_error_set(e, -errno, "registering: %s", strerror(errno));
	r = ka_node_tasks(h, &live, &n, e); /* forgets those that ended */
	if (!r && bpf_map_update_elem(h->workloads_fd, &id, w, BPF_NOEXIST) < 0)
		r = ka_error_set(e, -errno, "registering: too many workloads");
	return r;
}

static void take_back(struct ka_node_handle *h, uint32_t slot, uint32_t id)
{
	struct ka_member_key key = {.slot = slot, .workload = id};

	bpf_map_delete_elem(h->members_fd, &key);
	bpf_map_delete_elem(h->workloads_fd, &id);
}

int ka_node_register(struct ka_node_handle *h, const struct ka_node *node, const char *ns,
		     const char *name, const struct ka_labels *labels, uint32_t *ret_id,
		     struct ka_error *e)
{
	struct ka_workload w;
	uint32_t id = 0, slot;
	int r;

	if (h->lock_fd < 0 || !h->image)
		return ka_error_set(e, -ENOENT, "no policy is in force");
	r = describe(&w, ns, name, labels, e);
	if (!r)
		r = next_id(h, &id, e);
	if (!r)
		r = put_workload(h, id, &w, e);
	if (r)
		return r;
	slot = KA_ROOT_SLOT(h->root->value);
	r = ka_slot_member(h, slot, &h->reader, node, id, &w, e);
	if (r) {
		take_back(h, slot, id);
		return r;
	}
	/* what fails from here on may leave threads with the number: it keeps its member */
	r = ka_tasks_register(h, getpid(), id, e);
	if (r)
		return r;
	*ret_id = id;
	return 0;
}

int ka_node_workload(const struct ka_node_handle *h, uint32_t id, struct ka_workload *ret)
{
	if (bpf_map_lookup_elem(h->workloads_fd, &id, ret) < 0)
		return -errno;
	ret->ns[sizeof(ret->ns) - 1] = '\0';
	ret->name[sizeof(ret->name) - 1] = '\0';
	ret->labels[sizeof(ret->labels) - 1] = '\0';
	return 0;
}
