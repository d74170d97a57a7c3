/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Modules, from a table to open sessions. */

#include "modules.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 16 };

static void
must(bool done, const struct module *m, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "%s: %s failed\n", m->name, what);
	exit(1);
}

/* ---- The table -------------------------------------------------------- */

/* One cell of a line, as far as the tab or the end. */
static const char *
take_cell(const char *line, char *cell, size_t size)
{
	size_t n = strcspn(line, "\t\n");

	snprintf(cell, size, "%.*s", (int)n, line);
	return line[n] == '\t' ? line + n + 1 : line + n;
}

unsigned
modules_read(struct module modules[MODULES_MAX], const char *path)
{
	FILE *file = fopen(path, "r");
	char line[1200];
	unsigned n = 0;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	while (n < MODULES_MAX && fgets(line, sizeof(line), file) != NULL) {
		struct module *m = &modules[n++];
		const char *rest = line;

		memset(m, 0, sizeof(*m));
		rest = take_cell(rest, m->name, sizeof(m->name));
		rest = take_cell(rest, m->path, sizeof(m->path));
		take_cell(rest, m->parameters, sizeof(m->parameters));
	}
	fclose(file);
	return n;
}

/* ---- Loading ---------------------------------------------------------- */

void
module_load(struct module *m)
{
	void *library = dlopen(m->path, RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get;

	if (library == NULL)
		fprintf(stderr, "%s\n", dlerror());
	must(library != NULL, m, "dlopen");
	*(void **)&get = dlsym(library, "C_GetFunctionList");
	must(get != NULL && get(&m->functions) == CKR_OK, m,
	     "C_GetFunctionList");
}

CK_SESSION_HANDLE
module_session(const struct module *m)
{
	CK_SESSION_HANDLE session;

	must(m->functions->C_OpenSession(m->slot, CKF_SERIAL_SESSION, NULL,
					 NULL, &session) == CKR_OK, m,
	     "C_OpenSession");
	return session;
}

static CK_ULONG
count_objects(struct module *m, CK_SLOT_ID slot)
{
	CK_OBJECT_HANDLE objects[64];
	CK_ULONG n, sum = 0;

	m->slot = slot;
	m->session = module_session(m);
	must(m->functions->C_FindObjectsInit(m->session, NULL, 0) == CKR_OK, m,
	     "C_FindObjectsInit");
	do {
		must(m->functions->C_FindObjects(m->session, objects, 64, &n)
		     == CKR_OK, m, "C_FindObjects");
		sum += n;
	} while (n > 0);
	m->functions->C_FindObjectsFinal(m->session);
	m->functions->C_CloseSession(m->session);
	return sum;
}

/* Where there is a choice, the token with the most objects. */
static void
choose_slot(struct module *m)
{
	CK_SLOT_ID slots[SLOTS], best;
	CK_ULONG n = SLOTS, most = 0;
	CK_TOKEN_INFO info;

	must(m->functions->C_GetSlotList(CK_TRUE, slots, &n) == CKR_OK &&
	     n > 0, m, "C_GetSlotList");
	best = slots[0];
	for (CK_ULONG i = 0; n > 1 && i < n; i++) {
		CK_ULONG objects;

		if (m->functions->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    !(info.flags & CKF_TOKEN_INITIALIZED))
			continue;
		objects = count_objects(m, slots[i]);
		if (objects >= most) {
			most = objects;
			best = slots[i];
		}
	}
	m->slot = best;
}

void
module_start(struct module *m)
{
	/* NSS's modules look at one pointer more than the standard has. */
	struct {
		CK_C_INITIALIZE_ARGS standard;
		void *after;
	} args = {
		.standard = {
			.flags = CKF_OS_LOCKING_OK,
			.pReserved = m->parameters[0] ? m->parameters : NULL,
		},
	};

	must(m->functions->C_Initialize(&args) == CKR_OK, m, "C_Initialize");
	choose_slot(m);
	m->session = module_session(m);
}
