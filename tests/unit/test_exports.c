/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The built module as a file, and what it does to its host: what it exports
 * and asks for, how it is hardened, which files it opens, what a lookup costs
 * the system, and that two builds give the same octets.  It knows ELF and
 * strace; it must not know the module's parts.
 */

#define _XOPEN_SOURCE 700	/* realpath() */

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cryptoki.h"
#include "tap.h"

/* ---- The file --------------------------------------------------------- */

static const char *path;
static const uint8_t *file;
static size_t file_size;
static char folder[] = "/tmp/p11-distrust-test.XXXXXX";

static const void *
at(uint64_t off, uint64_t size)
{
	if (off > file_size || size > file_size - off)
		tap_bail_out("the module is no whole ELF file");
	return file + off;
}

static const ElfW(Ehdr) *
header(void)
{
	return at(0, sizeof(ElfW(Ehdr)));
}

/* The first segment of a type, or NULL. */
static const ElfW(Phdr) *
segment(uint32_t type)
{
	const ElfW(Ehdr) *e = header();
	const ElfW(Phdr) *p = at(e->e_phoff, e->e_phnum * sizeof(*p));

	for (unsigned i = 0; i < e->e_phnum; i++) {
		if (p[i].p_type == type)
			return &p[i];
	}
	return NULL;
}

/* The first section of a type, or NULL. */
static const ElfW(Shdr) *
section(uint32_t type)
{
	const ElfW(Ehdr) *e = header();
	const ElfW(Shdr) *s = at(e->e_shoff, e->e_shnum * sizeof(*s));

	for (unsigned i = 0; i < e->e_shnum; i++) {
		if (s[i].sh_type == type)
			return &s[i];
	}
	return NULL;
}

/* The strings that a section of symbols or the dynamic section uses. */
static const char *
strings_of(const ElfW(Shdr) *s)
{
	const ElfW(Ehdr) *e = header();
	const ElfW(Shdr) *all = at(e->e_shoff, e->e_shnum * sizeof(*all));
	const ElfW(Shdr) *strings = &all[s->sh_link];

	return at(strings->sh_offset, strings->sh_size);
}

static void
map_file(void)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) != 0)
		tap_bail_out("no module: build it first");
	file_size = (size_t)st.st_size;
	p = mmap(NULL, file_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		tap_bail_out("the module cannot be read");
	file = p;
	close(fd);
}

/* ---- Symbols ---------------------------------------------------------- */

/* Calls visit with the name of each dynamic symbol that the module defines,
 * or of each that it asks for. */
static void
visit_symbols(bool defined, void (*visit)(const char *name))
{
	const ElfW(Shdr) *s = section(SHT_DYNSYM);
	const char *strings = strings_of(s);
	const ElfW(Sym) *symbol = at(s->sh_offset, s->sh_size);

	for (size_t i = 1; i < s->sh_size / sizeof(*symbol); i++) {
		if ((symbol[i].st_shndx != SHN_UNDEF) == defined)
			visit(strings + symbol[i].st_name);
	}
}

/* By which callers get at all others. */
static const char *const entries[] = {
	"C_GetFunctionList", "C_GetInterfaceList", "C_GetInterface",
};
enum { ENTRIES = sizeof(entries) / sizeof(entries[0]) };

static unsigned exported, strange;

static void
note_export(const char *name)
{
	exported++;
	for (unsigned i = 0; i < ENTRIES; i++) {
		if (strcmp(name, entries[i]) == 0)
			return;
	}
	strange++;
	printf("# exported: %s\n", name);
}

static void
test_exports(void)
{
	visit_symbols(true, note_export);
	tap_ok(exported == ENTRIES && strange == 0,
	       "it exports what PKCS#11 looks for by name and nothing else");
}

/* What a module that says nothing, starts nothing and ends nothing has no
 * use for; with and without what _FORTIFY_SOURCE makes of them. */
static const char *const unwanted[] = {
	"printf", "fprintf", "vprintf", "vfprintf", "dprintf", "puts",
	"fputs", "putchar", "putc", "fputc", "fwrite", "write", "writev",
	"perror", "stdout", "stderr", "syslog", "openlog", "send", "sendto",
	"abort", "exit", "_exit", "__assert_fail", "raise", "kill",
	"signal", "sigaction", "fork", "vfork", "execve", "system", "popen",
	"pthread_create", "pthread_atfork", "atexit", "dlopen", "dlsym",
	"setenv", "putenv", "setlocale", "strcpy", "strcat", "sprintf",
	"strtok", "gets", "socket", "connect", "pthread_mutex_lock",
};

