# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
# shellcheck shell=bash

# Where Debian's packages keep what others trust and refuse, and how to get it
# out of there.  It knows packages; it must not know what the files are for.
# Reads what is installed, writes into one folder.

libdir=$(pkg-config --variable=libdir p11-kit-1)
p11_kit_trust=$(pkg-config --variable=p11_module_path p11-kit-1)
p11_kit_trust+=/p11-kit-trust.so
firefox=/usr/lib/firefox-esr

# A program or file, and the Debian package that has it.
others_need()
{
	cat <<-END
	/usr/share/ca-certificates/mozilla ca-certificates
	$libdir/libnssckbi.so libnss3
	$p11_kit_trust p11-kit-modules
	$firefox/libxul.so firefox-esr
	/usr/lib/chromium/chromium chromium
	java default-jre-headless
	unzip unzip
	END
}

# debian.pem, nss.pem; refused-nss.pem, refused-p11-kit.pem; onecrl.json,
# intermediates.json; blocked.certs.  Firefox's and Chromium's authorities
# stand in their programs.
gather_others()	# folder, program (tests/catalogue/roots.c)
{
	local java state=defaults/settings/security-state
	java=$(readlink -f "$(command -v java)") &&
		cp "${java%/bin/java}/lib/security/blocked.certs" "$1" &&
		cat /usr/share/ca-certificates/mozilla/*.crt >"$1/debian.pem" &&
		"$2" "$libdir/libnssckbi.so" trusted >"$1/nss.pem" &&
		"$2" "$libdir/libnssckbi.so" distrusted \
			>"$1/refused-nss.pem" &&
		"$2" "$p11_kit_trust" distrusted >"$1/refused-p11-kit.pem" &&
		unzip -qojd "$1" "$firefox/browser/omni.ja" \
			"$state/onecrl.json" "$state/intermediates.json"
}

# A line for each who trusts: name and file.
trusted_others()	# folder
{
	cat <<-END
	Debian $1/debian.pem
	Firefox $firefox/libxul.so
	Chromium /usr/lib/chromium/chromium
	NSS $1/nss.pem
	END
}

# The options of `distrust audit` for all of this, in $audit_options.
use_others()	# folder
{
	local name file
	audit_options=(--onecrl "$1/onecrl.json"
		--intermediates "$1/intermediates.json"
		--jdk "$1/blocked.certs" --nss "$1/refused-nss.pem"
		--p11-kit "$1/refused-p11-kit.pem")
	while read -r name file; do
		audit_options+=(--trusted "$name=$file")
	done < <(trusted_others "$1")
}
