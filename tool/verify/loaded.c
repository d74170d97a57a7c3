/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Catalog files.  The reader says no more than "not a catalog"; a person
 * wants to know why. */

#include "base/words.h"
#include "verify/loaded.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What catalog_open() did not like. */
static const char *
why_not(const struct catalog_header *h, size_t size)
{
	if (size < sizeof(h->magic) ||
	    memcmp(h->magic, CATALOG_MAGIC, sizeof(h->magic)) != 0)
		return N_("not a catalog; what `distrust compile` writes");
	if (size < sizeof(*h))
		return N_("cut off in its header; a whole catalog");
	if (h->endian != CATALOG_ENDIAN)
		return N_("of another byte order; a catalog of this machine");
	if (h->format < CATALOG_FORMAT)
		return N_("of an older format; compile it again");
	if (h->format != CATALOG_FORMAT)
		return N_("of a newer format; one that this version reads");
	if (h->size != size)
		return N_("of another size than it says; a whole catalog");
	return N_("a section outside of the file; sections inside");
}

static int
map(struct loaded *l, int fd, const char *path, struct fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fault_errno(fault, path, "a catalog");
	if (!S_ISREG(st.st_mode))
		return fault_at(fault, path, 0, "not a file; a catalog");
	if (st.st_size == 0)
		return fault_at(fault, path, 0, "empty; a catalog");
	l->size = (size_t)st.st_size;
	l->base = mmap(NULL, l->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (l->base == MAP_FAILED)
		return fault_errno(fault, path, "a catalog");
	return 0;
}

int
loaded_open(struct loaded *l, const char *path, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rv;

	*l = (struct loaded){ .base = MAP_FAILED };
	if (fd < 0)
		return fault_errno(fault, path, "a catalog");
	rv = map(l, fd, path, fault);
	close(fd);
	if (rv != 0)
		return -1;
	if (catalog_open(&l->catalog, l->base, l->size) == 0)
		return 0;
	fault_at(fault, path, 0, "%s", why_not(l->base, l->size));
	loaded_close(l);
	return -1;
}

void
loaded_close(struct loaded *l)
{
	if (l->base != MAP_FAILED)
		munmap(l->base, l->size);
	l->base = MAP_FAILED;
}
