# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154	# its variables are lib.sh's and the tests'

# What the tests of a whole machine share, beside lib.sh: folders of the
# machine that they may change as they like, since nobody else sees it, and
# the clients of its trust store.  Only in_own_mounts.

distrust=${DISTRUST:-$top/build/distrust}

# ---- A machine of one's own ----------------------------------------------

# Folders whose changes are ours alone.
own_folders()	# folders...
{
	local folder upper
	[[ -d $tmp/own ]] || {
		mkdir "$tmp/own"
		must mount -t tmpfs none "$tmp/own"
		trap 'umount -l "$tmp/own"; tidy' EXIT
	}
	for folder; do
		upper=$tmp/own/${folder//\//-}
		mkdir "$upper" "$upper.work"
		must mount -t overlay overlay -o \
			"lowerdir=$folder,upperdir=$upper,workdir=$upper.work" \
			"$folder"
	done
}

# Debian's certificates: two of Mozilla's, and nobody's own yet; no hooks but
# those that a test adds.
own_ca_certificates()
{
	own_folders /etc /usr/local /var/lib /usr/bin
	mkdir "$tmp/certs" "$tmp/hooks"
	mkdir "$tmp/certs/java"
	must mount --bind "$tmp/certs" /etc/ssl/certs
	must mount --bind "$tmp/hooks" /etc/ca-certificates/update.d
	rm -rf /usr/local/share/ca-certificates
	mkdir -p /usr/local/share/ca-certificates
	sed -n '/^[a-z].*ISRG/p' /etc/ca-certificates.conf >"$tmp/conf"
	cp "$tmp/conf" /etc/ca-certificates.conf
	cp "$distrust" /usr/bin/distrust
}

# An administrator puts authorities where Debian looks for them.
import()	# names...
{
	local name
	for name; do
		cp "$tmp/$name.pem" "/usr/local/share/ca-certificates/$name.crt"
	done
}

# All that update-ca-certificates makes, in a comparable form.
trust_store()
{
	(
		cd /etc/ssl/certs || exit
		find . -name java -prune -o -printf '%p %y %m %l\n' | sort
		sha256sum ca-certificates.crt
	)
}

# ---- Clients --------------------------------------------------------------

# Each asks the site on a port as its users would, and sets $words and
# $verdict: ACCEPTED, REJECTED for the reason that we mean, or what else
# happened.

browse()	# words that mean "accepted", "rejected"; program, arguments
{
	words=$(timeout 60 env -u SSL_CERT_FILE -u SSL_CERT_DIR \
		no_proxy='*' NO_PROXY='*' "${@:3}" </dev/null 2>&1)
	local status=$?
	verdict="exit $status"
	if [[ $words =~ $2 ]] && ((status != 0)); then
		verdict=REJECTED
	elif [[ $words =~ $1 ]]; then
		verdict=ACCEPTED
	fi
}

no_issuer='unable to get (local )?issuer certificate|self[- ]signed certificate in certificate chain'
page='s_server -accept'

ask_s_client()	# port, more options
{
	browse 'Verify return code: 0 \(ok\)' "$no_issuer" openssl s_client \
		-verify_return_error -connect "127.0.0.1:$1" \
		-servername localhost -verify_hostname localhost "${@:2}"
}

ask_s_client_bundle()
{
	ask_s_client "$1" -no-CApath
}

ask_s_client_links()
{
	ask_s_client "$1" -no-CAfile
}

ask_curl()
{
	browse "$page" "$no_issuer" /usr/bin/curl -sS "https://localhost:$1/"
}

# The library of programs that chose GnuTLS: no `curl` has it.
ask_libcurl_gnutls()
{
	browse "$page" '^60$' /usr/bin/python3 -c '
import ctypes, sys
curl = ctypes.CDLL("libcurl-gnutls.so.4")
curl.curl_easy_init.restype = ctypes.c_void_p
handle = ctypes.c_void_p(curl.curl_easy_init())
CURLOPT_URL = 10002
curl.curl_easy_setopt(handle, CURLOPT_URL, sys.argv[1].encode())
status = curl.curl_easy_perform(handle)
print(status)
sys.exit(status)' "https://localhost:$1/"
}

ask_wget()
{
	browse "$page" "The certificate of .* is not trusted" \
		/usr/bin/wget --no-hsts -nv -O - "https://localhost:$1/"
}

# It has no repository there, and says so once it believes the site.
ask_git()
{
	browse 'is this a git repository' \
		'server certificate verification failed' \
		/usr/bin/git ls-remote "https://localhost:$1/"
}

ask_python()
{
	browse "$page" "$no_issuer" /usr/bin/python3 -c '
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read())' "https://localhost:$1/"
}

ask_nodejs()
{
	browse "$page" "UNABLE_TO_|SELF_SIGNED_CERT_IN_CHAIN" \
		/usr/bin/node --use-openssl-ca -e '
require("https").get(process.argv[1], { family: 4 },
	r => r.pipe(process.stdout))' \
		"https://localhost:$1/"
}

# glib-networking with its default database: what GNOME's programs ask.
ask_gio()
{
	browse "$page" 'Unacceptable TLS certificate' /usr/bin/python3 -c '
import sys
from gi.repository import Gio
client = Gio.SocketClient(tls=True, enable_proxy=False)
site = client.connect_to_host("localhost", int(sys.argv[1]), None)
site.get_output_stream().write_all(b"GET / HTTP/1.0\r\n\r\n", None)
print(site.get_input_stream().read_bytes(4096, None).get_data())' "$1"
}
