/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Searches.  A template is read once, into the set of kinds that can match
 * at all, the index that answers it, and, for a question about one
 * certificate, the rules that hit it.
 */

#include "search.h"

#include "der.h"
#include "dn.h"
#include "find.h"
#include "glance.h"

enum { ALL_ENTRIES = CATALOG_QUESTIONS };

enum { KINDS_ALL = (1u << KINDS) - 1, KINDS_RULE = OBJECT_RULES };

/* What can be asked of a rule: it has no such attributes, it answers for
 * whatever certificate has them. */
#define RULE_COLUMNS (COLUMN_BIT(COLUMN_ISSUER) | \
		      COLUMN_BIT(COLUMN_SERIAL_NUMBER) | \
		      COLUMN_BIT(COLUMN_SUBJECT) | COLUMN_BIT(COLUMN_VALUE))

/* ---- Reading the template --------------------------------------------- */

struct question {
	const CK_ATTRIBUTE *template;
	CK_ULONG count;
	unsigned kinds;			/* that can match */
	uint64_t columns;		/* that the template names */
	uint64_t repeated;		/* that it names more than once */
	struct bytes asked[COLUMNS];	/* set where columns says so */
};

static void
question_read(struct question *q, const CK_ATTRIBUTE *template, CK_ULONG count)
{
	q->template = template;
	q->count = count;
	q->kinds = KINDS_ALL;
	q->columns = 0;
	q->repeated = 0;
	for (CK_ULONG i = 0; i < count; i++) {
		struct bytes value = attribute_octets(&template[i]);
		enum column column = object_column(template[i].type);

		q->repeated |= q->columns & COLUMN_BIT(column);
		q->columns |= COLUMN_BIT(column);
		q->asked[column] = value;
		q->kinds &= object_kinds(column, value) |
			    (COLUMN_BIT(column) & RULE_COLUMNS ? KINDS_RULE :
								 0);
	}
}

static bool
names(const struct question *q, enum column column)
{
	return q->columns & COLUMN_BIT(column);
}

/* ---- The index that answers ------------------------------------------- */

/* An attribute and the index that it is filed in, the fewest answers first;
 * what a run is sure to agree in. */
static const struct filed {
	uint8_t column;
	uint8_t index;
	uint64_t settled;
} filed[] = {
	{ COLUMN_SERIAL_NUMBER, CATALOG_BY_SERIAL, COLUMN_BIT(COLUMN_ISSUER) },
	{ COLUMN_VALUE, CATALOG_BY_VALUE, COLUMN_BIT(COLUMN_VALUE) },
	{ COLUMN_SHA1, CATALOG_BY_SHA1, 0 },	/* not all say what they know */
	{ COLUMN_HASH_OF_CERTIFICATE, CATALOG_BY_SHA256, 0 },
	{ COLUMN_ID, CATALOG_BY_ID, COLUMN_BIT(COLUMN_ID) },
	{ COLUMN_PUBLIC_KEY_INFO, CATALOG_BY_SPKI, 0 },
	{ COLUMN_SUBJECT, CATALOG_BY_SUBJECT, COLUMN_BIT(COLUMN_SUBJECT) },
	{ COLUMN_LABEL, CATALOG_BY_LABEL, COLUMN_BIT(COLUMN_LABEL) },
};

static struct catalog_run
all_entries(const struct list *list)
{
	return (struct catalog_run){ 0, catalog_entries(&list->catalog) };
}

static struct catalog_run
run_by(const struct list *list, const struct question *q,
       enum catalog_question index, struct bytes asked)
{
	if (index != CATALOG_BY_SERIAL)
		return find_octets(list, index, asked);
	if (names(q, COLUMN_ISSUER))
		return find_issuer_serial(list, q->asked[COLUMN_ISSUER],
					  asked);
	return find_serial(list, asked);
}

/* An index files no empty hash, which a trust object may have. */
static bool
is_answered_by(const struct question *q, const struct filed *f)
{
	return names(q, f->column) &&
	       (q->asked[f->column].n > 0 ||
		(f->index != CATALOG_BY_SHA1 &&
		 f->index != CATALOG_BY_SHA256));
}

static const struct filed *
choose_index(const struct question *q)
{
	for (size_t i = 0; i < sizeof(filed) / sizeof(filed[0]); i++) {
		if (is_answered_by(q, &filed[i]))
			return &filed[i];
	}
	return NULL;
}

