/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The audited tree, twice: compiled, as the module will see it, and as its
 * files state it, section by section.  It knows both and how they belong
 * together (group by group, then by NAME); it judges neither.
 */

#include "audit/audit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/source-entry.h"
#include "compile/writer.h"

/* ---- Looking in -------------------------------------------------------- */

/* The catalog was compiled a moment ago: what is counted in it is there. */
const struct catalog_entry *
audit_compiled(const struct audit *a, uint32_t entry)
{
	const struct catalog_entry *e = catalog_entry(&a->catalog, entry);

	if (e == NULL)
		abort();
	return e;
}

const struct catalog_group *
audit_group(const struct audit *a, uint32_t group)
{
	const struct catalog_group *g = catalog_group(&a->catalog, group);

	if (g == NULL)
		abort();
	return g;
}

const struct audit_item *
audit_incident(const struct audit *a, uint32_t group)
{
	return (const struct audit_item *)a->incidents.p + group;
}

const struct audit_item *
audit_entry(const struct audit *a, uint32_t entry)
{
	return (const struct audit_item *)a->entries.p + entry;
}

bool
audit_is_on(const struct audit *a, uint32_t entry)
{
	return list_is_on(&a->lists.list[0], audit_compiled(a, entry));
}

struct bytes
audit_span(const struct audit *a, struct catalog_span span)
{
	return catalog_bytes(&a->catalog, span);
}

struct bytes
audit_fixed(const struct audit *a, uint32_t off, size_t n)
{
	return catalog_fixed(&a->catalog, off, n);
}

bool
audit_is_claimed(const struct audit_item *item, const char *list)
{
	const struct section *s = &item->stated;

	for (size_t i = 0; i < section_count(s); i++) {
		const struct section_value *v = section_at(s, i);

		if (strcmp(section_key(s, v), "confirmed-by") == 0 &&
		    strncmp(section_text(s, v), list, strlen(list)) == 0)
			return true;
	}
	return false;
}

/* ---- Compiled ---------------------------------------------------------- */

/* Where the octets of a catalog go. */
struct target {
	uint8_t *p;
	size_t room;
};

static int
take_octets(void *arg, const void *p, size_t n)
{
	struct target *t = arg;

	if (n > t->room)
		return -1;
	if (n > 0)
		memcpy(t->p, p, n);
	t->p += n;
	t->room -= n;
	return 0;
}

static int
open_image(struct audit *a, const struct image *image)
{
	size_t size = (size_t)image->header.size;
	struct target target = { .room = (size + 63) & ~(size_t)63 };

	a->octets = aligned_alloc(64, target.room);
	if (a->octets == NULL)
		return fault_memory(a->fault);
	target.p = a->octets;
	if (writer_octets(image, take_octets, &target) != 0 ||
	    catalog_open(&a->catalog, a->octets, size) != 0)
		return fault_at(a->fault, a->root, 0,
				"compiles to what cannot be read; a catalog");
	lists_add(&a->lists, &a->catalog);
	return 0;
}

static int
compile(struct audit *a)
{
	struct tree tree = { .fault = a->fault };
	struct image image = { .header = { .size = 0 } };
	struct records records;
	int rv = -1;

	if (records_begin(&records, a->fault) == 0 &&
	    source_read(a->root, SOURCE_LOCAL, &tree, &records,
			a->fault) == 0 &&
	    writer_make(&image, &records) == 0)
		rv = open_image(a, &image);
	writer_free(&image);
	records_end(&records);
	tree_free(&tree);
	return rv;
}

/* ---- Stated ------------------------------------------------------------ */

int
audit_copy_section(struct section *to, const struct section *from)
{
	*to = *from;
	to->values = (struct buffer){ 0 };
	to->text = (struct buffer){ 0 };
	if (buffer_add(&to->values, from->values.p, from->values.n) == 0 &&
	    buffer_add(&to->text, from->text.p, from->text.n) == 0)
		return 0;
	audit_free_section(to);
	return -1;
}

void
audit_free_section(struct section *s)
{
	buffer_free(&s->values);
	buffer_free(&s->text);
}

static void
free_item(struct audit_item *item)
{
	free(item->id);
	free(item->path);
	audit_free_section(&item->stated);
}

static void
free_items(struct buffer *items)
{
	struct audit_item *item = items->p;

	for (size_t i = 0; i < items->n / sizeof(*item); i++)
		free_item(&item[i]);
	buffer_free(items);
}