static void
note_import(const char *name)
{
	char checked[80];

	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		snprintf(checked, sizeof(checked), "__%s_chk", unwanted[i]);
		if (strcmp(name, unwanted[i]) == 0 ||
		    strcmp(name, checked) == 0) {
			strange++;
			printf("# asks for: %s\n", name);
		}
	}
}

static void
test_imports(void)
{
	strange = 0;
	visit_symbols(false, note_import);
	tap_ok(strange == 0, "it asks for nothing that speaks, starts "
			     "something or ends the process");
}

/* ---- The dynamic section ---------------------------------------------- */

static const ElfW(Dyn) *
dynamic(size_t *count)
{
	const ElfW(Shdr) *s = section(SHT_DYNAMIC);

	*count = s->sh_size / sizeof(ElfW(Dyn));
	return at(s->sh_offset, s->sh_size);
}

/* The value of a tag, or `otherwise`. */
static uint64_t
dynamic_value(int64_t tag, uint64_t otherwise)
{
	size_t n;
	const ElfW(Dyn) *d = dynamic(&n);

	for (size_t i = 0; i < n; i++) {
		if (d[i].d_tag == tag)
			return d[i].d_un.d_val;
	}
	return otherwise;
}

static void
test_needed(void)
{
	size_t n;
	const ElfW(Dyn) *d = dynamic(&n);
	const char *strings = strings_of(section(SHT_DYNAMIC));
	unsigned libraries = 0;

	strange = 0;
	for (size_t i = 0; i < n; i++) {
		if (d[i].d_tag != DT_NEEDED)
			continue;
		libraries++;
		if (strncmp(strings + d[i].d_un.d_val, "libc.", 5) != 0) {
			strange++;
			printf("# needs: %s\n", strings + d[i].d_un.d_val);
		}
	}
	tap_ok(libraries == 1 && strange == 0, "it needs libc alone");
}

static void
test_hardening(void)
{
	const ElfW(Ehdr) *e = header();
	const ElfW(Phdr) *p = at(e->e_phoff, e->e_phnum * sizeof(*p));
	const ElfW(Phdr) *stack = segment(PT_GNU_STACK);
	unsigned both = 0;

	for (unsigned i = 0; i < e->e_phnum; i++)
		both += p[i].p_type == PT_LOAD &&
			(p[i].p_flags & (PF_W | PF_X)) == (PF_W | PF_X);
	tap_ok(both == 0, "no segment can be written and executed");
	tap_ok(stack != NULL && !(stack->p_flags & PF_X),
	       "the stack cannot be executed");
	tap_ok(segment(PT_GNU_RELRO) != NULL &&
	       (dynamic_value(DT_FLAGS, 0) & DF_BIND_NOW),
	       "relocations are done at once and read-only then");
	tap_ok(dynamic_value(DT_TEXTREL, 1) == 1 &&
	       !(dynamic_value(DT_FLAGS, 0) & DF_TEXTREL),
	       "no relocation touches the text");
	tap_ok(dynamic_value(DT_RPATH, 1) == 1 &&
	       dynamic_value(DT_RUNPATH, 1) == 1, "it has no search path");
}

/* The name of a function that is no dynamic symbol; NULL if stripped. */
static const char *
function_at(uint64_t address)
{
	const ElfW(Shdr) *s = section(SHT_SYMTAB);
	const ElfW(Sym) *symbol;

	if (s == NULL)
		return NULL;
	symbol = at(s->sh_offset, s->sh_size);
	for (size_t i = 0; i < s->sh_size / sizeof(*symbol); i++) {
		if (symbol[i].st_value == address &&
		    ELF64_ST_TYPE(symbol[i].st_info) == STT_FUNC)
			return strings_of(s) + symbol[i].st_name;
	}
	return NULL;
}

/* Where a relocation puts a pointer: what it points to, or 0. */
static uint64_t
relocated(uint64_t address)
{
	const ElfW(Shdr) *s = section(SHT_RELA);
	const ElfW(Rela) *r;

	if (s == NULL)
		return 0;
	r = at(s->sh_offset, s->sh_size);
	for (size_t i = 0; i < s->sh_size / sizeof(*r); i++) {
		if (r[i].r_offset == address)
			return (uint64_t)r[i].r_addend;
	}
	return 0;
}

