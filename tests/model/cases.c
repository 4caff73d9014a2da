/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fixed cases: what once differed, and what the text of the semantics says in one sentence. A
 * case is NAME.yaml, policies as users write them, and NAME.tsv, one question a line:
 *
 *   SUBJECT <tab> SOURCES <tab> SECTION OPERATION [owner] <tab> OBJECT <tab> ANSWER
 *   [<tab> RULE [<tab> AUDIT]]
 *
 * SUBJECT is `node` or a namespace and labels (`n1 app=web`), and `+terminal` if it has one;
 * SOURCES are up to two paths or -; OBJECT is a path, a socket (`inet stream 6`), a capability.
 * With NAME.links, lines "PATH TARGET", the links of rules are resolved in a root that has these.
 * ANSWER is as in "deny by rule", RULE and AUDIT as in "p0 spec.file.matchPaths[0]" or -.
 */
#include "diff.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct md_node alpha = {
	.hostname = "alpha",
	.os = "linux",
	.arch = "amd64",
	.labels = {{"pool", "blue"}},
	.nlabels = 1,
};

static char *slurp(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (!f || !text) {
		perror(path);
		exit(3);
	}
	*ret_len = fread(text, 1, (1 << 20) - 1, f);
	fclose(f);
	return text;
}

struct number {
	const char *word;
	int number;
};

/* Cuts the next field off; NULL: there is none. */
static char *field(char **rest, const char *separators)
{
	char *s = strsep(rest, separators);

	return s && *s && strcmp(s, "-") ? s : NULL;
}

static void parse_subject(char *text, char *sources, struct md_subject *ret)
{
	char *word = field(&text, " "), *value;

	*ret = (struct md_subject){.host = word && !strcmp(word, "node"), .ns = word};
	while ((word = field(&text, " ")) && ret->nlabels < MD_MAX_LABELS) {
		if (!strcmp(word, "+terminal")) {
			ret->terminal = true;
			continue;
		}
		value = word;
		word = strsep(&value, "=");
		ret->labels[ret->nlabels++] = (struct md_label){word, value ? value : ""};
	}
	ret->sources[0] = sources ? field(&sources, " ") : NULL;
	ret->sources[1] = sources ? field(&sources, " ") : NULL;
}

static int number_of(const char *word, const struct number *known, size_t n)
{
	size_t i;

	for (i = 0; word && i < n; i++)
		if (!strcmp(word, known[i].word))
			return known[i].number;
	return word ? atoi(word) : 0;
}

#define NUMBER(word, known) number_of(word, known, sizeof(known) / sizeof(known[0]))

/* "inet stream 6": family, type, protocol; what has no name here by its number */
static void parse_socket(char *text, struct md_socket *ret)
{
	static const struct number families[] = {
		{"unix", AF_UNIX},       {"inet", AF_INET},     {"inet6", AF_INET6},
		{"netlink", AF_NETLINK}, {"packet", AF_PACKET}, {"vsock", AF_VSOCK},
		{"smc", AF_SMC},         {"xdp", AF_XDP},
	};
	static const struct number types[] = {
		{"stream", SOCK_STREAM}, {"dgram", SOCK_DGRAM},         {"raw", SOCK_RAW},
		{"rdm", SOCK_RDM},       {"seqpacket", SOCK_SEQPACKET}, {"dccp", SOCK_DCCP},
	};

	ret->family = NUMBER(field(&text, " "), families);
	ret->type = NUMBER(field(&text, " "), types);
	ret->protocol = NUMBER(field(&text, " "), types);
}

static int parse_operation(const char *word, struct md_access *ret)
{
	static const char *const ops[] = {"read", "change", "exec", "map", "use"};
	unsigned i;

	for (i = 0; word && i < sizeof(ops) / sizeof(ops[0]); i++) {
		ret->op = (enum md_op)i;
		if (!strcmp(word, ops[i]))
			return 0;
	}
	return -1;
}

/* "file read owner": section, operation, whether the object is the task's own */
static int parse_access(char *text, char *object, struct md_access *ret)
{
	char *section = strsep(&text, " ");
	char *op = strsep(&text, " ");

	*ret = (struct md_access){.path = object, .owner = text && !strcmp(text, "owner")};
	if (parse_operation(op, ret))
		return -1;
	for (; strcmp(section, md_section_name(ret->section)); ret->section++)
		if (ret->section + 1 == MD_SECTIONS)
			return -1;
	if (ret->section == MD_NETWORK)
		parse_socket(object, &ret->socket);
	else if (ret->section == MD_CAPABILITIES)
		ret->capability = (unsigned)md_capability(object);
	return 0;
}

