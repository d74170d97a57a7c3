/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The module in processes that have little or allow little: no address space
 * left, a stack of 16 KiB, a signal handler, a filter that kills on any
 * system call, more rights than their user; and in those that fork in the
 * middle of a search, or load and unload it again and again.  It knows POSIX
 * and Linux; it must not know the module's parts.
 *
 * LOADS=N sets how often it is loaded.
 */

#define _GNU_SOURCE	/* setresuid() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "users.h"

/* A sanitizer needs address space, stack and system calls of its own: what
 * forbids these is left out. */
static bool
is_sanitized(void)
{
	const char *sanitizer = getenv("SANITIZE");

	return sanitizer != NULL && sanitizer[0] != '\0';
}

/* What a child found wrong is its exit status; 100 and more: a signal. */
static int
in_child(int (*question)(void))
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		alarm(60);
		_exit(question());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   100 + WTERMSIG(status);
}

/* ---- Lookups of every sort -------------------------------------------- */

enum { SOME = 16 };

/* Reads what clients read of an object; how many it has. */
static unsigned
read_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	static const CK_ATTRIBUTE_TYPE types[] = {
		CKA_CLASS, CKA_LABEL, CKA_ID, CKA_VALUE, CKA_ISSUER,
		CKA_SERIAL_NUMBER, CKA_SUBJECT, NSS_CKA_CERT_SHA1_HASH,
		NSS_CKA_TRUST_SERVER_AUTH, P11KIT_CKA_DISTRUSTED,
		P11_CKA_UNIQUE_ID, 0x80001234UL,
	};
	enum { TYPES = sizeof(types) / sizeof(types[0]) };
	CK_ATTRIBUTE a[TYPES];
	unsigned has = 0;

	for (unsigned i = 0; i < TYPES; i++)
		a[i] = (CK_ATTRIBUTE){ types[i], NULL, 0 };
	(void)C_GetAttributeValue(session, object, a, TYPES);
	for (unsigned i = 0; i < TYPES; i++)
		has += a[i].ulValueLen != CK_UNAVAILABLE_INFORMATION;
	return has;
}

static unsigned
find(CK_SESSION_HANDLE session, CK_ATTRIBUTE_TYPE type, struct bytes value)
{
	CK_ATTRIBUTE a = token_attribute(type, value);
	CK_OBJECT_HANDLE objects[SOME];
	CK_ULONG n = token_find(session, &a, 1, objects, SOME);
	unsigned sum = (unsigned)n;

	for (CK_ULONG i = 0; i < n; i++)
		sum += read_object(session, objects[i]);
	return sum;
}

/* A number that is the same each time, if all is well. */
static unsigned
look_up(CK_SESSION_HANDLE session)
{
	static const uint8_t octets[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };
	static const CK_OBJECT_CLASS classes[] = {
		CKO_CERTIFICATE, NSS_CKO_TRUST, P11_CKO_TRUST,
		P11_CKO_PROFILE, 77,
	};
	static const CK_ATTRIBUTE_TYPE types[] = {
		CKA_ISSUER, CKA_SUBJECT, CKA_VALUE, CKA_ID, CKA_LABEL,
		CKA_SERIAL_NUMBER, CKA_PUBLIC_KEY_INFO, P11KIT_CKA_DISTRUSTED,
		NSS_CKA_CERT_SHA1_HASH, P11_CKA_HASH_OF_CERTIFICATE,
	};
	unsigned sum = 0;

	for (unsigned i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		sum = sum * 3 +
		      find(session, CKA_CLASS, (struct bytes){
			      (const uint8_t *)&classes[i],
			      sizeof(classes[i]) });
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		sum = sum * 3 + find(session, types[i], (struct bytes){
					     octets, sizeof(octets) });
	return sum;
}

/* What look_up() must give. */
static unsigned
expected(void)
{
	unsigned sum;

	token_must(C_Initialize(NULL));
	sum = look_up(token_open());
	token_must(C_Finalize(NULL));
	assert_true(sum > 1000);
	return sum;
}

static unsigned due;

/* ---- No system call --------------------------------------------------- */

/* From here on the kernel kills whoever calls it, but for the end. */
static bool
forbid_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int
look_up_without_calls(void)
{
	CK_SESSION_HANDLE session;

	token_must(C_Initialize(NULL));
	session = token_open();
	if (!forbid_calls())
		return 50;
	for (unsigned i = 0; i < 100; i++) {
		if (look_up(session) != due)
			return 1;
	}
	for (unsigned i = 0; i < 100; i++) {
		token_must(C_CloseSession(session));
		session = token_open();
	}
	return 0;
}

/* So that the filter is one. */
static int
make_a_call(void)
{
	if (!forbid_calls())
		return 50;
	return getppid() == 0;
}

static void
no_lookup_makes_a_system_call(void **state)
{
	int status;

	(void)state;
	if (is_sanitized())
		return;
	status = in_child(make_a_call);
	if (status == 50)
		skip();		/* no filters here */
	assert_int_equal(status, 100 + SIGSYS);
	assert_int_equal(in_child(look_up_without_calls), 0);
}

/* ---- No memory -------------------------------------------------------- */

static void
use_up(void)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_AS, &none) != 0)
		_exit(50);
	for (size_t size = 1 << 20; size >= 16; size /= 2) {
		/* It is a chain, so that no compiler leaves it out. */
		static void *volatile last;

		do
			last = malloc(size);
		while (last != NULL);
	}
}

