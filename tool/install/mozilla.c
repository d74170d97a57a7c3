/* SPDX-License-Identifier: BSD-3-Clause */
/* SPDX-FileCopyrightText: The p11-distrust authors */

/* Which programs there are in the family of Firefox, and where each keeps
 * its profiles. */

#include "install/mozilla.h"

static const char *const none[] = { NULL };

static int
find(const struct target *target, const struct target_options *options,
     struct buffer *places, struct fault *fault)
{
	if (options->scope == TARGET_SYSTEM)
		return mozilla_find_policies(target, options, places, fault);
	return mozilla_find_profiles(target, options, places, fault);
}

static int
plan(const struct target_place *place, const struct target_options *options,
     struct plan *p, struct fault *fault)
{
	if (place->scope == TARGET_SYSTEM)
		return mozilla_plan_policies(place, options, p, fault);
	return mozilla_plan_profile(place, options, p, fault);
}

static int
prove(const struct target_place *place, const struct target_options *options,
      struct target_verdict *verdict, struct fault *fault)
{
	if (place->scope == TARGET_SYSTEM)
		return mozilla_prove_policies(place, options, verdict, fault);
	return mozilla_prove_profile(place, options, verdict, fault);
}

/* ---- Firefox, which ESR shares its folders with ------------------------ */

static const struct mozilla firefox = {
	.homes = (const char *const[]){ ".mozilla/firefox", NULL },
	.configs = (const char *const[]){ "mozilla/firefox", NULL },
	.snaps = (const char *const[]){
		"snap/firefox/common/.mozilla/firefox", NULL },
	.flatpaks = (const char *const[]){
		".var/app/org.mozilla.firefox/.mozilla/firefox",
		".var/app/org.mozilla.firefox/config/mozilla/firefox", NULL },
	.etc = "firefox",
	.installed = (const char *const[]){
		"/usr/lib/firefox-esr", "/usr/lib/firefox",
		"/usr/lib64/firefox", "/opt/firefox", NULL },
};

const struct target target_firefox = {
	.name = "firefox", .title = "Firefox", .kind = &firefox,
	.scopes = TARGET_USER | TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};

/* ---- Others ------------------------------------------------------------ */

static const struct mozilla thunderbird = {
	.homes = (const char *const[]){ ".thunderbird", NULL },
	.configs = (const char *const[]){ "thunderbird", NULL },
	.snaps = (const char *const[]){
		"snap/thunderbird/common/.thunderbird", NULL },
	.flatpaks = (const char *const[]){
		".var/app/org.mozilla.Thunderbird/.thunderbird", NULL },
	.etc = "thunderbird",
	.installed = (const char *const[]){
		"/usr/lib/thunderbird", "/usr/lib64/thunderbird",
		"/opt/thunderbird", NULL },
};

const struct target target_thunderbird = {
	.name = "thunderbird", .title = "Thunderbird", .kind = &thunderbird,
	.scopes = TARGET_USER | TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};

static const struct mozilla librewolf = {
	.homes = (const char *const[]){ ".librewolf", NULL },
	.configs = (const char *const[]){ "librewolf/librewolf", NULL },
	.snaps = none,
	.flatpaks = (const char *const[]){
		".var/app/io.gitlab.librewolf-community/.librewolf", NULL },
	.etc = "librewolf",
	.installed = (const char *const[]){
		"/usr/lib/librewolf", "/usr/share/librewolf",
		"/opt/librewolf", NULL },
};

const struct target target_librewolf = {
	.name = "librewolf", .title = "LibreWolf", .kind = &librewolf,
	.scopes = TARGET_USER | TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};

static const struct mozilla zen = {
	.homes = (const char *const[]){ ".zen", NULL },
	.configs = (const char *const[]){ "zen", NULL },
	.snaps = none,
	.flatpaks = (const char *const[]){
		".var/app/app.zen_browser.zen/.zen", NULL },
	.etc = "zen",
	.installed = (const char *const[]){
		"/usr/lib/zen-browser", "/opt/zen-browser-bin", "/opt/zen",
		NULL },
};

const struct target target_zen = {
	.name = "zen", .title = "Zen", .kind = &zen,
	.scopes = TARGET_USER | TARGET_SYSTEM,
	.find = find, .plan = plan, .prove = prove,
};

static const struct mozilla mullvad = {
	.homes = (const char *const[]){
		".mullvad/mullvadbrowser", ".mullvad-browser",
		"mullvad-browser/Browser/TorBrowser/Data/Browser", NULL },
	.configs = none,
	.snaps = none,
	.flatpaks = (const char *const[]){
		".var/app/net.mullvad.MullvadBrowser/.mullvad/mullvadbrowser",
		NULL },
	.installed = none,
};

const struct target target_mullvad = {
	.name = "mullvad", .title = "Mullvad Browser", .kind = &mullvad,
	.scopes = TARGET_USER,
	.find = find, .plan = plan, .prove = prove,
};

/* Its users must all look alike: whoever changes it makes that decision by
 * name. */
static const struct mozilla tor = {
	.homes = (const char *const[]){
		"tor-browser/Browser/TorBrowser/Data/Browser",
		".local/share/torbrowser/tbb/x86_64/tor-browser/Browser/"
		"TorBrowser/Data/Browser", NULL },
	.configs = none,
	.snaps = none,
	.flatpaks = none,
	.installed = none,
};

const struct target target_tor = {
	.name = "tor", .title = "Tor Browser", .kind = &tor,
	.scopes = TARGET_USER, .on_request = true,
	.find = find, .plan = plan, .prove = prove,
};
