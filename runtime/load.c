/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "btf.h"
#include "digest.h"
#include "maps.h"

#define MAX_PROGRAMS 64

/* ---- what libbpf says ---- */

/* libbpf's print function has no argument: the first warning of this thread's load. */
static _Thread_local char said[200];
static bool debug;

void ka_load_debug(bool on)
{
	debug = on;
}

KA_PRINTF(2, 0) static int listen(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	va_list copy;

	if (debug) {
		va_copy(copy, ap);
		vfprintf(stderr, fmt, copy);
		va_end(copy);
	}
	if (level == LIBBPF_WARN && !said[0]) {
		vsnprintf(said, sizeof(said), fmt, ap);
		said[strcspn(said, "\n")] = '\0';
	}
	return 0;
}

static void object_closep(struct bpf_object **o)
{
	bpf_object__close(*o);
}

uint64_t ka_object_code(const struct ka_object *o)
{
	uint8_t digest[KA_DIGEST_BYTES];
	struct ka_digest d;
	uint64_t code;

	ka_digest_start(&d);
	ka_digest_section(&d, o->name, o->data, o->size);
	ka_digest_end(&d, digest);
	memcpy(&code, digest, sizeof(code));
	return code;
}

/* ---- before loading ---- */

/* Where a variable lies in .rodata; -ENOENT: there is none. */
static int rodata_offset(const struct btf *btf, const char *name, size_t *ret)
{
	int id = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	const struct btf_type *sec = id > 0 ? btf__type_by_id(btf, id) : NULL;
	const struct btf_var_secinfo *v = sec ? btf_var_secinfos(sec) : NULL;

	for (unsigned int i = 0; sec && i < btf_vlen(sec); i++) {
		const struct btf_type *t = btf__type_by_id(btf, v[i].type);

		if (strcmp(btf__name_by_offset(btf, t->name_off), name) || v[i].size != 4)
			continue;
		*ret = v[i].offset;
		return 0;
	}
	return -ENOENT;
}

static int set_mask(struct bpf_object *obj, unsigned int class)
{
	uint32_t mask = (1u << class) - 1;
	struct bpf_map *m;
	size_t off;
	int r = rodata_offset(bpf_object__btf(obj), "ka_mask", &off);

	if (r == -ENOENT)
		return 0; /* looks at no image */
	bpf_object__for_each_map (m, obj) {
		const char *suffix = strrchr(bpf_map__name(m), '.');
		KA_FREE uint8_t *copy = NULL;
		const void *data;
		size_t size;

		if (!bpf_map__is_internal(m) || !suffix || strcmp(suffix, ".rodata"))
			continue;
		data = bpf_map__initial_value(m, &size);
		if (!data || !ka_range_ok(off, sizeof(mask), size))
			return -EBADMSG;
		copy = malloc(size);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, data, size);
		memcpy(copy + off, &mask, sizeof(mask));
		return bpf_map__set_initial_value(m, copy, size);
	}
	return -EBADMSG;
}

/* A hook that may be absent, because another one of ours covers what it guards. */
static bool may_be_missing(const char *hook)
{
	/* file_truncate (6.2): on 6.1 the descriptor is refused when it is opened writable */
	return !strcmp(hook, "file_truncate");
}

static const char *lsm_hook(const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);

	return strncmp(section, "lsm/", 4) ? NULL : section + 4;
}

/* Leaves out programs whose hook this kernel lacks, where that is allowed. */
static int choose_programs(struct bpf_object *obj, struct ka_error *e)
{
	char symbols[MAX_PROGRAMS][64];
	struct ka_btf_name names[MAX_PROGRAMS];
	struct bpf_program *progs[MAX_PROGRAMS], *p;
	size_t n = 0;
	int r;

	bpf_object__for_each_program (p, obj) {
		if (!lsm_hook(p))
			continue;
		if (n == MAX_PROGRAMS)
			return ka_error_set(e, -E2BIG, "too many programs in one object");
		snprintf(symbols[n], sizeof(symbols[n]), "bpf_lsm_%.50s", lsm_hook(p));
		names[n].name = symbols[n];
		progs[n++] = p;
	}
	r = ka_btf_find(names, n);
	if (r)
		return ka_error_set(e, r == -ENOENT ? -EOPNOTSUPP : r, "reading %s: %s",
				    KA_VMLINUX_BTF, strerror(-r));
	for (size_t i = 0; i < n; i++) {
		if (names[i].found)
			continue;
		if (!may_be_missing(lsm_hook(progs[i])))
			return ka_error_set(e, -EOPNOTSUPP, "this kernel has no LSM hook '%s'",
					    lsm_hook(progs[i]));
		bpf_program__set_autoload(progs[i], false);
	}
	return 0;
}

