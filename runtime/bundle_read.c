/* SPDX-License-Identifier: Apache-2.0 */
#include <elf.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <gelf.h>
#include <libelf.h>

#include "bundle.h"
#include "digest.h"

/* head, policy, image, digest, the section names and the null section, besides the objects */
#define MAX_SECTIONS (KA_BUNDLE_MAX_OBJECTS + 6)

struct section {
	const char *name;
	const void *data;
	size_t size;
};

/* One reading: the sections in file order, and where the sentence about a mistake goes. */
struct reading {
	const uint8_t *bytes;
	size_t size;
	struct section sections[MAX_SECTIONS];
	size_t n;
	char *err;
	size_t err_size;
};

KA_PRINTF(3, 4) static int refuse(struct reading *r, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->err, r->err_size, fmt, ap);
	va_end(ap);
	return code;
}

bool ka_is_bundle(const void *bytes, size_t size)
{
	return size >= SELFMAG && !memcmp(bytes, ELFMAG, SELFMAG);
}

static int check_elf_head(struct reading *r)
{
	const Elf64_Ehdr *h = (const void *)r->bytes;

	if (r->size > KA_BUNDLE_MAX_SIZE)
		return refuse(r, -EBADMSG, "larger than any bundle (limit is %u bytes)",
			      KA_BUNDLE_MAX_SIZE);
	if (!ka_is_bundle(r->bytes, r->size))
		return refuse(r, -EBADMSG, "not a bundle: no ELF file");
	if (r->size < sizeof(*h))
		return refuse(r, -EBADMSG, "truncated: the file ends in its header");
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_ident[EI_VERSION] != EV_CURRENT || h->e_machine != EM_BPF || h->e_type != ET_REL ||
	    h->e_ehsize != sizeof(*h) || h->e_shentsize != sizeof(Elf64_Shdr) || h->e_phnum)
		return refuse(r, -EBADMSG, "not a bundle: another kind of ELF file");
	if (h->e_shnum < 2 || h->e_shnum > MAX_SECTIONS || h->e_shstrndx >= h->e_shnum)
		return refuse(r, -EBADMSG, "damaged: %u sections", h->e_shnum);
	if (!ka_range_ok(h->e_shoff, (uint64_t)h->e_shnum * sizeof(Elf64_Shdr), r->size))
		return refuse(r, -EBADMSG, "truncated: the section table lies beyond the end");
	return 0;
}

static int read_section(struct reading *r, Elf *elf, size_t strndx, size_t i)
{
	Elf_Scn *scn = elf_getscn(elf, i);
	GElf_Shdr sh;
	const char *name;

	if (!scn || !gelf_getshdr(scn, &sh))
		return refuse(r, -EBADMSG, "damaged: section %zu cannot be read", i);
	if (sh.sh_type == SHT_NOBITS || !ka_range_ok(sh.sh_offset, sh.sh_size, r->size))
		return refuse(r, -EBADMSG, "truncated: section %zu lies beyond the end", i);
	name = elf_strptr(elf, strndx, sh.sh_name);
	if (!name)
		return refuse(r, -EBADMSG, "damaged: section %zu has no name", i);
	if (i == strndx)
		return strcmp(name, ".shstrtab") ? refuse(r, -EBADMSG, "damaged: no names") : 0;
	if (sh.sh_type != SHT_PROGBITS || sh.sh_flags || strncmp(name, ".karmor.", 8) ||
	    strlen(name) > 64)
		return refuse(r, -EBADMSG, "damaged: section %zu is none of a bundle's", i);
	r->sections[r->n++] = (struct section){name, r->bytes + sh.sh_offset, sh.sh_size};
	return 0;
}

static int read_sections(struct reading *r, Elf *elf)
{
	size_t n, strndx;

	if (elf_getshdrnum(elf, &n) || elf_getshdrstrndx(elf, &strndx) || n > MAX_SECTIONS)
		return refuse(r, -EBADMSG, "damaged: %s", elf_errmsg(-1));
	for (size_t i = 1; i < n; i++) {
		int err = read_section(r, elf, strndx, i);

		if (err)
			return err;
	}
	return 0;
}

/*
 * Nothing lies between the sections, before or after them: what the digest does not cover has
 * only one way to look. So a bundle has no room for what nobody checked, and the same content
 * is the same bytes.
 */
static bool all_zero(const struct reading *r, uint64_t from, uint64_t to)
{
	for (; from < to; from++)
		if (r->bytes[from])
			return false;
	return true;
}

