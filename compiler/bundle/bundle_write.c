/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <sys/mman.h>

#include <gelf.h>
#include <libelf.h>

#include "../../runtime/bundle.h"
#include "../../runtime/digest.h"

#define MAX_SECTIONS (KA_BUNDLE_MAX_OBJECTS + 4)
#define MAX_NAMES 4096

struct section {
	char name[64];
	const void *data;
	size_t size;
};

/* What goes in, in file order, and the section names as the string table has them. */
struct writing {
	struct section sections[MAX_SECTIONS];
	size_t n;
	struct ka_bundle_head head;
	uint8_t digest[KA_DIGEST_BYTES];
	char names[MAX_NAMES];
	size_t names_len;
};

static void elf_endp(Elf **elf)
{
	if (*elf)
		elf_end(*elf);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct section *)a)->name, ((const struct section *)b)->name);
}

static void add(struct writing *w, const char *name, const void *data, size_t size)
{
	struct section *s = &w->sections[w->n++];

	snprintf(s->name, sizeof(s->name), "%s", name);
	s->data = data;
	s->size = size;
}

static int add_objects(struct writing *w, const struct ka_object *objects, size_t n)
{
	size_t first = w->n;

	for (size_t i = 0; i < n; i++) {
		struct section *s = &w->sections[w->n++];
		int len = snprintf(s->name, sizeof(s->name), "%s%s", KA_SECTION_OBJECT,
				   objects[i].name);

		if (len < 0 || (size_t)len >= sizeof(s->name))
			return -ENAMETOOLONG;
		s->data = objects[i].data;
		s->size = objects[i].size;
	}
	qsort(&w->sections[first], n, sizeof(w->sections[0]), by_name);
	for (size_t i = first + 1; i < w->n; i++)
		if (!strcmp(w->sections[i - 1].name, w->sections[i].name))
			return -EEXIST;
	return 0;
}

static void add_digest(struct writing *w)
{
	struct ka_digest d;

	ka_digest_start(&d);
	for (size_t i = 0; i < w->n; i++)
		ka_digest_section(&d, w->sections[i].name, w->sections[i].data,
				  w->sections[i].size);
	ka_digest_end(&d, w->digest);
	add(w, KA_SECTION_DIGEST, w->digest, sizeof(w->digest));
}

static size_t add_name(struct writing *w, const char *name)
{
	size_t off = w->names_len;

	memcpy(w->names + off, name, strlen(name) + 1);
	w->names_len += strlen(name) + 1;
	return off;
}

static int add_section(Elf *elf, size_t name, Elf64_Word type, const void *data, size_t size)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *d = scn ? elf_newdata(scn) : NULL;
	Elf64_Shdr *sh = scn ? elf64_getshdr(scn) : NULL;

	if (!d || !sh)
		return -ENOMEM;
	d->d_buf = (void *)data; /* libelf only reads it */
	d->d_size = size;
	d->d_type = ELF_T_BYTE;
	d->d_align = type == SHT_STRTAB ? 1 : 8;
	sh->sh_name = name;
	sh->sh_type = type;
	return 0;
}

static int fill(struct writing *w, Elf *elf)
{
	Elf64_Ehdr *h = elf64_newehdr(elf);
	size_t strtab;

	if (!h)
		return -ENOMEM;
	h->e_ident[EI_DATA] = ELFDATA2LSB;
	h->e_type = ET_REL;
	h->e_machine = EM_BPF;
	h->e_version = EV_CURRENT;
	w->names_len = 1; /* offset 0 is "" */
	for (size_t i = 0; i < w->n; i++) {
		const struct section *s = &w->sections[i];
		int r = add_section(elf, add_name(w, s->name), SHT_PROGBITS, s->data, s->size);

		if (r)
			return r;
	}
	strtab = add_name(w, ".shstrtab");
	h->e_shstrndx = w->n + 1;
	return add_section(elf, strtab, SHT_STRTAB, w->names, w->names_len);
}

static int read_back(int fd, size_t size, void **ret)
{
	KA_FREE uint8_t *bytes = malloc(size);
	size_t done = 0;

	if (!bytes)
		return -ENOMEM;
	while (done < size) {
		ssize_t n = pread(fd, bytes + done, size - done, done);

		if (n <= 0)
			return n ? -errno : -EIO;
		done += n;
	}
	*ret = KA_TAKE(bytes);
	return 0;
}

static int write_elf(struct writing *w, void **ret, size_t *ret_size)
{
	KA_CLOSE int fd = memfd_create("bundle", MFD_CLOEXEC);
	KA_CLEANUP(elf_endp) Elf *elf = NULL;
	off_t size;
	int r;

	if (fd < 0)
		return -errno;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return -ELIBBAD;
	elf_fill(0); /* between sections: the same bytes always */
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	if (!elf)
		return -ENOMEM;
	r = fill(w, elf);
	if (r)
		return r;
	size = elf_update(elf, ELF_C_WRITE);
	if (size < 0)
		return -EIO;
	r = read_back(fd, size, ret);
	if (!r)
		*ret_size = size;
	return r;
}

int ka_bundle_write(const char *policy, size_t policy_len, const void *image, size_t image_size,
		    const struct ka_object *objects, size_t nobjects, void **ret, size_t *ret_size)
{
	KA_FREE struct writing *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	if (nobjects > KA_BUNDLE_MAX_OBJECTS)
		return -E2BIG;
	memcpy(w->head.magic, KA_BUNDLE_MAGIC, sizeof(w->head.magic));
	w->head.version = KA_BUNDLE_VERSION;
	w->head.abi = KA_ABI;
	w->head.objects = nobjects;
	add(w, KA_SECTION_HEAD, &w->head, sizeof(w->head));
	add(w, KA_SECTION_POLICY, policy, policy_len);
	add(w, KA_SECTION_IMAGE, image, image_size);
	r = add_objects(w, objects, nobjects);
	if (r)
		return r;
	add_digest(w);
	return write_elf(w, ret, ret_size);
}
