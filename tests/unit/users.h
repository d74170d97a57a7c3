/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * A user with a catalog, in a folder of the test's own, and the question
 * whether a name is distrusted.  It knows where the user's catalog is; it
 * must not know how it is read.  The file that includes this defines
 * _GNU_SOURCE first.
 */

#ifndef USERS_H
#define USERS_H

#include "folder.h"
#include "made.h"
#include "token.h"

enum {
	USERS_RULE = CATALOG_MATCH_CERTIFICATE | CATALOG_MATCH_NAME |
		     CATALOG_USAGE_ALL,
	USERS_LARGE = 300032,	/* octets: mapped, where less is copied */
};

/* The folder, and nothing in it yet. */
static inline void
users_begin(void)
{
	folder_make();
	setenv("XDG_DATA_HOME", folder, 1);
	folder_must(mkdir(folder_path("p11-distrust"), 0700) == 0, folder);
}

static inline const char *
users_path(void)
{
	return folder_path("p11-distrust/user.catalog");
}

/* A catalog with one certificate under a name of its own, and a policy on a
 * group if it names one. */
static inline void
users_make(struct made *m, const char *cn, const char *group, bool on)
{
	static struct encoded name, serial, key, der;

	made_begin(m);
	made_group(m, "own", true);
	if (group != NULL)
		made_policy(m, group, on);
	made_name(&name, 0x0c, cn);
	made_integer(&serial, made_text(cn));
	made_key(&key, cn);
	made_add(m, (struct made_entry){
		.certificate = made_certificate(
			&der, encoded_bytes(&name), encoded_bytes(&serial),
			encoded_bytes(&name), encoded_bytes(&key)),
		.label = cn, .flags = USERS_RULE });
	made_end(m);
}

static inline void
users_write(const char *cn, const char *group, bool on)
{
	struct made m;

	users_make(&m, cn, group, on);
	folder_write(users_path(), (struct bytes){ m.octets, m.size }, 0600);
	made_free(&m);
}

/* The same, so large that it is mapped, and can be seen in the maps. */
static inline void
users_write_large(const char *cn)
{
	static _Alignas(64) uint8_t octets[USERS_LARGE];
	struct catalog_header header;
	struct made m;

	users_make(&m, cn, NULL, false);
	memcpy(octets, m.octets, m.size);
	memcpy(&header, octets, sizeof(header));
	header.size = sizeof(octets);
	memcpy(octets, &header, sizeof(header));
	folder_write(users_path(), (struct bytes){ octets, sizeof(octets) },
		     0600);
	made_free(&m);
}

/* Whether anything issued by a name is distrusted, in a session. */
static inline bool
users_asks(CK_SESSION_HANDLE session, const char *cn)
{
	struct encoded name;

	return token_trust(session, made_name(&name, 0x0c, cn),
			   made_text("any")) != CK_INVALID_HANDLE;
}

/* The same, asked anew. */
static inline bool
users_distrusts(const char *cn)
{
	bool found;

	token_must(C_Initialize(NULL));
	found = users_asks(token_open(), cn);
	token_must(C_Finalize(NULL));
	return found;
}

/* The built-in list's first rule. */
#define USERS_QAZNET "Qaznet Trust Network"

#endif
