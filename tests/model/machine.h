/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The product, as the model asks it: text in, verdict out. The only files of this directory that
 * know its headers are machine.c and kernel.c.
 */
#pragma once

#include "../../bpf/socket.h"
#include "../../compiler/bundle/compile.h"
#include "../../runtime/image.h"
#include "model.h"

struct md_machine {
	const struct md_set *set;
	struct ka_ctx ctx;
	struct ka_compiled compiled;
	struct ka_reader reader;
	bool open; /* ctx is */
};

/*
 * Reads and compiles the set's text (policies in `order`, NULL: the set's own). -1: refused or
 * failed, diagnostics go to `complaints`. MD_TOO_MUCH: refused for nothing but the bounds on what
 * patterns may multiply into.
 */
#define MD_TOO_MUCH -2
int md_machine_make(struct md_machine *m, const struct md_set *set, const int *order,
		    FILE *complaints);
int md_machine_text(struct md_machine *m, const char *text, size_t len, const char *root,
		    FILE *complaints);
void md_machine_done(struct md_machine *m);

/* A subject as the kernel would know it. */
struct md_seat {
	struct ka_member member;
	uint16_t class[2];
	bool terminal;
};

void md_machine_seat(const struct md_machine *m, const struct md_node *node,
		     const struct md_subject *who, struct md_seat *ret);
enum ka_op md_machine_op(const struct md_access *access);
enum ka_category md_machine_category(const struct md_access *access);
uint32_t md_machine_has(const struct md_seat *seat, const struct md_access *access);
/* An object without a path as the matcher's tables have it ... */
uint32_t md_machine_index(const struct md_access *access);
/* ... unless the hooks leave it alone, as they do the sockets that no network rule is about. */
bool md_machine_is_asked(const struct md_access *access);
void md_machine_rule(const struct md_machine *m, const struct md_seat *seat,
		     const struct md_access *access, struct ka_ruling *ret);
void md_machine_judge(const struct md_machine *m, const struct md_seat *seat,
		      const struct md_access *access, struct md_verdict *ret);
/* A ruling in the model's words; -1: it names a rule that is not in the set. */
int md_machine_verdict(const struct md_machine *m, const struct ka_ruling *ruling,
		       struct md_verdict *ret);

/* What it does with an object that cannot be established. */
enum md_answer md_machine_undecided(const struct md_seat *seat, enum md_section section);
/* Names above: whether renaming a directory, mounting over a path, is guarded for the subject. */
bool md_machine_moves(const struct md_machine *m, const struct md_seat *seat, const char *path);
bool md_machine_mounts(const struct md_machine *m, const struct md_seat *seat, const char *path);
/* Whether the image says that the same rules hold below both. */
bool md_machine_same_below(const struct md_machine *m, const char *a, const char *b);

/* ---- kernel.c: the same matcher, run by the kernel ---- */

struct md_kernel;

/* NULL: not possible here, *why says why. */
struct md_kernel *md_kernel_open(const char *object, const char **why);
void md_kernel_close(struct md_kernel *k);
/* Loads the machine's image; 0 or negative errno. */
int md_kernel_image(struct md_kernel *k, const struct md_machine *m);
int md_kernel_judge(struct md_kernel *k, const struct md_machine *m, const struct md_seat *seat,
		    const struct md_access *access, struct md_verdict *ret);
