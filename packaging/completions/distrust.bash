# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
# shellcheck shell=bash

# bash completes distrust(1): commands, their options, what an option takes,
# and the groups of `distrust list`.

_distrust_options()	# command
{
	local scope='--system --user --root --json'
	local places='--user --system --profile --module --json'

	case $1 in
	'') echo --version ;;
	compile) echo '-o --output --source --depfile --local' ;;
	check)
		echo '-4 -6 --hosts --at-once --timeout --connect' \
			'--servername --starttls --no-proxy --usage --json' ;;
	scan) echo '--remove --yes --module --json' ;;
	add)
		echo '--match --usage --after --group --title --reason' \
			"--label --note $scope" ;;
	remove | enable | disable | apply) echo "$scope" ;;
	import)
		echo '--format --by-key --usage --group --title --reason' \
			"$scope" ;;
	export) echo '-o --output --group --catalog' ;;
	filter) echo '-o --output -i --in-place -q --quiet' ;;
	list) echo '-c --country -e --entries --catalog --json' ;;
	show) echo '--catalog --json' ;;
	install) echo "$places --dry-run --strict --proxy" ;;
	uninstall) echo "$places --dry-run" ;;
	status) echo "$places" ;;
	verify) echo '--json' ;;
	audit)
		echo '--trusted --intermediates --onecrl --jdk --nss' \
			'--p11-kit --exceptions' ;;
	esac
}

_distrust_groups()
{
	distrust list 2>/dev/null |
		sed -n 's/^ \{18\}\([a-z0-9-]*\), [0-9].*/\1/p'
}

_distrust_words()	# of what
{
	case $1 in
	commands)
		echo 'compile check scan add remove enable disable apply import' \
			'export filter list show install uninstall status' \
			'verify audit' ;;
	reasons)
		echo 'state-interception interception leaked-key' \
			'compromised-ca misissuance distrusted-ca removed-ca' \
			'state-ca vendor-ca' ;;
	usages) echo 'server client email code' ;;
	targets)
		echo 'firefox thunderbird librewolf zen mullvad tor nssdb' \
			'chromium p11-kit blocklist bundle java' ;;
	read)
		echo 'p11-kit certdata policy crlset onecrl certificates' \
			'digests' ;;
	written)
		echo 'p11-kit pem openssl certdata jdk digests chromium' \
			'firefox onecrl macos windows' ;;
	esac
}

# What comes after an option that takes something; fails after one that does
# not.
_distrust_value()	# command, option
{
	local words

	case $2 in
	--starttls) words='smtp imap pop3 ftp xmpp ldap none' ;;
	--match) words='certificate name key' ;;
	--usage) words=$(_distrust_words usages) ;;
	--reason) words=$(_distrust_words reasons) ;;
	--format) words=$(_distrust_words read) ;;
	--group) words=$(_distrust_groups) ;;
	--connect | --servername) words=$(compgen -A hostname) ;;
	--at-once | --timeout | --after | --title | --label | --note | \
		-c | --country)
		return 0 ;;
	--profile | --root)
		_filedir -d
		return 0 ;;
	--hosts | --catalog | --module | --source | --depfile | -o | \
		--output | --trusted | --intermediates | --onecrl | --jdk | \
		--nss | --p11-kit | --exceptions)
		_filedir
		return 0 ;;
	*) return 1 ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

_distrust_argument()	# command
{
	local words

	case $1 in
	'') words=$(_distrust_words commands) ;;
	enable | disable | show | list) words=$(_distrust_groups) ;;
	install | uninstall | status) words=$(_distrust_words targets) ;;
	export) words=$(_distrust_words written) ;;
	check)
		_filedir
		words=$(compgen -A hostname) ;;
	apply) return ;;
	compile | audit)
		_filedir -d
		return ;;
	*)
		_filedir
		return ;;
	esac
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY \
		< <(compgen -W "$words" -- "$cur")
}

_distrust()
{
	# shellcheck disable=SC2034	# _init_completion sets them
	local cur prev words cword split command=

	_init_completion -n := || return
	((cword < 2)) || command=${words[1]}
	COMPREPLY=()
	((cword < 2)) || ! _distrust_value "$command" "$prev" || return
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$(_distrust_options "$command") --help" -- "$cur")
	else
		_distrust_argument "$command"
	fi
}

complete -F _distrust distrust
