/* SPDX-License-Identifier: Apache-2.0 */
#include "tasks.h"

#include <time.h>

#include <bpf/bpf.h>

#include "lock.h"
#include "maps.h"

#define MAX_PASSES 256
#define CLEAN_PASSES 3 /* in a row, see repeat_job */
#define LIST_PASSES 3
#define ENDED_AFTER 30 /* seconds */

/* ---- one run of the iterator ---- */

static int iterator_fd(struct ka_error *e)
{
	struct ka_attachments a;
	int r = ka_pins_list(&a, false, e);

	if (r)
		return r;
	for (size_t i = 0; i < a.n; i++) {
		struct ka_pin p = ka_pin_family("", &a.v[i], KA_PIN_ITERATOR);
		int fd;

		if (a.v[i].family != KA_FAMILY_TASK)
			continue;
		fd = ka_pin_open(p.path, 0);
		return fd < 0 ? ka_error_set(e, fd, "opening %s: %s", p.path, strerror(-fd)) : fd;
	}
	return ka_error_set(e, -ENOENT, "no policy is in force");
}

/* Where the tasks go that a listing yields; fn returns negative errno to stop. */
struct sink {
	int (*fn)(const struct ka_live_task *t, void *arg);
	void *arg;
};

static int drain(int fd, const struct sink *sink)
{
	struct ka_live_task tasks[512];
	size_t have = 0;

	for (;;) {
		ssize_t n = read(fd, (char *)tasks + have, sizeof(tasks) - have);
		size_t whole, i;

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return n ? -errno : 0;
		have += n;
		whole = have / sizeof(tasks[0]);
		for (i = 0; sink && i < whole; i++) {
			int r = sink->fn(&tasks[i], sink->arg);

			if (r)
				return r;
		}
		have -= whole * sizeof(tasks[0]);
		memmove(tasks, &tasks[whole], have);
	}
}

/*
 * What running jobs needs, opened once: after the first pass of a registration the process is a
 * workload, and its policy may not let it open a pin.
 */
struct runner {
	int job_fd, link_fd;
};

static void runner_done(const struct runner *r)
{
	ka_closep(&r->job_fd);
	ka_closep(&r->link_fd);
}

#define RUNNER KA_CLEANUP(runner_done)

static int runner_open(struct runner *ret, struct ka_error *e)
{
	struct ka_pin p = ka_pin_map(KA_MAP_JOB);
	KA_CLOSE int prog = iterator_fd(e);

	if (prog < 0)
		return prog;
	ret->job_fd = ka_pin_open(p.path, 0);
	if (ret->job_fd < 0)
		return ka_error_set(e, ret->job_fd, "opening %s: %s", p.path,
				    strerror(-ret->job_fd));
	ret->link_fd = bpf_link_create(prog, 0, BPF_TRACE_ITER, NULL);
	return ret->link_fd < 0 ? ka_error_set(e, -errno, "walking the tasks: %s", strerror(errno))
				: 0;
}

/* The job's outcome comes back in `job`. */
static int run_job(const struct runner *runner, struct ka_job *job, const struct sink *sink,
		   struct ka_error *e)
{
	KA_CLOSE int iter = -1;
	uint32_t zero = 0;
	int r;

	job->labelled = job->failed = 0;
	if (bpf_map_update_elem(runner->job_fd, &zero, job, BPF_ANY) < 0)
		return ka_error_set(e, -errno, "writing the iterator's job: %s", strerror(errno));
	iter = bpf_iter_create(runner->link_fd);
	r = iter < 0 ? -errno : drain(iter, sink);
	if (r)
		return ka_error_set(e, r, "walking the tasks: %s", strerror(-r));
	if (bpf_map_lookup_elem(runner->job_fd, &zero, job) < 0)
		return ka_error_set(e, -errno, "reading the iterator's job: %s", strerror(errno));
	return 0;
}

/* ---- labelling ---- */

/*
 * Runs the job until some passes in a row find nothing new. One would not do: a pass goes by
 * process numbers, and can miss a task that is forked behind it, once they wrap, while its
 * parent ends before it.
 */
static int repeat_job(struct ka_job *job, uint64_t *ret_labelled, struct ka_error *e)
{
	RUNNER struct runner runner = {-1, -1};
	int r = runner_open(&runner, e), clean = 0;

	*ret_labelled = 0;
	for (int pass = 0; pass < MAX_PASSES && !r; pass++) {
		r = run_job(&runner, job, NULL, e);
		if (r)
			return r;
		if (job->failed)
			return ka_error_set(e, -ENOMEM, "%u tasks could not be labelled",
					    job->failed);
		clean = job->labelled ? 0 : clean + 1;
		if (clean == CLEAN_PASSES)
			return 0;
		*ret_labelled += job->labelled;
	}
	return r ? r : ka_error_set(e, -EAGAIN, "tasks are made faster than they can be labelled");
}

int ka_tasks_label(struct ka_node_handle *h, struct ka_error *e)
{
	struct ka_job job = {.mode = KA_JOB_LABEL};
	uint64_t labelled;

	(void)h; /* proves that the caller has the lock */
	return repeat_job(&job, &labelled, e);
}

