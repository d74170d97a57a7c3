/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* glibc's gettext.  Numbers and the order of letters stay those of C: what is
 * written must not depend on who writes it. */

#include "base/words.h"

#include <locale.h>

void
words_begin(void)
{
	static const char domain[] = "p11-distrust";

	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
	bindtextdomain(domain, LOCALE_PATH);
	textdomain(domain);
}
