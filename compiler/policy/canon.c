// SPDX-License-Identifier: Apache-2.0
/*
 * A policy back to YAML: only what has a meaning, inheritance resolved, in one order. Reading
 * it gives the same policy, and its text again the same bytes.
 */
#include "decode.h"

/* ---- strings ---- */

/* Whether it can stand without quotes: nothing that YAML could take for anything else. */
static bool is_plain(const char *s)
{
	size_t len = strlen(s);

	if (!len || len > 256 ||
	    !strchr("/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", *s))
		return false;
	for (const char *p = s; *p; p++)
		if (!strchr("/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
			    *p))
			return false;
	return ka_scalar_type(s, len) == KA_NODE_STRING;
}

/* Length of a character that may stand in double quotes as it is; 0: it must be escaped. */
static size_t printable(const unsigned char *s)
{
	uint32_t c;

	if (*s < 0x80)
		return *s >= 0x20 && *s < 0x7f && *s != '"' && *s != '\\';
	if (*s < 0xe0)
		return *s > 0xc2 || s[1] >= 0xa0 ? 2 : 0; /* not the C1 controls */
	if (*s >= 0xf0)
		return 4;
	c = (s[0] & 15u) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u);
	/* line ends to YAML, marks that change direction, the byte order mark, no characters */
	if ((c >= 0x2028 && c <= 0x202e) || c == 0xfeff || c >= 0xfffe)
		return 0;
	return 3;
}

static uint32_t character(const unsigned char *s, size_t *len)
{
	*len = *s < 0x80 ? 1 : *s < 0xe0 ? 2 : 3;
	if (*len == 1)
		return *s;
	if (*len == 2)
		return (s[0] & 31u) << 6 | (s[1] & 63u);
	return (s[0] & 15u) << 12 | (s[1] & 63u) << 6 | (s[2] & 63u);
}

/* The text came from YAML, so it is UTF-8. */
static void put_string(FILE *out, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;
	size_t n;

	if (is_plain(string)) {
		fputs(string, out);
		return;
	}
	fputc('"', out);
	for (; *s; s += n) {
		uint32_t c;

		n = printable(s);
		if (n) {
			fwrite(s, 1, n, out);
			continue;
		}
		c = character(s, &n);
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", (int)c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else
			fprintf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
	}
	fputc('"', out);
}

static void put_field(FILE *out, unsigned indent, const char *key, const char *value)
{
	fprintf(out, "%*s%s: ", (int)indent, "", key);
	put_string(out, value);
	fputc('\n', out);
}

/* Tags are joined by commas; so is the list that they are split into again. */
static void put_tags(FILE *out, unsigned indent, const char *tags)
{
	fprintf(out, "%*stags: [", (int)indent, "");
	for (const char *s = tags;; s++) {
		size_t len = strcspn(s, ",");
		char *tag = strndupa(s, len);

		put_string(out, tag);
		s += len;
		if (!*s)
			break;
		fputs(", ", out);
	}
	fputs("]\n", out);
}

/* ---- parts ---- */

static const char *action_str(enum ka_effect action)
{
	return action == KA_EFFECT_ALLOW ? "Allow" : action == KA_EFFECT_AUDIT ? "Audit" : "Block";
}

static const char *posture_str(enum ka_posture p)
{
	return p == KA_POSTURE_BLOCK ? "block" : "audit";
}

static void put_postures(FILE *out, const struct ka_policy *p)
{
	enum ka_posture file = p->posture[KA_CAT_FILE], process = p->posture[KA_CAT_PROCESS];

	if (file && file == process) {
		put_field(out, 4, "karmor-c/posture", posture_str(file));
		return;
	}
	if (file)
		put_field(out, 4, "karmor-c/posture-file", posture_str(file));
	if (process)
		put_field(out, 4, "karmor-c/posture-process", posture_str(process));
}

static void put_annotations(FILE *out, const struct ka_policy *p)
{
	if (!p->posture[KA_CAT_FILE] && !p->posture[KA_CAT_PROCESS] && !p->audit_mode &&
	    !p->mounts && !p->integrity)
		return;
	fputs("  annotations:\n", out);
	if (p->audit_mode)
		put_field(out, 4, "karmor-c/mode", "audit");
	if (p->mounts)
		put_field(out, 4, "karmor-c/mounts", p->mounts == KA_YES ? "allow" : "deny");
	put_postures(out, p);
	if (p->integrity)
		put_field(out, 4, "karmor-c/source-integrity",
			  p->integrity == KA_YES ? "on" : "off");
}

