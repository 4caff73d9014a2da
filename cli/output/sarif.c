// SPDX-License-Identifier: Apache-2.0
/*
 * sarif: version 2.1.0, for code-scanning views. They want a rule with texts for each id, a
 * relative URI and a region for each result, and a fingerprint that survives moving lines.
 */
#include "../../compiler/base/explain/explain.h"
#include "../report.h"
#include "line_hash.h"
#include "output.h"
#include "uri.h"

#define SARIF_SCHEMA \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

static json_t *message(const char *text)
{
	return json_pack("{s:o}", "text", ka_json_bytes(text, strlen(text)));
}

/* ---- places ---- */

static json_t *region(struct ka_span s)
{
	json_t *o = json_pack("{s:i, s:i}", "startLine", s.from.line ? (int)s.from.line : 1,
			      "startColumn", s.from.line ? (int)s.from.column : 1);

	if (!s.to.line)
		return o;
	json_object_set_new(o, "endLine", json_integer(s.to.line));
	json_object_set_new(o, "endColumn", json_integer(s.to.column));
	return o;
}

static json_t *artifact(const char *name)
{
	return json_pack("{s:o}", "uri", ka_uri_json(name));
}

/* What is about no file is about the first one: views refuse a result that is nowhere. */
static json_t *location(struct ka_found *f, const struct ka_loc *loc)
{
	const struct ka_source *src = loc->source;

	if (!src && f->ctx->nsources)
		src = f->ctx->sources[0];
	return json_pack("{s:{s:o, s:o}}", "physicalLocation", "artifactLocation",
			 artifact(src ? src->name : "."), "region", region(ka_found_span(f, loc)));
}

/* ---- rules ---- */

/* "RULE_SHADOWED" to "RuleShadowed" */
static json_t *pascal(const char *name)
{
	KA_FREE char *s = strdup(name);
	char *to = s;

	if (!s)
		return NULL;
	for (const char *p = name; *p; p++) {
		bool first = p == name || p[-1] == '_';

		if (*p != '_')
			*to++ = first || *p < 'A' ? *p : (char)(*p - 'A' + 'a');
	}
	*to = '\0';
	return json_string(s);
}

static const char *level(enum ka_severity severity)
{
	return ka_severity_str(severity); /* they are called the same */
}

static json_t *rule(enum ka_diag_id id)
{
	static const char *const problem[] = {
		[KA_NOTE] = "recommendation", [KA_WARNING] = "warning", [KA_ERROR] = "error"};
	const struct ka_explanation *e = ka_diag_explain(id);
	enum ka_severity severity = ka_diag_severity(id);

	return json_pack("{s:s, s:o, s:{s:s}, s:{s:s}, s:{s:s, s:s}, s:{s:s}, s:{s:[s], s:s}}",
			 "id", ka_diag_code(id), "name", pascal(e->name), "shortDescription",
			 "text", e->title, "fullDescription", "text", e->text, "help", "text",
			 e->text, "markdown", e->markdown, "defaultConfiguration", "level",
			 level(severity), "properties", "tags", "kubearmor", "problem.severity",
			 problem[severity]);
}

/* Only those that were found; index: where each stands. */
static json_t *rules(const struct ka_found *f, int *index)
{
	json_t *a = json_array();
	bool found[KA_D__MAX] = {};

	for (size_t i = 0; i < f->n; i++)
		found[f->diags[i]->id] = true;
	for (int id = 0; id < KA_D__MAX; id++) {
		if (!found[id])
			continue;
		index[id] = (int)json_array_size(a);
		json_array_append_new(a, rule((enum ka_diag_id)id));
	}
	return a;
}

/* ---- results ---- */

static json_t *fixes(struct ka_found *f, const struct ka_diag *d)
{
	json_t *replacements = json_array();

	for (const struct ka_fix *fix = d->fix; fix; fix = fix->next)
		json_array_append_new(replacements,
				      json_pack("{s:o, s:o}", "deletedRegion",
						region(ka_found_range(f, d->loc.source, fix->offset,
								      fix->length)),
						"insertedContent", message(fix->text)));
	return json_pack("[{s:o, s:[{s:o, s:o}]}]", "description",
			 message(d->hint && *d->hint ? d->hint : "correct it"), "artifactChanges",
			 "artifactLocation", artifact(d->loc.source->name), "replacements",
			 replacements);
}

