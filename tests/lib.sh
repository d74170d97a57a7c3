# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
# shellcheck shell=bash
# shellcheck disable=SC2034	# its variables are read by those who source it

# What the tests of real programs share: TAP, throwaway certificates, TLS
# servers, a p11-kit of one's own, and tidying up.  It knows of no case, and
# touches nothing outside of $tmp: no profile, no trust store, no port that
# others could reach.

set -u

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
module=$(realpath -m "${P11_DISTRUST_MODULE:-$top/build/p11-distrust.so}")
qaznet=$top/certs/kazakhstan-2019-qaznet/qaznet.pem
diginotar=$top/certs/ca-compromised-diginotar/root-2007-2025.pem
tmp=
servers=()

# ---- A quiet place -------------------------------------------------------

# A folder of our own that goes when we go; the developer's settings stay out.
begin()
{
	unset LANGUAGE "${!NSS_@}" "${!P11_KIT_@}" "${!GNUTLS_@}" "${!XDG_@}" \
		LD_LIBRARY_PATH OPENSSL_CONF SSL_CERT_FILE SSL_CERT_DIR \
		SSL_DIR SSLKEYLOGFILE
	tmp=$(mktemp -d) || exit 1
	trap tidy EXIT
	trap 'exit 130' INT TERM HUP
	mkdir "$tmp/home"
	export HOME=$tmp/home LC_ALL=C.UTF-8 STRINGS=nombstr
	[[ -z ${P11_DISTRUST_PRELOAD:-} ]] || preload_sanitizer
}

tidy()
{
	local server
	for server in "${servers[@]}"; do
		kill "$server"
		wait "$server"
	done 2>/dev/null
	rm -rf "$tmp"
}

# Nothing that follows means anything without this.
must()
{
	local words
	words=$("$@" 2>&1) && return
	printf 'Bail out! failed: %s\n' "$*"
	comment "$words"
	exit 1
}

# ---- TAP -----------------------------------------------------------------

tests=0
failures=0

ok()	# what holds
{
	printf 'ok %d - %s\n' $((++tests)) "$1"
}

not_ok()	# what does not hold, what was seen
{
	printf 'not ok %d - %s\n' $((++tests)) "$1"
	[[ -z ${2:-} ]] || comment "$2"
	((++failures))
}

# A command that is due to succeed.
holds()	# what holds, command
{
	local words
	if words=$("${@:2}" 2>&1); then
		ok "$1"
	else
		not_ok "$1" "$words"
	fi
}

comment()	# text of any number of lines
{
	printf '#   %s\n' "${1//$'\n'/$'\n#   '}"
}

# The last word of a test program, and its exit status.
plan()
{
	printf '1..%d\n' "$tests"
	((failures == 0))
}

# A program that is missing fails the test: nothing is skipped in silence.
need()	# program or file, Debian package
{
	if [[ -e $1 ]] || command -v "$1" >/dev/null; then
		return
	fi
	not_ok "$1 is there" "install the package $2 (see tests/packages)"
	plan
	exit 1
}

need_module()
{
	need openssl openssl
	[[ -e $module ]] && return
	not_ok "$module is there" 'build it first: make'
	plan
	exit 1
}

# The rows of a table of cases, their cells parted by | and nothing else.
table()
{
	sed '/^#/d; /^$/d; s/[[:space:]]*|[[:space:]]*/|/g'
}

# ---- Programs that load the module ---------------------------------------

# What a program exits with when a sanitizer in the module spoke: no program
# here uses this number itself.
readonly sanitizer_status=99

# A module built with a sanitizer needs that one's library in the program from
# the start.  What the program itself leaks is not ours to judge.
sanitizer=()
preload_sanitizer()
{
	local ends=halt_on_error=1:exitcode=$sanitizer_status

	must "${CC:-cc}" -std=c11 -shared -fPIC -Wl,-z,initfirst -Wl,-init,wake \
		-o "$tmp/wake.so" "$top/tests/data/wake.c"
	sanitizer=(env
		LD_PRELOAD="$P11_DISTRUST_PRELOAD $tmp/wake.so"
		ASAN_OPTIONS="detect_leaks=0:$ends"
		UBSAN_OPTIONS="print_stacktrace=1:$ends"
		TSAN_OPTIONS="ignore_noninstrumented_modules=1:$ends")
}

