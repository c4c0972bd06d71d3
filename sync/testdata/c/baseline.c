/*
 * What the C library's process-shared primitives cost, for comparison with ours.
 *
 *	baseline WHAT PAIRS	e.g. baseline mutex 1000000
 *
 * prints the nanoseconds of one pair of WHAT, uncontended, in shared memory. A
 * further primitive is a function that does the pairs, and a row of the table.
 *
 * Build with cc -O2 -pthread.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static void die(const char *what, int err)
{
	fprintf(stderr, "baseline: %s: %s\n", what, strerror(err));
	exit(1);
}

/* zeroed returns a page that a fork shares, as two processes share a region. */
static void *zeroed(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap", errno);
	return p;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static pthread_mutex_t *new_mutex(int robust)
{
	pthread_mutex_t *m = zeroed();
	pthread_mutexattr_t a;
	int err;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, robust);
	if ((err = pthread_mutex_init(m, &a)) != 0)
		die("pthread_mutex_init", err);
	return m;
}

/* pairs locks and unlocks m and returns the nanoseconds that took. */
static double pairs(pthread_mutex_t *m, long n)
{
	double begun = now();

	for (long i = 0; i < n; i++) {
		pthread_mutex_lock(m);
		pthread_mutex_unlock(m);
	}
	return now() - begun;
}

static double mutex(long n) { return pairs(new_mutex(PTHREAD_MUTEX_STALLED), n); }

static double robust(long n) { return pairs(new_mutex(PTHREAD_MUTEX_ROBUST), n); }

static double semaphore(long n)
{
	sem_t *s = zeroed();
	double begun;

	if (sem_init(s, 1, 1) != 0)
		die("sem_init", errno);
	begun = now();
	for (long i = 0; i < n; i++) {
		sem_wait(s);
		sem_post(s);
	}
	return now() - begun;
}

static double reading(long n)
{
	pthread_rwlock_t *l = zeroed();
	pthread_rwlockattr_t a;
	double begun;
	int err;

	pthread_rwlockattr_init(&a);
	pthread_rwlockattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	if ((err = pthread_rwlock_init(l, &a)) != 0)
		die("pthread_rwlock_init", err);
	begun = now();
	for (long i = 0; i < n; i++) {
		pthread_rwlock_rdlock(l);
		pthread_rwlock_unlock(l);
	}
	return now() - begun;
}

static const struct {
	const char *name;
	double (*run)(long n); /* makes what it needs, does n pairs, returns ns */
} table[] = {
	{ "mutex", mutex },
	{ "robust", robust },
	{ "semaphore", semaphore },
	{ "read", reading },
};

int main(int argc, char **argv)
{
	long n = argc == 3 ? atol(argv[2]) : 0;

	for (size_t i = 0; n > 0 && i < sizeof table / sizeof *table; i++) {
		if (strcmp(argv[1], table[i].name) != 0)
			continue;
		table[i].run(n); /* warms up: pages, caches, the processor itself */
		printf("%.4f\n", table[i].run(n) / n);
		return 0;
	}
	fprintf(stderr, "usage: baseline WHAT PAIRS, WHAT one of:");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		fprintf(stderr, " %s", table[i].name);
	fprintf(stderr, "\n");
	return 2;
}
