/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * distrust filter: a CA bundle, or a folder of certificates, without what the
 * machine's lists distrust by certificate, name or key.
 */

#define _XOPEN_SOURCE 700	/* realpath() */

#include "filter/filter.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/x509.h>

#include "base/output.h"
#include "base/tree.h"
#include "base/words.h"
#include "certificates/bundle.h"
#include "tool.h"

/* ---- One piece -------------------------------------------------------- */

/* A record of distrust in OpenSSL's own form is no trust to take out. */
static bool
openssl_rejects(const struct bundle_piece *piece)
{
	const unsigned char *p = piece->block.p;
	X509 *x;
	bool rejects;

	if (piece->kind != BUNDLE_TRUSTED)
		return false;
	x = d2i_X509_AUX(NULL, &p, (long)piece->block.n);
	rejects = x != NULL && X509_check_trust(x, X509_TRUST_SSL_SERVER, 0) ==
			       X509_TRUST_REJECTED;
	X509_free(x);
	return rejects;
}

/* Control characters come out escaped (RFC 2253). */
static void
print_subject(struct bytes der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	BIO *bio = x == NULL ? NULL : BIO_new_fp(stderr, BIO_NOCLOSE);

	if (bio != NULL)
		X509_NAME_print_ex(bio, X509_get_subject_name(x), 0,
				   XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
	BIO_free(bio);
	X509_free(x);
}

static void
print_field(const struct catalog *c, struct catalog_span span)
{
	struct bytes text = catalog_bytes(c, span);

	fwrite(text.p, 1, text.n, stderr);
}

static void
say_taken(const char *name, const struct bundle_piece *piece,
	  const struct judgement *why)
{
	const struct catalog_group *group =
		catalog_group(why->catalog, why->entry->group);

	fprintf(stderr, _("%s:%u: took out \""), name, piece->line);
	print_subject(piece->der);
	fprintf(stderr, _("\": it %s ("), _(judge_rule_text(why->rule)));
	if (group != NULL)
		print_field(why->catalog, group->name);
	fputs(": ", stderr);
	print_field(why->catalog, why->entry->label);
	fputs(")\n", stderr);
}

static bool
is_taken(struct filter *f, const char *name, const struct bundle_piece *piece)
{
	struct judgement why;

	if (piece->kind == BUNDLE_DAMAGED && name != NULL)
		fprintf(stderr, _("%s:%u: left a block that cannot be read\n"),
			name, piece->line);
	if (piece->kind != BUNDLE_CERTIFICATE && piece->kind != BUNDLE_TRUSTED)
		return false;
	if (!judge_is_distrusted(&f->judge, piece->der, &why) ||
	    openssl_rejects(piece))
		return false;
	if (name != NULL && !f->is_quiet)
		say_taken(name, piece, &why);
	return true;
}

int
filter_octets(struct filter *f, const char *name, struct bytes in,
	      struct buffer *out, struct filter_count *count)
{
	struct bundle bundle = { .rest = in, .line = 1 };
	struct bundle_piece piece;
	int more;

	*count = (struct filter_count){ 0, 0 };
	while ((more = bundle_next(&bundle, &piece)) > 0) {
		if (is_taken(f, name, &piece)) {
			count->taken++;
			continue;
		}
		count->left += piece.kind == BUNDLE_CERTIFICATE ||
			       piece.kind == BUNDLE_TRUSTED;
		more = buffer_add(out, piece.octets.p, piece.octets.n);
		if (more != 0)
			break;
	}
	bundle_free(&bundle);
	f->taken += count->taken;
	return more == 0 ? 0 : fault_memory(f->fault);
}

/* ---- Files ------------------------------------------------------------ */

int
filter_replace(const char *path, const struct buffer *content,
	       struct fault *fault)
{
	struct output output;
	struct stat st;

	if (stat(path, &st) != 0)
		return fault_errno(fault, path, "a file");
	if (output_begin(&output, path, fault) != 0)
		return -1;
	output.has_mode = true;
	if (fchown(fileno(output.file), st.st_uid, st.st_gid) != 0 ||
	    fchmod(fileno(output.file), st.st_mode & 07777) != 0) {
		fault_errno(fault, path, "a file whose owner can be kept");
		output_abandon(&output);
		return -1;
	}
	fwrite(content->p, 1, content->n, output.file);
	return output_commit(&output, fault);
}

static int
write_out(const char *path, const struct buffer *content, struct fault *fault)
{
	struct output output;

	if (path != NULL) {
		if (output_begin(&output, path, fault) != 0)
			return -1;
		fwrite(content->p, 1, content->n, output.file);
		return output_commit(&output, fault);
	}
	if (fwrite(content->p, 1, content->n, stdout) != content->n ||
	    fflush(stdout) != 0)
		return fault_errno(fault, "stdout", "a place to write to");
	return 0;
}

static int
read_stdin(struct buffer *content, struct fault *fault)
{
	char piece[4096];
	size_t n;

	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0) {
		if (buffer_add(content, piece, n) != 0)
			return fault_memory(fault);
	}
	return ferror(stdin) ? fault_errno(fault, "stdin", "a bundle") : 0;
}