# Run a program, its words in one stream, and not for ever.
run()	# program, arguments
{
	timeout 60 "${sanitizer[@]}" "$@" </dev/null 2>&1
}

# A command's words, $said, and the processor time that it took in milliseconds,
# $took: other work on the machine hardly changes that.
timed()	# command
{
	local TIMEFORMAT='%U %S' status

	{ time "$@" >"$tmp/timed" 2>&1; } 2>"$tmp/took"
	status=$?
	said=$(<"$tmp/timed")
	took=$(awk '{ printf "%d", ($1 + $2) * 1000 }' "$tmp/took")
	return $status
}

# ---- Certificates --------------------------------------------------------

# All are $tmp/NAME.pem and, where we know it, $tmp/NAME.key.  They hold from
# now on for a hundred years, whatever the machine's clock says.
readonly days=36500

new_key()	# name
{
	must openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
		-out "$tmp/$1.key"
}

new_serial()
{
	printf '0x4%s' "$(openssl rand -hex 15)"
}

# A root, its name in OpenSSL's notation: /C=KZ/CN=...
root()	# name, subject
{
	new_key "$1"
	must openssl req -x509 -new -config "$top/tests/data/pki.cnf" \
		-extensions authority -key "$tmp/$1.key" -subj "$2" \
		-days "$days" -set_serial "$(new_serial)" -out "$tmp/$1.pem"
}

# Somebody else's root as its owner would issue it anew: the same octets of
# name, but our key.
reissued()	# name, PEM file, serial number
{
	new_key "$1"
	must openssl x509 -in "$2" -signkey "$tmp/$1.key" -clrext \
		-extfile "$top/tests/data/pki.cnf" -extensions authority \
		-days "$days" -set_serial "$3" -out "$tmp/$1.pem"
}

# A certificate below an authority of ours.
below()	# name, issuer, authority|site|nameless, subject, [serial number]
{
	new_key "$1"
	must openssl req -x509 -new -config "$top/tests/data/pki.cnf" \
		-extensions "$3" -key "$tmp/$1.key" -subj "$4" \
		-CA "$tmp/$2.pem" -CAkey "$tmp/$2.key" -days "$days" \
		-set_serial "${5:-$(new_serial)}" -out "$tmp/$1.pem"
}

# The name and key of one authority of ours, certified by another one.
crossed()	# name, authority, issuer
{
	must openssl x509 -x509toreq -in "$tmp/$2.pem" -signkey "$tmp/$2.key" \
		-out "$tmp/$1.csr"
	must openssl x509 -req -in "$tmp/$1.csr" \
		-extfile "$top/tests/data/pki.cnf" -extensions authority \
		-CA "$tmp/$3.pem" -CAkey "$tmp/$3.key" -days "$days" \
		-set_serial "$(new_serial)" -out "$tmp/$1.pem"
}

# The authorities and sites that the tests ask about.  Distrusted by name: new
# and same are Qaznet re-issued, utf8, order and case are ISCA in other DER.
# Healthy: healthy, longer, near, and innocent, which has the name of an
# authority that is distrusted by certificate and key alone.  cross and
# sub-cross are what the healthy root says of new and new-sub.
make_certificates()
{
	local isca='Information Security Certification Authority' name

	cp "$qaznet" "$tmp/qaznet.pem"
	reissued new "$qaznet" "$(new_serial)"
	reissued same "$qaznet" "$(serial_of "$qaznet")"
	STRINGS=utf8only root utf8 "/CN=$isca/O=ISCA/C=KZ"
	root order "/C=KZ/O=ISCA/CN=$isca"
	root case "/CN=${isca^^}/O=isca/C=KZ"

	root healthy '/C=KZ/O=Innocent/CN=Innocent Root'
	root longer '/C=KZ/O=Qaznet/CN=Qaznet Trust Network'
	root near '/C=KZ/CN=Qaznet Trust Networks'
	reissued innocent "$diginotar" "$(new_serial)"

	below new-sub new authority '/C=KZ/CN=Security Certificate'
	below healthy-sub healthy authority '/C=KZ/CN=Innocent Sub'
	for name in new same utf8 order case healthy longer near innocent \
		new-sub healthy-sub; do
		below "$name-site" "$name" site /CN=localhost
	done
	below serial-site healthy site /CN=localhost "$(serial_of "$qaznet")"
	below nameless-site healthy nameless /

	crossed new-cross new healthy
	crossed new-sub-cross new-sub healthy
}

