/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Reading Firefox's JSON: an object whose "data" is an array of records. */

#include "audit/preloaded.h"

#include <jansson.h>

#include "base/buffer.h"
#include "base/text.h"

/* A record's text as octets, none where it has no such key. */
static int
take_base64(const json_t *record, const char *key, struct buffer *octets)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text == NULL ? 0 : text_base64(text, octets);
}

static struct bytes
view(const struct buffer *b)
{
	static const uint8_t none[1];

	return (struct bytes){ b->n > 0 ? b->p : none, b->n };
}

static int
read_record(const json_t *record, preloaded_take *take, void *arg)
{
	struct buffer sha256 = { 0 }, spki_sha256 = { 0 }, subject = { 0 };
	int rv = -1;

	if (take_base64(record, "derHash", &sha256) == 0 &&
	    take_base64(record, "pubKeyHash", &spki_sha256) == 0 &&
	    take_base64(record, "subjectDN", &subject) == 0 &&
	    sha256.n == CATALOG_SHA256) {
		struct preloaded p = {
			view(&sha256), view(&spki_sha256), view(&subject)
		};

		take(arg, &p);
		rv = 0;
	}
	buffer_free(&sha256);
	buffer_free(&spki_sha256);
	buffer_free(&subject);
	return rv;
}

int
preloaded_read(const char *path, preloaded_take *take, void *arg,
	       size_t *count, struct fault *fault)
{
	json_t *dump = json_load_file(path, 0, NULL);
	const json_t *records = json_object_get(dump, "data");
	int rv = 0;

	*count = json_array_size(records);
	for (size_t i = 0; i < *count && rv == 0; i++)
		rv = read_record(json_array_get(records, i), take, arg);
	json_decref(dump);
	if (rv != 0 || *count == 0)
		return fault_at(fault, path, 0, "not what was expected; "
				"Firefox's intermediates.json");
	return 0;
}
