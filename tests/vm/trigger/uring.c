/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a file through io_uring, by the raw system calls. */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "try.h"

struct ring {
	struct io_uring_params p;
	int fd;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
};

static int ring_map(struct ring *r)
{
	const int prot = PROT_READ | PROT_WRITE;

	r->sq = mmap(NULL, r->p.sq_off.array + r->p.sq_entries * sizeof(unsigned int), prot,
		     MAP_SHARED, r->fd, IORING_OFF_SQ_RING);
	r->cq = mmap(NULL, r->p.cq_off.cqes + r->p.cq_entries * sizeof(struct io_uring_cqe), prot,
		     MAP_SHARED, r->fd, IORING_OFF_CQ_RING);
	r->sqes = mmap(NULL, r->p.sq_entries * sizeof(*r->sqes), prot, MAP_SHARED, r->fd,
		       IORING_OFF_SQES);
	if (r->sq == MAP_FAILED || r->cq == MAP_FAILED || (void *)r->sqes == MAP_FAILED)
		return errno;
	return 0;
}

/* IOSQE_ASYNC makes a worker thread of the kernel do it. */
int open_uring(const char *path)
{
	struct ring r = {.fd = -1};
	unsigned int *tail, *array, *head;
	struct io_uring_cqe *cqe;
	int err;

	r.fd = syscall(SYS_io_uring_setup, 2, &r.p);
	if (r.fd < 0)
		return errno;
	err = ring_map(&r);
	if (err)
		return err;
	tail = (unsigned int *)(r.sq + r.p.sq_off.tail);
	array = (unsigned int *)(r.sq + r.p.sq_off.array);
	r.sqes[0] = (struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT,
		.flags = IOSQE_ASYNC,
		.fd = AT_FDCWD,
		.addr = (unsigned long)path,
		.open_flags = O_RDONLY,
	};
	array[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return errno;
	head = (unsigned int *)(r.cq + r.p.cq_off.head);
	cqe = (struct io_uring_cqe *)(r.cq + r.p.cq_off.cqes);
	err = cqe[*head & (r.p.cq_entries - 1)].res;
	close(r.fd);
	return err < 0 ? -err : 0;
}