static int open_object(struct ka_node_handle *h, const struct ka_object *o,
		       const struct ka_attached *a, struct bpf_object **ret, struct ka_error *e)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = ka_family_str(a->family));
	struct bpf_object *obj = bpf_object__open_mem(o->data, o->size, &opts);
	int r;

	if (!obj)
		return ka_error_set(e, -errno, "opening object %s: %s", o->name,
				    said[0] ? said : strerror(errno));
	*ret = obj;
	r = choose_programs(obj, e);
	if (r)
		return r;
	r = set_mask(obj, a->class);
	if (r)
		return ka_error_set(e, r, "object %s: no place for the size class", o->name);
	return ka_maps_share(h, obj, e);
}

/* ---- loading and attaching ---- */

static int explain_load(const struct ka_object *o, int code, struct ka_error *e)
{
	ka_error_set(e, code, "loading object %s: %s", o->name, said[0] ? said : strerror(-code));
	if (code == -EPERM)
		ka_error_hint(e, "this kernel or container refuses BPF LSM programs; see 'probe'");
	else if (code == -EINVAL || code == -EACCES || code == -E2BIG)
		ka_error_hint(e, "the kernel's verifier refused a program: a kernel that this "
				 "build was not tested on");
	return code;
}

static int pin_iterator(struct bpf_program *p, const struct ka_attached *a, struct ka_error *e)
{
	struct ka_pin pin = ka_pin_family("new-", a, KA_PIN_ITERATOR);

	if (bpf_obj_pin(bpf_program__fd(p), pin.path) < 0)
		return ka_error_set(e, -errno, "pinning %s: %s", pin.path, strerror(errno));
	return 0;
}

static int attach_program(struct bpf_program *p, const struct ka_attached *a, struct ka_error *e)
{
	struct ka_pin pin = ka_pin_family("new-", a, bpf_program__name(p));
	struct bpf_link *link;
	int r = 0;

	if (!strncmp(bpf_program__section_name(p), "iter/", 5))
		return pin_iterator(p, a, e);
	link = bpf_program__attach(p);
	if (!link) {
		r = ka_error_set(e, -errno, "attaching to %s: %s", bpf_program__section_name(p),
				 strerror(errno));
		if (r == -E2BIG)
			ka_error_hint(e, "other tools fill this hook; it takes 38 programs");
		return r;
	}
	if (bpf_obj_pin(bpf_link__fd(link), pin.path) < 0)
		r = ka_error_set(e, -errno, "pinning %s: %s", pin.path, strerror(errno));
	bpf_link__destroy(link); /* our descriptor; the pin keeps it attached */
	return r;
}

static int attach_all(struct bpf_object *obj, const struct ka_attached *a, struct ka_error *e)
{
	struct ka_pin making = ka_pin_family("new-", a, NULL), made = ka_pin_family("", a, NULL);
	struct bpf_program *p;

	if (mkdir(making.path, 0700) < 0)
		return ka_error_set(e, -errno, "creating %s: %s", making.path, strerror(errno));
	bpf_object__for_each_program (p, obj) {
		int r = bpf_program__autoload(p) ? attach_program(p, a, e) : 0;

		if (r)
			return r;
	}
	if (rename(making.path, made.path) < 0)
		return ka_error_set(e, -errno, "renaming %s: %s", making.path, strerror(errno));
	return 0;
}

static int load_family(struct ka_node_handle *h, const struct ka_object *o,
		       const struct ka_attached *a, struct ka_error *e)
{
	KA_CLEANUP(object_closep) struct bpf_object *obj = NULL;
	int r = open_object(h, o, a, &obj, e);

	if (r)
		return r;
	r = bpf_object__load(obj);
	if (r)
		return explain_load(o, r, e);
	r = ka_maps_keep(h, obj, e);
	return r ? r : attach_all(obj, a, e);
}

int ka_load_family(struct ka_node_handle *h, const struct ka_object *o, const struct ka_attached *a,
		   struct ka_error *e)
{
	libbpf_print_fn_t before = libbpf_set_print(listen);
	struct ka_pin making = ka_pin_family("new-", a, NULL);
	struct ka_error ignored;
	int r;

	said[0] = '\0';
	r = load_family(h, o, a, e);
	libbpf_set_print(before);
	if (r && ka_pins_remove(making.path, &ignored))
		ka_error_hint(e, "%s could not be removed; the next apply will", making.path);
	return r;
}
