/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world as the text that a user would have written.
 */
#include "model.h"

#include <string.h>

static const char *const action_names[] = {"", "Allow", "Audit", "Block"};
static const char *const posture_names[] = {"", "audit", "block"};

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

static void flag(const char *key, bool set, bool otherwise, bool spelled_out, FILE *f)
{
	if (set != otherwise || spelled_out)
		fprintf(f, "      %s: %s\n", key, set ? "true" : "false");
}

static void print_rule(const struct md_rule *rule, FILE *f)
{
	static const char *const object_keys[] = {"path", "dir", "pattern", "protocol",
						  "capability"};
	int i;

	fprintf(f, "    - %s: ", rule->execname ? "execname" : object_keys[rule->list]);
	quoted(rule->object, f);
	fputc('\n', f);
	if (rule->list == MD_DIRS)
		flag("recursive", rule->recursive, false, rule->spelled_out, f);
	if (rule->section == MD_FILE)
		flag("readOnly", rule->readonly, false, rule->spelled_out, f);
	if (md_has_paths(rule->section))
		flag("ownerOnly", rule->owner_only, false, rule->spelled_out, f);
	if (rule->section != MD_CAPABILITIES && rule->list != MD_PATTERNS)
		flag("pts", !rule->terminal, true, rule->spelled_out, f);
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
			fprintf(f, "  %s:\n", md_section_name(section));
			if (p->section_action[section] != MD_UNSET)
				fprintf(f, "    action: %s\n",
					action_names[p->section_action[section]]);
		}
		if (!any)
			fprintf(f, "    %s:\n", md_list_name(list));
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
	enum md_section section;
	bool any = false;
	char key[64];

	if (p->posture)
		annotation("karmor-c/posture", posture_names[p->posture], &any, f);
	for (section = MD_PROCESS; section < MD_SECTIONS; section++) {
		snprintf(key, sizeof(key), "karmor-c/posture-%s", md_section_name(section));
		if (p->section_posture[section])
			annotation(key, posture_names[p->section_posture[section]], &any, f);
	}
	if (p->audit_mode)
		annotation("karmor-c/mode", "audit", &any, f);
	if (p->overridable)
		annotation("karmor-c/overridable", "true", &any, f);
	if (p->integrity != MD_DEFAULT)
		annotation("karmor-c/source-integrity", p->integrity == MD_ON ? "on" : "off", &any,
			   f);
}

static void print_expressions(const struct md_policy *p, FILE *f)
{
	int i, j;

	if (p->nexpressions)
		fputs("    matchExpressions:\n", f);
	for (i = 0; i < p->nexpressions; i++) {
		const struct md_expression *e = &p->expressions[i];

		fprintf(f, "    - key: %s\n      operator: %s\n      values: [",
			e->is_namespace ? "namespace" : "label", e->not_in ? "NotIn" : "In");
		for (j = 0; j < e->nvalues; j++) {
			fputs(j ? ", " : "", f);
			quoted(e->values[j], f);
		}
		fputs("]\n", f);
	}
}

static void print_selector(const struct md_policy *p, FILE *f)
{
	int i;

	if (p->kind == MD_CLUSTER && !p->nexpressions) {
		fputs("  selector: {}\n", f);
		return;
	}
	fprintf(f, "  %s:\n", p->kind == MD_HOST ? "nodeSelector" : "selector");
	/* cluster policies have no such field */
	if (p->kind != MD_CLUSTER)
		fputs(p->nlabels ? "    matchLabels:\n" : "    matchLabels: {}\n", f);
	for (i = 0; i < p->nlabels; i++)
		fprintf(f, "      %s: \"%s\"\n", p->labels[i].key, p->labels[i].value);
	print_expressions(p, f);
}

static void print_policy(const struct md_policy *p, FILE *f)
{
	enum md_section section;
	enum md_list list;

	fprintf(f, "---\napiVersion: security.kubearmor.com/v1\nkind: %s\nmetadata:\n  name: %s\n",
		md_kind_name(p->kind), p->name);
	if (p->kind == MD_POLICY && strcmp(p->ns, "default") != 0)
		fprintf(f, "  namespace: %s\n", p->ns);
	print_annotations(p, f);
	fputs("spec:\n", f);
	print_selector(p, f);
	if (p->action != MD_UNSET)
		fprintf(f, "  action: %s\n", action_names[p->action]);
	for (section = MD_PROCESS; section < MD_SECTIONS; section++) {
		bool first = true;

		for (list = MD_PATHS; list < MD_LISTS; list++)
			first &= !print_list(p, section, list, first, f);
	}
}

static void print_namespace(const struct md_namespace *ns, FILE *f)
{
	enum md_section section;

	fprintf(f, "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n  annotations:\n",
		ns->name);
	/* there is none for processes */
	for (section = MD_FILE; section < MD_SECTIONS; section++)
		if (ns->posture[section])
			fprintf(f, "    kubearmor-%s-posture: %s\n", md_section_name(section),
				posture_names[ns->posture[section]]);
}

/* In the order given (indices, npolicies of them), or in the set's own. */
void md_yaml(const struct md_set *set, const int *order, FILE *f)
{
	int i, j, left;

	for (i = 0; i < set->nnamespaces; i++)
		print_namespace(&set->namespaces[i], f);
	for (i = 0; i < set->npolicies; i++) {
		const struct md_policy *p = &set->policies[order ? order[i] : i];

		for (j = 0, left = 0; j < p->nrules; j++)
			left += !p->rules[j].gone;
		if (!p->gone && left)
			print_policy(p, f);
	}
}
