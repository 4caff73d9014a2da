/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher in the kernel, by BPF_PROG_TEST_RUN of the `trial` object (bpf/trial.bpf.c). That
 * needs CAP_BPF and CAP_PERFMON or root, and no LSM.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>

#include "machine.h"

/* One size class for all images: an image is as good in a larger one. */
#define CLASS (16u << 20)
#define VALUE (CLASS + KA_IMAGE_SLACK)

struct md_kernel {
	struct bpf_object *obj;
	int prog_fd, image_fd;
	uint8_t *image; /* the map's value */
	size_t used;
	struct ka_trial trial;
};

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

static int set_mask(struct bpf_object *obj)
{
	struct bpf_map *map;
	uint32_t mask = CLASS - 1;
	size_t size = 0;
	const void *old;

	bpf_object__for_each_map (map, obj) {
		if (!strstr(bpf_map__name(map), ".rodata"))
			continue;
		old = bpf_map__initial_value(map, &size);
		/* ka_mask is all there is */
		if (!old || size != sizeof(mask))
			return -EINVAL;
		return bpf_map__set_initial_value(map, &mask, sizeof(mask));
	}
	return -ENOENT;
}

static int prepare(struct bpf_object *obj)
{
	struct bpf_map *images = bpf_object__find_map_by_name(obj, KA_MAP_IMAGES);
	struct bpf_map *inner = images ? bpf_map__inner_map(images) : NULL;
	int r = inner ? bpf_map__set_value_size(inner, VALUE) : -ENOENT;

	return r ? r : set_mask(obj);
}

static int install_image(struct md_kernel *k)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	uint32_t zero = 0;

	k->image_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "model", 4, VALUE, 1, &opts);
	if (k->image_fd < 0)
		return k->image_fd;
	k->image = mmap(NULL, VALUE, PROT_READ | PROT_WRITE, MAP_SHARED, k->image_fd, 0);
	if (k->image == MAP_FAILED) {
		k->image = NULL;
		return -errno;
	}
	return bpf_map_update_elem(bpf_map__fd(bpf_object__find_map_by_name(k->obj, KA_MAP_IMAGES)),
				   &zero, &k->image_fd, 0);
}

static int load(struct md_kernel *k, const char *object)
{
	struct bpf_program *prog;
	int r;

	k->obj = bpf_object__open_file(object, NULL);
	if (!k->obj)
		return -errno;
	r = prepare(k->obj);
	if (r)
		return r;
	r = bpf_object__load(k->obj);
	if (r)
		return r;
	prog = bpf_object__find_program_by_name(k->obj, "ka_try");
	k->prog_fd = prog ? bpf_program__fd(prog) : -1;
	return prog ? install_image(k) : -ENOENT;
}

struct md_kernel *md_kernel_open(const char *object, const char **why)
{
	static char reason[256];
	struct md_kernel *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		abort();
	if (!getenv("KA_MODEL_VERBOSE"))
		libbpf_set_print(be_silent);
	k->image_fd = -1;
	r = load(k, object);
	if (!r)
		return k;
	snprintf(reason, sizeof(reason), "%s cannot be loaded here: %s", object, strerror(-r));
	*why = reason;
	md_kernel_close(k);
	return NULL;
}

void md_kernel_close(struct md_kernel *k)
{
	if (!k)
		return;
	if (k->image)
		munmap(k->image, VALUE);
	if (k->image_fd >= 0)
		close(k->image_fd);
	bpf_object__close(k->obj);
	free(k);
}

int md_kernel_image(struct md_kernel *k, const struct md_machine *m)
{
	if (m->compiled.capacity > CLASS)
		return -E2BIG;
	memcpy(k->image, m->compiled.image, m->compiled.size);
	if (k->used > m->compiled.size)
		memset(k->image + m->compiled.size, 0, k->used - m->compiled.size);
	k->used = m->compiled.size;
	return 0;
}

static void fill(struct ka_trial *t, const struct md_seat *seat, const struct md_access *access)
{
	t->category = md_machine_category(access);
	t->op = md_machine_op(access);
	t->flags = seat->member.flags;
	t->class[0] = seat->class[0];
	t->class[1] = seat->class[1];
	t->has = md_machine_has(seat, access);
	memcpy(t->policies, seat->member.policies, sizeof(t->policies));
	if (md_has_paths(access->section)) {
		memset(t->path, 0, t->path_len + 1);
		t->path_len = (uint32_t)strlen(access->path);
		memcpy(t->path, access->path, t->path_len);
	} else {
		t->index = md_machine_index(access);
	}
	t->verdict = t->reason = t->rule = t->audit_rule = UINT32_MAX;
}

int md_kernel_judge(struct md_kernel *k, const struct md_machine *m, const struct md_seat *seat,
		    const struct md_access *access, struct md_verdict *ret)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &k->trial, .ctx_size_in = sizeof(k->trial));
	struct ka_ruling ruling;
	int r;

	fill(&k->trial, seat, access);
	r = bpf_prog_test_run_opts(k->prog_fd, &opts);
	if (r || opts.retval)
		return r ? r : -EIO;
	ruling = (struct ka_ruling){.verdict = k->trial.verdict,
				    .reason = k->trial.reason,
				    .rule = k->trial.rule,
				    .audit = k->trial.audit_rule};
	return md_machine_verdict(m, &ruling, ret);
}
