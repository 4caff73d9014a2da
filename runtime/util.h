/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attributes, cleanup and checked arithmetic; used by every room of user space.
 *
 * Every resource has a cleanup attribute; what escapes a function leaves by KA_TAKE.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KA_MUST_CHECK __attribute__((warn_unused_result))
#define KA_PRINTF(a, b) __attribute__((format(printf, a, b)))
#define KA_CLEANUP(fn) __attribute__((cleanup(fn)))
#define KA_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define KA_UNUSED __attribute__((unused))

#define KA_TAKE(p)                            \
	({                                    \
		__typeof__(p) ka_taken = (p); \
		(p) = NULL;                   \
		ka_taken;                     \
	})
#define KA_TAKE_FD(fd)               \
	({                           \
		int ka_taken = (fd); \
		(fd) = -1;           \
		ka_taken;            \
	})

static inline void ka_freep(void *p)
{
	free(*(void **)p);
}

static inline void ka_closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void ka_fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define KA_FREE KA_CLEANUP(ka_freep)
#define KA_CLOSE KA_CLEANUP(ka_closep)
#define KA_FCLOSE KA_CLEANUP(ka_fclosep)

/* false on overflow, *ret untouched then */
static inline bool ka_add_size(size_t a, size_t b, size_t *ret)
{
	return !__builtin_add_overflow(a, b, ret);
}

static inline bool ka_mul_size(size_t a, size_t b, size_t *ret)
{
	return !__builtin_mul_overflow(a, b, ret);
}

/* Whether [off, off + len) lies within `size` bytes: the one place where ranges are proved. */
static inline bool ka_range_ok(uint64_t off, uint64_t len, uint64_t size)
{
	return off <= size && len <= size - off;
}