/* Whether there is any candidate. */
static bool
choose_runs(struct search *s, const struct lists *lists,
	    const struct question *q)
{
	const struct filed *by = choose_index(q);
	struct bytes asked;
	bool any = by == NULL;

	if (by == NULL) {
		s->index = ALL_ENTRIES;
		for (unsigned l = 0; l < lists->count; l++)
			s->run[l] = all_entries(&lists->list[l]);
		return any;
	}
	asked = q->asked[by->column];
	s->index = by->index;
	if (by->index == CATALOG_BY_SHA256 && asked.n == CATALOG_SHA1)
		s->index = CATALOG_BY_SHA1;
	/* What is asked for twice was looked up once. */
	s->columns &= ~by->settled | q->repeated;
	for (unsigned l = 0; l < lists->count; l++) {
		s->run[l] = run_by(&lists->list[l], q, s->index, asked);
		any |= s->run[l].from != s->run[l].to;
	}
	return any;
}

/* ---- The rules that hit ----------------------------------------------- */

/* The kinds of rule objects that may answer this template. */
static unsigned
rule_kinds(const struct question *q)
{
	unsigned certificate = KIND_BIT(KIND_RULE_CERTIFICATE);
	unsigned distrusted = names(q, COLUMN_DISTRUSTED) ? certificate : 0;
	uint64_t asked = q->columns & RULE_COLUMNS;

	if (q->repeated & RULE_COLUMNS)
		return 0;
	if (asked == (COLUMN_BIT(COLUMN_ISSUER) |
		      COLUMN_BIT(COLUMN_SERIAL_NUMBER)))
		return (KINDS_RULE & ~certificate) | distrusted;
	if (asked == COLUMN_BIT(COLUMN_VALUE))
		return certificate;
	/* GnuTLS's last resort asks by subject alone, and believes it. */
	if (asked == COLUMN_BIT(COLUMN_SUBJECT))
		return distrusted;
	return 0;
}

/* Whether a trust object refuses, for these usages, whatever a name issued. */
static bool
is_refused_by_name(const struct lists *lists, struct bytes name,
		   uint32_t usages)
{
	uint32_t edge = dn_edge(name);
	struct object o;

	for (unsigned l = 0; l < lists->count; l++) {
		uint32_t i = find_name(&lists->list[l], name, edge);

		if (i != FIND_NONE &&
		    object_of(lists, KIND_RULE_TRUST, l, i, &o))
			return (usages & ~o.entry->flags) == 0;
	}
	return false;
}

/*
 * Firefox asks so for a chain's root, and wants to know whether it is
 * distrusted after a day.  Where all that the root has issued is refused by
 * name anyway, yes would harm: beside our certificate of the same name, which
 * is distrusted, that is a second error, and of two different ones Firefox
 * makes SEC_ERROR_UNKNOWN_ISSUER, which the user may click through
 * (mozilla::pkix, RecordResult()).
 */
static bool
rules_by_value(struct search *s, const struct lists *lists,
	       const struct question *q)
{
	struct der_certificate c;
	bool any = false;

	if (!der_certificate(q->asked[COLUMN_VALUE], &c))
		return false;
	for (unsigned l = 0; l < lists->count; l++) {
		const struct list *list = &lists->list[l];
		uint32_t i = find_rule(list, &c);

		if (i != FIND_NONE && !names(q, COLUMN_DISTRUSTED) &&
		    is_refused_by_name(lists, c.subject,
				       catalog_entry(&list->catalog,
						     i)->flags &
				       CATALOG_USAGE_ALL))
			i = FIND_NONE;
		s->rule[l] = i;
		any |= i != FIND_NONE;
	}
	return any;
}

static bool
rules_by_name(struct search *s, const struct lists *lists, struct bytes name)
{
	uint32_t edge = dn_edge(name);
	bool any = false;

	for (unsigned l = 0; l < lists->count; l++) {
		s->rule[l] = find_name(&lists->list[l], name, edge);
		any |= s->rule[l] != FIND_NONE;
	}
	return any;
}

/* Finds the rules that hit what the template asks about. */
static bool
choose_rules(struct search *s, const struct lists *lists,
	     const struct question *q)
{
	if (names(q, COLUMN_VALUE))
		return rules_by_value(s, lists, q);
	if (names(q, COLUMN_ISSUER))
		return rules_by_name(s, lists, q->asked[COLUMN_ISSUER]);
	return rules_by_name(s, lists, q->asked[COLUMN_SUBJECT]);
}

