# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# What must remain of a list (`distrust list --json`) that was exported and
# imported again: read by tests/consumer/exchange.sh with $form.

def all: ["server", "client", "email", "code"];
def facts: {match, usage, distrusted_after, subject, issuer, serial, sha1,
	sha256, spki_sha256, known_in_full};
def only($keys): with_entries(select(.key as $k |
	$keys + ["match", "usage", "known_in_full"] | index($k)));
def by($rule): .match | index($rule);
def has_serial: .issuer != null and .serial != null;
def undated: .distrusted_after == null;
def for_servers: .usage | index("server");

def remains:
	if $form == "itself" then .
	elif $form == "pem" then
		select(.known_in_full and undated and for_servers and
			by("certificate"))
		| .match = ["certificate"] | .usage = all
	elif $form == "openssl" then
		select(.known_in_full and undated and by("certificate"))
		| .match = ["certificate"]
	elif $form == "p11-kit" then
		select(undated and for_servers and by("certificate"))
		| .usage = all
		| if .known_in_full and by("key") then
			.match = ["certificate", "key"]
		else
			select(has_serial) | only(["issuer", "serial"])
			| .match = ["certificate"] | .known_in_full = false
		end
	elif $form == "certdata" then
		select(has_serial and by("certificate"))
		| select(undated or .known_in_full)
		| .match = ["certificate"]
		| if .known_in_full then . else
			only(["issuer", "serial", "sha1"])
		end
	elif $form == "jdk" then
		select(undated and for_servers and by("certificate") and
			.sha256 != null)
		| only(["sha256"])
		| .match = ["certificate"] | .usage = all
		| .known_in_full = false
	elif $form == "digests" then
		select(undated and for_servers) | .usage = all
		| .known_in_full = false
		| (select(by("certificate") and .sha256 != null)
			| only(["sha256"]) | .match = ["certificate"]),
		(select(by("key")) | only(["spki_sha256"]) | .match = ["key"])
	elif $form == "chromium" then
		select(.known_in_full and undated and for_servers and by("key"))
		| .match = ["certificate", "key"] | .usage = all
	elif $form == "onecrl" then
		select(has_serial and undated and for_servers and
			by("certificate"))
		| only(["issuer", "serial"])
		| .match = ["certificate"] | .usage = ["server"]
		| .known_in_full = false
	else error("unknown form: " + $form) end;

[.incidents[].entries[] | facts | remains | del(.[] | nulls)]
| sort_by(tojson)
