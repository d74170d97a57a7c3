# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# fish completes distrust(1): commands, their options, what an option takes,
# and the groups of `distrust list`.

function __distrust_groups
	distrust list 2>/dev/null |
		string replace -rf '^ {18}([a-z0-9-]+), [0-9].*' '$1'
end

# A command and what it is for.
function __distrust_command
	complete -c distrust -f -n __fish_use_subcommand -a $argv[1] -d $argv[2]
end

# An option of some commands: what it is for, the commands, and how fish
# describes it.
function __distrust_option
	complete -c distrust -n "__fish_seen_subcommand_from $argv[2]" \
		-d $argv[1] $argv[3..-1]
end

# What follows some commands.
function __distrust_argument
	complete -c distrust -f -n "__fish_seen_subcommand_from $argv[1]" \
		-a $argv[2]
end

set -l own add remove enable disable apply import
set -l places install uninstall status
set -l usages server client email code
set -l reasons state-interception interception leaked-key compromised-ca \
	misissuance distrusted-ca removed-ca state-ca vendor-ca

__distrust_command compile 'make a catalog from a folder of sources'
__distrust_command check 'is a certificate or host distrusted, and why'
__distrust_command scan "find what is distrusted in this machine's stores"
__distrust_command add 'distrust a certificate, key or name of your own'
__distrust_command remove 'take such a decision back'
__distrust_command enable 'refuse what an opt-in group lists'
__distrust_command disable 'refuse no more what a group lists'
__distrust_command apply 'make own decisions take effect'
__distrust_command import 'make own decisions of another list'
__distrust_command export 'write the list in the form of others'
__distrust_command filter 'take distrusted certificates out of a bundle'
__distrust_command list 'list the incidents, or search them'
__distrust_command show 'tell what is known of an incident'
__distrust_command install 'make programs refuse what is distrusted'
__distrust_command uninstall 'take back what install did'
__distrust_command status 'prove which programs refuse it'
__distrust_command verify 'check all of a catalog file'
__distrust_command audit 'check what a folder of sources says'

complete -c distrust -l help -d 'say what there is'
complete -c distrust -n __fish_use_subcommand -l version -d 'tool and list'

__distrust_option 'IPv4 alone' check -s 4
__distrust_option 'IPv6 alone' check -s 6
__distrust_option 'hosts, one a line' check -l hosts -rF
__distrust_option 'how many at a time' check -l at-once -x
__distrust_option 'seconds for each' check -l timeout -x
__distrust_option 'connect there' check -l connect -xa '(__fish_print_hostnames)'
__distrust_option 'ask for another name' check -l servername \
	-xa '(__fish_print_hostnames)'
__distrust_option 'speak until TLS begins' check -l starttls \
	-xa 'smtp imap pop3 ftp xmpp ldap none'
__distrust_option 'not even if there is one' check -l no-proxy
__distrust_option 'only for' 'check add import' -l usage -xa "$usages"

__distrust_option 'take them out' scan -l remove
__distrust_option 'ask nothing' scan -l yes

__distrust_option 'what is refused' add -l match -xa 'certificate name key'
__distrust_option 'only what is issued later' add -l after -x
__distrust_option 'what to call it' add -l label -x
__distrust_option 'what else to know' add -l note -x
__distrust_option 'which form it has' import -l format -xa \
	'p11-kit certdata policy crlset onecrl certificates digests'
__distrust_option 'digests are of keys' import -l by-key
__distrust_option 'folder of the sources' 'add import' -l group \
	-xa '(__distrust_groups)'
__distrust_option 'of the group' 'add import' -l title -x
__distrust_option 'of the group' 'add import' -l reason -xa "$reasons"
__distrust_option 'for this machine' "$own" -l system
__distrust_option 'for this user alone' "$own" -l user
__distrust_option 'for the machine below a folder' "$own" -l root \
	-xa '(__fish_complete_directories)'

__distrust_option 'for programs' "$own $places check scan list show verify" -l json

__distrust_option 'one incident alone' export -l group \
	-xa '(__distrust_groups)'
__distrust_option 'a catalog instead' 'export list show' -l catalog -rF
__distrust_option 'write there' 'export filter compile' -s o -l output -rF
__distrust_option 'change files where they are' filter -s i -l in-place
__distrust_option 'do not say what was taken out' filter -s q -l quiet

__distrust_option 'of a country' list -s c -l country -x
__distrust_option 'each certificate too' list -s e -l entries

__distrust_option "what is the user's own" "$places" -l user
__distrust_option "what is the machine's" "$places" -l system
__distrust_option 'this profile alone' "$places" -l profile \
	-xa '(__fish_complete_directories)'
__distrust_option 'where the module is' "$places scan" -l module -rF
__distrust_option 'change nothing' 'install uninstall' -l dry-run
__distrust_option 'nobody may click through' install -l strict
__distrust_option 'whether p11-kit-proxy shows it' install -l proxy -xa 'yes no'

__distrust_option 'write it as C source' compile -l source -rF
__distrust_option 'write what it depends on' compile -l depfile -rF
__distrust_option 'own decisions' compile -l local

__distrust_option 'NAME=FILE' audit -l trusted -x
__distrust_option 'intermediates.json' audit -l intermediates -rF
__distrust_option 'onecrl.json' audit -l onecrl -rF
__distrust_option 'blocked.certs' audit -l jdk -rF
__distrust_option 'what NSS refuses' audit -l nss -rF
__distrust_option 'what p11-kit refuses' audit -l p11-kit -rF
__distrust_option 'what is meant' audit -l exceptions -rF

__distrust_argument 'enable disable show list' '(__distrust_groups)'
__distrust_argument "$places" 'firefox thunderbird librewolf zen mullvad tor
	nssdb chromium p11-kit blocklist bundle java'
__distrust_argument export 'p11-kit pem openssl certdata jdk digests chromium
	firefox onecrl macos windows'

functions -e __distrust_command __distrust_option __distrust_argument
