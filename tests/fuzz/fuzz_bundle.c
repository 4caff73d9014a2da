// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes are a bundle. Reading must stay inside its memory, and what is accepted can be
 * used: every record, every text, every path.
 *
 * The digest would keep a fuzzer out of all that comes after it, so each input is tried twice:
 * as a file, and as the policy text and image of a bundle with a digest that fits.
 */
#include "../../runtime/bundle.h"
#include "fuzz.h"

static size_t touched; /* what the compiler must not optimise away */

static void use_image(const struct ka_reader *r)
{
	static const char *const paths[] = {"/", "/etc/passwd", "/opt/x/y.sh", "//usr//bin/"};

	for (uint32_t i = 0; i < r->head->policies.count; i++) {
		const struct ka_policy_rec *p = ka_image_policy(r, i);

		touched += strlen(ka_image_str(r, p->ns)) + strlen(ka_image_str(r, p->name));
		touched += strlen(ka_image_str(r, p->text));
		for (uint32_t k = 0; k < p->nlabels; k++) {
			const struct ka_label_rec *l = ka_image_label(r, p->labels + k);

			touched += strlen(ka_image_str(r, l->key));
			touched += strlen(ka_image_str(r, l->value));
		}
	}
	for (uint32_t i = 0; i < r->head->rules.count; i++)
		touched += strlen(ka_image_str(r, ka_image_rule(r, i)->message));
	for (uint32_t i = 1; i <= r->head->sources.count; i++)
		touched += strlen(ka_image_source(r, i));
	for (size_t i = 0; i < KA_ARRAY_SIZE(paths); i++)
		touched += ka_image_walk(r, paths[i], strlen(paths[i]));
}

static void use(const struct ka_bundle *b)
{
	for (size_t i = 0; i < b->policy_len; i++)
		touched += b->policy[i];
	for (size_t i = 0; i < b->nobjects; i++) {
		const uint8_t *data = b->objects[i].data;

		touched += strlen(b->objects[i].name);
		for (size_t k = 0; k < b->objects[i].size; k++)
			touched += data[k];
	}
	use_image(&b->reader);
}

static int read_one(const void *bytes, size_t size)
{
	KA_BUNDLE struct ka_bundle b = {0};
	void *copy = malloc(size ? size : 1);
	char err[256] = "";
	int r;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, size);
	r = ka_bundle_parse(copy, size, &b, err, sizeof(err));
	if (r && !err[0])
		abort(); /* nothing is refused without a reason */
	if (!r)
		use(&b);
	return r;
}

static void wrap(const uint8_t *data, size_t size)
{
	size_t text = size ? data[0] : 0;
	KA_FREE void *bytes = NULL;
	size_t len;

	if (size < 1 + text)
		return;
	if (ka_bundle_write((const char *)data + 1, text, data + 1 + text, size - 1 - text, NULL, 0,
			    &bytes, &len))
		return;
	/* the reader finds nothing wrong with what the writer wrote, unless it is the image */
	if (read_one(bytes, len) == -EPROTO && size - 1 - text < sizeof(struct ka_image))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int r = read_one(data, size);

	(void)r; /* refused or used, both are fine */
	wrap(data, size);
	return touched == SIZE_MAX;
}
