/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policy sets and accesses near their rules. The same seed gives the same world.
 */
#pragma once

#include "model.h"

#include <stdint.h>

struct md_random {
	uint64_t state;
};

uint64_t md_next(struct md_random *r);
unsigned md_below(struct md_random *r, unsigned n); /* 0 .. n - 1 */
bool md_chance(struct md_random *r, unsigned percent);

/* What is remembered to be freed with a world. */
struct md_pool {
	void **v;
	size_t n, cap;
};

void *md_zalloc(struct md_pool *pool, size_t size);
char *md_dup(struct md_pool *pool, const char *s);
void md_pool_done(struct md_pool *pool);

enum md_flavour {
	MD_PLAIN,
	MD_ALIASES, /* paths below /bin, /usr/bin, /var/run and the like */
	MD_LINKS,   /* links are resolved in a root */
	MD_MANY_POLICIES,
	MD_MANY_RULES,
	MD_CLOSE,  /* few objects, and whoever asks is governed by nearly all policies */
	MD_FOR_VM, /* all objects lie below MD_VM_ROOT, so that the machine itself goes on */
};

#define MD_VM_ROOT "/model"
#define MD_VM_SOURCES "/model-s" /* executables that rules name as sources: one, two */

struct md_world {
	struct md_pool pool;
	enum md_flavour flavour;
	struct md_set set;
	struct md_node node;
};

void md_make_world(uint64_t seed, enum md_flavour flavour, struct md_world *ret);
void md_world_done(struct md_world *w);
/* Adds a policy of one Block whose only conditions are sources and terminals; there is room for it.
 */
void md_add_block(struct md_random *r, struct md_world *w);

/* ---- ask.c ---- */

/* Who asks and what; strings are owned by `pool`. */
void md_make_subject(struct md_random *r, const struct md_world *w, struct md_pool *pool,
		     struct md_subject *ret);
void md_make_access(struct md_random *r, const struct md_world *w, struct md_pool *pool,
		    struct md_access *ret);
/* A random path near the rules. */
char *md_make_path(struct md_random *r, const struct md_world *w, struct md_pool *pool);
/* What the kernel could say: no empty, "." or ".." components, names of up to 255 bytes. */
char *md_clean_path(struct md_pool *pool, const char *path);

/* ---- words.c: sockets and capabilities ---- */

char *md_random_protocol(struct md_random *r, struct md_pool *pool);
char *md_random_capability(struct md_random *r, struct md_pool *pool);
void md_random_socket(struct md_random *r, struct md_socket *ret);

/* ---- root.c: a root directory with links that rules meet ---- */

void md_root_make(struct md_random *r, struct md_world *w);
/* An empty one, and a link in it (no parent of which may be a link). */
void md_root_open(struct md_root *root);
int md_root_link(const struct md_root *root, const char *path, const char *target);
void md_root_remove(struct md_root *root);

/* ---- names.c: components, paths and patterns over a small alphabet ---- */

const char *md_component(struct md_random *r, struct md_pool *pool);
char *md_random_path(struct md_random *r, struct md_pool *pool, enum md_flavour flavour);
char *md_random_pattern(struct md_random *r, struct md_pool *pool, enum md_flavour flavour);
/* Some path that the pattern matches (mostly). */
char *md_instance(struct md_random *r, struct md_pool *pool, const char *pattern);