/* ---- Going through the candidates ------------------------------------- */

/* The next candidate of a kind in the search's current list, FIND_NONE at
 * its end. */
static uint32_t
next_candidate(struct search *s, enum kind kind, const struct list *list)
{
	struct catalog_run run = s->run[s->list];
	uint32_t position = s->position++;

	if (KIND_BIT(kind) & KINDS_RULE)
		return position == 0 ? s->rule[s->list] : FIND_NONE;
	if (kind == KIND_PROFILE)
		return s->list == 0 && s->index == ALL_ENTRIES &&
				       position < OBJECT_PROFILES ?
			       position : FIND_NONE;
	if (run.to < run.from || position >= run.to - run.from)
		return FIND_NONE;
	if (s->index >= ALL_ENTRIES)
		return run.from + position;
	return catalog_at(&list->catalog, s->index, run.from + position);
}

static bool
is_visible(const struct search *s, const struct object *o, uint64_t columns)
{
	bool asks_distrusted = columns & COLUMN_BIT(COLUMN_DISTRUSTED);

	if (o->entry == NULL)
		return true;
	if (!asks_distrusted && object_hides(o->entry, o->kind))
		return false;
	if (o->kind != KIND_CERTIFICATE || s->index != CATALOG_BY_SUBJECT)
		return true;
	/* GnuTLS believes this answer without a comparison (rule_kinds()). */
	if (asks_distrusted)
		return o->entry->flags & CATALOG_MATCH_NAME;
	/*
	 * NSS looks for issuers.  Beside a re-issued root, whose trust is
	 * ours, Firefox would find this one revoked by OneCRL, and of two
	 * different errors make SEC_ERROR_UNKNOWN_ISSUER, which the user may
	 * click through (mozilla::pkix, RecordResult()).
	 */
	return !(o->entry->flags & CATALOG_IN_ONECRL);
}

/* What is still to be compared: a rule has answered what was asked of it. */
static uint64_t
open_columns(const struct search *s, const struct object *o)
{
	return KIND_BIT(o->kind) & KINDS_RULE ? s->columns & ~RULE_COLUMNS :
						s->columns;
}

/* Whether an object agrees with the template in what no index settled. */
static bool
agrees_with_template(const struct search *s, const struct object *o,
		     const struct question *q)
{
	uint64_t columns = open_columns(s, o);

	for (CK_ULONG i = 0; i < q->count; i++) {
		enum column column = object_column(q->template[i].type);

		if (columns & COLUMN_BIT(column) &&
		    !object_matches(o, column,
				    attribute_octets(&q->template[i])))
			return false;
	}
	return true;
}

/* What the template asked for, read off the first answer: of a serial number
 * that is the INTEGER or its content, by its length. */
static struct bytes
asked_value(const struct search *s, const struct object *model,
	    enum column column, uint8_t scratch[static OBJECT_SCRATCH])
{
	struct bytes value = object_value(model, column, scratch), content;

	if (column == COLUMN_SERIAL_NUMBER && value.n != s->serial_length &&
	    der_integer(value, &content))
		return content;
	return value;
}

/* The same, for later answers, by the first one. */
static bool
agrees_with_model(const struct search *s, const struct object *o,
		  const struct object *model)
{
	uint8_t scratch[OBJECT_SCRATCH];

	for (uint64_t rest = open_columns(s, o); rest != 0; rest &= rest - 1) {
		enum column column = (enum column)__builtin_ctzll(rest);
		struct bytes value = asked_value(s, model, column, scratch);

		if (value.p == NULL || !object_matches(o, column, value))
			return false;
	}
	return true;
}

/* Where an object answers, the kind that it makes superfluous does not. */
static unsigned
outranked_by(enum kind kind)
{
	switch (kind) {
	case KIND_CERTIFICATE:
		return KIND_BIT(KIND_RULE_CERTIFICATE);
	case KIND_RULE_NSS_TRUST:
		return KIND_BIT(KIND_NSS_TRUST);
	case KIND_RULE_TRUST:
		return KIND_BIT(KIND_TRUST);
	default:
		return 0;
	}
}

static bool
matches(const struct search *s, const struct object *o,
	const struct question *q, const struct object *model)
{
	return is_visible(s, o, s->columns) &&
	       (q != NULL ? agrees_with_template(s, o, q) :
			    agrees_with_model(s, o, model));
}