static int
live_without_memory(void)
{
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE, first;
	CK_RV rv;

	use_up();
	if (C_Initialize(NULL) != CKR_OK)
		return 1;
	first = token_open();
	do
		rv = C_OpenSession(TOKEN_SLOT, CKF_SERIAL_SESSION, NULL, NULL,
				   &session);
	while (rv == CKR_OK);
	if (rv != CKR_HOST_MEMORY)
		return 2;
	if (look_up(first) != due || look_up(session) != due)
		return 3;
	if (C_CloseSession(first) != CKR_OK || look_up(token_open()) != due)
		return 4;
	return C_Finalize(NULL) == CKR_OK ? 0 : 5;
}

static void
address_space_is_used_up(void **state)
{
	(void)state;
	if (is_sanitized())
		return;
	assert_int_equal(in_child(live_without_memory), 0);
}

/* ---- Little stack ----------------------------------------------------- */

enum { STACK = 16 * 1024 };

static void *
live_on_little(void *sum)
{
	CK_C_INITIALIZE_ARGS args = { .flags = 2 };

	token_must(C_Initialize(&args));
	*(unsigned *)sum = look_up(token_open());
	token_must(C_Finalize(NULL));
	return NULL;
}

/* Below the stack is a page that nobody may touch. */
static void
sixteen_kilobytes_of_stack_are_enough(void **state)
{
	long page = sysconf(_SC_PAGESIZE);
	uint8_t *p = mmap(NULL, (size_t)page + STACK, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attr;
	pthread_t thread;
	unsigned sum = 0, used = STACK;

	(void)state;
	if (is_sanitized())
		return;
	assert_true(p != MAP_FAILED);
	assert_int_equal(mprotect(p + page, STACK, PROT_READ | PROT_WRITE), 0);
	users_write("Mine", NULL, false);
	pthread_attr_init(&attr);
	assert_int_equal(pthread_attr_setstack(&attr, p + page, STACK), 0);
	assert_int_equal(pthread_create(&thread, &attr, live_on_little, &sum),
			 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
	assert_true(sum > 1000);
	while (used > 0 && p[(size_t)page + STACK - used] == 0)
		used--;
	print_message("# %u octets of stack, the thread's own among them\n",
		      used);
	assert_int_equal(unlink(users_path()), 0);
}

/* ---- Signals ---------------------------------------------------------- */

enum { ENOUGH = 50 };

static CK_SESSION_HANDLE handlers_session;
static volatile sig_atomic_t handled, mistaken;

static void
handle(int signal)
{
	int saved = errno;
	CK_SESSION_HANDLE own;

	(void)signal;
	/* Where all is slow, there would be time for nothing else. */
	if (handled >= ENOUGH)
		return;
	own = token_open();
	handled++;
	mistaken += look_up(handlers_session) != due;
	mistaken += look_up(own) != due;
	mistaken += C_CloseSession(own) != CKR_OK;
	errno = saved;
}

/* No lock is held and nothing is half done: a handler may open, search and
 * close too, whatever it interrupts. */
static void
a_signal_handler_searches(void **state)
{
	struct sigaction action = { .sa_handler = handle }, before;
	const struct sigaction none = { .sa_handler = SIG_IGN };
	struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { 0 };
	CK_SESSION_HANDLE session;

	(void)state;
	handled = mistaken = 0;
	token_must(C_Initialize(NULL));
	session = token_open();
	handlers_session = token_open();
	assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	for (unsigned i = 0; i < 1000000 && handled < ENOUGH; i++) {
		CK_SESSION_HANDLE other = token_open();

		assert_int_equal(look_up(session), due);
		assert_int_equal(look_up(other), due);
		assert_int_equal(C_CloseSession(other), CKR_OK);
	}
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	/* One that is on its way under memcheck would end the process. */
	assert_int_equal(sigaction(SIGALRM, &none, NULL), 0);
	sched_yield();
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_true(handled >= ENOUGH);
	assert_int_equal(mistaken, 0);
	token_must(C_Finalize(NULL));
}

/* ---- Children --------------------------------------------------------- */

enum { ALL = 4096 };
static CK_SESSION_HANDLE parents;
static CK_OBJECT_HANDLE all[ALL];
static CK_ULONG all_count;

/* Goes on with the search of its parent, and finds what that one will. */
static int
go_on(void)
{
	static CK_OBJECT_HANDLE mine[ALL];
	CK_ULONG n = 0;

	if (C_FindObjects(parents, mine, ALL, &n) != CKR_OK)
		return 1;
	if (n != all_count - 10 || memcmp(mine, all + 10,
					  n * sizeof(mine[0])) != 0)
		return 2;
	if (C_FindObjectsFinal(parents) != CKR_OK)
		return 3;
	return look_up(parents) == due ? 0 : 4;
}

static void
a_child_goes_on_with_a_search(void **state)
{
	static CK_OBJECT_HANDLE mine[ALL];
	CK_ULONG n = 0;

	(void)state;
	token_must(C_Initialize(NULL));
	parents = token_open();
	all_count = token_find(parents, NULL, 0, all, ALL);
	assert_true(all_count > 20 && all_count < ALL);
	token_must(C_FindObjectsInit(parents, NULL, 0));
	token_must(C_FindObjects(parents, mine, 10, &n));
	assert_int_equal(n, 10);
	assert_int_equal(in_child(go_on), 0);
	/* The parent did not notice. */
	token_must(C_FindObjects(parents, mine, ALL, &n));
	assert_int_equal(n, all_count - 10);
	assert_memory_equal(mine, all + 10, n * sizeof(mine[0]));
	token_must(C_FindObjectsFinal(parents));
	token_must(C_Finalize(NULL));
}

/* ---- More rights than the user ---------------------------------------- */

enum { SOMEBODY = 65533, OTHER = 65532 };

/* In the copy: exit status 0 if the user's file was believed. */
static int
believe(bool secure)
{
	if ((getauxval(AT_SECURE) != 0) != secure)
		return 3;
	if (!users_distrusts(USERS_QAZNET))
		return 4;
	return users_distrusts("Mine") ? 0 : 1;
}

static int
run_as_somebody(const char *path, const char *how)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		if (setresgid(SOMEBODY, SOMEBODY, SOMEBODY) == 0 &&
		    setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0)
			execl(path, path, how, (char *)NULL);
		_exit(5);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   100 + WTERMSIG(status);
}

static void
copy_self(const char *path)
{
	static uint8_t octets[65536];
	FILE *from = fopen("/proc/self/exe", "r"), *to = fopen(path, "w");
	size_t n;

	folder_must(from != NULL && to != NULL, path);
	while ((n = fread(octets, 1, sizeof(octets), from)) > 0)
		folder_must(fwrite(octets, 1, n, to) == n, path);
	fclose(from);
	folder_must(fclose(to) == 0, path);
	folder_must(chown(path, 0, OTHER) == 0 && chmod(path, 0755) == 0,
		    path);
}

static void
more_rights_believe_no_users_file(void **state)
{
	const char *copy = folder_path("copy");
	int status;

	(void)state;
	if (is_sanitized() || geteuid() != 0)
		return;
	users_write("Mine", NULL, false);
	folder_must(chmod(folder, 0755) == 0, folder);
	folder_must(chown(users_path(), SOMEBODY, SOMEBODY) == 0 &&
		    chown(folder_path("p11-distrust"), SOMEBODY,
			  SOMEBODY) == 0, folder);
	copy_self(copy);
	assert_int_equal(run_as_somebody(copy, "--plain"), 0);
	folder_must(chmod(copy, 02755) == 0, copy);
	status = run_as_somebody(copy, "--secure");
	if (status == 3)
		skip();		/* a file system that gives no rights */
	assert_int_equal(status, 1);
	assert_int_equal(unlink(users_path()), 0);
}

/* ---- Loading and unloading -------------------------------------------- */

static const char *
module_path(void)
{
	const char *path = getenv("P11_DISTRUST_MODULE");

	return path != NULL ? path : "build/p11-distrust.so";
}

static void *
load(CK_FUNCTION_LIST **f)
{
	/* Not to ask each of this program's many libraries for libc's names;
	 * a sanitizer wants to be asked. */
	int deep = is_sanitized() ? 0 : RTLD_DEEPBIND;
	void *module = dlopen(module_path(), RTLD_NOW | RTLD_LOCAL | deep);
	CK_C_GetFunctionList get;
	void *symbol;

	if (module == NULL)
		fail_msg("%s", dlerror());
	symbol = dlsym(module, "C_GetFunctionList");
	memcpy(&get, &symbol, sizeof(get));
	assert_int_equal(get(f), CKR_OK);
	return module;
}

/* Sessions, and in the last of them a search, in the middle of which it
 * stays. */
static void
begin_search(CK_FUNCTION_LIST *f, unsigned sessions)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE object;
	CK_ULONG n;

	for (unsigned i = 0; i < sessions; i++)
		assert_int_equal(f->C_OpenSession(TOKEN_SLOT,
						  CKF_SERIAL_SESSION, NULL,
						  NULL, &session), CKR_OK);
	assert_int_equal(f->C_FindObjectsInit(session, NULL, 0), CKR_OK);
	assert_int_equal(f->C_FindObjects(session, &object, 1, &n), CKR_OK);
	assert_int_equal(n, 1);
}

