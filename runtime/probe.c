/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this kernel offers: a table of checks, each with what it found and how to get it.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <linux/magic.h>

#include "btf.h"
#include "node.h"

#define LSM_LIST "/sys/kernel/security/lsm"
#define LOCKDOWN "/sys/kernel/security/lockdown"
#define PREEMPT "/sys/kernel/debug/sched/preempt"
#define BPFFS "/sys/fs/bpf"

/* What the checks look at, read once. */
struct facts {
	struct utsname u;
	unsigned int major, minor;
	struct ka_btf_name *names;
	int btf; /* 0, or why there is none */
};

/* ---- small readers ---- */

static int read_line(const char *path, char *to, size_t size)
{
	KA_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	*to = '\0';
	if (fd < 0)
		return -errno;
	n = read(fd, to, size - 1);
	if (n < 0)
		return -errno;
	to[n] = '\0';
	to[strcspn(to, "\n")] = '\0';
	return 0;
}

/* Whether a separated list has the word. */
static bool has_word(const char *list, const char *word, const char *separators)
{
	size_t len = strlen(word);

	for (const char *s = list; *s; s += strspn(s, separators)) {
		size_t n = strcspn(s, separators);

		if (n == len && !memcmp(s, word, len))
			return true;
		s += n;
	}
	return false;
}

static bool older(const struct facts *f, unsigned int major, unsigned int minor)
{
	return f->major < major || (f->major == major && f->minor < minor);
}

/* ---- setting a check's outcome ---- */

static void yes(struct ka_check *c, const char *detail)
{
	c->ok = true;
	snprintf(c->state, sizeof(c->state), "%s", detail);
}

KA_PRINTF(3, 4)
static void no(struct ka_check *c, const char *state, const char *fmt, ...)
{
	va_list ap;

	c->ok = false;
	snprintf(c->state, sizeof(c->state), "%s", state);
	va_start(ap, fmt);
	vsnprintf(c->fix, sizeof(c->fix), fmt, ap);
	va_end(ap);
}

/* ---- names in the kernel's BTF ---- */

#define LSM(hook) "bpf_lsm_" hook
static const char *const wanted[] = {
	LSM("task_alloc"),
	LSM("bprm_committed_creds"),
	LSM("bprm_check_security"),
	LSM("mmap_file"),
	LSM("file_open"),
	LSM("path_unlink"),
	LSM("path_mkdir"),
	LSM("path_rmdir"),
	LSM("path_mknod"),
	LSM("path_symlink"),
	LSM("path_link"),
	LSM("path_rename"),
	LSM("path_truncate"),
	LSM("path_chmod"),
	LSM("path_chown"),
	LSM("sb_mount"),
	LSM("sb_umount"),
	LSM("sb_remount"),
	LSM("sb_pivotroot"),
	LSM("move_mount"),
	LSM("file_truncate"),
	"BPF_MAP_TYPE_TASK_STORAGE",
	"BPF_MAP_TYPE_INODE_STORAGE",
	"BPF_MAP_TYPE_RINGBUF",
	"BPF_FUNC_loop",
	"bpf_rdonly_cast",
};
#define N_WANTED KA_ARRAY_SIZE(wanted)

static bool known(const struct facts *f, const char *name)
{
	for (size_t i = 0; i < N_WANTED; i++)
		if (!strcmp(wanted[i], name))
			return f->names[i].found;
	return false;
}

/* All hooks of a list, or which of them the kernel lacks. */
static void check_hooks(const struct facts *f, struct ka_check *c, const char *const *hooks)
{
	char missing[80] = "lacks";
	size_t used = strlen(missing), lacks = 0;

	for (; *hooks; hooks++) {
		if (known(f, *hooks))
			continue;
		lacks++;
		if (used < sizeof(missing))
			used += snprintf(missing + used, sizeof(missing) - used, " %s",
					 *hooks + strlen("bpf_lsm_"));
	}
	if (lacks)
		no(c, f->btf ? "unknown without BTF" : missing,
		   "a kernel of 6.1 or later with CONFIG_BPF_LSM and CONFIG_SECURITY_PATH");
	else
		yes(c, "yes");
}

#define HOOK_CHECK(family, ...)                                         \
	static void check_##family(struct facts *f, struct ka_check *c) \
	{                                                               \
		static const char *const hooks[] = {__VA_ARGS__, NULL}; \
                                                                        \
		check_hooks(f, c, hooks);                               \
	}

HOOK_CHECK(task, LSM("task_alloc"), LSM("bprm_committed_creds"))
HOOK_CHECK(exec, LSM("bprm_check_security"))
HOOK_CHECK(mmap, LSM("mmap_file"))
HOOK_CHECK(open, LSM("file_open"))
HOOK_CHECK(path, LSM("path_unlink"), LSM("path_mkdir"), LSM("path_rmdir"), LSM("path_mknod"),
	   LSM("path_symlink"), LSM("path_link"), LSM("path_rename"), LSM("path_truncate"),
	   LSM("path_chmod"), LSM("path_chown"))