static bool idle_fields_are_zero(const struct reading *r)
{
	const Elf64_Ehdr *h = (const void *)r->bytes;
	const Elf64_Shdr *sh = (const void *)(r->bytes + h->e_shoff);

	if (!all_zero(r, EI_OSABI, EI_NIDENT) || h->e_version != EV_CURRENT || h->e_entry ||
	    h->e_phoff || h->e_flags || h->e_phentsize ||
	    !all_zero(r, h->e_shoff, h->e_shoff + sizeof(*sh)))
		return false;
	for (unsigned int i = 1; i < h->e_shnum; i++)
		if (sh[i].sh_flags || sh[i].sh_addr || sh[i].sh_link || sh[i].sh_info ||
		    sh[i].sh_entsize || sh[i].sh_addralign != (i == h->e_shstrndx ? 1 : 8))
			return false;
	return true;
}

static bool is_packed(const struct reading *r)
{
	const Elf64_Ehdr *h = (const void *)r->bytes;
	const Elf64_Shdr *sh = (const void *)(r->bytes + h->e_shoff);
	uint64_t end = sizeof(*h), name = 1;

	if (h->e_shstrndx != h->e_shnum - 1 || r->bytes[sh[h->e_shstrndx].sh_offset])
		return false;
	for (unsigned int i = 1; i < h->e_shnum; i++) {
		uint64_t start = (end + sh[i].sh_addralign - 1) & -sh[i].sh_addralign;
		const char *string = (const char *)r->bytes + sh[h->e_shstrndx].sh_offset + name;

		if (sh[i].sh_offset != start || !all_zero(r, end, start) || sh[i].sh_name != name)
			return false;
		end = start + sh[i].sh_size;
		name += strlen(string) + 1;
	}
	return name == sh[h->e_shnum - 1].sh_size && h->e_shoff == ((end + 7) & -8ull) &&
	       all_zero(r, end, h->e_shoff) && r->size == h->e_shoff + h->e_shnum * sizeof(*sh);
}

/* After all ranges and names were proved. */
static int check_layout(struct reading *r)
{
	const Elf64_Ehdr *h = (const void *)r->bytes;

	if (h->e_shoff % 8 || !idle_fields_are_zero(r) || !is_packed(r))
		return refuse(r, -EBADMSG, "damaged: not laid out as a bundle is");
	return 0;
}

/* The order is fixed: head, policy, image, objects by name, digest. */
static int check_order(struct reading *r)
{
	static const char *const first[] = {KA_SECTION_HEAD, KA_SECTION_POLICY, KA_SECTION_IMAGE};
	size_t prefix = strlen(KA_SECTION_OBJECT);

	if (r->n < KA_ARRAY_SIZE(first) + 1)
		return refuse(r, -EBADMSG, "truncated: only %zu sections", r->n);
	for (size_t i = 0; i < r->n; i++) {
		const char *name = r->sections[i].name;
		bool ok;

		if (i < KA_ARRAY_SIZE(first))
			ok = !strcmp(name, first[i]);
		else if (i == r->n - 1)
			ok = !strcmp(name, KA_SECTION_DIGEST);
		else
			ok = !strncmp(name, KA_SECTION_OBJECT, prefix) && name[prefix] &&
			     (i == KA_ARRAY_SIZE(first) ||
			      strcmp(r->sections[i - 1].name, name) < 0);
		if (!ok)
			return refuse(r, -EBADMSG, "damaged: section '%s' out of place", name);
	}
	return 0;
}

static int check_head(struct reading *r)
{
	const struct section *s = &r->sections[0];
	struct ka_bundle_head head;

	if (s->size != sizeof(head))
		return refuse(r, -EBADMSG, "damaged: its head has %zu bytes", s->size);
	memcpy(&head, s->data, sizeof(head));
	if (memcmp(head.magic, KA_BUNDLE_MAGIC, sizeof(head.magic)))
		return refuse(r, -EBADMSG, "not a bundle: no magic in its head");
	if (head.version != KA_BUNDLE_VERSION || head.abi != KA_ABI)
		return refuse(r, -EPROTO,
			      "bundle version %u for ABI %u; this build reads version %u, ABI %u",
			      head.version, head.abi, KA_BUNDLE_VERSION, KA_ABI);
	if (head.flags || head.objects != r->n - 4)
		return refuse(r, -EBADMSG, "damaged: %u objects announced, %zu found", head.objects,
			      r->n - 4);
	return 0;
}

static int check_digest(struct reading *r, uint8_t ret[KA_DIGEST_BYTES])
{
	const struct section *last = &r->sections[r->n - 1];
	struct ka_digest d;

	if (last->size != KA_DIGEST_BYTES)
		return refuse(r, -EBADMSG, "damaged: its digest has %zu bytes", last->size);
	ka_digest_start(&d);
	for (size_t i = 0; i < r->n - 1; i++)
		ka_digest_section(&d, r->sections[i].name, r->sections[i].data,
				  r->sections[i].size);
	ka_digest_end(&d, ret);
	if (memcmp(ret, last->data, KA_DIGEST_BYTES))
		return refuse(r, -EBADMSG, "damaged: the digest does not match its content");
	return 0;
}

