/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/*
 * What the token cannot do.  PKCS#11 wants a function behind every entry of
 * the lists; these 26 serve 70 of the 104.
 */

#include "surface.h"

#include "library.h"

static CK_RV
unsupported(void)
{
	return library_lists() == NULL ? CKR_CRYPTOKI_NOT_INITIALIZED :
					 CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
stub_mechanism(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism)
{
	(void)session;
	(void)mechanism;
	return unsupported();
}

CK_RV
stub_mechanism_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
		   CK_OBJECT_HANDLE key)
{
	(void)session;
	(void)mechanism;
	(void)key;
	return unsupported();
}

CK_RV
stub_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	(void)session;
	(void)key;
	return unsupported();
}

CK_RV
stub_in(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length)
{
	(void)session;
	(void)data;
	(void)length;
	return unsupported();
}

CK_RV
stub_out(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG *count)
{
	(void)session;
	(void)data;
	(void)count;
	return unsupported();
}

CK_RV
stub_in_in(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
	   CK_BYTE *more, CK_ULONG size)
{
	(void)session;
	(void)data;
	(void)length;
	(void)more;
	(void)size;
	return unsupported();
}

CK_RV
stub_in_out(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
	    CK_BYTE *more, CK_ULONG *count)
{
	(void)session;
	(void)data;
	(void)length;
	(void)more;
	(void)count;
	return unsupported();
}

CK_RV
stub_state(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
	   CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE other)
{
	(void)session;
	(void)data;
	(void)length;
	(void)key;
	(void)other;
	return unsupported();
}

CK_RV
stub_generate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
	      CK_ATTRIBUTE *attributes, CK_ULONG length,
	      CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)mechanism;
	(void)attributes;
	(void)length;
	(void)object;
	return unsupported();
}

CK_RV
stub_generate_pair(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
		   CK_ATTRIBUTE *attributes, CK_ULONG length,
		   CK_ATTRIBUTE *others, CK_ULONG size,
		   CK_OBJECT_HANDLE *object, CK_OBJECT_HANDLE *private)
{
	(void)session;
	(void)mechanism;
	(void)attributes;
	(void)length;
	(void)others;
	(void)size;
	(void)object;
	(void)private;
	return unsupported();
}

CK_RV
stub_wrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
	  CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE other, CK_BYTE *data,
	  CK_ULONG *count)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)other;
	(void)data;
	(void)count;
	return unsupported();
}

CK_RV
stub_unwrap(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
	    CK_OBJECT_HANDLE key, CK_BYTE *data, CK_ULONG length,
	    CK_ATTRIBUTE *attributes, CK_ULONG size, CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)data;
	(void)length;
	(void)attributes;
	(void)size;
	(void)object;
	return unsupported();
}

CK_RV
stub_derive(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
	    CK_OBJECT_HANDLE key, CK_ATTRIBUTE *attributes, CK_ULONG length,
	    CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)attributes;
	(void)length;
	(void)object;
	return unsupported();
}

/* ---- Of 3.0 and 3.2 ---------------------------------------------------- */

CK_RV
stub_session(CK_SESSION_HANDLE session)
{
	(void)session;
	return unsupported();
}

CK_RV
stub_parameter(CK_SESSION_HANDLE session, void *parameter, CK_ULONG size)
{
	(void)session;
	(void)parameter;
	(void)size;
	return unsupported();
}

CK_RV
stub_message(CK_SESSION_HANDLE session, void *parameter, CK_ULONG size,
	     CK_BYTE *associated, CK_ULONG associated_length, CK_BYTE *data,
	     CK_ULONG length, CK_BYTE *more, CK_ULONG *count)
{
	(void)session;
	(void)parameter;
	(void)size;
	(void)associated;
	(void)associated_length;
	(void)data;
	(void)length;
	(void)more;
	(void)count;
	return unsupported();
}

CK_RV
stub_message_begin(CK_SESSION_HANDLE session, void *parameter, CK_ULONG size,
		   CK_BYTE *associated, CK_ULONG length)
{
	(void)session;
	(void)parameter;
	(void)size;
	(void)associated;
	(void)length;
	return unsupported();
}

CK_RV
stub_message_next(CK_SESSION_HANDLE session, void *parameter, CK_ULONG size,
		  CK_BYTE *data, CK_ULONG length, CK_BYTE *more,
		  CK_ULONG *count, CK_FLAGS flags)
{
	(void)session;
	(void)parameter;
	(void)size;
	(void)data;
	(void)length;
	(void)more;
	(void)count;
	(void)flags;
	return unsupported();
}

CK_RV
stub_message_sign(CK_SESSION_HANDLE session, void *parameter, CK_ULONG size,
		  CK_BYTE *data, CK_ULONG length, CK_BYTE *more,
		  CK_ULONG *count)
{
	(void)session;
	(void)parameter;
	(void)size;
	(void)data;
	(void)length;
	(void)more;
	(void)count;
	return unsupported();
}

CK_RV
stub_message_verify(CK_SESSION_HANDLE session, void *parameter, CK_ULONG size,
		    CK_BYTE *data, CK_ULONG length, CK_BYTE *more,
		    CK_ULONG more_length)
{
	(void)session;
	(void)parameter;
	(void)size;
	(void)data;
	(void)length;
	(void)more;
	(void)more_length;
	return unsupported();
}

CK_RV
stub_encapsulate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
		 CK_OBJECT_HANDLE key, CK_ATTRIBUTE *attributes, CK_ULONG size,
		 CK_BYTE *data, CK_ULONG *count, CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)attributes;
	(void)size;
	(void)data;
	(void)count;
	(void)object;
	return unsupported();
}

CK_RV
stub_decapsulate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
		 CK_OBJECT_HANDLE key, CK_ATTRIBUTE *attributes, CK_ULONG size,
		 CK_BYTE *data, CK_ULONG length, CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)attributes;
	(void)size;
	(void)data;
	(void)length;
	(void)object;
	return unsupported();
}

CK_RV
stub_mechanism_key_in(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
		      CK_OBJECT_HANDLE key, CK_BYTE *data, CK_ULONG length)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)data;
	(void)length;
	return unsupported();
}

CK_RV
stub_validation(CK_SESSION_HANDLE session, CK_ULONG type, CK_FLAGS *flags)
{
	(void)session;
	(void)type;
	(void)flags;
	return unsupported();
}

CK_RV
stub_async(CK_SESSION_HANDLE session, CK_UTF8CHAR *function, void *result)
{
	(void)session;
	(void)function;
	(void)result;
	return unsupported();
}

CK_RV
stub_wrap_authenticated(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
			CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE other,
			CK_BYTE *associated, CK_ULONG length, CK_BYTE *data,
			CK_ULONG *count)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)other;
	(void)associated;
	(void)length;
	(void)data;
	(void)count;
	return unsupported();
}

CK_RV
stub_unwrap_authenticated(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
			  CK_OBJECT_HANDLE key, CK_BYTE *data, CK_ULONG length,
			  CK_ATTRIBUTE *attributes, CK_ULONG size,
			  CK_BYTE *associated, CK_ULONG associated_length,
			  CK_OBJECT_HANDLE *object)
{
	(void)session;
	(void)mechanism;
	(void)key;
	(void)data;
	(void)length;
	(void)attributes;
	(void)size;
	(void)associated;
	(void)associated_length;
	(void)object;
	return unsupported();
}