int ka_tasks_register(struct ka_node_handle *h, uint32_t tgid, uint32_t workload,
		      struct ka_error *e)
{
	struct ka_job job = {.mode = KA_JOB_REGISTER, .tgid = tgid, .workload = workload};
	uint64_t labelled;
	int r;

	(void)h;
	r = repeat_job(&job, &labelled, e);
	if (!r && !labelled)
		r = ka_error_set(e, -ESRCH, "process %u was not found by the kernel", tgid);
	return r;
}

/* ---- counting ---- */

struct census {
	struct ka_live *v;
	size_t n, cap;
};

/* Where the id is, or belongs. */
static size_t place(const struct census *c, uint32_t id)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->v[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct ka_live *find(struct census *c, uint32_t id)
{
	size_t i = place(c, id);

	return i < c->n && c->v[i].id == id ? &c->v[i] : NULL;
}

static int add(struct census *c, uint32_t id)
{
	size_t i = place(c, id);

	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 64;
		struct ka_live *v = reallocarray(c->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		c->v = v;
		c->cap = cap;
	}
	memmove(&c->v[i + 1], &c->v[i], (c->n - i) * sizeof(c->v[0]));
	c->v[i] = (struct ka_live){.id = id};
	c->n++;
	return 0;
}

static int count_task(const struct ka_live_task *t, void *arg)
{
	struct census *c = arg;
	struct ka_live *l = find(c, t->workload);

	if (!l) {
		int r = add(c, t->workload);

		if (r)
			return r;
		l = find(c, t->workload);
	}
	l->tasks++;
	return 0;
}

static int take_census(struct census *ret, struct ka_error *e)
{
	struct ka_job job = {.mode = KA_JOB_LIST};
	struct sink sink = {count_task, ret};
	RUNNER struct runner runner = {-1, -1};
	int r = runner_open(&runner, e);

	for (size_t i = 0; i < ret->n; i++)
		ret->v[i].tasks = 0;
	return r ? r : run_job(&runner, &job, &sink, e);
}

/* ---- forgetting ---- */

static void forget(struct ka_node_handle *h, uint32_t id)
{
	bpf_map_delete_elem(h->workloads_fd, &id);
	for (uint32_t slot = 0; slot < KA_SLOTS; slot++) {
		struct ka_member_key key = {.slot = slot, .workload = id};

		bpf_map_delete_elem(h->members_fd, &key);
	}
}

static uint32_t boot_seconds(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec + 1; /* never 0 */
}

/*
 * Whether a workload has been without tasks for so long, in more than one census, that it has
 * ended. A number is never given again, so it cannot get any any more.
 */
static bool has_ended(struct ka_node_handle *h, uint32_t id, bool found)
{
	struct ka_workload w;
	uint32_t now = boot_seconds();

	if (bpf_map_lookup_elem(h->workloads_fd, &id, &w) < 0)
		return false;
	if (!found && w.missed && now - w.missed >= ENDED_AFTER)
		return true;
	if (found == !w.missed)
		return false;
	w.missed = found ? 0 : now;
	bpf_map_update_elem(h->workloads_fd, &id, &w, BPF_EXIST);
	return false;
}

static void forget_ended(struct ka_node_handle *h, struct census *c)
{
	uint32_t id, stays = 0;
	bool any = false;

	while (!bpf_map_get_next_key(h->workloads_fd, any ? &stays : NULL, &id)) {
		if (has_ended(h, id, find(c, id))) {
			forget(h, id);
			continue;
		}
		stays = id;
		any = true;
	}
}

static bool all_live(struct ka_node_handle *h, struct census *c)
{
	uint32_t id, prev;
	bool any = false;

	while (!bpf_map_get_next_key(h->workloads_fd, any ? &prev : NULL, &id)) {
		if (!find(c, id))
			return false;
		prev = id;
		any = true;
	}
	return true;
}

/*
 * A pass can miss a task that is forked behind it while its parent ends before it (process
 * numbers wrap), so a workload counts as missed only when several passes in a row miss it, and
 * as ended when it is missed again later: its member goes with it, and with that its policies.
 */
static int count_and_forget(struct ka_node_handle *h, struct census *c, struct ka_error *e)
{
	int r = take_census(c, e);

	if (r || h->lock_fd < 0)
		return r;
	for (int pass = 1; pass < LIST_PASSES; pass++) {
		if (all_live(h, c))
			return 0;
		r = take_census(c, e); /* ids found earlier stay in the list */
		if (r)
			return r;
	}
	forget_ended(h, c);
	return 0;
}

int ka_node_tasks(struct ka_node_handle *h, struct ka_live **ret, size_t *ret_n, struct ka_error *e)
{
	/* the job map is shared: a reader takes the lock for the time of the walk */
	KA_CLOSE int lock = h->lock_fd >= 0 ? -1 : ka_lock(e);
	struct census c = {0};
	int r;

	if (h->lock_fd < 0 && lock < 0)
		return lock;
	r = count_and_forget(h, &c, e);
	if (r) {
		free(c.v);
		return r;
	}
	*ret = c.v;
	*ret_n = c.n;
	return 0;
}
