#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# `distrust check`: what it says of files and of servers, each of which is on
# 127.0.0.1 and ours.  The same certificates as the browsers' tests ask about.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

begin
distrust=${DISTRUST:-$top/build/distrust}
need openssl openssl
need jq jq
need python3 python3
need script bsdutils
need "$distrust" 'nothing: run make'
unset "${!http@}" "${!HTTP@}" "${!https@}" "${!HTTPS@}" all_proxy ALL_PROXY \
	no_proxy NO_PROXY
make_certificates

check()	# arguments
{
	words=$(timeout 60 "$distrust" check "$@" </dev/null 2>&1)
	status=$?
}

# What check must say (a pattern) and exit with.
says()	# what, exit status, pattern, arguments of check
{
	local words status
	check "${@:4}"
	said "$1" "$2" "$3"
}

said()	# what, exit status, pattern
{
	# shellcheck disable=SC2053	# a pattern
	if [[ $status == "$2" && $words == $3 ]]; then
		ok "$1"
	else
		not_ok "$1" "exit status $status: $words"
	fi
}

# ---- Files ---------------------------------------------------------------

cd "$tmp" || exit
by_name='*was issued under a distrusted name:*Qaznet*kazakhstan-2019*'
says 'a listed root' 1 '*: DISTRUSTED*is listed itself:*distrust show*' \
	"$qaznet"
says 'a re-issued root' 1 '*bears a distrusted name:*' new.pem
says 'a site below it' 1 "$by_name" new-site.pem
says 'other string types, order and case' 1 '*DISTRUSTED*DISTRUSTED*DISTRUSTED*' \
	utf8-site.pem order-site.pem case-site.pem
says 'healthy ones' 0 '*: nothing distrusted (1 certificate)*' \
	healthy.pem healthy-site.pem longer.pem near.pem innocent.pem \
	innocent-site.pem serial-site.pem nameless-site.pem
pems healthy-site healthy-sub new-sub >chain.pem
says 'one bad in a chain' 1 '*DISTRUSTED*Security Certificate*issued under*' \
	chain.pem
openssl x509 -in new.pem -outform DER -out new.der
says 'DER' 1 '*DISTRUSTED*' new.der
openssl crl2pkcs7 -nocrl -certfile chain.pem -out chain.p7
openssl crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out chain.p7b
says 'PKCS #7, in PEM and DER' 1 '*DISTRUSTED*DISTRUSTED*' chain.p7 chain.p7b
words=$("$distrust" check - <new.pem)
status=$?
said 'standard input' 1 '-: DISTRUSTED*'
says 'no file' 2 './nosuch: No such file*' ./nosuch
says 'no certificate' 2 'new.key: no certificate;*' new.key
head -c 300 new.pem >cut.pem
says 'half a certificate' 2 'cut.pem:1: a damaged certificate;*' cut.pem
says 'nothing at all' 2 'usage:*'
says 'the worst of several decides' 2 '*nothing distrusted*DISTRUSTED*' \
	healthy.pem new.pem ./nosuch

# By what a user has decided.  An issuer that nobody shows, but that is on the
# list in full, is known by its signature.
must "$distrust" add --user healthy.pem
says 'a user decides too' 1 '*DISTRUSTED*is listed itself:*Innocent Root (own:*' \
	healthy.pem
says 'an issuer that was not sent' 1 \
	'*CN=localhost was issued by a listed authority:*' healthy-site.pem
must "$distrust" remove --user healthy.pem
must "$distrust" add --user --usage email --after 2020-01-01 longer.pem
says 'only for mail' 0 '*nothing distrusted*' longer.pem
says 'and that is what was asked' 1 '*(only what was issued after 2020-01-01)*' \
	--usage email,code longer.pem
must "$distrust" remove --user longer.pem

# ---- Servers -------------------------------------------------------------

must "$distrust" add --user --after 2020-01-01 near.pem
must "$distrust" add --user --after 2049-12-31 longer.pem
declare -A at
for site in near-site longer-site new-site same-site utf8-site healthy-site innocent-site; do
	serve "$site" "${site%-site}"
	at[$site]=$port
done
serve new-site new-sub new
two="localhost:${at[new-site]} localhost:${at[healthy-site]}"

says 'a host below a re-issued root' 1 'localhost:*DISTRUSTED*Somebody reads*' \
	"localhost:${at[new-site]}"
says 'the same by its address' 1 '127.0.0.1:*DISTRUSTED*' \
	"127.0.0.1:${at[same-site]}"
says 'and by a whole address' 1 'https://*DISTRUSTED*' \
	"https://localhost:${at[utf8-site]}/path?x"
says 'a healthy host' 0 '*nothing distrusted (2 certificates)' \
	"localhost:${at[healthy-site]}"
says 'an innocent namesake' 0 '*nothing distrusted*' \
	"localhost:${at[innocent-site]}"
says 'a site that was issued after the day' 1 '*DISTRUSTED*' \
	"localhost:${at[near-site]}"
says 'one that was issued before it' 0 '*nothing distrusted*' \
	"localhost:${at[longer-site]}"
says 'another place to connect to' 1 'blocked.example:*DISTRUSTED*' \
	--connect "127.0.0.1:${at[new-site]}" blocked.example
says 'nobody there' 2 'localhost:1: Connection refused;*' localhost:1
says 'no such host' 2 'no..such: *; a host that is known' no..such
says 'no host' 2 '*neither a file nor a host*' 'bad host'

