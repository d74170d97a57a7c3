/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Looking for certificates.  A program is searched octet by octet for what
 * is a Certificate in DER; nothing else has that shape by chance. */

#include "certificates/harvest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/words.h"
#include "certificates/bundle.h"
#include "compile/x509.h"
#include "der.h"

/* ---- Keeping ----------------------------------------------------------- */

size_t
harvest_count(const struct harvest *h)
{
	return h->certificates.n / sizeof(struct harvested);
}

const struct harvested *
harvest_at(const struct harvest *h, size_t i)
{
	return (const struct harvested *)h->certificates.p + i;
}

static bool
is_known(const struct harvest *h, struct bytes der)
{
	for (size_t i = 0; i < harvest_count(h); i++) {
		const struct harvested *c = harvest_at(h, i);

		if (bytes_equal(der, (struct bytes){ c->der, c->size }))
			return true;
	}
	return false;
}

static const char *
read_facts(struct harvested *c)
{
	struct bytes der = { c->der, c->size };
	struct der_certificate fields;

	if (!der_certificate(der, &fields))
		return "not a certificate; one DER Certificate";
	c->issuer = fields.issuer;
	c->subject = fields.subject;
	c->spki = fields.spki;
	x509_serial(der, &c->serial);
	if (x509_sha256(der, c->sha256) != 0 ||
	    x509_sha256(c->spki, c->spki_sha256) != 0)
		return "no digest; SHA-256 from OpenSSL";
	return NULL;
}

/* NULL or what is wrong with it. */
static const char *
keep(struct harvest *h, struct bytes der)
{
	static const char memory[] = "out of memory; a smaller file";
	struct harvested c = { .size = der.n };
	const char *wrong;

	if (is_known(h, der))
		return NULL;
	c.der = malloc(der.n);
	if (c.der == NULL)
		return memory;
	memcpy(c.der, der.p, der.n);
	wrong = read_facts(&c);
	if (wrong == NULL &&
	    buffer_add(&h->certificates, &c, sizeof(c)) != 0)
		wrong = memory;
	if (wrong != NULL)
		free(c.der);
	return wrong;
}

void
harvest_free(struct harvest *h)
{
	for (size_t i = 0; i < harvest_count(h); i++)
		free(harvest_at(h, i)->der);
	buffer_free(&h->certificates);
}

/* ---- Files ------------------------------------------------------------- */

/* A SEQUENCE of 256 to 65535 octets: no certificate is shorter or longer. */
static bool
begins_here(struct bytes rest, struct bytes *der)
{
	struct der_certificate fields;

	if (rest.n < 4 || rest.p[0] != DER_SEQUENCE || rest.p[1] != 0x82)
		return false;
	der->p = rest.p;
	der->n = 4 + ((size_t)rest.p[2] << 8 | rest.p[3]);
	return der->n <= rest.n && der_certificate(*der, &fields);
}

static const char *
search(struct harvest *h, struct bytes program)
{
	const char *wrong = NULL;
	struct bytes rest = program, der;

	while (wrong == NULL && rest.n > 0) {
		const uint8_t *p = memchr(rest.p, DER_SEQUENCE, rest.n);

		if (p == NULL)
			break;
		rest.n -= (size_t)(p - rest.p);
		rest.p = p;
		if (begins_here(rest, &der))
			wrong = keep(h, der);
		rest.p++;
		rest.n--;
	}
	return wrong;
}

static int
cut(struct harvest *h, struct bytes content, const char *path,
    struct fault *fault)
{
	struct bundle b = { .rest = content, .line = 1 };
	struct bundle_piece piece;
	const char *wrong = NULL;
	int more = 0;

	while (wrong == NULL && (more = bundle_next(&b, &piece)) > 0) {
		if (piece.kind == BUNDLE_DAMAGED)
			wrong = "a damaged certificate; all of it";
		else if (piece.kind != BUNDLE_TEXT)
			wrong = keep(h, piece.der);
	}
	bundle_free(&b);
	if (wrong != NULL)
		return fault_at(fault, path, piece.line, "%s", _(wrong));
	return more == 0 ? 0 : fault_memory(fault);
}

static int
read_content(struct harvest *h, struct bytes content, const char *path,
	     struct fault *fault)
{
	static const uint8_t elf[] = { 0x7f, 'E', 'L', 'F' };
	const char *wrong;

	if (content.n < sizeof(elf) ||
	    memcmp(content.p, elf, sizeof(elf)) != 0)
		return cut(h, content, path, fault);
	wrong = search(h, content);
	return wrong == NULL ? 0 : fault_at(fault, path, 0, "%s", _(wrong));
}

static int
read_open(struct harvest *h, int fd, const char *path, struct fault *fault)
{
	static const char expected[] = "a file of certificates";
	struct stat st;
	size_t size;
	void *base;
	int rv;

	if (fstat(fd, &st) != 0)
		return fault_errno(fault, path, expected);
	if (!S_ISREG(st.st_mode))
		return fault_at(fault, path, 0, "not a file; %s",
				_(expected));
	if (st.st_size == 0)
		return 0;
	size = (size_t)st.st_size;
	base = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (base == MAP_FAILED)
		return fault_errno(fault, path, expected);
	rv = read_content(h, (struct bytes){ base, size }, path, fault);
	munmap(base, size);
	return rv;
}

int
harvest_file(struct harvest *h, const char *path, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rv;

	if (fd < 0)
		return fault_errno(fault, path, "a file of certificates");
	rv = read_open(h, fd, path, fault);
	close(fd);
	return rv;
}