static void print_rule(const struct md_machine *m, uint32_t rule, char *buf, size_t size)
{
	static const char *const sections[] = {
		[KA_CAT_FILE] = "file",
		[KA_CAT_PROCESS] = "process",
		[KA_CAT_NETWORK] = "network",
		[KA_CAT_CAPABILITIES] = "capabilities",
	};
	static const char *const lists[] = {
		[KA_LIST_PATHS] = "matchPaths",
		[KA_LIST_DIRECTORIES] = "matchDirectories",
		[KA_LIST_PATTERNS] = "matchPatterns",
		[KA_LIST_PROTOCOLS] = "matchProtocols",
		[KA_LIST_DNS_QUERIES] = "matchDNSQueries",
		[KA_LIST_CAPABILITIES] = "matchCapabilities",
	};
	const struct ka_rule_rec *rec = rule == KA_NO_RULE ? NULL : ka_image_rule(&m->reader, rule);
	const struct ka_policy_rec *p = rec ? ka_image_policy(&m->reader, rec->policy) : NULL;
	char from[32] = "";

	snprintf(buf, size, "-");
	if (!p)
		return;
	if (rec->from != KA_NO_FROM)
		snprintf(from, sizeof(from), ".fromSource[%u]", rec->from);
	snprintf(buf, size, "%s spec.%s.%s[%u]%s", ka_image_str(&m->reader, p->name),
		 sections[rec->section], lists[rec->list], rec->index, from);
}

static void print_answer(const struct ka_ruling *r, char *buf, size_t size)
{
	static const char *const answers[] = {"permit", "deny", "would deny", "report"};
	static const char *const reasons[] = {
		[KA_WHY_NONE] = "nothing",        [KA_WHY_RULE] = "rule",
		[KA_WHY_POSTURE] = "posture",     [KA_WHY_UNESTABLISHED] = "unestablished",
		[KA_WHY_UNDECIDED] = "undecided", [KA_WHY_ABOVE] = "above",
		[KA_WHY_MOUNT] = "mount",         [KA_WHY_INTEGRITY] = "integrity",
	};

	snprintf(buf, size, "%s by %s", answers[r->verdict & 3], reasons[r->reason & 7]);
}

/* One question; false: another answer than expected. */
static bool ask(const struct md_machine *m, char *line)
{
	char *who = strsep(&line, "\t"), *sources = strsep(&line, "\t"), *op = strsep(&line, "\t");
	char *path = strsep(&line, "\t"), *answer = strsep(&line, "\t");
	char *rule = strsep(&line, "\t"), *audit = strsep(&line, "\t");
	char got[64], got_rule[512], got_audit[512];
	struct md_subject subject;
	struct md_access access;
	struct ka_ruling ruling;
	struct md_seat seat;

	if (!answer || parse_access(op, path, &access)) {
		printf("a line without sense: %s\n", who);
		return false;
	}
	parse_subject(who, sources, &subject);
	md_machine_seat(m, &alpha, &subject, &seat);
	md_machine_rule(m, &seat, &access, &ruling);
	print_answer(&ruling, got, sizeof(got));
	print_rule(m, ruling.rule, got_rule, sizeof(got_rule));
	print_rule(m, ruling.audit, got_audit, sizeof(got_audit));
	if (!strcmp(got, answer) && (!rule || !strcmp(got_rule, rule)) &&
	    (!audit || !strcmp(got_audit, audit)))
		return true;
	printf("%s of %s: expected %s, rule %s, audit %s; got %s, rule %s, audit %s\n", op, path,
	       answer, rule ? rule : "any", audit ? audit : "any", got, got_rule, got_audit);
	return false;
}

/* The root of a case; not there if it has no list of links. */
static void make_links(const char *list, struct md_root *ret)
{
	char path[4096], target[4096];
	FILE *f = fopen(list, "r");

	*ret = (struct md_root){0};
	if (!f)
		return;
	md_root_open(ret);
	while (fscanf(f, "%4095s %4095s", path, target) == 2) {
		if (md_root_link(ret, path, target)) {
			perror(path);
			exit(3);
		}
	}
	fclose(f);
}

static void run_case(const char *dir, const char *name, unsigned *asked, unsigned *wrong)
{
	char path[4096], *policy, *questions, *rest, *line;
	struct md_root root;
	struct md_machine m;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s.yaml", dir, name);
	policy = slurp(path, &len);
	snprintf(path, sizeof(path), "%s/%s.links", dir, name);
	make_links(path, &root);
	if (md_machine_text(&m, policy, len, root.there ? root.dir : NULL, stdout)) {
		printf("%s/%s: refused\n", dir, name);
		++*wrong;
		md_root_remove(&root);
		free(policy);
		return;
	}
	md_root_remove(&root);
	snprintf(path, sizeof(path), "%s/%s.tsv", dir, name);
	questions = rest = slurp(path, &len);
	while ((line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#')
			continue;
		++*asked;
		if (ask(&m, line))
			continue;
		printf("... in %s\n", path);
		++*wrong;
	}
	md_machine_done(&m);
	free(questions);
	free(policy);
}

int md_cases(const char *dir)
{
	struct dirent **names;
	unsigned asked = 0, wrong = 0;
	int n = scandir(dir, &names, NULL, alphasort), i;

	if (n < 0) {
		perror(dir);
		return 3;
	}
	for (i = 0; i < n; i++) {
		char *dot = strrchr(names[i]->d_name, '.');

		if (dot && !strcmp(dot, ".yaml")) {
			*dot = '\0';
			run_case(dir, names[i]->d_name, &asked, &wrong);
		}
		free(names[i]);
	}
	free(names);
	printf("%u fixed cases, %u wrong\n", asked, wrong);
	return wrong || !asked ? 1 : 0;
}
