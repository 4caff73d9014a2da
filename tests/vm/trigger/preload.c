/* SPDX-License-Identifier: Apache-2.0 */
/* preload.so: code that enters a program by LD_PRELOAD; ends it with status 77. */
#include <unistd.h>

__attribute__((constructor)) static void enter(void)
{
	_exit(77);
}
