// SPDX-License-Identifier: Apache-2.0
/*
 * Two spellings of one policy compile to the same bytes; two policies that look alike do not.
 *
 * usage: run same|differ FILE...
 *
 * A file holds pairs: `### name`, one text, a line `===`, another text. A line `@...` stands for
 * the head of a document: @policy NAME, @host NODE, @cluster, @network; for a whole one that has
 * a selector or annotations: @selector FIELDS, @annotated FIELDS. @crlf and @mark as the first
 * line change all line ends, or add a byte order mark.
 *
 * Compared are the canonical text of the set and, where this build enforces all of it, the image.
 * The text is read once more: it has to stay what it is.
 */
#include <stdio.h>

#include "../../compiler/bundle/compile.h"

#define API "apiVersion: security.kubearmor.com/v1\nkind: KubeArmor"
#define WEB "  selector: {matchLabels: {app: web}}\n"
#define RULE "  file: {matchPaths: [{path: /etc/x}]}\n"
#define MAX_TEXT (16u << 10)

/* %s: what follows the word in its line, or the default. */
static const struct {
	const char *word, *argument, *text;
} heads[] = {
	{"@policy", "p", API "Policy\nmetadata: {name: %s, namespace: ns}\nspec:\n" WEB},
	{"@host", "node-1",
	 API "HostPolicy\nmetadata: {name: p}\nspec:\n"
	     "  nodeSelector: {matchLabels: {kubernetes.io/hostname: %s}}\n"},
	{"@cluster", "p", API "ClusterPolicy\nmetadata: {name: %s}\nspec:\n"},
	{"@network", "node-1",
	 API "NetworkPolicy\nmetadata: {name: p}\nspec:\n"
	     "  nodeSelector: {matchLabels: {kubernetes.io/hostname: %s}}\n"},
	{"@selector", "",
	 API "Policy\nmetadata: {name: p, namespace: ns}\nspec:\n  selector: {%s}\n" RULE},
	{"@annotated", "",
	 API "Policy\nmetadata: {name: p, namespace: ns, annotations: {%s}}\nspec:\n" WEB RULE},
};

/* ---- texts ---- */

static void put_line(FILE *out, const char *line, bool crlf)
{
	for (; *line; line++)
		fputs(*line == '\n' && crlf ? "\r\n" : (char[]){*line, 0}, out);
}

/* A line of a pair; false: a word that there is not. */
static bool put_expanded(FILE *out, const char *line, bool crlf)
{
	char text[MAX_TEXT];
	size_t word = strcspn(line, " \n");

	if (*line != '@') {
		put_line(out, line, crlf);
		return true;
	}
	for (size_t i = 0; i < KA_ARRAY_SIZE(heads); i++) {
		const char *argument = line + word + strspn(line + word, " ");
		const char *at = strstr(heads[i].text, "%s");
		size_t len = strcspn(argument, "\n");

		if (strlen(heads[i].word) != word || memcmp(heads[i].word, line, word) != 0)
			continue;
		if (!len) {
			argument = heads[i].argument;
			len = strlen(argument);
		}
		snprintf(text, sizeof(text), "%.*s%.*s%s", (int)(at - heads[i].text), heads[i].text,
			 (int)len, argument, at + 2);
		put_line(out, text, crlf);
		return true;
	}
	return false;
}

/* ---- one side of a pair ---- */

struct side {
	struct ka_ctx ctx;
	struct ka_policies set;
	const char *text; /* canonical */
	size_t len;
	struct ka_compiled compiled;
	bool is_compiled;
};

static void side_done(struct side *s)
{
	ka_compiled_done(&s->compiled);
	ka_ctx_done(&s->ctx);
}

static const char *why(const struct ka_ctx *ctx)
{
	for (size_t i = 0; i < ctx->ndiags; i++)
		if (ctx->diags[i]->severity == KA_ERROR)
			return ctx->diags[i]->message;
	return "it cannot be read";
}

static int read_set(struct ka_ctx *ctx, const char *text, size_t len, struct ka_policies *set)
{
	struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));

	if (!src)
		return -ENOMEM;
	*src = (struct ka_source){.name = "pair", .text = text, .len = len};
	return ka_policies_read(ctx, src, set) ?: ka_policies_finish(ctx, set);
}