# A chain to an authority that the machine trusts, beside one that is not: in
# a machine whose bundle is ours.
# (In a chroot not even root may have a user namespace.)
rootless=()
((EUID == 0)) || rootless=(--map-root-user)
in_mounts()
{
	# shellcheck disable=SC2016	# the inner shell's
	unshare "${rootless[@]}" --mount bash -c '
		mount --bind "$1" /etc/ssl/certs/ca-certificates.crt &&
		exec "${@:2}"' - "$tmp/healthy.pem" "$@"
}
serve new-site new new-cross
words=$(in_mounts "$distrust" check "localhost:$port" 2>&1)
status=$?
said 'a cross-certificate does not clean a distrusted name' 1 '*DISTRUSTED*'
cp healthy-site.key both.key
pems healthy-site >both.pem
serve both new new-sub
words=$(in_mounts "$distrust" check "localhost:$port" 2>&1)
status=$?
said 'what was sent besides a good chain is told and does no harm' 0 \
	'*nothing distrusted*Another chain*'

# ---- STARTTLS, proxies, and servers that misbehave -----------------------

pems new-site new >sent.pem
python3 "$top/tests/data/servers.py" sent.pem new-site.key \
	"${at[new-site]}" >servers.log 2>&1 &
servers+=($!)
for _ in {1..250}; do
	grep -q ready servers.log && break
	sleep 0.02
done
while read -r name port; do
	at[$name]=$port
done <servers.log

for protocol in smtp imap pop3 ftp xmpp ldap; do
	says "STARTTLS: $protocol" 1 '*DISTRUSTED*' --starttls "$protocol" \
		"localhost:${at[$protocol]}"
done
says 'STARTTLS refused' 2 "*: said '454 not today'; that TLS may begin" \
	--starttls smtp "127.0.0.1:${at[refusing]}"
says 'an unknown protocol' 2 '*bad --starttls*' --starttls nntp x
says 'no TLS' 2 '*: no TLS (*); a TLS server' "127.0.0.1:${at[odd]}"
says 'no answer' 2 '*: no answer in time; an answer' --timeout 1 \
	"127.0.0.1:${at[mute]}"
says 'a server that wants a certificate of ours' 1 '*DISTRUSTED*' \
	"127.0.0.1:${at[alert]}"
if [[ -n ${at[six]:-} ]]; then
	says 'IPv6' 1 '[[]::1]:*DISTRUSTED*' "[::1]:${at[six]}"
	says 'no IPv4 where there is none' 2 '*' -4 "[::1]:${at[six]}"
else
	ok 'IPv6 # SKIP this machine has none'
fi

export https_proxy="http://u:p@127.0.0.1:${at[http]}"
says 'through an HTTP proxy' 1 'far.example:*DISTRUSTED*' far.example:443
export https_proxy="http://u:wrong@127.0.0.1:${at[http]}/"
says 'a proxy that refuses' 2 "*the proxy said 'HTTP/1.1 407*" far.example
export https_proxy=
export ALL_PROXY="socks5h://u:p@127.0.0.1:${at[socks]}"
says 'through SOCKS' 1 'far.example:*DISTRUSTED*' far.example
says 'but not what no_proxy excludes' 1 '*DISTRUSTED*' --no-proxy \
	"localhost:${at[new-site]}"
no_proxy=.example,localhost says 'no_proxy' 1 '*DISTRUSTED*' \
	"localhost:${at[new-site]}"
ALL_PROXY=gopher://x says 'an unknown proxy' 2 '*unknown kind of proxy*' far
unset ALL_PROXY

# ---- Many ----------------------------------------------------------------

{
	echo '# hosts'
	for _ in {1..150}; do
		printf '%s\n' "localhost:${at[new-site]}" \
			"localhost:${at[tls]} # ours" \
			"localhost:${at[healthy-site]}"
	done
	echo localhost:1
} >hosts
check --json --at-once 32 --hosts hosts
counts=$(jq -rs 'group_by(.verdict) |
	map("\(.[0].verdict) \(length)") | join(", ")' <<<"$words")
order=$(jq -r .target <<<"$words" | head -n 2 | tr '\n' ' ')
if [[ $status == 2 && $counts == 'clean 150, distrusted 300, failed 1' &&
	$order == "localhost:${at[new-site]} localhost:${at[tls]} " ]]; then
	ok '451 hosts, in JSON and in order'
else
	not_ok '451 hosts, in JSON and in order' "$counts; $order"
fi
# A file by the name of a host is none of a list of hosts.
cp "$qaznet" "localhost:${at[healthy-site]}"
echo "localhost:${at[healthy-site]}" >one
check --hosts one
if [[ $status == 0 && $words == *'nothing distrusted'* ]]; then
	ok 'a host of a list, and a file by that name'
else
	not_ok 'a host of a list, and a file by that name' "$status $words"
fi
rm "localhost:${at[healthy-site]}"
check --hosts one --hosts hosts
if [[ $status == 2 && $words == *'a second file of hosts'* ]]; then
	ok 'two lists of hosts'
else
	not_ok 'two lists of hosts' "$status $words"
fi
check --usage '' one
if [[ $status == 2 && $words == *"bad --usage ''"* ]]; then
	ok 'no usage'
else
	not_ok 'no usage' "$status $words"
fi
check --json --at-once 32 --hosts hosts
first=$(head -n 1 <<<"$words" | jq -c '.certificates[0] |
	[.subject, .distrusted, .incident, .reason]')
expected='["CN=localhost","was issued under a distrusted name","kazakhstan-2019-qaznet","state-interception"]'
if [[ $first == "$expected" ]]; then
	ok 'what JSON tells'
else
	not_ok 'what JSON tells' "$first"
fi
words=$(script -qec "'$distrust' check $two" /dev/null </dev/null)
status=$?
said 'a bar on a terminal' 1 '*] 0/2*1/2*'
plan
