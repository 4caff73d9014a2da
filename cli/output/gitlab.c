// SPDX-License-Identifier: Apache-2.0
/*
 * gitlab: a Code Quality report, which merge requests show as what a change made better or worse.
 */
#include <sodium.h>

#include "../report.h"
#include "output.h"
#include "uri.h"

#define DIGEST 16u

static const char *severity_of(enum ka_severity severity)
{
	static const char *const names[] = {
		[KA_NOTE] = "info", [KA_WARNING] = "minor", [KA_ERROR] = "major"};

	return names[severity];
}

static void digest(crypto_generichash_state *h, const char *s, size_t len)
{
	crypto_generichash_update(h, (const unsigned char *)s, len);
	crypto_generichash_update(h, (const unsigned char *)"", 1);
}

/*
 * What is found stays the same finding when lines move: file, id, message and the text of the
 * line, and which one of those that are alike in all this.
 */
static void fingerprint(const struct ka_diag *d, uint64_t nth, char ret[2 * DIGEST + 1])
{
	const char *line, *name = d->loc.source ? ka_relative_name(d->loc.source->name) : "";
	unsigned char bytes[DIGEST];
	crypto_generichash_state h;
	size_t len, at;

	crypto_generichash_init(&h, NULL, 0, sizeof(bytes));
	digest(&h, name, strlen(name));
	digest(&h, ka_diag_code(d->id), 6);
	digest(&h, d->message, strlen(d->message));
	if (ka_loc_line(&d->loc, &line, &len, &at))
		digest(&h, line, len);
	digest(&h, (const char *)&nth, sizeof(nth));
	crypto_generichash_final(&h, bytes, sizeof(bytes));
	sodium_bin2hex(ret, 2 * DIGEST + 1, bytes, sizeof(bytes));
}

static json_t *issue(const char *name, unsigned line, const char *id, const char *severity,
		     const char *print, json_t *description)
{
	name = ka_relative_name(name);
	return json_pack("{s:s, s:s, s:s, s:s, s:[s], s:o, s:{s:o, s:{s:i}}}", "type", "issue",
			 "check_name", id, "severity", severity, "fingerprint", print, "categories",
			 "Security", "description", description, "location", "path",
			 ka_json_bytes(name, strlen(name)), "lines", "begin", line ? (int)line : 1);
}

static void add_part(json_t *issues, json_t *seen, const struct ka_found *f,
		     const struct ka_part *part)
{
	const char *name = part->source ? part->source->name : ".";

	if (!part->source && f->ctx->nsources)
		name = f->ctx->sources[0]->name;
	for (size_t i = 0; i < part->n; i++) {
		const struct ka_diag *d = part->diags[i];
		char print[2 * DIGEST + 1];
		json_int_t nth;

		fingerprint(d, 0, print);
		nth = json_integer_value(json_object_get(seen, print));
		json_object_set_new(seen, print, json_integer(nth + 1));
		if (nth)
			fingerprint(d, (uint64_t)nth, print);
		json_array_append_new(issues, issue(name, d->loc.line, ka_diag_code(d->id),
						    severity_of(d->severity), print,
						    ka_message_json(d, "; ")));
	}
}

void ka_output_gitlab(FILE *out, struct ka_found *f)
{
	json_t *issues = json_array(), *seen = json_object();

	for (size_t i = 0; i <= f->ctx->nsources; i++) {
		struct ka_part part = ka_found_part(f, i);

		add_part(issues, seen, f, &part);
	}
	for (size_t i = 0; i < f->in->nunread; i++) {
		const struct ka_unread *u = &f->in->unread[i];
		char print[2 * DIGEST + 1];
		const struct ka_source src = {.name = u->name};
		const struct ka_diag d = {.loc.source = &src, .message = u->why};

		fingerprint(&d, 0, print);
		json_array_append_new(issues, issue(u->name, 1, "unreadable", "blocker", print,
						    ka_json_bytes(u->why, strlen(u->why))));
	}
	json_decref(seen);
	ka_dump_json(out, issues);
}