HOOK_CHECK(mount, LSM("sb_mount"), LSM("sb_umount"), LSM("sb_remount"), LSM("sb_pivotroot"),
	   LSM("move_mount"))

#define NAME_CHECK(what, name, need)                                        \
	static void check_##what(struct facts *f, struct ka_check *c)       \
	{                                                                   \
		if (known(f, name))                                         \
			yes(c, "yes");                                      \
		else                                                        \
			no(c, f->btf ? "unknown without BTF" : "no", need); \
	}

NAME_CHECK(task_storage, "BPF_MAP_TYPE_TASK_STORAGE", "a kernel of 6.1 or later")
NAME_CHECK(inode_storage, "BPF_MAP_TYPE_INODE_STORAGE", "a kernel of 6.1 or later")
NAME_CHECK(loop, "BPF_FUNC_loop", "a kernel of 6.1 or later")
NAME_CHECK(ringbuf, "BPF_MAP_TYPE_RINGBUF", "a kernel of 6.1 or later")

static void check_cast(struct facts *f, struct ka_check *c)
{
	if (known(f, "bpf_rdonly_cast"))
		yes(c, "yes: the faster objects are used");
	else
		no(c, f->btf ? "unknown without BTF" : "no: the legacy objects are used",
		   "a kernel of 6.2 or later");
}

static void check_truncate(struct facts *f, struct ka_check *c)
{
	if (known(f, LSM("file_truncate")))
		yes(c, "yes");
	else
		no(c, "no: refused when the file is opened for writing",
		   "a kernel of 6.2 or later");
}

/* ---- the other checks ---- */

static void check_version(struct facts *f, struct ka_check *c)
{
	if (older(f, 6, 1))
		no(c, f->u.release, "a kernel of 6.1 or later");
	else
		yes(c, f->u.release);
}

static void check_arch(struct facts *f, struct ka_check *c)
{
	if (!strcmp(f->u.machine, "x86_64"))
		yes(c, f->u.machine);
	else
		no(c, f->u.machine, "tested on x86_64 only so far");
}

static void check_caps(struct facts *f KA_UNUSED, struct ka_check *c)
{
	KA_FCLOSE FILE *file = fopen("/proc/self/status", "re");
	char line[256];
	unsigned long long caps = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	if ((caps >> CAP_SYS_ADMIN & 1) && (caps >> CAP_BPF & 1) && (caps >> CAP_PERFMON & 1))
		yes(c, "yes");
	else
		no(c, "no", "run it as root (CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON)");
}

static void check_lsm(struct facts *f KA_UNUSED, struct ka_check *c)
{
	char list[256];

	if (read_line(LSM_LIST, list, sizeof(list)) < 0)
		no(c, "unknown: " LSM_LIST " cannot be read",
		   "mount -t securityfs securityfs /sys/kernel/security");
	else if (has_word(list, "bpf", ","))
		yes(c, "yes");
	else
		no(c, "no", "boot with the kernel parameter lsm=%.180s%sbpf", list,
		   *list ? "," : "");
}

static void check_btf(struct facts *f, struct ka_check *c)
{
	if (!f->btf)
		yes(c, "yes");
	else
		no(c, f->btf == -ENOENT ? "no" : strerror(-f->btf),
		   "a kernel built with CONFIG_DEBUG_INFO_BTF");
}

static void check_bpffs(struct facts *f KA_UNUSED, struct ka_check *c)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs) < 0 || fs.f_type != BPF_FS_MAGIC)
		no(c, "no", "mount -t bpf bpf " BPFFS);
	else if (fs.f_flags & ST_RDONLY)
		no(c, "read-only", "mount -o remount,rw " BPFFS);
	else
		yes(c, "yes");
}

static void check_cgroup2(struct facts *f KA_UNUSED, struct ka_check *c)
{
	KA_FCLOSE FILE *file = fopen("/proc/self/mounts", "re");
	char line[1024], type[64];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %63s", type) == 1 && !strcmp(type, "cgroup2")) {
			yes(c, "yes");
			return;
		}
	}
	no(c, "no", "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
}

/*
 * Before 6.2 look-ups in task storage fail while another task on the CPU is in one, which
 * happens all the time where the kernel itself can be preempted.
 */
static bool fully_preemptible(const struct facts *f)
{
	char cmdline[2048], mode[64];

	if (has_word(f->u.version, "PREEMPT_RT", " ") || has_word(f->u.version, "PREEMPT", " "))
		return true;
	if (!has_word(f->u.version, "PREEMPT_DYNAMIC", " "))
		return false;
	if (!read_line(PREEMPT, mode, sizeof(mode)))
		return strstr(mode, "(full)") || strstr(mode, "(lazy)");
	return !read_line("/proc/cmdline", cmdline, sizeof(cmdline)) &&
	       has_word(cmdline, "preempt=full", " ");
}

