/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * The Cryptoki surface.  p11-kit's header and cryptoki.h declare the C_
 * functions that surface.c and interfaces.c define; here are the stubs for
 * all others, one for each shape: functions that differ in name alone share
 * one.  A stub answers CKR_FUNCTION_NOT_SUPPORTED, or
 * CKR_CRYPTOKI_NOT_INITIALIZED before.
 */

#ifndef SURFACE_H
#define SURFACE_H

#include "cryptoki.h"

/* What each exported function is marked with: all else is hidden. */
#define EXPORT __attribute__((visibility("default")))

/* C_GetInfo for the lists of 3.x: cryptokiVersion is the list's. */
CK_RV surface_info_3_0(CK_INFO *info);
CK_RV surface_info_3_2(CK_INFO *info);

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

/* Of 3.0 and 3.2. */
CK_RV stub_session(CK_SESSION_HANDLE);
CK_RV stub_parameter(CK_SESSION_HANDLE, void *, CK_ULONG);
CK_RV stub_message(CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *, CK_ULONG,
		   CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG *);
CK_RV stub_message_begin(CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *,
			 CK_ULONG);
CK_RV stub_message_next(CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *,
			CK_ULONG, CK_BYTE *, CK_ULONG *, CK_FLAGS);
CK_RV stub_message_sign(CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *,
			CK_ULONG, CK_BYTE *, CK_ULONG *);
CK_RV stub_message_verify(CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *,
			  CK_ULONG, CK_BYTE *, CK_ULONG);
CK_RV stub_encapsulate(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE,
		       CK_ATTRIBUTE *, CK_ULONG, CK_BYTE *, CK_ULONG *,
		       CK_OBJECT_HANDLE *);
CK_RV stub_decapsulate(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE,
		       CK_ATTRIBUTE *, CK_ULONG, CK_BYTE *, CK_ULONG,
		       CK_OBJECT_HANDLE *);
CK_RV stub_mechanism_key_in(CK_SESSION_HANDLE, CK_MECHANISM *,
			    CK_OBJECT_HANDLE, CK_BYTE *, CK_ULONG);
CK_RV stub_validation(CK_SESSION_HANDLE, CK_ULONG, CK_FLAGS *);
CK_RV stub_async(CK_SESSION_HANDLE, CK_UTF8CHAR *, void *);
CK_RV stub_wrap_authenticated(CK_SESSION_HANDLE, CK_MECHANISM *,
			      CK_OBJECT_HANDLE, CK_OBJECT_HANDLE, CK_BYTE *,
			      CK_ULONG, CK_BYTE *, CK_ULONG *);
CK_RV stub_unwrap_authenticated(CK_SESSION_HANDLE, CK_MECHANISM *,
				CK_OBJECT_HANDLE, CK_BYTE *, CK_ULONG,
				CK_ATTRIBUTE *, CK_ULONG, CK_BYTE *, CK_ULONG,
				CK_OBJECT_HANDLE *);

#endif