/* The next object of one kind, from the search's list and position on. */
static bool
advance_in_kind(struct search *s, const struct lists *lists, enum kind kind,
		const struct question *q, const struct object *model,
		struct object *o)
{
	for (; s->list < lists->count; s->list++, s->position = 0) {
		const struct list *list = &lists->list[s->list];

		for (uint32_t i = next_candidate(s, kind, list);
		     i != FIND_NONE; i = next_candidate(s, kind, list)) {
			if (object_of(lists, kind, s->list, i, o) &&
			    matches(s, o, q, model))
				return true;
		}
	}
	s->list = 0;
	s->position = 0;
	return false;
}

/* The next object that agrees with the template or, where q is NULL, with
 * the model.  False at the end. */
static bool
advance(struct search *s, const struct lists *lists, const struct question *q,
	const struct object *model, struct object *o)
{
	unsigned kinds = s->kinds & KINDS_ALL;

	while (kinds != 0) {
		enum kind kind = (enum kind)__builtin_ctz(kinds);

		if (advance_in_kind(s, lists, kind, q, model, o)) {
			s->kinds = (uint16_t)(kinds & ~outranked_by(kind));
			return true;
		}
		kinds &= kinds - 1;
	}
	s->kinds = 0;
	return false;
}

/* ---- The usual question ------------------------------------------------ */

/* Two answers as one: where both are there, there is more than one. */
static CK_OBJECT_HANDLE
both(CK_OBJECT_HANDLE a, CK_OBJECT_HANDLE b)
{
	if (a == CK_INVALID_HANDLE)
		return b;
	return b == CK_INVALID_HANDLE ? a : SEARCH_MORE;
}

/* The answer of the rules that hit an issuer; `edge` as find_name() has it. */
static CK_OBJECT_HANDLE
answer_by_rule(const struct lists *lists, enum kind kind, struct bytes issuer,
	       uint32_t edge)
{
	CK_OBJECT_HANDLE answer = CK_INVALID_HANDLE;

	for (unsigned l = 0; l < lists->count; l++) {
		const struct list *list = &lists->list[l];
		uint32_t i = find_name(list, issuer, edge);

		if (i != FIND_NONE &&
		    object_is(list, catalog_entry(&list->catalog, i), kind))
			answer = both(answer, object_handle_of(kind, l, i));
	}
	return answer;
}

/* Whether an entry is about this certificate; its serial number may have been
 * asked for as DER or as content octets. */
static bool
is_about(const struct catalog *c, const struct catalog_entry *e,
	 struct bytes issuer, struct bytes serial)
{
	struct bytes own = catalog_bytes(c, e->serial);

	return bytes_equal(catalog_bytes(c, e->issuer), issuer) &&
	       (bytes_equal(own, serial) || der_integer_is(own, serial));
}

/* The answer of one list's entries with this issuer and serial number. */
static CK_OBJECT_HANDLE
answer_of_list(const struct lists *lists, unsigned number, enum kind kind,
	       struct bytes issuer, struct bytes serial)
{
	const struct list *list = &lists->list[number];
	struct catalog_run run = find_serial(list, serial);
	CK_OBJECT_HANDLE answer = CK_INVALID_HANDLE;

	/* Hardly a serial number is there twice: is_about() will do. */
	if (run.to - run.from > 1)
		run = find_of_issuer(list, issuer, run);
	for (; run.from < run.to; run.from++) {
		uint32_t i = catalog_at(&list->catalog, CATALOG_BY_SERIAL,
					run.from);
		const struct catalog_entry *e =
			catalog_entry(&list->catalog, i);

		if (object_is(list, e, kind) && !object_hides(e, kind) &&
		    is_about(&list->catalog, e, issuer, serial))
			answer = both(answer,
				      object_handle_of(kind, number, i));
	}
	return answer;
}

static CK_OBJECT_HANDLE
answer_by_serial(const struct lists *lists, enum kind kind,
		 struct bytes issuer, struct bytes serial)
{
	CK_OBJECT_HANDLE answer = CK_INVALID_HANDLE;

	for (unsigned l = 0; l < lists->count; l++)
		answer = both(answer, answer_of_list(lists, l, kind, issuer,
						     serial));
	return answer;
}

/* What search_begin_closely() and search_take() would find, with a quarter of
 * the instructions. */
