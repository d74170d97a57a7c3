/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Reading and changing pkcs11.txt. */

#include "install/nss-modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"

/* ---- Reading ---------------------------------------------------------- */

static bool
begins_with(struct bytes b, const char *text)
{
	size_t n = strlen(text);

	return b.n >= n && memcmp(b.p, text, n) == 0;
}

static bool
ends_with(struct bytes b, const char *text)
{
	size_t n = strlen(text);

	return b.n >= n && memcmp(b.p + b.n - n, text, n) == 0;
}

static bool
is_text(struct bytes b, const char *text)
{
	return b.n == strlen(text) && begins_with(b, text);
}

/* Where `text` begins in b; b.n if nowhere. */
static size_t
position(struct bytes b, const char *text)
{
	for (size_t i = 0; i < b.n; i++) {
		if (begins_with((struct bytes){ b.p + i, b.n - i }, text))
			return i;
	}
	return b.n;
}

/* The line at *at, without its end; *at moves behind that. */
static struct bytes
next_line(struct bytes text, size_t *at)
{
	struct bytes line = { text.p + *at, text.n - *at };
	const uint8_t *end = memchr(line.p, '\n', line.n);

	if (end != NULL)
		line.n = (size_t)(end - line.p);
	*at += line.n + (end != NULL);
	return line;
}

static void
take_line(struct nss_module *m, struct bytes line)
{
	static const char *const keys[] = { "library=", "name=", "NSS=" };
	struct bytes *const values[] = { &m->library, &m->name, &m->nss };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i]);

		if (begins_with(line, keys[i]))
			*values[i] = (struct bytes){ line.p + n, line.n - n };
	}
}

static void
skip_empty_lines(struct bytes text, size_t *at)
{
	while (*at < text.n && text.p[*at] == '\n')
		++*at;
}

bool
nss_modules_next(struct bytes text, size_t *at, struct nss_module *module)
{
	size_t from = *at;

	memset(module, 0, sizeof(*module));
	skip_empty_lines(text, at);
	while (*at < text.n && text.p[*at] != '\n')
		take_line(module, next_line(text, at));
	skip_empty_lines(text, at);
	module->all = (struct bytes){ text.p + from, *at - from };
	return *at > from;
}

bool
nss_module_is_ours(const struct nss_module *module)
{
	return is_text(module->name, NSS_MODULES_NAME);
}

bool
nss_module_is_alike(const struct nss_module *module)
{
	return ends_with(module->library, "/p11-distrust.so");
}

bool
nss_module_is_internal(const struct nss_module *module)
{
	return module->library.n == 0 &&
	       position(module->nss, "internal") < module->nss.n;
}

/* A decimal number behind a key of the NSS= value, or `otherwise`. */
static long
number(struct bytes nss, const char *key, long otherwise)
{
	size_t at = position(nss, key) + strlen(key);
	long n = 0;

	if (at >= nss.n || nss.p[at] < '0' || nss.p[at] > '9')
		return otherwise;
	for (; at < nss.n && nss.p[at] >= '0' && nss.p[at] <= '9'; at++) {
		if (n < 1000000)
			n = n * 10 + (nss.p[at] - '0');
	}
	return n;
}

long
nss_module_order(const struct nss_module *module)
{
	const long nss_default = 50;	/* NSSUTIL_DEFAULT_TRUST_ORDER */

	return number(module->nss, "trustOrder=", nss_default);
}

bool
nss_module_has_roots(const struct nss_module *module)
{
	return position(module->nss, "hasRootCerts") < module->nss.n;
}

/* ---- Changing --------------------------------------------------------- */

int
nss_modules_without(struct bytes text, struct buffer *out)
{
	struct nss_module m;
	size_t at = 0;

	while (nss_modules_next(text, &at, &m)) {
		if (!nss_module_is_ours(&m) &&
		    buffer_add(out, m.all.p, m.all.n) != 0)
			return -1;
	}
	return 0;
}

static int
add_text(struct buffer *out, const char *text)
{
	return buffer_add(out, text, strlen(text));
}

/* What NSS writes for softoken in a new database.  It takes the place of the
 * database from the program, not from here. */
static const char internal[] =
	"library=\n"
	"name=NSS Internal PKCS #11 Module\n"
	"parameters=configdir='' certPrefix='' keyPrefix='' "
	"secmod='secmod.db' flags= updatedir='' updateCertPrefix='' "
	"updateKeyPrefix='' updateid='' updateTokenDescription='' \n"
	"NSS=Flags=internal,critical trustOrder=75 cipherOrder=100 "
	"slotParams=(1={slotFlags=[ECC,RSA,DSA,DH,RC2,RC4,DES,RANDOM,SHA1,MD5,"
	"MD2,SSL,TLS,AES,Camellia,SEED,SHA256,SHA512] askpw=any timeout=30})\n"
	"\n";

int
nss_modules_internal(struct buffer *out)
{
	return add_text(out, internal);
}

/* trustOrder: the user's own decision, in softoken, has 75, and the lower
 * one counts.  rootFlags: with it Firefox honours the distrust-after dates
 * even of a root that the user imports while it runs. */
static int
add_ours(struct buffer *out, const char *library, bool root)
{
	char roots[80] = "";

	if (root)
		snprintf(roots, sizeof(roots), " slotParams={0x%08lx="
			 "[slotFlags=PublicCerts rootFlags=hasRootCerts]}",
			 IDENTITY_SLOT_ID);
	return add_text(out, "library=") == 0 && add_text(out, library) == 0 &&
	       add_text(out, "\nname=" NSS_MODULES_NAME "\n"
			     "NSS=trustOrder=1") == 0 &&
	       add_text(out, roots) == 0 && add_text(out, "\n\n") == 0 ?
		0 : -1;
}

/* Where ours goes: behind softoken's stanza, else in front. */
static size_t
place_for_ours(struct bytes text)
{
	struct nss_module m;
	size_t at = 0;

	while (nss_modules_next(text, &at, &m)) {
		if (nss_module_is_internal(&m))
			return at;
	}
	return 0;
}

/* Text up to where ours begins, which an empty line must part from it. */
static int
add_before(struct buffer *out, struct bytes text)
{
	if (buffer_add(out, text.p, text.n) != 0)
		return -1;
	if (text.n > 0 && text.p[text.n - 1] != '\n' &&
	    add_text(out, "\n") != 0)
		return -1;
	return text.n == 0 || ends_with(text, "\n\n") ? 0 :
		add_text(out, "\n");
}

int
nss_modules_with(struct bytes text, const char *library, bool root,
		 struct buffer *out)
{
	size_t at;

	if (text.p == NULL)
		text = (struct bytes){ (const uint8_t *)internal,
				       sizeof(internal) - 1 };
	at = place_for_ours(text);
	return add_before(out, (struct bytes){ text.p, at }) == 0 &&
	       add_ours(out, library, root) == 0 &&
	       buffer_add(out, text.p + at, text.n - at) == 0 ? 0 : -1;
}
