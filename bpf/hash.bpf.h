/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The keyed hash of a path that was climbed: how a subject remembers what it executes.
 * The encoding is siphash.h's; user space computes the same from a string.
 */
#pragma once

#include "siphash.h"
#include "walk.bpf.h"

struct ka_hashing {
	struct ka_case *c;
	struct ka_deep_trail *deep;
	struct ka_sip sip;
	__u32 n, len, bad;
};

static long ka_hash_word(__u32 i, void *arg)
{
	struct ka_hashing *h = arg;
	struct ka_sip sip;

	if (8 * i >= h->len)
		return 1;
	sip = h->sip;
	ka_sip_word(&sip, h->c->name[i & (KA_NAME_WORDS - 1)]);
	h->sip = sip;
	return 0;
}

static long ka_hash_one(__u32 i, void *arg)
{
	struct ka_hashing *h = arg;
	struct ka_case *c = h->c;
	struct ka_sip sip;
	struct ka_name name;
	__u32 seq;

	if (i >= h->n)
		return 1;
	if (ka_name_any(&name, c, ka_kept(c, h->deep, h->n - 1 - i, &seq))) {
		h->bad = 1;
		return 1;
	}
	sip = h->sip;
	ka_sip_word(&sip, name.len);
	h->sip = sip;
	h->len = name.len;
	bpf_loop(KA_NAME_WORDS, ka_hash_word, h, 0);
	return 0;
}

/* Of the kept path; 0: unreadable. See siphash.h for the encoding. */
__noinline __u64 ka_hash_kept(void)
{
	struct ka_subject *sub = ka_self();
	struct ka_hashing h = {};
	struct ka_sip sip;

	if (!sub)
		return 0;
	h.c = &sub->c;
	h.n = sub->c.n;
	if (h.n > KA_SHALLOW)
		h.deep = ka_deep_get(0);
	ka_sip_start(&sip, ka_root.key[0], ka_root.key[1]);
	h.sip = sip;
	bpf_loop(KA_MAX_COMPONENTS, ka_hash_one, &h, 0);
	if (h.bad)
		return 0;
	sip = h.sip;
	return ka_sip_end(&sip);
}

/* Of the path of a file, below the root mount `root`; 0: it has none. The scratch is the caller's.
 */
static __always_inline __u64 ka_hash_file(struct ka_case *c, struct file *file, struct mount *root)
{
	if (!file || !file->f_path.mnt)
		return 0;
	if (ka_climb(ka_number(c, file->f_path.mnt), ka_number(c, file->f_path.dentry),
		     ka_number(c, root), 0) != KA_PATH_OK)
		return 0;
	return ka_hash_kept();
}