CK_OBJECT_HANDLE
search_usual(const struct lists *lists, const CK_ATTRIBUTE *t,
	     enum find_trace trace)
{
	struct bytes issuer = { t[2].pValue, t[2].ulValueLen };
	struct bytes serial = { t[3].pValue, t[3].ulValueLen };
	CK_OBJECT_HANDLE answer = CK_INVALID_HANDLE;
	enum kind kind = KIND_CERTIFICATE, rule = KINDS;
	CK_OBJECT_CLASS class;

	memcpy(&class, t[1].pValue, sizeof(class));
	if (*(const CK_BBOOL *)t[0].pValue != CK_TRUE)
		return SEARCH_MORE;
	if (class == NSS_CKO_TRUST) {
		rule = KIND_RULE_NSS_TRUST;
		kind = KIND_NSS_TRUST;
	} else if (class == P11_CKO_TRUST) {
		rule = KIND_RULE_TRUST;
		kind = KIND_TRUST;
	} else if (class != CKO_CERTIFICATE) {
		return SEARCH_MORE;
	}
	/* A traced edge has been looked at. */
	if (trace != FIND_TRACE_OF_SERIAL && rule != KINDS)
		answer = answer_by_rule(lists, rule, issuer,
					trace == FIND_UNTRACED ?
					dn_edge(issuer) : DN_ANY);
	return answer != CK_INVALID_HANDLE ? answer :
		answer_by_serial(lists, kind, issuer, serial);
}

/* ---- The search -------------------------------------------------------- */

void
search_begin_closely(struct search *s, const struct lists *lists,
		     const CK_ATTRIBUTE *template, CK_ULONG count)
{
	struct question q;
	struct object first;
	bool candidates, rules;

	s->kinds = 0;
	s->first = CK_INVALID_HANDLE;
	question_read(&q, template, count);
	if (q.kinds == 0)
		return;
	q.kinds &= ~(unsigned)KINDS_RULE | rule_kinds(&q);
	s->columns = q.columns & ~COLUMN_BITS_SHARED;
	candidates = choose_runs(s, lists, &q);
	rules = q.kinds & KINDS_RULE && choose_rules(s, lists, &q);
	if (!candidates && !rules)
		return;
	if (!rules)
		q.kinds &= ~(unsigned)KINDS_RULE;
	s->kinds = (uint16_t)q.kinds;
	s->list = 0;
	s->position = 0;
	s->serial_length = names(&q, COLUMN_SERIAL_NUMBER) ?
		(uint32_t)q.asked[COLUMN_SERIAL_NUMBER].n : 0;
	if (advance(s, lists, &q, NULL, &first))
		s->first = s->model = object_handle(&first);
}

CK_RV
search_begin(struct search *s, const struct lists *lists,
	     const CK_ATTRIBUTE *template, CK_ULONG count)
{
	const CK_ATTRIBUTE *issuer, *serial;
	enum glance seen;

	s->kinds = 0;
	s->first = CK_INVALID_HANDLE;
	if (glance_is_usual(template, count)) {
		enum find_trace trace = glance_usual(lists, template);

		if (trace != FIND_NO_TRACE)
			s->first = search_usual(lists, template, trace);
		if (s->first != SEARCH_MORE)
			return CKR_OK;
	}
	seen = glance_any(template, count, &issuer, &serial);
	if (seen == GLANCE_MORE && issuer != NULL && serial != NULL &&
	    glance_trace(lists, issuer, serial) == FIND_NO_TRACE)
		return CKR_OK;
	if (seen == GLANCE_MORE)
		search_begin_closely(s, lists, template, count);
	return seen == GLANCE_ILLEGAL ? CKR_ARGUMENTS_BAD : CKR_OK;
}

CK_ULONG
search_take(struct search *s, const struct lists *lists,
	    CK_OBJECT_HANDLE *handles, CK_ULONG max)
{
	struct object model, o;
	CK_ULONG n = 0;

	if (max > 0 && s->first != CK_INVALID_HANDLE) {
		handles[n++] = s->first;
		s->first = CK_INVALID_HANDLE;
	}
	if (n == max || s->kinds == 0)
		return n;
	if (!object_open(lists, s->model, &model)) {
		s->kinds = 0;
		return n;
	}
	while (n < max && advance(s, lists, NULL, &model, &o))
		handles[n++] = object_handle(&o);
	return n;
}
