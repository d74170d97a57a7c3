/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * Messages in the user's language (po/), English where there is none: _() is
 * the translation, N_() marks what is translated where it is printed.  It
 * must not be used for what programs read, or what is written into files.
 */

#ifndef WORDS_H
#define WORDS_H

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

/* What else is translated by the function that it is handed to: see
 * XGETTEXT in the Makefile. */

/* Speak the language of the environment from now on. */
void words_begin(void);

#endif