static json_t *related(struct ka_found *f, const struct ka_diag *d)
{
	json_t *a = json_array();

	for (const struct ka_diag *more = d->more; more; more = more->more) {
		json_t *l = location(f, &more->loc);

		json_object_set_new(l, "message", message(more->message));
		json_array_append_new(a, l);
	}
	return a;
}

static json_t *result(struct ka_found *f, const struct ka_diag *d, int index, const char *hash)
{
	json_t *o = json_pack("{s:s, s:i, s:s, s:{s:o}, s:[o]}", "ruleId", ka_diag_code(d->id),
			      "ruleIndex", index, "level", level(d->severity), "message", "text",
			      ka_message_json(d, "\n"), "locations", location(f, &d->loc));

	if (d->more)
		json_object_set_new(o, "relatedLocations", related(f, d));
	if (d->fix && d->loc.source)
		json_object_set_new(o, "fixes", fixes(f, d));
	if (hash && *hash)
		json_object_set_new(o, "partialFingerprints",
				    json_pack("{s:s}", "primaryLocationLineHash", hash));
	return o;
}

static void add_part(json_t *results, struct ka_found *f, const struct ka_part *part,
		     const int *index)
{
	KA_FREE char(*hashes)[KA_LINE_HASH_SIZE] = calloc(part->n + 1, sizeof(*hashes));
	KA_FREE uint32_t *lines = calloc(part->n + 1, sizeof(*lines));
	bool hashed = hashes && lines && part->source;

	for (size_t i = 0; hashed && i < part->n; i++)
		lines[i] = part->diags[i]->loc.line ? part->diags[i]->loc.line : 1;
	if (hashed)
		hashed = !ka_line_hashes(part->source->text, part->source->len, lines, part->n,
					 hashes);
	for (size_t i = 0; i < part->n; i++)
		json_array_append_new(results, result(f, part->diags[i], index[part->diags[i]->id],
						      hashed ? hashes[i] : NULL));
}

static json_t *results(struct ka_found *f, const int *index)
{
	json_t *a = json_array();

	for (size_t i = 0; i <= f->ctx->nsources; i++) {
		struct ka_part part = ka_found_part(f, i);

		if (part.n)
			add_part(a, f, &part, index);
	}
	return a;
}

/* ---- the run ---- */

static json_t *notifications(const struct ka_input *in)
{
	json_t *a = json_array();

	for (size_t i = 0; i < in->nunread; i++)
		json_array_append_new(
			a, json_pack("{s:s, s:o, s:[{s:{s:o}}]}", "level", "error", "message",
				     message(in->unread[i].why), "locations", "physicalLocation",
				     "artifactLocation", artifact(in->unread[i].name)));
	return a;
}

void ka_output_sarif(FILE *out, struct ka_found *f)
{
	int index[KA_D__MAX] = {};
	json_t *found = rules(f, index);
	json_t *driver = json_pack("{s:s, s:s, s:s, s:o}", "name", "karmor-c", "version",
				   KA_VERSION, "semanticVersion", KA_VERSION, "rules", found);
	json_t *invocation = json_pack("{s:b, s:i, s:o}", "executionSuccessful", !f->in->nunread,
				       "exitCode", f->exit_code, "toolExecutionNotifications",
				       notifications(f->in));
	json_t *run = json_pack("{s:{s:o}, s:s, s:[o], s:o}", "tool", "driver", driver,
				"columnKind", "utf16CodeUnits", "invocations", invocation,
				"results", results(f, index));

	ka_dump_json(out, json_pack("{s:s, s:s, s:[o]}", "$schema", SARIF_SCHEMA, "version",
				    "2.1.0", "runs", run));
}
