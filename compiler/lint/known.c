// SPDX-License-Identifier: Apache-2.0
#include "known.h"

static bool is_one_of(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(s, list[i]))
			return true;
	return false;
}

/* Whether a path begins with one of the directories. */
static bool is_below(const char *path, const char *const *dirs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strncmp(path, dirs[i], strlen(dirs[i])))
			return true;
	return false;
}

#define IS_ONE_OF(s, list) is_one_of(s, list, KA_ARRAY_SIZE(list))
#define IS_BELOW(s, list) is_below(s, list, KA_ARRAY_SIZE(list))

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The path without a /usr at its beginning. */
static const char *unmerged(const char *path)
{
	return strncmp(path, "/usr/", 5) != 0 ? path : path + 4;
}

/* ---- data ---- */

/* Nothing that could be a script, a library or an archive that runs. */
static const char *const extensions[] = {
	"bak",     "cfg",        "cnf",  "conf", "crt",  "css",  "csr",  "csv", "db",
	"der",     "gif",        "gz",   "htm",  "html", "ini",  "jpeg", "jpg", "json",
	"key",     "list",       "lock", "log",  "md",   "pdf",  "pem",  "png", "pid",
	"profile", "properties", "repo", "rpm",  "deb",  "sock", "sql",  "svg", "tar",
	"tgz",     "timer",      "toml", "txt",  "xml",  "yaml", "yml",  "zip",
};

bool ka_known_data_name(const char *name)
{
	const char *dot = strrchr(base(name), '.');

	return dot && IS_ONE_OF(dot + 1, extensions);
}

static const char *const data_files[] = {
	"/etc/passwd",         "/etc/shadow",        "/etc/group",
	"/etc/gshadow",        "/etc/passwd-",       "/etc/shadow-",
	"/etc/group-",         "/etc/gshadow-",      "/etc/sudoers",
	"/etc/hosts",          "/etc/hostname",      "/etc/fstab",
	"/etc/mtab",           "/etc/crontab",       "/etc/anacrontab",
	"/etc/issue",          "/etc/issue.net",     "/etc/motd",
	"/etc/profile",        "/etc/bash.bashrc",   "/etc/bashrc",
	"/etc/csh.cshrc",      "/etc/csh.login",     "/etc/environment",
	"/etc/ld.so.cache",    "/etc/ld.so.preload", "/etc/services",
	"/etc/protocols",      "/etc/networks",      "/etc/login.defs",
	"/etc/exports",        "/etc/shells",        "/etc/securetty",
	"/etc/machine-id",     "/etc/os-release",    "/etc/hosts.allow",
	"/etc/hosts.deny",     "/etc/localtime",     "/etc/timezone",
	"/etc/inittab",        "/etc/at.allow",      "/etc/at.deny",
	"/etc/cron.allow",     "/etc/cron.deny",     "/etc/ssh/sshd_config",
	"/etc/ssh/ssh_config",
};

/* Directories in which nothing is a program or a script. */
static const char *const data_dirs[] = {
	"/etc/apparmor.d/",  "/etc/apt/",        "/etc/default/",
	"/etc/logrotate.d/", "/etc/modprobe.d/", "/etc/pam.d/",
	"/etc/pki/",         "/etc/security/",   "/etc/ssl/",
	"/etc/sudoers.d/",   "/etc/sysctl.d/",   "/etc/ld.so.conf.d/",
	"/proc/sys/",        "/run/secrets/",    "/sys/",
	"/usr/share/doc/",   "/usr/share/man/",  "/var/log/",
	"/var/run/secrets/", "/var/spool/cron/", "/var/mail/",
	"/etc/yum.repos.d/",
};

/* In anybody's home. */
static const char *const dot_files[] = {
	".bashrc",        ".bash_history", ".bash_profile",   ".bash_logout", ".profile",
	".zshrc",         ".zsh_history",  ".netrc",          ".pgpass",      ".gitconfig",
	".my.cnf",        ".vimrc",        "id_rsa",          "id_rsa.pub",   "id_ed25519",
	"id_ed25519.pub", "known_hosts",   "authorized_keys",
};

