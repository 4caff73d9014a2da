// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <signal.h>
#include <unistd.h>

static void tell(int signal)
{
	static const char line[] = "karmor-c: still working ...\n";

	(void)signal;
	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		return;
}

void ka_progress_start(void)
{
	struct sigaction act = {.sa_handler = tell, .sa_flags = SA_RESTART | SA_RESETHAND};

	if (!isatty(STDERR_FILENO) || sigaction(SIGALRM, &act, NULL) < 0)
		return;
	alarm(1);
}

void ka_progress_stop(void)
{
	alarm(0);
}
