/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences and tables of ka-try; the operations are in the other files. */
#include <sys/mman.h>
#include <sys/wait.h>

#include "try.h"

static const struct op *const all_ops[] = {file_ops, exec_ops, mount_ops, task_ops};

static const struct op *find_op(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(all_ops); i++)
		for (const struct op *op = all_ops[i]; op->name; op++)
			if (!strcmp(op->name, name))
				return op;
	fprintf(stderr, "ka-try: no operation '%s'\n", name);
	exit(125);
}

int err_of(long r)
{
	return r < 0 ? errno : 0;
}

static void finish(struct outcome *out, int err, const char *step)
{
	if (out->done && out->err != err) {
		__atomic_add_fetch(&out->differ, 1, __ATOMIC_RELAXED);
		return;
	}
	out->err = err;
	snprintf(out->step, sizeof(out->step), "%s", step);
	__atomic_add_fetch(&out->agree, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&out->done, 1, __ATOMIC_RELEASE);
}

/* Cuts the first step off; returns how many words it has. */
static int cut_step(struct sequence *seq)
{
	int n = 0;

	while (n < seq->argc && strcmp(seq->argv[n], ","))
		n++;
	return n;
}

void run_rest(struct sequence *seq)
{
	struct sequence rest = *seq;

	while (rest.argc > 0) {
		int n = cut_step(&rest), err;
		bool last = n == rest.argc, may_fail = rest.argv[0][0] == '~';
		char *words[64] = {NULL};
		const struct op *op;

		if (n < 1 || n >= (int)ARRAY_SIZE(words))
			exit(125);
		memcpy(words, rest.argv, n * sizeof(*words));
		words[0] += may_fail;
		op = find_op(words[0]);
		if (n - 1 < op->args) {
			fprintf(stderr, "ka-try: %s wants %d arguments\n", op->name, op->args);
			exit(125);
		}
		rest.argv += last ? n : n + 1;
		rest.argc -= last ? n : n + 1;
		err = op->fn(&rest, n, words);
		if (err == RAN_THE_REST)
			return;
		if (last || (err && !may_fail)) {
			finish(seq->out, err, last ? "" : op->name);
			return;
		}
	}
}

/* "ok", "EACCES", "unshare-m=EPERM", "exit:3", "signal:9", "mixed:97/3" */
static void describe(const struct outcome *out, int status, char *buf, size_t size)
{
	if (out->done && out->differ)
		snprintf(buf, size, "mixed:%s:%d/%d", strerrorname_np(out->err), out->agree,
			 out->differ);
	else if (out->done && !out->err)
		snprintf(buf, size, "ok");
	else if (out->done)
		snprintf(buf, size, "%s%s%s", out->step, out->step[0] ? "=" : "",
			 strerrorname_np(out->err));
	else if (WIFSIGNALED(status))
		snprintf(buf, size, "signal:%d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		snprintf(buf, size, "exit:%d", WEXITSTATUS(status));
	else
		snprintf(buf, size, "ok");
}

/* Runs one sequence in a child; a program that the child became speaks by its exit status. */
static void try_one(int argc, char **argv, char *buf, size_t size)
{
	struct outcome *out =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sequence seq = {.argv = argv, .argc = argc, .out = out};
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		snprintf(buf, size, "fork=%s", strerrorname_np(errno));
		munmap(out, 4096);
		return;
	}
	if (!pid) {
		run_rest(&seq);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	describe(out, status, buf, size);
	munmap(out, 4096);
}

/* Whether `got` is one of the words in "EACCES|EPERM". */
static bool expected(const char *want, const char *got)
{
	size_t len = strlen(got);

	for (const char *p = want; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (!strncmp(p, got, len) && (p[len] == '|' || !p[len]))
			return true;
	return false;
}

static int split(char *line, char **words, int max)
{
	int n = 0;

	for (char *save = NULL, *w = strtok_r(line, " \t\n", &save); w && n < max - 1;
	     w = strtok_r(NULL, " \t\n", &save))
		words[n++] = w;
	words[n] = NULL;
	return n;
}

/*
 * A table's line is "EXPECTED SEQUENCE" or "EXPECTED/EVENTS SEQUENCE"; without a number a
 * denial is one event, anything else none. Prints a TAP line for each, then "events N", the
 * number of events that the expectations amount to.
 */
static int try_table(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *line = NULL, *words[256], got[128];
	size_t cap = 0;
	int failed = 0, events = 0;

	if (!f) {
		printf("not ok - table %s: %s\n", path, strerror(errno));
		return 1;
	}
	while (getline(&line, &cap, f) > 0) {
		char *shown = NULL, *slash;
		int n;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (asprintf(&shown, "%.180s%s", line, strlen(line) > 180 ? "..." : "") < 0)
			return 1;
		n = split(line, words, ARRAY_SIZE(words));
		slash = strchr(words[0], '/');
		if (slash)
			*slash++ = '\0';
		events += slash ? atoi(slash) : !strncmp(words[0], "EACCES", 6);
		try_one(n - 1, words + 1, got, sizeof(got));
		if (expected(words[0], got)) {
			printf("ok - %s\n", shown);
		} else {
			printf("not ok - %s: got %s\n", shown, got);
			failed++;
		}
		free(shown);
	}
	printf("events %d\n", events);
	fflush(stdout);
	return failed != 0;
}

int main(int argc, char **argv)
{
	char got[128];

	if (argc == 3 && !strcmp(argv[1], "table"))
		return try_table(argv[2]);
	if (argc < 2) {
		fprintf(stderr, "usage: ka-try OPERATION ARGS... [, OPERATION ...] | table FILE\n");
		return 2;
	}
	try_one(argc - 1, argv + 1, got, sizeof(got));
	printf("%s: %s\n", argv[1], got);
	return strcmp(got, "ok") != 0;
}