static void check_preempt(struct facts *f, struct ka_check *c)
{
	if (!older(f, 6, 2))
		yes(c, "any");
	else if (fully_preemptible(f))
		no(c, "full: task storage is not reliable",
		   "boot with preempt=voluntary, or a kernel of 6.2 or later");
	else
		yes(c, "not full");
}

static void check_lockdown(struct facts *f KA_UNUSED, struct ka_check *c)
{
	char mode[96];

	if (read_line(LOCKDOWN, mode, sizeof(mode)) < 0)
		yes(c, "none");
	else if (strstr(mode, "[confidentiality]"))
		no(c, "confidentiality",
		   "boot without lockdown=confidentiality: it keeps BPF "
		   "programs from reading kernel memory");
	else
		yes(c, mode);
}

/* Some kernels and containers have all of the above and refuse LSM programs all the same. */
static void check_accepts(struct facts *f, struct ka_check *c)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_LSM_MAC);
	int id = f->btf ? f->btf : libbpf_find_vmlinux_btf_id("file_open", BPF_LSM_MAC);
	KA_CLOSE int fd = -1;

	if (id > 0) {
		opts.attach_btf_id = id;
		fd = bpf_prog_load(BPF_PROG_TYPE_LSM, "ka_probe", "GPL", insns,
				   KA_ARRAY_SIZE(insns), &opts);
		id = fd < 0 ? -errno : 0;
	}
	if (fd >= 0)
		yes(c, "yes");
	else
		no(c, strerror(-id), "another kernel, or outside of this container");
}

static void not_covered(struct facts *f KA_UNUSED, struct ka_check *c)
{
	no(c, "not covered yet", "%s", "");
}

/* ---- the table ---- */

static const struct {
	const char *what;
	void (*check)(struct facts *f, struct ka_check *c);
	bool required;
} checks[] = {
	{"kernel 6.1 or later", check_version, true},
	{"architecture", check_arch, false},
	{"capabilities", check_caps, true},
	{"BPF LSM active", check_lsm, true},
	{"BTF of the kernel", check_btf, true},
	{"bpf file system on " BPFFS, check_bpffs, true},
	{"cgroup2", check_cgroup2, false},
	{"LSM programs are accepted", check_accepts, true},
	{"hooks: membership", check_task, true},
	{"hooks: execution", check_exec, true},
	{"hooks: executable mappings", check_mmap, true},
	{"hooks: opening", check_open, true},
	{"hooks: names", check_path, true},
	{"hooks: mounts", check_mount, true},
	{"hook: file_truncate", check_truncate, false},
	{"task storage", check_task_storage, true},
	{"inode storage", check_inode_storage, true},
	{"bpf_loop", check_loop, true},
	{"bpf_rdonly_cast", check_cast, false},
	{"ring buffers", check_ringbuf, false},
	{"preemption", check_preempt, true},
	{"lockdown", check_lockdown, true},
	{"setting xattrs and ACLs", not_covered, false},
	{"setting times and inode flags", not_covered, false},
	{"descriptors received from other tasks", not_covered, false},
	{"unix sockets by their path", not_covered, false},
	{"guards (ptrace, bpf, modules, devices)", not_covered, false},
};
_Static_assert(KA_ARRAY_SIZE(checks) <= KA_MAX_CHECKS, "room for all checks");

int ka_probe_kernel(struct ka_probe *ret)
{
	struct ka_btf_name names[N_WANTED];
	struct facts f = {.names = names};
	libbpf_print_fn_t before;

	memset(ret, 0, sizeof(*ret));
	if (uname(&f.u) < 0)
		return -errno;
	if (sscanf(f.u.release, "%u.%u", &f.major, &f.minor) != 2)
		return -EPROTO;
	for (size_t i = 0; i < N_WANTED; i++)
		names[i] = (struct ka_btf_name){.name = wanted[i]};
	f.btf = ka_btf_find(names, N_WANTED);
	before = libbpf_set_print(NULL);
	ret->enforces = true;
	for (size_t i = 0; i < KA_ARRAY_SIZE(checks); i++) {
		struct ka_check *c = &ret->checks[ret->n++];

		c->what = checks[i].what;
		c->required = checks[i].required;
		checks[i].check(&f, c);
		ret->enforces &= c->ok || !c->required;
	}
	libbpf_set_print(before);
	ret->legacy = !known(&f, "bpf_rdonly_cast");
	ret->storage_leaks = older(&f, 6, 2) && fully_preemptible(&f);
	return 0;
}
