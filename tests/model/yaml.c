/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world as the text that a user would have written, and for people: accesses and verdicts.
 */
#include "model.h"

#include <string.h>

static const char *const action_names[] = {"", "Allow", "Audit", "Block"};
static const char *const posture_names[] = {"", "audit", "block"};
static const char *const list_names[] = {"matchPaths", "matchDirectories", "matchPatterns"};
static const char *const section_names[] = {"process", "file"};

void md_number(struct md_set *set)
{
	int i, j, k;

	for (i = 0; i < set->npolicies; i++) {
		struct md_policy *p = &set->policies[i];

		for (j = 0; j < p->nrules; j++) {
			p->rules[j].index = 0;
			for (k = 0; k < j; k++)
				if (!p->rules[k].gone &&
				    p->rules[k].section == p->rules[j].section &&
				    p->rules[k].list == p->rules[j].list)
					p->rules[j].index++;
		}
	}
}

static void quoted(const char *s, FILE *f)
{
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

static void print_rule(const struct md_rule *rule, FILE *f)
{
	static const char *const object_keys[] = {"path", "dir", "pattern"};
	int i;

	fprintf(f, "    - %s: ", rule->execname ? "execname" : object_keys[rule->list]);
	quoted(rule->object, f);
	fputc('\n', f);
	if (rule->recursive)
		fputs("      recursive: true\n", f);
	if (rule->readonly)
		fputs("      readOnly: true\n", f);
	if (rule->action != MD_UNSET)
		fprintf(f, "      action: %s\n", action_names[rule->action]);
	for (i = 0; i < rule->nfrom; i++) {
		fputs(i ? "      - path: " : "      fromSource:\n      - path: ", f);
		quoted(rule->from[i], f);
		fputc('\n', f);
	}
}

static bool print_list(const struct md_policy *p, enum md_section section, enum md_list list,
		       bool first, FILE *f)
{
	bool any = false;
	int i;

	for (i = 0; i < p->nrules; i++) {
		if (p->rules[i].gone || p->rules[i].section != section || p->rules[i].list != list)
			continue;
		if (first && !any) {
			fprintf(f, "  %s:\n", section_names[section]);
			if (p->section_action[section] != MD_UNSET)
				fprintf(f, "    action: %s\n",
					action_names[p->section_action[section]]);
		}
		if (!any)
			fprintf(f, "    %s:\n", list_names[list]);
		any = true;
		print_rule(&p->rules[i], f);
	}
	return any;
}

static void annotation(const char *key, const char *value, bool *any, FILE *f)
{
	if (!*any)
		fputs("  annotations:\n", f);
	*any = true;
	fprintf(f, "    %s: \"%s\"\n", key, value);
}

static void print_annotations(const struct md_policy *p, FILE *f)
{
	bool any = false;

	if (p->posture)
		annotation("karmor-c/posture", posture_names[p->posture], &any, f);
	if (p->section_posture[MD_PROCESS])
		annotation("karmor-c/posture-process",
			   posture_names[p->section_posture[MD_PROCESS]], &any, f);
	if (p->section_posture[MD_FILE])
		annotation("karmor-c/posture-file", posture_names[p->section_posture[MD_FILE]],
			   &any, f);
	if (p->audit_mode)
		annotation("karmor-c/mode", "audit", &any, f);
	if (p->integrity != MD_DEFAULT)
		annotation("karmor-c/source-integrity", p->integrity == MD_ON ? "on" : "off", &any,
			   f);
}

static void print_policy(const struct md_policy *p, FILE *f)
{
	enum md_section section;
	enum md_list list;
	int i;

	fprintf(f, "---\napiVersion: security.kubearmor.com/v1\nkind: %s\nmetadata:\n  name: %s\n",
		p->host ? "KubeArmorHostPolicy" : "KubeArmorPolicy", p->name);
	if (!p->host && strcmp(p->ns, "default") != 0)
		fprintf(f, "  namespace: %s\n", p->ns);
	print_annotations(p, f);
	fprintf(f, "spec:\n  %s:\n", p->host ? "nodeSelector" : "selector");
	fputs(p->nlabels ? "    matchLabels:\n" : "    matchLabels: {}\n", f);
	for (i = 0; i < p->nlabels; i++)
		fprintf(f, "      %s: \"%s\"\n", p->labels[i].key, p->labels[i].value);
	if (p->action != MD_UNSET)
		fprintf(f, "  action: %s\n", action_names[p->action]);
	for (section = MD_PROCESS; section <= MD_FILE; section++) {
		bool first = true;

		for (list = MD_PATHS; list <= MD_PATTERNS; list++)
			first &= !print_list(p, section, list, first, f);
	}
}

/* In the order given (indices, npolicies of them), or in the set's own. */
void md_yaml(const struct md_set *set, const int *order, FILE *f)
{
	int i, j, left;

	for (i = 0; i < set->nnamespaces; i++)
		fprintf(f,
			"---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n"
			"  annotations:\n    kubearmor-file-posture: %s\n",
			set->namespaces[i].name, posture_names[set->namespaces[i].file_posture]);
	for (i = 0; i < set->npolicies; i++) {
		const struct md_policy *p = &set->policies[order ? order[i] : i];

		for (j = 0, left = 0; j < p->nrules; j++)
			left += !p->rules[j].gone;
		if (!p->gone && left)
			print_policy(p, f);
	}
}

/* ---- for people ---- */

static void print_name(const struct md_name *n, FILE *f)
{
	if (!n->policy) {
		fputs("-", f);
		return;
	}
	fprintf(f, "%s/%s/%s spec.%s.%s[%u]",
		n->policy->host ? "KubeArmorHostPolicy" : "KubeArmorPolicy", n->policy->ns,
		n->policy->name, section_names[n->rule->section], list_names[n->rule->list],
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

void md_print_access(const struct md_subject *who, const struct md_access *access, FILE *f)
{
	static const char *const ops[] = {"read", "change", "exec", "map"};

	fprintf(f, "subject: %s%s", who->host ? "the node" : "workload of ",
		who->host ? "" : who->ns);
	print_labels(who->labels, who->nlabels, f);
	fprintf(f, "\nsources: %s, %s\naccess: %s of ", who->sources[0] ? who->sources[0] : "-",
		who->sources[1] ? who->sources[1] : "-", ops[access->op]);
	quoted(access->path, f);
	fprintf(f, " under %s rules\n", section_names[access->section]);
}
