/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that are well known, and what they are. All that the linter knows of systems is in these
 * tables. A table is right where it is sure; what it lacks costs a finding, never a false one.
 */
#pragma once

#include "../../runtime/util.h"

/* /bin and /usr/bin are one to these. */

bool ka_known_data(const char *path);        /* a file that nobody executes */
bool ka_known_data_name(const char *name);   /* by its extension */
bool ka_known_dir(const char *path);         /* a directory, written without a slash at its end */
bool ka_known_shell(const char *name);       /* "bash" */
bool ka_known_interpreter(const char *path); /* the ELF loader or libc: every program maps it */
bool ka_known_init(const char *path);        /* what is PID 1 */
bool ka_known_multi_call(const char *name);  /* one program with many names */
bool ka_known_library(const char *path);     /* lies where libraries lie, or is such a place */

/* A name that is a link to what differs by process: what to write instead, or NULL. */
const char *ka_known_unseen(const char *path, size_t len);

/*
 * What breaks when a directory is blocked as a whole, or NULL. `file`: reading it; else executing
 * what lies in it. `recursive`: what lies deeper, too.
 */
const char *ka_known_system(const char *dir, size_t len, bool file, bool recursive, bool host);

/* Two names that may be one program: `sh` is `dash` somewhere, `java` lies behind a link. */
bool ka_known_akin(const char *a, const char *b);
