/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The matcher on trial: judges a path given as text, by BPF_PROG_TEST_RUN. Never attached; the
 * model test asks it what the kernel would say, where no LSM program may be loaded.
 *
 * Components come from a string instead of dentries; ka_step and ka_decide are the ones that
 * the hooks run.
 */
#include "flat.bpf.h"

struct ka_dock {
	struct ka_member member;
	char path[KA_TRIAL_PATH];
	__u64 name[KA_NAME_WORDS + 1];
	__u32 len, state, category, bad;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ka_dock);
} ka_dock SEC(".maps");

struct ka_reading {
	struct ka_dock *d;
	struct ka_view view;
	__u32 path_len;
};

static long ka_read_byte(__u32 i, void *arg)
{
	struct ka_reading *r = arg;
	struct ka_dock *d = r->d;
	struct ka_view v = r->view;
	__u32 at = i + 1, len = d->len;
	char byte;

	if (at > r->path_len)
		return 1;
	byte = at < r->path_len ? d->path[at & (KA_TRIAL_PATH - 1)] : '/';
	if (byte != '/') {
		if (len >= KA_MAX_NAME) {
			d->bad = 1;
			return 1;
		}
		if (!(len & 7))
			d->name[(len >> 3) & (KA_NAME_WORDS - 1)] = 0;
		((char *)d->name)[len & KA_MAX_NAME] = byte;
		d->len = len + 1;
		return 0;
	}
	if (!len)
		return 0;
	if (KA_AT(&v, struct ka_state, d->state)->flags & KA_STATE_FINAL(d->category & 1))
		return 1;

	struct ka_name name = {.more = d->name, .len = len, .again = &d->len};

	d->state = ka_step(&v, d->state, &name, at == r->path_len);
	d->len = 0;
	return 0;
}

/* The entry list of a path; 0xffffffff: a component is longer than any name. */
static __always_inline __u32 ka_list_of_path(struct ka_dock *d, const struct ka_view *v,
					     __u32 path_len)
{
	struct ka_reading w = {.d = d, .view = *v, .path_len = path_len};

	d->len = 0;
	d->bad = 0;
	d->state = ((const struct ka_image *)v->img)->start;
	bpf_loop(KA_TRIAL_PATH, ka_read_byte, &w, 0);
	if (d->bad)
		return 0xffffffff;
	return KA_AT(v, struct ka_state, d->state)->list[d->category & 1];
}

SEC("syscall")
int ka_try(struct ka_trial *t)
{
	__u32 zero = 0, cat = t->category, list;
	struct ka_dock *d = bpf_map_lookup_elem(&ka_dock, &zero);
	const __u8 *img = ka_image_get(0);
	struct ka_ruling r = {};
	struct ka_view v = {.img = img};
	struct ka_who who = {};

	if (!d || !img)
		return 1;
	bpf_probe_read_kernel(d->member.policies, sizeof(d->member.policies), t->policies);
	d->category = cat;
	if (cat < KA_CAT_PATHS) {
		bpf_probe_read_kernel(d->path, sizeof(d->path), t->path);
		list = ka_list_of_path(d, &v, t->path_len);
		if (list == 0xffffffff)
			return 2;
	} else {
		list = ka_list_of_index(&v, cat, t->index);
	}
	who.policies = d->member.policies;
	who.member = &d->member;
	who.flags = t->flags;
	who.class[0] = t->class[0];
	who.class[1] = t->class[1];
	/* as in the hooks, only where an entry asks */
	if (list && (KA_AT(&v, struct ka_entry, list)->flags & KA_ENTRY_ASKS))
		who.has = t->has;
	ka_decide(&v, &who, list, cat & 3, t->op, &r);
	t->verdict = r.verdict;
	t->reason = r.reason;
	t->rule = r.rule;
	t->audit_rule = r.audit;
	return 0;
}
