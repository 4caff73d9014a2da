/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel structures that the programs read, with only the fields they use; CO-RE finds
 * the rest. Enforcement is tested on 6.1 and 6.12; 6.18 verifies the programs as well.
 *
 * Two variants of every object: "core" reads through pointers that it kept as numbers by
 * bpf_rdonly_cast (6.2 and later), "legacy" (KA_LEGACY) by bpf_probe_read_kernel.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "abi.h"

/* The image map's size class - 1; the loader sets it before loading. */
const volatile __u32 ka_mask = KA_MIN_CLASS - 1;

#define KA_EACCES 13
#define KA_ENOMEM 12
#define KA_EINVAL 22
#define KA_EPERM 1

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inode;
struct user_namespace;
struct sockaddr;
struct dentry;
struct mnt_namespace;
struct seqcount {
	unsigned int sequence;
};
typedef struct seqcount seqcount_t;
struct seqcount_spinlock {
	seqcount_t seqcount;
};
struct qstr {
	union {
		struct {
			__u32 hash;
			__u32 len;
		};
		__u64 hash_len;
	};
	const unsigned char *name;
};
struct dentry {
	struct seqcount_spinlock d_seq;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	unsigned char d_iname[40];
};
/* from 6.14 on */
union shortname_store {
	unsigned char string[40];
};
struct dentry___short {
	union shortname_store d_shortname;
};
struct file_system_type {
	const char *name;
};
struct super_block {
	__u32 s_dev;
	unsigned long s_flags;
	struct file_system_type *s_type;
	unsigned long s_magic;
	struct dentry *s_root;
	struct {
		int counter;
	} s_active;
};
typedef struct {
	__u32 val;
} kuid_t;
struct inode {
	unsigned short i_mode;
	kuid_t i_uid;
	unsigned long i_ino;
	struct super_block *i_sb;
};
struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
};
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
};
struct mnt_namespace {
	struct mount *root;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	unsigned int f_mode;
	unsigned int f_flags;
	struct path f_path;
	struct inode *f_inode;
};
struct backing_file {
	struct file file;
	struct path user_path;
};
struct vm_area_struct {
	unsigned long vm_flags;
	struct file *vm_file;
};
struct nsproxy {
	struct mnt_namespace *mnt_ns;
};
struct fs_struct {
	struct path root;
};
struct mm_struct {
	struct file *exe_file;
};
struct cred {
	kuid_t fsuid;
};
struct tty_struct;
struct signal_struct {
	struct tty_struct *tty;
};
struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	const struct cred *real_cred, *cred;
	struct io_uring_task *io_uring;
	struct signal_struct *signal;
	struct fs_struct *fs;
	struct nsproxy *nsproxy;
	struct bpf_local_storage *bpf_storage;
	unsigned in_execve : 1;
};
struct linux_binprm {
	struct file *file;
	const char *filename;
	const char *interp;
};
struct sock_common {
	unsigned short skc_family;
};
struct sock {
	struct sock_common __sk_common;
	__u16 sk_type;
	__u16 sk_protocol;
};
struct socket {
	struct sock *sk;
};
struct msghdr {
	void *msg_name;
	int msg_namelen;
};
/* include/linux/bpf_local_storage.h */
struct bpf_local_storage_map {
	__u16 cache_idx;
};
struct bpf_local_storage_data {
	struct bpf_local_storage_map *smap;
	__u8 data[];
};
struct bpf_local_storage {
	struct bpf_local_storage_data *cache[16];
};
struct bpf_iter_meta {
	struct seq_file *seq;
};
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

#ifndef KA_LEGACY
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym;
#define KA_CAST(type, p) ((type *)bpf_rdonly_cast((void *)(p), bpf_core_type_id_kernel(type)))
#define KA_READ(type, p, field) (KA_CAST(type, p)->field)
#else
#define KA_READ(type, p, field)                                                            \
	({                                                                                 \
		__typeof__(((type *)0)->field) ka_value = 0;                               \
		bpf_probe_read_kernel(&ka_value, sizeof(ka_value), &((type *)(p))->field); \
		ka_value;                                                                  \
	})
#endif

/* A load that the compiler may neither merge with another nor leave out. */
#define KA_ONCE(x) (*(volatile __typeof__(x) *)&(x))

/* Hides a value's origin from the compiler, so that what was checked is what is used. */
#define KA_OPAQUE(x) asm volatile("" : "+r"(x))

#define KA_PF_IO_WORKER 0x10
#define KA_PF_KTHREAD 0x00200000
#define KA_FMODE_WRITE 0x2
/*
 * FMODE_NOACCOUNT: of what can be mapped only backing files have it. FMODE_BACKING itself has moved
 * from bit 25 (6.6) to bit 24 (6.12).
 */
#define KA_FMODE_BACKING 0x20000000
#define KA_O_ACCMODE 3
#define KA_O_TMPFILE 020200000
#define KA_O_TRUNC 01000
#define KA_PROT_EXEC 4
#define KA_VM_EXEC 4
#define KA_MNT_NS_INTERNAL ((__u64)-KA_EINVAL) /* fs/mount.h: ERR_PTR(-EINVAL) */