/* Where sections go while one folder is read. */
struct reading {
	struct audit *a;
	const char *folder;
};

static char *
item_id(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *id = malloc(size);

	if (id != NULL)
		snprintf(id, size, "%s%s%s", folder,
			 name[0] != '\0' ? "/" : "", name);
	return id;
}

static int
take_section(void *arg, const struct section *section)
{
	struct reading *r = arg;
	bool is_incident = !section->kind->is_named;
	struct audit_item item = {
		.id = item_id(r->folder, section->name),
		.path = strdup(section->path),
	};

	if (item.id != NULL && item.path != NULL &&
	    audit_copy_section(&item.stated, section) == 0) {
		item.stated.path = item.path;
		if (buffer_add(is_incident ? &r->a->incidents : &r->a->entries,
			       &item, sizeof(item)) == 0)
			return 0;
	}
	free_item(&item);
	return fault_memory(r->a->fault);
}

static int
compare_names(const void *left, const void *right)
{
	const struct audit_item *a = left, *b = right;

	return strcmp(a->stated.name, b->stated.name);
}

static int
read_folder(struct audit *a, const char *folder)
{
	struct reading reading = { a, folder };
	struct tree tree = { .fault = a->fault };
	size_t before = a->entries.n;
	struct buffer content = { 0 };
	char path[PATH_MAX];
	int rv = -1;

	snprintf(path, sizeof(path), "%s/%s/incident.ini", a->root, folder);
	if (tree_read(&tree, path, &content) == 0)
		rv = sections_read(path, (struct bytes){ content.p, content.n },
				   source_incident_kinds,
				   SOURCE_INCIDENT_KINDS, take_section,
				   &reading, a->fault);
	buffer_free(&content);
	tree_free(&tree);
	if (rv == 0)
		qsort((uint8_t *)a->entries.p + before,
		      (a->entries.n - before) / sizeof(struct audit_item),
		      sizeof(struct audit_item), compare_names);
	return rv;
}

static int
read_stated(struct audit *a)
{
	for (uint32_t i = 0; i < catalog_groups(&a->catalog); i++) {
		struct bytes name = audit_span(a,
			audit_group(a, i)->name);
		char folder[NAME_MAX + 1];

		snprintf(folder, sizeof(folder), "%.*s", (int)name.n,
			 (const char *)name.p);
		if (read_folder(a, folder) != 0)
			return -1;
	}
	return 0;
}

/* ---- Both -------------------------------------------------------------- */

/* Whether the i-th entry as it is stated is the i-th that was compiled. */
static int
check_order(struct audit *a)
{
	uint32_t n = catalog_entries(&a->catalog);

	if (a->entries.n / sizeof(struct audit_item) != n)
		return fault_at(a->fault, a->root, 0,
				"%u entries are compiled, %zu are stated; the "
				"same", (unsigned)n,
				a->entries.n / sizeof(struct audit_item));
	for (uint32_t i = 0; i < n; i++) {
		const struct audit_item *item = audit_entry(a, i);
		struct bytes label = audit_span(a,
			audit_compiled(a, i)->label);
		const char *stated = section_text(&item->stated,
			section_find(&item->stated, "label"));

		if (!bytes_equal(label, (struct bytes){
				(const uint8_t *)stated, strlen(stated) }))
			return fault_at(a->fault, item->path,
					item->stated.line,
					"compiled with another label; '%s'",
					stated);
	}
	return 0;
}

int
audit_open(struct audit *a)
{
	if (compile(a) != 0 || read_stated(a) != 0 || check_order(a) != 0)
		return -1;
	a->listed = calloc(catalog_entries(&a->catalog) + (size_t)1, 1);
	return a->listed == NULL ? fault_memory(a->fault) : 0;
}

void
audit_close(struct audit *a)
{
	struct audit_source *trusted = a->trusted.p;

	for (size_t i = 0; i < a->trusted.n / sizeof(*trusted); i++)
		harvest_free(&trusted[i].harvest);
	for (size_t i = 0; i < AUDIT_LISTS; i++)
		harvest_free(&a->refused[i].harvest);
	buffer_free(&a->trusted);
	audit_free_exceptions(a);
	free_items(&a->incidents);
	free_items(&a->entries);
	free(a->listed);
	free(a->octets);
}