/* The C start-up files put frame_dummy there, in every shared library. */
static void
test_constructors(void)
{
	uint64_t start = dynamic_value(DT_INIT_ARRAY, 0);
	uint64_t size = dynamic_value(DT_INIT_ARRAYSZ, 0);

	strange = 0;
	for (uint64_t i = 0; i < size; i += sizeof(void *)) {
		const char *name = function_at(relocated(start + i));

		if (name != NULL && strcmp(name, "frame_dummy") != 0) {
			strange++;
			printf("# constructor: %s\n", name);
		}
	}
	tap_ok(strange == 0 && size <= sizeof(void *),
	       "it has no constructor of its own");
}

/* libp11-kit exports functions of the same names, so that in a program which
 * is linked with it our lists would hold those. */
static void
test_own_functions(void)
{
	const ElfW(Shdr) *symbols = section(SHT_DYNSYM);
	const ElfW(Sym) *symbol = at(symbols->sh_offset, symbols->sh_size);
	const ElfW(Shdr) *s = section(SHT_RELA);
	const ElfW(Rela) *r = at(s->sh_offset, s->sh_size);

	strange = 0;
	for (size_t i = 0; i < s->sh_size / sizeof(*r); i++) {
		const ElfW(Sym) *named = &symbol[ELF64_R_SYM(r[i].r_info)];

		if (ELF64_R_SYM(r[i].r_info) != 0 &&
		    named->st_shndx != SHN_UNDEF) {
			strange++;
			printf("# looks for: %s\n",
			       strings_of(symbols) + named->st_name);
		}
	}
	tap_ok(strange == 0, "its function lists hold its own functions, "
			     "whatever the program exports");
}

/* ---- What a lookup allocates ------------------------------------------ */

/* The module's calls of malloc() and the like end here, since the program
 * comes before libc. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t size);

static unsigned long allocations;

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

#ifndef SANITIZED	/* which brings its own */
void *
malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	allocations++;
	return __libc_realloc(p, size);
}
#endif

/* ---- Driving it ------------------------------------------------------- */

static void *module;
static CK_FUNCTION_LIST *f;
static CK_ULONG objects_found;

static void
load(void)
{
	CK_C_GetFunctionList get = NULL;
	void *symbol;

	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (module == NULL)
		tap_bail_out(dlerror());
	symbol = dlsym(module, "C_GetFunctionList");
	memcpy(&get, &symbol, sizeof(get));
	if (get == NULL || get(&f) != CKR_OK)
		tap_bail_out("C_GetFunctionList");
}

static void
find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n)
{
	static uint8_t values[4][4096];
	CK_ATTRIBUTE read[] = {
		{ CKA_CLASS, values[0], sizeof(values[0]) },
		{ CKA_LABEL, values[1], sizeof(values[1]) },
		{ CKA_ISSUER, values[2], sizeof(values[2]) },
		{ CKA_SERIAL_NUMBER, values[3], sizeof(values[3]) },
	};
	CK_OBJECT_HANDLE objects[8];
	CK_ULONG found = 0;

	f->C_FindObjectsInit(session, template, n);
	f->C_FindObjects(session, objects, 8, &found);
	f->C_FindObjectsFinal(session);
	objects_found += found;
	for (CK_ULONG i = 0; i < found; i++)
		f->C_GetAttributeValue(session, objects[i], read, 4);
	if (found > 0 && n == 1) {	/* and back again, by what was read */
		CK_ATTRIBUTE by[] = { read[2], read[3] };

		if (read[2].ulValueLen != CK_UNAVAILABLE_INFORMATION)
			find(session, by, 2);
	}
}