# Several certificates in one stream.
pems()	# names...
{
	local name
	for name; do
		cat "$tmp/$name.pem"
	done
}

serial_of()	# PEM file
{
	printf '0x%s' "$(openssl x509 -in "$1" -noout -serial | cut -d= -f2)"
}

# ---- Servers -------------------------------------------------------------

# A TLS server on 127.0.0.1 for a site and what stands above it.  Sets $port,
# which the kernel chose.
serve()	# site, intermediates...
{
	local log=$tmp/$1.log above=()
	if (($# > 1)); then
		pems "${@:2}" >"$tmp/$1.chain"
		above=(-cert_chain "$tmp/$1.chain")
	fi
	# Not the words of the one before, which would be believed until this
	# one has begun.
	rm -f "$log"
	: >"$log"
	openssl s_server -accept 127.0.0.1:0 -www -cert "$tmp/$1.pem" \
		-key "$tmp/$1.key" "${above[@]}" </dev/null >"$log" 2>&1 &
	servers+=($!)
	for _ in {1..250}; do
		port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$log")
		[[ -n $port ]] && return
		sleep 0.02
	done
	must false "server of $1: $(<"$log")"
}

# ---- NSS databases -------------------------------------------------------

# An empty database, made once and copied: what `certutil -N` makes.
new_database()	# folder
{
	if [[ ! -d $tmp/empty ]]; then
		mkdir "$tmp/empty"
		must certutil -N -d "sql:$tmp/empty" --empty-password
	fi
	mkdir -p "$1"
	cp "$tmp/empty"/* "$1"
	# It names the folder it was made for.
	sed -i "s|$tmp/empty|$1|" "$1/pkcs11.txt"
}

# What NSS's tools say, by exit status and words: sets $verdict to ACCEPTED; to
# ISSUER or CERT for SEC_ERROR_UNTRUSTED_ISSUER or _CERT; to UNSAID where
# libpkix rejects without a reason; or to what else happened.  Of several
# errors the first one counts; $why holds it.
nss_verdict()	# status, words
{
	[[ $2 =~ (is invalid:|ERROR -|server cert failed:)[^$'\n']* ]]
	why=${BASH_REMATCH[0]:-}
	case $1:$why:$2 in
	0::*'certificate is valid'* | 0::*'Chain is good!'* | \
	0::*' cache hits; '*)
		verdict=ACCEPTED ;;
	$sanitizer_status:*)
		verdict=SANITIZER ;;
	[1-9]*:*'issuer has been marked as not trusted'*:*)
		verdict=ISSUER ;;
	[1-9]*:*'certificate has been marked as not trusted'*:*)
		verdict=CERT ;;
	1::*'Chain is bad!'*)
		verdict=UNSAID ;;
	*)
		verdict="exit $1" ;;
	esac
}

# ---- p11-kit -------------------------------------------------------------

# Run the script again where its mounts are seen by nobody else.
in_own_mounts()	# arguments of the script
{
	local here rootless=()
	here=$(readlink /proc/self/ns/mnt)
	[[ -n ${MOUNTS_OUTSIDE:-} && $MOUNTS_OUTSIDE != "$here" ]] && return
	((EUID == 0)) || rootless=(--map-root-user)
	exec env MOUNTS_OUTSIDE="$here" \
		unshare "${rootless[@]}" --mount -- "$0" "$@"
}

# A p11-kit without any module but those of $modules.  Only in_own_mounts.
own_p11kit()
{
	modules=$tmp/modules
	mkdir "$modules" "$tmp/nothing"
	must mount --bind "$modules" \
		"$(pkg-config --variable=p11_module_configs p11-kit-1)"
	[[ ! -d /etc/pkcs11 ]] || must mount --bind "$tmp/nothing" /etc/pkcs11
}

register()	# priority
{
	cat >"$modules/p11-distrust.module" <<-END
	module: $module
	trust-policy: yes
	priority: $1
	critical: no
	END
}
