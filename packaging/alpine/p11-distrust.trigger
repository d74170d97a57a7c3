#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# The bundle is made anew when the module and the hook have come, or have become
# others.

[ ! -x /usr/sbin/update-ca-certificates ] ||
	/usr/sbin/update-ca-certificates >/dev/null 2>&1 || :
