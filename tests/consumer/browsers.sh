#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# The browsers themselves, headless: what a user or an administrator imported
# as trusted is first ACCEPTED without the module, and then REFUSED with it,
# in each way of loading it and without a button to go on where the browser
# lets us decide that; what is healthy stays.  The table of all answers is
# kept as $B/browsers.txt, with pictures beside it.  With an argument, firefox,
# chromium or thunderbird, asks that one alone.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
need_module
need "$distrust" 'nothing: run make'
need certutil libnss3-tools
need modutil libnss3-tools
need /usr/bin/python3 python3
need firefox-esr firefox-esr
need thunderbird thunderbird
need chromium chromium
need chromedriver chromium-driver
need softhsm2-util softhsm2
need pkcs11-tool opensc
need pk12util libnss3-tools
libdir=$(pkg-config --variable=libdir p11-kit-1)
P11_KIT_PROXY=$libdir/p11-kit-proxy.so
need "$P11_KIT_PROXY" p11-kit-modules

# ---- Certificates --------------------------------------------------------

# A root that the test's list holds, and what is below it.
interceptor()	# letter
{
	root "$1" "/C=KZ/O=Test/CN=Interceptor $1"
	below "$1-sub" "$1" authority "/C=KZ/O=Test/CN=Sub $1"
	below "$1-site" "$1" site /CN=localhost
	below "$1-sub-site" "$1-sub" site /CN=localhost
}

renewed()	# name, PEM file
{
	reissued "$1-new" "$2" "$(new_serial)"
	below "$1-new-site" "$1-new" site /CN=localhost
}

# The key of another root under a name that nobody knows.
renamed()	# name, root
{
	cp "$tmp/$2.key" "$tmp/$1.key"
	must openssl req -x509 -new -config "$top/tests/data/pki.cnf" \
		-extensions authority -key "$tmp/$1.key" \
		-subj '/C=XX/CN=Harmless Name' -days "$days" \
		-set_serial "$(new_serial)" -out "$tmp/$1.pem"
	below "$1-sub" "$1" authority '/C=XX/CN=Harmless Sub'
	below "$1-site" "$1" site /CN=localhost
	below "$1-sub-site" "$1-sub" site /CN=localhost
}

make_roots()
{
	local letter isca=$top/certs/kazakhstan-2020-isca/isca-2024-09.pem
	for letter in a b c d e f g h i j k l m o p q r s; do
		interceptor "$letter"
	done
	renewed d "$tmp/d.pem"
	reissued e-same "$tmp/e.pem" "$(serial_of "$tmp/e.pem")"
	below e-same-site e-same site /CN=localhost
	renamed f-key f
	# Two that share a name, as seven of the Kazakh roots do.
	reissued r2 "$tmp/r.pem" "$(new_serial)"
	below r2-site r2 site /CN=localhost
	renewed k "$tmp/k.pem"
	renewed m "$tmp/m.pem"
	renewed qaznet "$qaznet"
	renewed isca "$isca"

	root healthy '/C=KZ/O=Innocent/CN=Innocent Root'
	below healthy-sub healthy authority '/C=KZ/O=Innocent/CN=Innocent Sub'
	below healthy-sub-site healthy-sub site /CN=localhost
	reissued innocent "$diginotar" "$(new_serial)"
	below innocent-site innocent site /CN=localhost
	below n healthy authority '/C=KZ/O=Test/CN=Distrusted Sub'
	below n-site n site /CN=localhost
	crossed o-cross o healthy
	crossed p-cross p-sub healthy
	crossed q-cross q-sub healthy
}

# The list of a machine: all interceptors but q, one intermediate of a healthy
# root, one of a root that is not listed.
make_list()
{
	local folder=$tmp/list/test name
	mkdir -p "$folder" /var/lib/p11-distrust
	cat >"$folder/incident.ini" <<-END
	[incident]
	title = A test
	reason = interception
	default = on
	argument = It is a test.
	story = Somebody tests. Nothing else happened.
	reference = https://example.org/
	END
	for name in a b c d e f g h i j k l m n o p-sub r r2 s; do
		cp "$tmp/$name.pem" "$folder"
		cat >>"$folder/incident.ini" <<-END

		[certificate $name]
		file = $name.pem
		sha256 = $(openssl x509 -in "$tmp/$name.pem" -outform DER |
			sha256sum | cut -d' ' -f1)
		label = Test $name
		match = certificate name key
		END
	done
	must "$distrust" compile --local "$tmp/list" \
		-o /var/lib/p11-distrust/system.catalog
}

# ---- Somebody with client certificates and a card --------------------------

# A profile with fifty client certificates and a module for a card.
make_clients()
{
	local number key=$tmp/client.key card
	card=$libdir/softhsm/libsofthsm2.so
	new_database "$tmp/clients"
	must certutil -A -d "sql:$tmp/clients" -n healthy -t CT,C,C \
		-i "$tmp/healthy.pem"
	new_key client
	for number in {1..50} card; do
		must openssl req -x509 -new -config "$top/tests/data/pki.cnf" \
			-extensions client -key "$key" \
			-subj "/CN=Client $number" -CA "$tmp/healthy.pem" \
			-CAkey "$tmp/healthy.key" -days "$days" \
			-set_serial "$(new_serial)" -out "$tmp/client.pem"
		[[ $number != card ]] || break
		must openssl pkcs12 -export -inkey "$key" -passout pass: \
			-in "$tmp/client.pem" -name "Client $number" \
			-out "$tmp/client.p12"
		must pk12util -i "$tmp/client.p12" -d "sql:$tmp/clients" -W ''
	done
	make_card
	must modutil -force -dbdir "sql:$tmp/clients" -add card \
		-libfile "$card"
}

# A token with a key and the certificate client.pem.
make_card()
{
	mkdir "$tmp/tokens"
	printf 'directories.tokendir = %s\nlog.level = ERROR\n' \
		"$tmp/tokens" >"$tmp/softhsm2.conf"
	export SOFTHSM2_CONF=$tmp/softhsm2.conf
	printf 1234 >"$tmp/pin"
	must softhsm2-util --init-token --free --label card --pin 1234 \
		--so-pin 1234
	must softhsm2-util --import "$tmp/client.key" --token card \
		--label client --id 01 --pin 1234
	must pkcs11-tool --module "$libdir/softhsm/libsofthsm2.so" --login \
		--pin 1234 --write-object "$tmp/client.pem" --type cert \
		--label client --id 01
}

own_p11kit
register 10
own_folders /etc /var/lib
make_roots
make_list
make_clients
new_database "$tmp/made"
export DISTRUST=$distrust P11_DISTRUST_MODULE=$module P11_KIT_PROXY
export B=${B:-$top/build}
/usr/bin/python3 -B "$top/tests/browsers/matrix.py" "$tmp" \
	"$top/tests/data/browsers.cases" \
	"$top/packaging/pkcs11-modules/p11_distrust.json.in" \
	"$B/browsers.txt" "$@"
