// SPDX-License-Identifier: Apache-2.0
/*
 * Every valid sample, broken at random: never a crash, never silence.
 *
 *   mutation ROUNDS PATH...          files and directories; those with errors are no samples
 *   mutation --show FILE ROUND       what that round makes of the file
 *
 * Silence is when the meaning of the text changed (judge.h: a second reader of the tree, which
 * knows what is inherited, what a default is and what is for other tools) and the tool says the
 * same as before: no new finding, the same canonical text. A name that is misspelt, a value of
 * another type and a misspelt action, kind or version have to be errors.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "judge.h"
#include "mutate.h"

#define MOST (1u << 20)
#define FAILURES 20u

struct tally {
	unsigned rounds, samples, made, refused, shown, same, failed;
};

static bool read_sample(const char *path, struct sample *s)
{
	FILE *f = fopen(path, "re");

	*s = (struct sample){.name = path, .text = malloc(MOST)};
	if (!f || !s->text)
		abort();
	s->len = fread(s->text, 1, MOST - 1, f);
	s->text[s->len] = '\0';
	fclose(f);
	return s->len;
}

static struct random random_of(unsigned round)
{
	return (struct random){.state = 0x6b61726d6f722d63u + round * 0x10001u};
}

/* The first line that is not the same. */
static void print_change(const char *a, const char *b)
{
	const char *start_a = a, *start_b = b;

	for (; *a && *a == *b; a++, b++) {
		if (*a != '\n')
			continue;
		start_a = a + 1;
		start_b = b + 1;
	}
	printf("    - %.*s\n    + %.*s\n", (int)strcspn(start_a, "\n"), start_a,
	       (int)strcspn(start_b, "\n"), start_b);
}

static const char *verdict_of(const struct verdict *was, const struct verdict *is,
			      enum demand demand, struct tally *t)
{
	if (is->errors) {
		t->refused++;
		return NULL;
	}
	if (!strcmp(was->meaning, is->meaning)) {
		t->same++;
		return NULL;
	}
	if (demand == MUST_REFUSE)
		return "is no error";
	if (strcmp(was->text, is->text) != 0 || strcmp(was->findings, is->findings) != 0) {
		t->shown++;
		return NULL;
	}
	return "is not seen";
}

static void try(const struct sample *s, const struct verdict *was, unsigned round, struct tally *t)
{
	VERDICT struct verdict is = {};
	struct random r = random_of(round);
	KA_FREE char *text = NULL;
	const char *how, *problem;
	enum demand demand;
	size_t len;

	demand = mutate(s, &r, &text, &len, &how);
	judge(text, len, &is);
	t->made++;
	problem = verdict_of(was, &is, demand, t);
	if (!problem)
		return;
	if (t->failed++ >= FAILURES)
		return;
	printf("%s, round %u: %s %s\n", s->name, round, how, problem);
	print_change(s->text, text);
}

static void run_file(const char *path, struct tally *t)
{
	VERDICT struct verdict was = {};
	struct sample s;

	if (!read_sample(path, &s))
		goto out;
	judge(s.text, s.len, &was);
	if (was.errors)
		goto out;
	sample_prepare(&s);
	if (!s.nspots)
		goto out;
	t->samples++;
	for (unsigned i = 0; i < t->rounds; i++)
		try(&s, &was, i, t);
out:
	sample_done(&s);
}

static void run_path(const char *path, struct tally *t)
{
	struct dirent **names;
	struct stat st;
	size_t len = strlen(path);
	int n;

	if (stat(path, &st) < 0)
		abort();
	if (!S_ISDIR(st.st_mode)) {
		if (len > 5 && !strcmp(path + len - 5, ".yaml"))
			run_file(path, t);
		return;
	}
	n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char sub[4096];

		snprintf(sub, sizeof(sub), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			run_path(sub, t);
		free(names[i]);
	}
	free(names);
}

static int show(const char *path, unsigned round)
{
	struct random r = random_of(round);
	KA_FREE char *text = NULL;
	struct sample s;
	const char *how;
	size_t len;

	if (!read_sample(path, &s))
		return 1;
	sample_prepare(&s);
	mutate(&s, &r, &text, &len, &how);
	fwrite(text, 1, len, stdout);
	sample_done(&s);
	return 0;
}

int main(int argc, char **argv)
{
	struct tally t = {};

	if (argc == 4 && !strcmp(argv[1], "--show"))
		return show(argv[2], (unsigned)atoi(argv[3]));
	if (argc < 3)
		return 2;
	t.rounds = (unsigned)atoi(argv[1]);
	for (int i = 2; i < argc; i++)
		run_path(argv[i], &t);
	printf("%u samples, %u mutations: %u refused, %u otherwise seen, %u without a meaning, %u wrong\n",
	       t.samples, t.made, t.refused, t.shown, t.same, t.failed);
	return t.failed || !t.refused || !t.shown;
}