/* Whoever finalizes may have so many sessions that they need memory. */
static void
load_and_unload(unsigned times, bool finalizes)
{
	enum { FEW = 1, MANY = 1100 };

	for (unsigned i = 0; i < times; i++) {
		CK_FUNCTION_LIST *f;
		void *module = load(&f);

		assert_int_equal(f->C_Initialize(NULL), CKR_OK);
		begin_search(f, finalizes ? MANY : FEW);
		if (finalizes)
			assert_int_equal(f->C_Finalize(NULL), CKR_OK);
		assert_int_equal(dlclose(module), 0);
	}
}

static long
kilobytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long size = 0, resident = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld %ld", &size, &resident), 2);
	fclose(file);
	return size * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
thousands_of_times_in_and_out(void **state)
{
	const char *loads = getenv("LOADS");
	unsigned times = is_sanitized() ? 200 : 10000;
	long before;

	(void)state;
	if (loads != NULL)
		times = (unsigned)strtoul(loads, NULL, 10);
	load_and_unload(100, true);
	before = kilobytes();
	load_and_unload(times, true);
	if (!is_sanitized())
		assert_true(kilobytes() <= before + 64);
}

/* Whoever forgets C_Finalize. */
static void
unloading_needs_no_finalize(void **state)
{
	long before;

	(void)state;
	load_and_unload(20, false);
	before = kilobytes();
	load_and_unload(200, false);
	if (!is_sanitized())
		assert_true(kilobytes() <= before + 64);
}