static void put_selector(FILE *out, const struct ka_policy *p)
{
	if (!p->nlabels)
		return;
	fprintf(out, "  %s:\n    matchLabels:\n",
		p->kind == KA_KIND_HOST ? "nodeSelector" : "selector");
	for (size_t i = 0; i < p->nlabels; i++) {
		fputs("      ", out);
		put_string(out, p->labels[i].key);
		fputs(": ", out);
		put_string(out, p->labels[i].value);
		fputc('\n', out);
	}
}

static const char *object_key(const struct ka_rule *r)
{
	static const char *const keys[] = {[KA_LIST_PATHS] = "path",
					   [KA_LIST_DIRECTORIES] = "dir",
					   [KA_LIST_PATTERNS] = "pattern"};

	return r->execname ? "execname" : keys[r->list];
}

static void put_rule(FILE *out, const struct ka_rule *r)
{
	fputs("    - ", out);
	put_field(out, 0, object_key(r), r->object);
	if (r->recursive)
		fputs("      recursive: true\n", out);
	if (r->readonly)
		fputs("      readOnly: true\n", out);
	if (r->nfrom)
		fputs("      fromSource:\n", out);
	for (size_t i = 0; i < r->nfrom; i++) {
		fputs("      - ", out);
		put_field(out, 0, "path", r->from[i].path);
	}
	put_field(out, 6, "action", action_str(r->action));
	if (r->severity)
		fprintf(out, "      severity: %u\n", r->severity);
	if (*r->tags)
		put_tags(out, 6, r->tags);
	if (*r->message)
		put_field(out, 6, "message", r->message);
}

static void put_rules(FILE *out, const struct ka_policy *p)
{
	static const char *const lists[] = {[KA_LIST_PATHS] = "matchPaths",
					    [KA_LIST_DIRECTORIES] = "matchDirectories",
					    [KA_LIST_PATTERNS] = "matchPatterns"};

	for (size_t i = 0; i < p->nrules; i++) {
		const struct ka_rule *r = &p->rules[i], *before = i ? r - 1 : NULL;
		bool section = !before || before->section != r->section;

		if (section)
			fprintf(out, "  %s:\n", ka_section_str(r->section));
		if (section || before->list != r->list)
			fprintf(out, "    %s:\n", lists[r->list]);
		put_rule(out, r);
	}
}

/* ---- documents ---- */

static void put_policy(FILE *out, const struct ka_policy *p)
{
	fputs("apiVersion: security.kubearmor.com/v1\n", out);
	put_field(out, 0, "kind", ka_kind_str(p->kind));
	fputs("metadata:\n", out);
	put_field(out, 2, "name", p->name);
	if (p->kind == KA_KIND_POLICY)
		put_field(out, 2, "namespace", p->ns);
	put_annotations(out, p);
	if (!p->nlabels && !p->nrules && !p->severity) {
		fputs("spec: {}\n", out);
		return;
	}
	fputs("spec:\n", out);
	put_selector(out, p);
	if (p->severity)
		fprintf(out, "  severity: %u\n", p->severity);
	put_rules(out, p);
}

static void put_ns(FILE *out, const struct ka_ns_posture *ns)
{
	fputs("apiVersion: v1\nkind: Namespace\nmetadata:\n", out);
	put_field(out, 2, "name", ns->name);
	fputs("  annotations:\n", out);
	put_field(out, 4, "kubearmor-file-posture", posture_str(ns->posture[KA_CAT_FILE]));
}

static int keep(struct ka_ctx *ctx, FILE *out, char **text, const size_t *len, const char **ret)
{
	KA_FREE char *owned = NULL;
	int failed = fclose(out);

	owned = *text;
	if (failed || !owned)
		return ka_fail(ctx, -ENOMEM, "out of memory");
	*ret = ka_strndup(ctx, owned, *len);
	return *ret ? 0 : -ENOMEM;
}

int ka_policy_text(struct ka_ctx *ctx, const struct ka_policy *p, const char **ret)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return ka_fail(ctx, -ENOMEM, "out of memory");
	put_policy(out, p);
	return keep(ctx, out, &text, &len, ret);
}

int ka_ns_posture_text(struct ka_ctx *ctx, const struct ka_ns_posture *ns, const char **ret)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return ka_fail(ctx, -ENOMEM, "out of memory");
	put_ns(out, ns);
	return keep(ctx, out, &text, &len, ret);
}
