/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "node.h"

int ka_node_counts(const struct ka_node_handle *h, struct ka_counts *ret)
{
	int cpus = libbpf_num_possible_cpus();
	KA_FREE uint64_t *v = cpus > 0 ? calloc(cpus, sizeof(*v)) : NULL;

	memset(ret, 0, sizeof(*ret));
	if (!v)
		return cpus < 0 ? cpus : -ENOMEM;
	if (h->counts_fd < 0)
		return -ENOENT;
	for (uint32_t i = 0; i < KA_COUNT__MAX; i++) {
		if (bpf_map_lookup_elem(h->counts_fd, &i, v) < 0)
			return -errno;
		for (int cpu = 0; cpu < cpus; cpu++)
			ret->v[i] += v[cpu];
	}
	return 0;
}

/*
 * A record is whole if it carries its number before and after it was copied: a writer takes
 * the number away first and sets it last.
 */
static int read_record(int fd, uint64_t seq, struct ka_event *ret, bool *ret_whole)
{
	uint32_t i = seq % KA_RECORDS;
	struct ka_event again;

	if (bpf_map_lookup_elem(fd, &i, ret) < 0 || bpf_map_lookup_elem(fd, &i, &again) < 0)
		return -errno;
	*ret_whole = ret->seq == seq + 1 && again.seq == seq + 1;
	if (ret->path_len > sizeof(ret->path) || ret->source_len > sizeof(ret->source))
		*ret_whole = false;
	ret->comm[sizeof(ret->comm) - 1] = '\0';
	return 0;
}

int64_t ka_node_records(const struct ka_node_handle *h, uint64_t since,
			int (*fn)(const struct ka_event *ev, void *arg), void *arg)
{
	uint64_t end, first = since;
	int64_t lost = 0;

	if (!h->root || h->records_fd < 0)
		return -ENOENT;
	end = __atomic_load_n(&h->root->next_record, __ATOMIC_ACQUIRE);
	if (end > KA_RECORDS && first < end - KA_RECORDS)
		first = end - KA_RECORDS;
	lost = first - since;
	for (uint64_t seq = first; seq < end; seq++) {
		struct ka_event ev;
		bool whole = false;
		int r = read_record(h->records_fd, seq, &ev, &whole);

		if (!r && whole)
			r = fn(&ev, arg);
		else if (!r)
			lost++; /* overwritten meanwhile, or being written */
		if (r)
			return r;
	}
	return lost;
}

/* ---- words ---- */

static const char *word(const char *const *table, size_t n, uint32_t i)
{
	return i < n && table[i] ? table[i] : "unknown";
}

const char *ka_op_str(uint32_t op)
{
	static const char *const names[KA_OP__MAX] = {
		[KA_OP_NONE] = "nothing",
		[KA_OP_READ] = "open for reading",
		[KA_OP_WRITE] = "open for writing",
		[KA_OP_CREATE] = "create",
		[KA_OP_UNLINK] = "unlink",
		[KA_OP_RENAME] = "rename",
		[KA_OP_LINK] = "hard link",
		[KA_OP_SYMLINK] = "symlink",
		[KA_OP_MKDIR] = "mkdir",
		[KA_OP_RMDIR] = "rmdir",
		[KA_OP_MKNOD] = "mknod",
		[KA_OP_TRUNCATE] = "truncate",
		[KA_OP_CHMOD] = "chmod",
		[KA_OP_CHOWN] = "chown",
		[KA_OP_EXEC] = "execute",
		[KA_OP_MAP_EXEC] = "map executable",
		[KA_OP_MOUNT] = "mount",
		[KA_OP_UMOUNT] = "unmount",
		[KA_OP_MOVE_MOUNT] = "move mount",
		[KA_OP_PIVOT_ROOT] = "pivot_root",
		[KA_OP_REMOUNT] = "remount",
		[KA_OP_FORK] = "fork",
		[KA_OP_SOCKET] = "make socket",
		[KA_OP_BIND] = "bind",
		[KA_OP_LISTEN] = "listen",
		[KA_OP_CONNECT] = "connect",
		[KA_OP_ACCEPT] = "accept",
		[KA_OP_SEND] = "send",
		[KA_OP_CAPABLE] = "use capability",
	};

	return word(names, KA_ARRAY_SIZE(names), op);
}

const char *ka_verdict_str(uint32_t verdict)
{
	static const char *const names[] = {
		[KA_PERMIT] = "permitted",
		[KA_DENY] = "denied",
		[KA_WOULD_DENY] = "would deny",
		[KA_REPORT] = "audited",
	};

	return word(names, KA_ARRAY_SIZE(names), verdict);
}

const char *ka_reason_str(uint32_t reason)
{
	static const char *const names[KA_WHY__MAX] = {
		[KA_WHY_NONE] = "nothing",
		[KA_WHY_RULE] = "a rule",
		[KA_WHY_POSTURE] = "the posture: no rule matches",
		[KA_WHY_UNESTABLISHED] = "the path does not end at the task's root",
		[KA_WHY_UNDECIDED] = "undecided",
		[KA_WHY_ABOVE] = "a directory above what rules name",
		[KA_WHY_MOUNT] = "mounts are restricted",
		[KA_WHY_INTEGRITY] = "a source or allowed program would change",
	};

	return word(names, KA_ARRAY_SIZE(names), reason);
}
