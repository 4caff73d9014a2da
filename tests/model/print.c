/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For people: names, accesses and verdicts.
 */
#include "model.h"

const char *md_kind_name(enum md_kind kind)
{
	static const char *const names[] = {"KubeArmorPolicy", "KubeArmorClusterPolicy",
					    "KubeArmorHostPolicy"};

	return names[kind];
}

const char *md_section_name(enum md_section section)
{
	static const char *const names[] = {"process", "file", "network", "capabilities"};

	return names[section];
}

const char *md_list_name(enum md_list list)
{
	static const char *const names[] = {"matchPaths", "matchDirectories", "matchPatterns",
					    "matchProtocols", "matchCapabilities"};

	return names[list];
}

static void print_name(const struct md_name *n, FILE *f)
{
	if (!n->policy) {
		fputs("-", f);
		return;
	}
	fprintf(f, "%s/%s/%s spec.%s.%s[%u]", md_kind_name(n->policy->kind), n->policy->ns,
		n->policy->name, md_section_name(n->rule->section), md_list_name(n->rule->list),
		n->rule->index);
	if (n->from >= 0)
		fprintf(f, ".fromSource[%d]", n->from);
}

void md_print_verdict(const struct md_verdict *v, FILE *f)
{
	static const char *const answers[] = {"permit", "deny", "would deny", "report"};
	static const char *const reasons[] = {"nothing", "rule", "posture", "integrity"};

	fprintf(f, "%s by %s, rule ", answers[v->answer], reasons[v->reason]);
	print_name(&v->rule, f);
	fputs(", audit ", f);
	print_name(&v->audit, f);
	fputc('\n', f);
}

static void print_labels(const struct md_label *labels, int n, FILE *f)
{
	int i;

	for (i = 0; i < n; i++)
		fprintf(f, " %s=%s", labels[i].key, labels[i].value);
}

void md_print_root(const struct md_root *root, FILE *f)
{
	int i;

	for (i = 0; i < root->nlinks; i++)
		fprintf(f, "link: %s -> %s\n", root->links[i].path, root->links[i].target);
}

static void print_object(const struct md_access *access, FILE *f)
{
	const struct md_socket *s = &access->socket;
	const char *name = md_capability_name(access->capability);

	if (access->section == MD_NETWORK)
		fprintf(f, "socket of family %d, type %d, protocol %d", s->family, s->type,
			s->protocol);
	else if (access->section == MD_CAPABILITIES)
		fprintf(f, "capability %u %s", access->capability, name ? name : "");
	else
		fprintf(f, "\"%s\"%s", access->path, access->owner ? ", its own," : "");
}

void md_print_access(const struct md_subject *who, const struct md_access *access, FILE *f)
{
	static const char *const ops[] = {"read", "change", "exec", "map", "use"};

	fprintf(f, "subject: %s%s", who->host ? "the node" : "workload of ",
		who->host ? "" : who->ns);
	print_labels(who->labels, who->nlabels, f);
	fprintf(f, "\nsources: %s, %s%s\naccess: %s of ", who->sources[0] ? who->sources[0] : "-",
		who->sources[1] ? who->sources[1] : "-", who->terminal ? ", with a terminal" : "",
		ops[access->op]);
	print_object(access, f);
	fprintf(f, " under %s rules\n", md_section_name(access->section));
}
