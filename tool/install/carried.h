/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Files of this source tree that the tool carries as text, made by the
 * Makefile into build/carried.c: each under its name there. */

#ifndef CARRIED_H
#define CARRIED_H

extern const char carried_ca_certificates_hook[];
extern const char carried_p11_distrust_module[];
extern const char carried_Ask_java[];

#endif