/* The canonical text gives the same text again. */
static bool is_fixed(struct side *s)
{
	struct ka_policies again = {};
	const char *text;
	size_t len;

	return !read_set(&s->ctx, s->text, s->len, &again) && !s->ctx.nerrors &&
	       !ka_policies_text(&s->ctx, &again, &text, &len) && len == s->len &&
	       !memcmp(text, s->text, len);
}

static bool side_read(struct side *s, const char *text, size_t len, const char *name)
{
	const struct ka_compile_options opts = {.root_fd = -1};
	int r = ka_ctx_init(&s->ctx) ?: read_set(&s->ctx, text, len, &s->set);

	if (r || s->ctx.nerrors || !s->set.n) {
		printf("%s: %s\n", name, why(&s->ctx));
		return false;
	}
	if (ka_policies_text(&s->ctx, &s->set, &s->text, &s->len) || !is_fixed(s)) {
		printf("%s: its canonical text is another one when it is read again\n", name);
		return false;
	}
	s->is_compiled = !ka_compile(&s->ctx, &s->set, &opts, &s->compiled);
	return true;
}

static bool is_same(const struct side *a, const struct side *b)
{
	if (a->len != b->len || memcmp(a->text, b->text, a->len) != 0)
		return false;
	if (a->is_compiled != b->is_compiled)
		return false;
	return !a->is_compiled || (a->compiled.size == b->compiled.size &&
				   !memcmp(a->compiled.image, b->compiled.image, a->compiled.size));
}

/* ---- pairs ---- */

struct pair {
	char name[256];
	char *text[2];
	size_t len[2];
};

struct sums {
	unsigned pairs, compiled, bad;
	bool same; /* what is expected */
};

static void judge(const struct pair *p, struct sums *sums)
{
	struct side a = {}, b = {};

	sums->pairs++;
	if (!side_read(&a, p->text[0], p->len[0], p->name) ||
	    !side_read(&b, p->text[1], p->len[1], p->name)) {
		sums->bad++;
	} else if (is_same(&a, &b) != sums->same) {
		sums->bad++;
		printf("%s: %s\n--- the first:\n%s--- the second:\n%s", p->name,
		       sums->same ? "not the same" : "the same", a.text, b.text);
	} else {
		sums->compiled += a.is_compiled && b.is_compiled;
	}
	side_done(&a);
	side_done(&b);
}

/* The lines of one side, up to `===` or the next pair, which is left in `line`. */
static bool read_side(FILE *in, char *line, char **ret, size_t *ret_len)
{
	FILE *out = open_memstream(ret, ret_len);
	bool crlf = false, good = out;

	while (good && fgets(line, MAX_TEXT, in)) {
		if (!strcmp(line, "===\n") || !strncmp(line, "### ", 4))
			break;
		if (!strcmp(line, "@crlf\n"))
			crlf = true;
		else if (!strcmp(line, "@mark\n"))
			fputs("\xef\xbb\xbf", out);
		else
			good = put_expanded(out, line, crlf);
		*line = '\0';
	}
	if (out)
		fclose(out);
	return good;
}

static bool run_file(const char *path, struct sums *sums)
{
	KA_FCLOSE FILE *in = fopen(path, "re");
	char line[MAX_TEXT] = "";

	while (in && strncmp(line, "### ", 4) != 0 && fgets(line, sizeof(line), in))
		;
	while (in && !strncmp(line, "### ", 4)) {
		struct pair p = {};
		bool good;

		snprintf(p.name, sizeof(p.name), "%.*s", (int)strcspn(line + 4, "\n"), line + 4);
		good = read_side(in, line, &p.text[0], &p.len[0]) && !strcmp(line, "===\n") &&
		       read_side(in, line, &p.text[1], &p.len[1]);
		if (good)
			judge(&p, sums);
		free(p.text[0]);
		free(p.text[1]);
		if (good)
			continue;
		printf("%s: %s: no pair\n", path, p.name);
		return false;
	}
	return in;
}

int main(int argc, char **argv)
{
	struct sums sums = {.same = argc > 1 && !strcmp(argv[1], "same")};
	bool good = argc > 2;

	for (int i = 2; i < argc; i++)
		good &= run_file(argv[i], &sums);
	printf("%u pairs, %u of them compiled, %u wrong\n", sums.pairs, sums.compiled, sums.bad);
	return good && !sums.bad && sums.pairs >= 100 && sums.compiled >= 50 ? 0 : 1;
}
