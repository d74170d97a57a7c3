/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The Cryptoki surface.  p11-kit's header declares the C_ functions that
 * surface.c defines; here are the stubs for all others, one for each shape:
 * functions that differ in name alone share one.  A stub answers
 * CKR_FUNCTION_NOT_SUPPORTED, or CKR_CRYPTOKI_NOT_INITIALIZED before.
 */

#ifndef SURFACE_H
#define SURFACE_H

#include "cryptoki.h"

/* All 68 functions of PKCS#11 2.40, in its order. */
extern const CK_FUNCTION_LIST surface_functions;

CK_RV stub_mechanism(CK_SESSION_HANDLE, CK_MECHANISM *);
CK_RV stub_mechanism_key(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE);
CK_RV stub_key(CK_SESSION_HANDLE, CK_OBJECT_HANDLE);
CK_RV stub_in(CK_SESSION_HANDLE, CK_BYTE *, CK_ULONG);
CK_RV stub_out(CK_SESSION_HANDLE, CK_BYTE *, CK_ULONG *);
CK_RV stub_in_in(CK_SESSION_HANDLE, CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG);
CK_RV stub_in_out(CK_SESSION_HANDLE, CK_BYTE *, CK_ULONG, CK_BYTE *,
		  CK_ULONG *);
CK_RV stub_state(CK_SESSION_HANDLE, CK_BYTE *, CK_ULONG, CK_OBJECT_HANDLE,
		 CK_OBJECT_HANDLE);
CK_RV stub_generate(CK_SESSION_HANDLE, CK_MECHANISM *, CK_ATTRIBUTE *,
		    CK_ULONG, CK_OBJECT_HANDLE *);
CK_RV stub_generate_pair(CK_SESSION_HANDLE, CK_MECHANISM *, CK_ATTRIBUTE *,
			 CK_ULONG, CK_ATTRIBUTE *, CK_ULONG,
			 CK_OBJECT_HANDLE *, CK_OBJECT_HANDLE *);
CK_RV stub_wrap(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE,
		CK_OBJECT_HANDLE, CK_BYTE *, CK_ULONG *);
CK_RV stub_unwrap(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE,
		  CK_BYTE *, CK_ULONG, CK_ATTRIBUTE *, CK_ULONG,
		  CK_OBJECT_HANDLE *);
CK_RV stub_derive(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE,
		  CK_ATTRIBUTE *, CK_ULONG, CK_OBJECT_HANDLE *);

#endif