/* Searches of every sort, hits and misses. */
static void
look_up(void)
{
	static uint8_t octets[64] = { 0x30, 0x3e };
	CK_OBJECT_CLASS classes[] = { CKO_CERTIFICATE, NSS_CKO_TRUST,
				      P11_CKO_TRUST, P11_CKO_PROFILE, 77 };
	CK_ATTRIBUTE_TYPE types[] = {
		CKA_ISSUER, CKA_SUBJECT, CKA_VALUE, CKA_ID, CKA_LABEL,
		CKA_PUBLIC_KEY_INFO, NSS_CKA_CERT_SHA1_HASH,
		P11KIT_CKA_DISTRUSTED,
	};
	CK_SESSION_HANDLE session;

	if (f->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session) !=
	    CKR_OK)
		tap_bail_out("C_OpenSession");
	find(session, NULL, 0);
	for (unsigned i = 0; i < 5; i++) {
		CK_ATTRIBUTE a = { CKA_CLASS, &classes[i],
				   sizeof(classes[i]) };

		find(session, &a, 1);
	}
	for (unsigned i = 0; i < 8; i++) {
		CK_ATTRIBUTE a[] = {
			{ types[i], octets, sizeof(octets) },
			{ CKA_SERIAL_NUMBER, octets, 20 },
		};

		find(session, a, 1);
		find(session, a, 2);
	}
	f->C_CloseSession(session);
}

static void
test_allocations(void)
{
	unsigned long before;

	load();
	f->C_Initialize(NULL);
	before = allocations;
	for (unsigned i = 0; i < 1000; i++)
		look_up();
	tap_ok(before > 0 && objects_found > 0 && allocations == before,
	       "no lookup allocates memory");
	f->C_Finalize(NULL);
	dlclose(module);
}

/* ---- What the kernel sees --------------------------------------------- */

/* Marks in the trace: files that nobody has. */
#define MARK "/p11-distrust-test-mark/"

static void
drive(void)
{
	int there = 0;

	there += access(MARK "load", F_OK);
	load();
	there += access(MARK "initialize", F_OK);
	f->C_Initialize(NULL);
	there += access(MARK "look-up", F_OK);
	look_up();
	there += access(MARK "finalize", F_OK);
	f->C_Finalize(NULL);
	there += access(MARK "unload", F_OK);
	dlclose(module);
	there += access(MARK "end", F_OK);
	_exit(there == -6 ? 0 : 1);
}

/* What may be called between two marks; and which paths. */
static const struct {
	const char *mark, *what;
	const char *calls;	/* each between blanks */
	unsigned paths;		/* 0: none, 1: the module, 2: the catalogs */
} phases[] = {
	{ "load", "loading it opens it and nothing else",
	  " openat read pread64 fstat newfstatat mmap mprotect munmap close "
	  "getcwd brk ", 1 },
	{ "initialize", "C_Initialize opens the two catalogs and no other "
			"file",
	  " openat read fstat newfstatat mmap mprotect munmap close getpid "
	  "geteuid ", 2 },
	{ "look-up", "no lookup makes a system call", " ", 0 },
	{ "finalize", "C_Finalize opens no file", " getpid ", 0 },
	{ "unload", "unloading it opens no file", " munmap ", 0 },
};
enum { PHASES = sizeof(phases) / sizeof(phases[0]) };

static bool
is_path_due(const char *quoted, unsigned paths)
{
	char user[128];
	size_t n = strcspn(quoted, "\"");

	snprintf(user, sizeof(user), "%s/p11-distrust/user.catalog", folder);
	if (n == 0)		/* of a descriptor that is open */
		return true;
	if (paths == 1)
		return strlen(path) == n && strncmp(quoted, path, n) == 0;
	return paths == 2 &&
	       (strncmp(quoted, user, n) == 0 ||
		strncmp(quoted, "/var/lib/p11-distrust/system.catalog", n) ==
			0);
}

/* Whether a line of the trace belongs to a phase: the call, then a path if
 * it has one. */
static bool
is_call_due(char *line, unsigned phase)
{
	char call[64];
	const char *quote;

	line += strspn(line, "0123456789 ");	/* the process */
	snprintf(call, sizeof(call), " %.*s ", (int)strcspn(line, "("), line);
	if (strstr(phases[phase].calls, call) == NULL)
		return false;
	quote = strchr(line, '"');
	/* read() shows what was read. */
	if (quote == NULL || strstr(call, "read") != NULL)
		return true;
	return is_path_due(quote + 1, phases[phase].paths);
}

/* The phase that a line begins, or the one before. */
static unsigned
next_phase(const char *line, unsigned phase)
{
	const char *mark = strstr(line, MARK);

	if (mark == NULL)
		return phase;
	for (unsigned i = 0; i < PHASES; i++) {
		size_t n = strlen(phases[i].mark);

		if (strncmp(mark + sizeof(MARK) - 1, phases[i].mark, n) == 0)
			return i;
	}
	return PHASES;
}