bool ka_known_data(const char *path)
{
	if (!strncmp(path, "/dev/", 5) && strncmp(path, "/dev/shm/", 9) != 0)
		return true;
	return IS_ONE_OF(path, data_files) || IS_BELOW(path, data_dirs) ||
	       IS_ONE_OF(base(path), dot_files) || ka_known_data_name(path);
}

/* ---- directories ---- */

static const char *const directories[] = {
	"/bin",
	"/boot",
	"/dev",
	"/etc",
	"/home",
	"/lib",
	"/lib32",
	"/lib64",
	"/media",
	"/mnt",
	"/opt",
	"/proc",
	"/root",
	"/run",
	"/sbin",
	"/srv",
	"/sys",
	"/tmp",
	"/usr",
	"/usr/bin",
	"/usr/lib",
	"/usr/lib32",
	"/usr/lib64",
	"/usr/libexec",
	"/usr/local",
	"/usr/local/bin",
	"/usr/local/lib",
	"/usr/local/sbin",
	"/usr/sbin",
	"/usr/share",
	"/var",
	"/var/lib",
	"/var/log",
	"/var/run",
	"/var/tmp",
	"/var/cache",
	"/var/spool",
	"/var/www",
	"/dev/shm",
	"/etc/ssl",
	"/etc/pki",
	"/etc/kubernetes",
	"/etc/cron.hourly",
	"/etc/cron.daily",
	"/etc/cron.weekly",
	"/etc/cron.monthly",
	"/etc/security",
	"/etc/apt",
	"/etc/default",
	"/var/spool/cron",
	"/var/mail",
	"/root/.ssh",
	"/run/secrets",
	"/var/run/secrets",
};

/* /etc/init.d, /etc/cron.d, /etc/profile.d, ... */
static bool is_drop_in_dir(const char *path)
{
	size_t n = strlen(path);

	return n > 7 && !strncmp(path, "/etc/", 5) && !strchr(path + 5, '/') &&
	       !strcmp(path + n - 2, ".d");
}

bool ka_known_dir(const char *path)
{
	return IS_ONE_OF(path, directories) || is_drop_in_dir(path);
}

/* ---- programs ---- */

static const char *const shells[] = {
	"ash", "bash", "csh", "dash", "fish", "ksh", "ksh93", "mksh", "rbash", "sh", "tcsh", "zsh",
};

bool ka_known_shell(const char *name)
{
	return IS_ONE_OF(name, shells);
}

static const char *const multi_calls[] = {"busybox", "coreutils", "toybox", "sbase-box",
					  "systemctl"};

bool ka_known_multi_call(const char *name)
{
	return IS_ONE_OF(name, multi_calls);
}

static const char *const inits[] = {"/sbin/init",         "/lib/systemd/systemd", "/bin/systemd",
				    "/lib/sysvinit/init", "/sbin/openrc-init",    "/bin/init"};

bool ka_known_init(const char *path)
{
	return IS_ONE_OF(unmerged(path), inits);
}

/* ---- libraries ---- */

static const char *const library_dirs[] = {"/lib/", "/lib32/", "/lib64/", "/libx32/"};

bool ka_known_library(const char *path)
{
	return IS_BELOW(unmerged(path), library_dirs);
}

/* "libc.so.6", "libc-2.31.so", "libc.musl-x86_64.so.1", "ld-linux-x86-64.so.2", "ld-2.31.so" */
bool ka_known_interpreter(const char *path)
{
	static const char *const names[] = {"ld-linux", "ld-musl-", "ld-2.",      "ld64.so.",
					    "ld.so.",   "libc.so.", "libc.musl-", "libc-2."};
	const char *name = base(path);

	if (!ka_known_library(path) || !strstr(name, ".so"))
		return false;
	return IS_BELOW(name, names) && strncmp(path, "/etc/", 5) != 0;
}

/* ---- names that differ by process ---- */

static const struct {
	const char *name; /* with a slash at its end: all below, too */
	const char *instead;
} unseen[] = {
	{"/proc/self/", "write the pattern '/proc/*/...', which is every process"},
	{"/proc/thread-self/", "write the pattern '/proc/*/task/*/...', which is every thread"},
	{"/proc/mounts", "write the pattern '/proc/*/mounts'"},
	{"/proc/net/", "write the pattern '/proc/*/net/...'"},
	{"/dev/fd/", "a descriptor shows as the file that was opened"},
	{"/dev/stdin", "a descriptor shows as the file that was opened"},
	{"/dev/stdout", "a descriptor shows as the file that was opened"},
	{"/dev/stderr", "a descriptor shows as the file that was opened"},
};