static int take_image(struct reading *r, struct ka_bundle *b)
{
	const struct section *s = &r->sections[2];
	size_t class = KA_MIN_CLASS;

	while (class < s->size)
		class <<= 1;
	if (class > KA_MAX_CLASS)
		return refuse(r, -EBADMSG, "the image has %zu bytes (limit is %u)", s->size,
			      KA_MAX_CLASS);
	b->image = calloc(1, class + KA_IMAGE_SLACK);
	if (!b->image)
		return refuse(r, -ENOMEM, "no memory for an image of %zu bytes", class);
	memcpy(b->image, s->data, s->size);
	b->image_size = s->size;
	b->image_capacity = class;
	return ka_image_check(b->image, s->size, class, r->err, r->err_size, &b->reader);
}

static int take(struct reading *r, struct ka_bundle *b)
{
	size_t prefix = strlen(KA_SECTION_OBJECT);
	int err = check_digest(r, b->digest);

	if (err)
		return err;
	b->policy = r->sections[1].data;
	b->policy_len = r->sections[1].size;
	b->nobjects = r->n - 4;
	for (size_t i = 0; i < b->nobjects; i++) {
		const struct section *s = &r->sections[3 + i];

		b->objects[i] = (struct ka_object){s->name + prefix, s->data, s->size};
	}
	return take_image(r, b);
}

static int parse(struct reading *r, struct ka_bundle *b)
{
	Elf *elf;
	int err = check_elf_head(r);

	if (err)
		return err;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return refuse(r, -ELIBBAD, "libelf is of another version");
	elf = elf_memory((char *)b->bytes, r->size);
	if (!elf)
		return refuse(r, -EBADMSG, "damaged: %s", elf_errmsg(-1));
	err = read_sections(r, elf);
	if (!err)
		err = check_layout(r);
	if (!err)
		err = check_order(r);
	if (!err)
		err = check_head(r);
	/* elf_strptr points into the file's bytes, which outlive the handle */
	elf_end(elf);
	return err ? err : take(r, b);
}

static int parse_as(struct ka_bundle b, struct ka_bundle *ret, char *err, size_t err_size)
{
	struct reading r = {.bytes = b.bytes, .size = b.size, .err = err, .err_size = err_size};
	int code = parse(&r, &b);

	if (code) {
		ka_bundle_done(&b);
		return code;
	}
	*ret = b;
	return 0;
}

int ka_bundle_parse(void *bytes, size_t size, struct ka_bundle *ret, char *err, size_t err_size)
{
	struct ka_bundle b = {.bytes = bytes, .size = size};

	return parse_as(b, ret, err, err_size);
}

void ka_bundle_done(struct ka_bundle *b)
{
	if (b->mapped)
		munmap(b->bytes, b->size);
	else
		free(b->bytes);
	free(b->image);
	memset(b, 0, sizeof(*b));
}

void ka_bundle_rest(const struct ka_bundle *b)
{
	if (b->mapped)
		madvise(b->bytes, b->size, MADV_DONTNEED);
}

/* ---- files ---- */

static int copy_all(int from, int to, size_t size)
{
	while (size) {
		ssize_t n = sendfile(to, from, NULL, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EBADMSG; /* it shrank while it was read */
		size -= n;
	}
	return 0;
}

/*
 * A copy that nobody can change after it was checked, in pages that need not stay resident:
 * what a bundle carries is several times what one load looks at.
 */
static int read_file(int fd, size_t size, struct ka_bundle *b)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
	KA_CLOSE int mem = memfd_create("bundle", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *p;
	int r;

	if (mem < 0)
		return -errno;
	r = copy_all(fd, mem, size);
	if (r)
		return r;
	if (fcntl(mem, F_ADD_SEALS, seals) < 0)
		return -errno;
	p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, mem, 0);
	if (p == MAP_FAILED)
		return -errno;
	*b = (struct ka_bundle){.bytes = p, .size = size, .mapped = true};
	return 0;
}

int ka_bundle_read(const char *path, struct ka_bundle *ret, char *err, size_t err_size)
{
	KA_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct ka_bundle b = {0};
	struct stat st;
	int r = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		r = -errno;
	else if (S_ISDIR(st.st_mode))
		r = -EISDIR;
	else if (!S_ISREG(st.st_mode))
		r = -EINVAL;
	else if (st.st_size > KA_BUNDLE_MAX_SIZE)
		r = -EFBIG;
	else if (st.st_size)
		r = read_file(fd, st.st_size, &b);
	if (r) {
		snprintf(err, err_size, "%s", strerror(-r));
		return r;
	}
	r = parse_as(b, ret, err, err_size);
	if (!r)
		ka_bundle_rest(ret);
	return r;
}