static void
judge_trace(const char *trace)
{
	FILE *from = fopen(trace, "r");
	unsigned phase = PHASES, seen[PHASES] = { 0 }, bad[PHASES] = { 0 };
	char line[1024];

	while (from != NULL && fgets(line, sizeof(line), from) != NULL) {
		bool is_mark = strstr(line, MARK) != NULL;

		phase = next_phase(line, phase);
		if (phase == PHASES)
			continue;
		seen[phase]++;
		if (is_mark || is_call_due(line, phase))
			continue;
		bad[phase]++;
		printf("# %s: %s", phases[phase].mark, line);
	}
	if (from != NULL)
		fclose(from);
	for (unsigned i = 0; i < PHASES; i++)
		tap_ok(seen[i] > 0 && bad[i] == 0, "%s", phases[i].what);
}

/* Runs a program to its end; its exit status, or -1. */
static int
run(const char *const *argv)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		/* exec's type has no const, but it only reads. */
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static void
test_trace(const char *self)
{
	char trace[64];
	const char *nothing[] = { "strace", "-o", "/dev/null", "true", NULL };
	const char *driver[] = {
		"strace", "-f", "-o", trace, "-s", "256", self, "--drive",
		path, NULL,
	};

	snprintf(trace, sizeof(trace), "%s/trace", folder);
	if (run(nothing) != 0) {
		tap_ok(true, "the kernel's view # SKIP strace cannot trace");
		return;
	}
	tap_ok(run(driver) == 0, "a whole life of it, traced");
	judge_trace(trace);
}

/* ---- The same octets -------------------------------------------------- */

/* Both builds at once, in folders of different names and depths.  What the
 * caller's make was told about the compiler holds for them too. */
static const char build_twice[] =
	"unset MAKEFLAGS MFLAGS MAKELEVEL B SANITIZE V\n"
	"build() {\n"
	"	mkdir -p \"$1\"\n"
	"	tar -cf - --exclude=./.git --exclude='./build*' . |"
	" tar -xf - -C \"$1\"\n"
	"	make -s -C \"$1\" \"B=$2\" \"$2/p11-distrust.so\""
	" >\"$1.log\" 2>&1 && return\n"
	"	sed 's/^/# /' \"$1.log\"\n"
	"	return 1\n"
	"}\n"
	"build \"$1/one\" out & first=$!\n"
	"build \"$1/two/with/a/longer/name\" results/here || exit 1\n"
	"wait $first || exit 1\n"
	"cmp \"$1/one/out/p11-distrust.so\""
	" \"$1/two/with/a/longer/name/results/here/p11-distrust.so\"\n";

static void
test_builds(void)
{
	const char *argv[] = { "sh", "-c", build_twice, "sh", folder, NULL };

	tap_ok(run(argv) == 0, "two builds in different folders give the "
			       "same octets");
}

/* ---- The whole -------------------------------------------------------- */

static void
begin(int argc, char **argv)
{
	const char *built = getenv("P11_DISTRUST_MODULE");

	path = argc > 2 ? argv[2] : built;
	if (path == NULL)
		path = "build/p11-distrust.so";
	path = realpath(path, NULL);
	if (path == NULL)
		tap_bail_out("no module: build it first");
}

static void
make_folder(void)
{
	if (mkdtemp(folder) == NULL)
		tap_bail_out("no folder in /tmp");
	setenv("XDG_DATA_HOME", folder, 1);
}

static void
remove_folder(void)
{
	const char *argv[] = { "rm", "-rf", folder, NULL };

	run(argv);
}

int
main(int argc, char **argv)
{
	const char *sanitizer = getenv("SANITIZE");

	begin(argc, argv);
	if (argc > 1 && strcmp(argv[1], "--drive") == 0)
		drive();
	if (sanitizer != NULL && sanitizer[0] != '\0') {
		tap_ok(true, "the file # SKIP a sanitizer's own is in it");
		return tap_end();
	}
	make_folder();
	map_file();
	test_exports();
	test_imports();
	test_needed();
	test_hardening();
	test_constructors();
	test_own_functions();
	test_allocations();
	test_trace(argv[0]);
	test_builds();
	remove_folder();
	return tap_end();
}
