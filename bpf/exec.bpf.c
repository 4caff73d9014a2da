/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Executing. Always attached: sources must be known before a policy asks for them.
 *
 *   bprm_check_security    process rules on each stage; its source; AT_SECURE for sources
 *   bprm_committed_creds   the exec under way becomes the task's source
 */
#include "hash.bpf.h"
#include "judge.bpf.h"

#define KA_SECUREEXEC 1 /* BPF_F_BPRM_SECUREEXEC */

/* Whether an integrity entry of the subject's policies is in the list at w->off. */
struct ka_guarded {
	struct ka_view view;
	struct ka_who *who;
	__u32 off, found;
};

static long ka_guarded_one(__u32 i, void *arg)
{
	struct ka_guarded *g = arg;
	struct ka_view v = g->view;
	const struct ka_entry *e = KA_AT(&v, struct ka_entry, g->off + i * sizeof(struct ka_entry));

	if (e->scope == KA_SCOPE_INTEGRITY && ka_governs(g->who, e->policy)) {
		g->found = 1;
		return 1;
	}
	if (e->flags & KA_ENTRY_LAST)
		return 1;
	return 0;
}

/* Of the object whose exact state is in the scratch. */
__noinline int ka_is_guarded(void)
{
	struct ka_subject *sub = ka_self();
	struct ka_guarded g = {};
	struct ka_view v;
	struct ka_who who;

	if (!sub)
		return 0;
	g.view.img = ka_image_get(sub->c.slot);
	if (!g.view.img)
		return 0;
	v = g.view;
	ka_who_of(sub, (const struct ka_image *)v.img, &who);
	g.who = &who;
	g.off = KA_AT(&v, struct ka_state, sub->c.state)->list[KA_CAT_FILE];
	if (g.off)
		bpf_loop(KA_MAX_LIST, ka_guarded_one, &g, 0);
	return g.found;
}

/*
 * An exec into a source starts with AT_SECURE, so that LD_PRELOAD does not enter it: if a rule
 * names the program as a source, and a policy that governs the task guards it.
 */
static __always_inline void ka_secure(struct linux_binprm *bprm, struct ka_subject *sub, __u32 slot,
				      __u64 hash)
{
	if (ka_class_get(slot, hash) && ka_is_guarded())
		bpf_bprm_opts_set(bprm, KA_SECUREEXEC);
}

/* The first stage is what the caller named; then bprm->interp moves on to the interpreters. */
static __always_inline int ka_first_stage(struct linux_binprm *bprm)
{
	return (__u64)bprm->filename == (__u64)bprm->interp;
}

static __always_inline void ka_pending(struct ka_subject *sub, int first, __u64 hash)
{
	if (first) {
		sub->pending[0] = hash;
		sub->pending[1] = 0;
	} else {
		sub->pending[1] = hash;
	}
}

/* The exec that a registered task was waiting for. */
static __always_inline void ka_release(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ka_subject *sub = task->bpf_storage ? bpf_task_storage_get(&ka_subjects, task, 0, 0)
						   : NULL;

	if (sub && sub->held)
		sub->held = 0;
}

/*
 * A script is judged stage by stage with the caller as source; it then runs with two sources,
 * the script and its last interpreter.
 */
SEC("lsm/bprm_check_security")
int BPF_PROG(bprm_check, struct linux_binprm *bprm)
{
	struct file *file = bprm->file;
	struct ka_bench b = {};
	int gate, path, deny;
	__u64 mnt, dentry, hash = 0;
	struct ka_case *c;

	ka_release();
	gate = ka_enter(&b);
	if (gate == KA_LOST)
		return ka_errno(ka_lost());
	if (!b.sub || !b.sub->workload)
		return 0;
	c = &b.sub->c;
	mnt = ka_number(c, file->f_path.mnt);
	dentry = ka_number(c, file->f_path.dentry);
	c->slot = b.slot;
	c->cat = KA_CAT_PROCESS;
	c->op = KA_OP_EXEC;
	/* Without a generation in force there is no image to descend: KA_PATH_UNDECIDED, but the
	 * climb is what the hash needs. */
	path = ka_locate(mnt, dentry, b.slot, KA_CAT_EXACT);
	if (path == KA_PATH_OK || (path == KA_PATH_UNDECIDED && c->path == KA_PATH_OK))
		hash = ka_hash_kept();
	ka_pending(b.sub, ka_first_stage(bprm), hash);
	if (gate == KA_UNGOVERNED)
		return 0;
	if (path == KA_PATH_OK)
		ka_secure(bprm, b.sub, b.slot, hash);
	deny = ka_rule_on(path);
	ka_conclude(b.sub, mnt, dentry);
	return ka_errno(deny);
}

/* An exec that passed bprm_check can still fail and return to the old program; here it cannot. */
SEC("lsm/bprm_committed_creds")
int BPF_PROG(committed_creds, struct linux_binprm *bprm)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ka_subject *sub;
	__u64 hash;

	if (!task->bpf_storage)
		return 0;
	sub = bpf_task_storage_get(&ka_subjects, task, 0, 0);
	if (!sub)
		return 0;
	/* Labelled between the check and here: nobody knew what was pending. */
	hash = sub->pending[0];
	if (!hash)
		hash = ka_hash_file(&sub->c, bprm->file, ka_ns_root(task));
	sub->source[0] = hash;
	sub->source[1] = sub->pending[1];
	sub->pending[0] = sub->pending[1] = 0;
	sub->root = 0; /* look the classes up again */
	return 0;
}