static void *
search_for_ever(void *arg)
{
	CK_SESSION_HANDLE session = token_open();

	(void)arg;
	while (users_asks(session, "Large"))
		continue;
	abort();	/* it was there */
}

/* Exits as Firefox and Chromium do: in the middle of everything. */
static int
exit_under_searchers(void)
{
	enum { SEARCHERS = 3 };
	pthread_t thread;

	token_must(C_Initialize(NULL));
	for (unsigned i = 0; i < SEARCHERS; i++) {
		if (pthread_create(&thread, NULL, search_for_ever, NULL) != 0)
			return 1;
	}
	usleep(3000);
	exit(0);
}

static void
exiting_needs_no_finalize(void **state)
{
	(void)state;
	users_write_large("Large");
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(in_child(exit_under_searchers), 0);
	assert_int_equal(unlink(users_path()), 0);
}

static int
begin(void **state)
{
	(void)state;
	users_begin();
	due = expected();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	folder_remove();
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_lookup_makes_a_system_call),
		cmocka_unit_test(address_space_is_used_up),
		cmocka_unit_test(sixteen_kilobytes_of_stack_are_enough),
		cmocka_unit_test(a_signal_handler_searches),
		cmocka_unit_test(a_child_goes_on_with_a_search),
		cmocka_unit_test(more_rights_believe_no_users_file),
		cmocka_unit_test(thousands_of_times_in_and_out),
		cmocka_unit_test(unloading_needs_no_finalize),
		cmocka_unit_test(exiting_needs_no_finalize),
	};

	if (argc > 1)
		return believe(strcmp(argv[1], "--secure") == 0);
	return cmocka_run_group_tests_name("limits", tests, begin, end);
}
