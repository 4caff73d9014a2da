/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out: the library's allocations go through here (-Wl,--wrap=malloc, ...), and
 * the n-th of them fails, with all that follow.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Allocations until one fails; negative: none does. */
static long countdown = -1;

static bool fails(void)
{
	if (countdown < 0)
		return false;
	if (!countdown)
		return true;
	countdown--;
	return false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, n, size);
}
