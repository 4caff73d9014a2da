/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences and tables of ka-try; the operations are in the other files. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "try.h"

static const struct op *const all_ops[] = {file_ops, exec_ops, mount_ops,
					   task_ops, net_ops,  cap_ops};

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
static void try_one(int argc, char **argv, bool apart, char *buf, size_t size)
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
		/* mounts that succeed must not meet the next line */
		if (apart &&
		    (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)))
			_exit(125);
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
 * denial is one event, anything else none. "EXPECTED!" marks what has no control.
 *
 * With a fixture, a program that makes what the lines need, the table is its own control: no
 * policy holds, so what will be denied must succeed now. Otherwise a later denial would mean
 * nothing.
 */
struct line {
	char *words[256];
	int n;
	char *shown;
	const char *want;
	bool control;
	int events;
};

static int parse_line(char *text, struct line *l)
{
	char *p;

	text[strcspn(text, "\n")] = '\0';
	if (asprintf(&l->shown, "%.180s%s", text, strlen(text) > 180 ? "..." : "") < 0)
		return -1;
	l->n = split(text, l->words, ARRAY_SIZE(l->words));
	p = strchr(l->words[0], '/');
	if (p)
		*p = '\0';
	l->events = p ? atoi(p + 1) : strstr(l->words[0], "EACCES") != NULL;
	p = strchr(l->words[0], '!');
	if (p)
		*p = '\0';
	l->control = !p;
	l->want = l->words[0];
	return 0;
}

/* Returns whether it came out as expected. */
static bool try_line(const struct line *l, const char *fixture)
{
	const char *want = l->want;
	char got[128];
	bool met;

	if (fixture && !l->control)
		return true;
	if (fixture && !strncmp(want, "EACCES", 6))
		want = "ok";
	if (fixture && system(fixture))
		return printf("not ok - fixture for %s\n", l->shown) < 0;
	try_one(l->n - 1, (char **)l->words + 1, fixture != NULL, got, sizeof(got));
	met = expected(want, got);
	if (met)
		printf("ok - %s%s\n", fixture ? "control: " : "", l->shown);
	else
		printf("not ok - %s%s: got %s\n", fixture ? "control: " : "", l->shown, got);
	return met;
}

/* Ends with "events N", the number that the expectations amount to. */
static int try_table(const char *path, const char *fixture)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *text = NULL;
	size_t cap = 0;
	int failed = 0, events = 0;

	if (!f) {
		printf("not ok - table %s: %s\n", path, strerror(errno));
		return 1;
	}
	while (getline(&text, &cap, f) > 0) {
		struct line l;

		if (text[0] == '#' || text[0] == '\n')
			continue;
		if (parse_line(text, &l))
			return 1;
		failed += !try_line(&l, fixture);
		events += l.events;
		free(l.shown);
	}
	printf("events %d\n", events);
	fflush(stdout);
	return failed != 0;
}

int main(int argc, char **argv)
{
	char got[128];

	if (argc == 3 && !strcmp(argv[1], "table"))
		return try_table(argv[2], NULL);
	if (argc == 4 && !strcmp(argv[1], "control"))
		return try_table(argv[2], argv[3]);
	if (argc < 2) {
		fprintf(stderr, "usage: ka-try OPERATION ARGS... [, OPERATION ...]\n"
				"       ka-try table FILE | control FILE FIXTURE\n");
		return 2;
	}
	try_one(argc - 1, argv + 1, false, got, sizeof(got));
	printf("%s: %s\n", argv[1], got);
	return strcmp(got, "ok") != 0;
}
