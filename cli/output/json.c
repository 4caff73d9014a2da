// SPDX-License-Identifier: Apache-2.0
/*
 * json: for programs that know karmor-c; described in karmor-c(1). Fields are only ever added.
 */
#include "../report.h"
#include "output.h"

static json_t *fix_json(const struct ka_fix *fix)
{
	json_t *a = json_array();

	for (; fix; fix = fix->next)
		json_array_append_new(a, json_pack("{s:I, s:I, s:o}", "offset",
						   (json_int_t)fix->offset, "length",
						   (json_int_t)fix->length, "text",
						   ka_json_bytes(fix->text, strlen(fix->text))));
	return a;
}

json_t *ka_message_json(const struct ka_diag *d, const char *between)
{
	KA_FREE char *s = NULL;

	if (!d->hint)
		return ka_json_bytes(d->message, strlen(d->message));
	if (asprintf(&s, "%s%s%s", d->message, between, d->hint) < 0)
		s = NULL;
	return s ? ka_json_bytes(s, strlen(s)) : NULL;
}

static json_t *one_json(const struct ka_diag *d)
{
	const struct ka_source *src = d->loc.source;
	json_t *o = json_object();

	json_object_set_new(o, "id", json_string(ka_diag_code(d->id)));
	json_object_set_new(o, "severity", json_string(ka_severity_str(d->severity)));
	if (src)
		json_object_set_new(o, "file", ka_json_bytes(src->name, strlen(src->name)));
	if (d->loc.line) {
		json_object_set_new(o, "line", json_integer(d->loc.line));
		json_object_set_new(o, "column", json_integer(d->loc.column));
		json_object_set_new(o, "offset", json_integer(d->loc.offset));
		json_object_set_new(o, "length", json_integer(d->loc.length));
	}
	json_object_set_new(o, "message", ka_json_bytes(d->message, strlen(d->message)));
	if (d->hint)
		json_object_set_new(o, "hint", ka_json_bytes(d->hint, strlen(d->hint)));
	if (d->fix)
		json_object_set_new(o, "fix", fix_json(d->fix));
	return o;
}

json_t *ka_diag_json(const struct ka_diag *d)
{
	json_t *o = one_json(d), *inner = o;

	for (const struct ka_diag *more = d->more; more; more = more->more) {
		json_t *next = one_json(more);

		json_object_set_new(inner, "more", next);
		inner = next;
	}
	return o;
}

static json_t *unread_json(const struct ka_input *in)
{
	json_t *a = json_array();

	for (size_t i = 0; i < in->nunread; i++)
		json_array_append_new(
			a, json_pack("{s:o, s:o}", "file",
				     ka_json_bytes(in->unread[i].name, strlen(in->unread[i].name)),
				     "message",
				     ka_json_bytes(in->unread[i].why, strlen(in->unread[i].why))));
	return a;
}

void ka_output_json(FILE *out, struct ka_found *f)
{
	const struct ka_ctx *ctx = f->ctx;
	json_t *o = json_object(), *diags = json_array();

	json_object_set_new(o, "version", json_integer(1));
	json_object_set_new(o, "valid", json_boolean(!f->exit_code));
	json_object_set_new(o, "failLevel", json_string(ka_severity_str(f->fail_level)));
	json_object_set_new(o, "files", json_integer((json_int_t)f->in->nfiles));
	json_object_set_new(o, "policies", json_integer((json_int_t)f->in->policies.n));
	json_object_set_new(o, "errors", json_integer((json_int_t)ctx->nerrors));
	json_object_set_new(o, "warnings", json_integer((json_int_t)ctx->nwarnings));
	json_object_set_new(o, "notes", json_integer((json_int_t)ctx->nnotes));
	json_object_set_new(o, "ignored", json_integer((json_int_t)ctx->nignored));
	json_object_set_new(o, "leftOut", json_integer((json_int_t)ctx->left_out));
	json_object_set_new(o, "fixable", json_integer((json_int_t)f->fixable));
	json_object_set_new(o, "fixed", json_integer((json_int_t)f->fixed));
	json_object_set_new(o, "unread", unread_json(f->in));
	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(diags, ka_diag_json(f->diags[i]));
	json_object_set_new(o, "diagnostics", diags);
	ka_dump_json(out, o);
}