static int
read_in(const char *path, struct buffer *content, struct fault *fault)
{
	struct tree tree = { .fault = fault };
	int rv;

	if (strcmp(path, "-") == 0)
		return read_stdin(content, fault);
	rv = tree_read(&tree, path, content);
	tree_free(&tree);
	return rv;
}

/* ---- The command ------------------------------------------------------ */

struct options {
	bool in_place;
	bool is_quiet;
	const char *output;
};

static int
filter_file(struct filter *f, const struct options *options, const char *path)
{
	struct buffer in = { 0 }, out = { 0 };
	struct filter_count count = { 0, 0 };
	char *real = NULL;
	int rv = read_in(path, &in, f->fault);

	if (rv == 0)
		rv = filter_octets(f, path, (struct bytes){ in.p, in.n },
				   &out, &count);
	if (rv == 0 && !options->in_place)
		rv = write_out(options->output, &out, f->fault);
	else if (rv == 0 && count.taken > 0) {
		real = realpath(path, NULL);
		rv = filter_replace(real != NULL ? real : path, &out,
				    f->fault);
	}
	free(real);
	buffer_free(&in);
	buffer_free(&out);
	return rv;
}

static int
filter_path(struct filter *f, const struct options *options, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") == 0 && options->in_place)
		return fault_at(f->fault, path, 0,
				"nothing to put in place; a file or folder");
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return filter_file(f, options, path);
	if (options->in_place)
		return filter_folder(f, path);
	if (options->output == NULL)
		return fault_at(f->fault, path, 0,
				"a folder; --in-place or --output beside it");
	if (filter_copy_folder(path, options->output, f->fault) != 0)
		return -1;
	return filter_folder(f, options->output);
}

static int
usage(FILE *to)
{
	fputs(_("usage: distrust filter [-q] [-o OUT] [FILE|DIR|-]\n"
	      "       distrust filter [-q] --in-place FILE|DIR...\n"
	      "\n"
	      "Copies a CA bundle (stdin to stdout, if there is no other\n"
	      "word) or a folder of certificates and hash links, without\n"
	      "what is distrusted for servers by certificate, name or key.\n"
	      "Says on stderr what it took out; the names of files that are\n"
	      "gone from a folder go to stdout.\n"
	      "\n"
	      "  -o, --output OUT  the file to write, or the folder to make\n"
	      "  -i, --in-place    change files and folders where they are\n"
	      "  -q, --quiet       do not say what was taken out\n"
	      "\n"
	      "Exit status: 0 nothing taken out, 1 something, 2 failed.\n"),
	      to);
	return to == stdout ? TOOL_FINE : TOOL_FAILED;
}

static int
filter_all(const struct options *options, char **paths, int count)
{
	struct fault fault = { "" }, doubt = { "" };
	struct filter f = { .fault = &fault, .is_quiet = options->is_quiet };
	int rv = 0;

	/* What is built in still holds. */
	if (judge_begin(&f.judge, &doubt) != 0)
		fprintf(stderr, "%s\n", doubt.text);
	if (count == 0)
		rv = filter_path(&f, options, "-");
	for (int i = 0; i < count && rv == 0; i++)
		rv = filter_path(&f, options, paths[i]);
	judge_end(&f.judge);
	if (rv != 0) {
		fprintf(stderr, "%s\n", fault.text);
		return TOOL_FAILED;
	}
	return f.taken > 0 ? TOOL_FOUND : TOOL_FINE;
}

int
tool_filter(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "in-place", no_argument, NULL, 'i' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .in_place = false };
	int option;

	while ((option = getopt_long(argc, argv, "o:iqh", longs, NULL)) != -1) {
		if (option == 'o')
			options.output = optarg;
		else if (option == 'i')
			options.in_place = true;
		else if (option == 'q')
			options.is_quiet = true;
		else
			return usage(option == 'h' ? stdout : stderr);
	}
	argc -= optind;
	if (options.in_place ? argc == 0 || options.output != NULL : argc > 1)
		return usage(stderr);
	return filter_all(&options, argv + optind, argc);
}