const char *ka_known_unseen(const char *path, size_t len)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(unseen); i++) {
		const char *name = unseen[i].name;
		size_t n = strlen(name);
		bool dir = name[n - 1] == '/';

		if (dir && len >= n && !strncmp(path, name, n))
			return unseen[i].instead;
		n -= dir;
		if (len == n && !strncmp(path, name, n))
			return unseen[i].instead;
	}
	return NULL;
}

/* ---- what breaks ---- */

#define FILE_RULE 1u
#define PROCESS_RULE 2u
#define HOST_ONLY 4u
#define SHALLOW 8u /* without recursive, too */

static const struct {
	const char *dir;
	unsigned when;
	const char *what;
} systems[] = {
	{"/", FILE_RULE | PROCESS_RULE, "nothing could start"},
	{"/usr/", FILE_RULE,
	 "programs and their libraries could not be read, so nothing could start"},
	{"/usr/", PROCESS_RULE, "libraries could not be mapped, so hardly anything could start"},
	{"/lib/", FILE_RULE | PROCESS_RULE, "no program would find its loader and libraries"},
	{"/lib64/", FILE_RULE | PROCESS_RULE | SHALLOW, "no program would find its loader"},
	{"/bin/", FILE_RULE, "programs could not be read, so they could not start"},
	{"/sbin/", FILE_RULE | HOST_ONLY, "programs could not be read, so they could not start"},
	{"/bin/", PROCESS_RULE | HOST_ONLY | SHALLOW, "the node needs these programs"},
	{"/sbin/", PROCESS_RULE | HOST_ONLY | SHALLOW, "the node needs these programs"},
	{"/etc/", FILE_RULE | SHALLOW, "users, hosts and name servers could not be looked up"},
	{"/dev/", FILE_RULE | SHALLOW, "/dev/null, /dev/urandom and terminals could not be opened"},
	{"/proc/", FILE_RULE, "a process could not even read about itself"},
	{"/sys/", FILE_RULE | HOST_ONLY, "the node manages its devices and cgroups there"},
	{"/run/", FILE_RULE | HOST_ONLY, "the node's services keep their sockets and state there"},
	{"/var/", FILE_RULE | HOST_ONLY, "the node's services keep their data there"},
	{"/boot/", FILE_RULE | HOST_ONLY, "the node's kernel could not be updated"},
};

static bool is_dir(const char *dir, size_t len, const char *known)
{
	return len == strlen(known) && !strncmp(dir, known, len);
}

const char *ka_known_system(const char *dir, size_t len, bool file, bool recursive, bool host)
{
	size_t usr = len > 5 && !strncmp(dir, "/usr/", 5) ? 4 : 0;

	for (size_t i = 0; i < KA_ARRAY_SIZE(systems); i++) {
		unsigned when = systems[i].when;

		if (!(when & (file ? FILE_RULE : PROCESS_RULE)) || (when & HOST_ONLY && !host) ||
		    (!recursive && !(when & SHALLOW)))
			continue;
		if (is_dir(dir, len, systems[i].dir) ||
		    (usr && is_dir(dir + usr, len - usr, systems[i].dir) &&
		     strchr("bls", systems[i].dir[1])))
			return systems[i].what;
	}
	return NULL;
}

/* ---- one program, two names ---- */

static const char *const families[][4] = {
	{"mysqld", "mariadbd", "mysqld_safe", "mariadbd-safe"},
	{"awk", "gawk", "mawk", "nawk"},
	{"vi", "vim", "nvi", "editor"},
	{"node", "nodejs", NULL, NULL},
};

static int family(const char *name)
{
	if (ka_known_shell(name))
		return 0;
	for (size_t i = 0; i < KA_ARRAY_SIZE(families); i++)
		for (size_t k = 0; k < 4 && families[i][k]; k++)
			if (!strcmp(name, families[i][k]))
				return (int)i + 1;
	return -1;
}

bool ka_known_akin(const char *a, const char *b)
{
	return family(a) >= 0 && family(a) == family(b);
}
