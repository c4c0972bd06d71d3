/*
 * What the C library's process-shared primitives cost, for comparison with ours.
 *
 *	baseline WHAT TIMES [CPU CPU]	e.g. baseline mutex 1000000
 *
 * prints the nanoseconds of one time WHAT. Without processors that is a pair,
 * uncontended, in shared memory; with them it is what two processes do together,
 * one on each. A further row of a table is a function that does it so often.
 *
 * Build with cc -O2 -pthread.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

static void init_mutex(pthread_mutex_t *m, int robust)
{
	pthread_mutexattr_t a;
	int err;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, robust);
	if ((err = pthread_mutex_init(m, &a)) != 0)
		die("pthread_mutex_init", err);
}

/* pairs locks and unlocks a mutex and returns the nanoseconds that took. */
static double pairs(int robust, long n)
{
	pthread_mutex_t *m = zeroed();
	double begun;

	init_mutex(m, robust);
	begun = now();
	for (long i = 0; i < n; i++) {
		pthread_mutex_lock(m);
		pthread_mutex_unlock(m);
	}
	return now() - begun;
}

static double mutex(long n) { return pairs(PTHREAD_MUTEX_STALLED, n); }

static double robust(long n) { return pairs(PTHREAD_MUTEX_ROBUST, n); }

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

/* bare is what no lock of two locked instructions can be below. */
static double bare(long n)
{
	atomic_uint *w = zeroed();
	double begun = now();

	for (long i = 0; i < n; i++) {
		unsigned free = 0;

		atomic_compare_exchange_strong(w, &free, 1);
		atomic_exchange(w, 0);
	}
	return now() - begun;
}

/* What two processes share, a cache line each. */
struct shared {
	_Alignas(64) pthread_mutex_t mutex;
	_Alignas(64) long count;
	_Alignas(64) atomic_uint turn;
	_Alignas(64) atomic_long line[2][8];
	_Alignas(64) atomic_int arrived;
	double begun[2], ended[2];
	int pipe[2];
};

static void contended(struct shared *s, int who, long n)
{
	(void)who;
	for (long i = 0; i < n / 2; i++) {
		pthread_mutex_lock(&s->mutex);
		s->count++;
		pthread_mutex_unlock(&s->mutex);
	}
}

/* pingpong hands the turn over n times, n / 2 times each, by futex. */
static void pingpong(struct shared *s, int who, long n)
{
	for (long i = 0; i < n / 2; i++) {
		while (atomic_load(&s->turn) != (unsigned)who)
			syscall(SYS_futex, &s->turn, FUTEX_WAIT, 1 - who, NULL, NULL, 0);
		atomic_store(&s->turn, 1 - who);
		syscall(SYS_futex, &s->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
}

/* line is n round trips of a cache line there and one back. */
static void line(struct shared *s, int who, long n)
{
	for (long i = 1; i <= n; i++) {
		if (who == 0)
			atomic_store_explicit(&s->line[0][0], i, memory_order_release);
		while (atomic_load_explicit(&s->line[1 - who][0], memory_order_acquire) != i)
			;
		if (who == 1)
			atomic_store_explicit(&s->line[1][0], i, memory_order_release);
	}
}

/* messages sends n messages of 64 bytes through a pipe. */
static void messages(struct shared *s, int who, long n)
{
	char m[64] = "";

	for (long i = 0; i < n; i++) {
		ssize_t done = who == 0 ? write(s->pipe[1], m, sizeof m) : read(s->pipe[0], m, sizeof m);

		if (done != sizeof m)
			die("pipe", errno);
	}
}

typedef void part(struct shared *s, int who, long n);

static void play(part *part, struct shared *s, int who, long n, int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof one, &one) != 0)
		die("sched_setaffinity", errno);
	atomic_fetch_add(&s->arrived, 1);
	while (atomic_load(&s->arrived) < 2)
		sched_yield();
	s->begun[who] = now();
	part(s, who, n);
	s->ended[who] = now();
}

/* together has two processes do a part each, and returns how long both took. */
static double together(part *part, long n, const int cpu[2])
{
	struct shared *s = zeroed();
	pid_t child;
	int status;

	init_mutex(&s->mutex, PTHREAD_MUTEX_STALLED);
	if (pipe(s->pipe) != 0)
		die("pipe", errno);
	if ((child = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		play(part, s, 1, n, cpu[1]);
		_exit(0);
	}
	play(part, s, 0, n, cpu[0]);
	if (waitpid(child, &status, 0) != child || status != 0)
		die("a child ended badly", 0);
	return (s->ended[0] > s->ended[1] ? s->ended[0] : s->ended[1]) -
	       (s->begun[0] < s->begun[1] ? s->begun[0] : s->begun[1]);
}

static const struct {
	const char *name;
	double (*run)(long n); /* makes what it needs, does n pairs, returns ns */
} alone[] = {
	{ "mutex", mutex },
	{ "robust", robust },
	{ "semaphore", semaphore },
	{ "read", reading },
	{ "bare", bare },
};

static const struct {
	const char *name;
	part *part;
} both[] = {
	{ "contended", contended },
	{ "pingpong", pingpong },
	{ "line", line },
	{ "messages", messages },
};

int main(int argc, char **argv)
{
	long n = argc == 3 || argc == 5 ? atol(argv[2]) : 0;

	for (size_t i = 0; n > 0 && argc == 3 && i < sizeof alone / sizeof *alone; i++) {
		if (strcmp(argv[1], alone[i].name) != 0)
			continue;
		alone[i].run(n); /* warms up: pages, caches, the processor itself */
		printf("%.4f\n", alone[i].run(n) / n);
		return 0;
	}
	for (size_t i = 0; n > 0 && argc == 5 && i < sizeof both / sizeof *both; i++) {
		const int cpu[2] = { atoi(argv[3]), atoi(argv[4]) };

		if (strcmp(argv[1], both[i].name) != 0)
			continue;
		printf("%.4f\n", together(both[i].part, n, cpu) / n);
		return 0;
	}
	fprintf(stderr, "usage: baseline WHAT TIMES [CPU CPU], WHAT one of:");
	for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
		fprintf(stderr, " %s", alone[i].name);
	fprintf(stderr, "; with processors:");
	for (size_t i = 0; i < sizeof both / sizeof *both; i++)
		fprintf(stderr, " %s", both[i].name);
	fprintf(stderr, "\n");
	return 2;
}
