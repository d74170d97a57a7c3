# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
#
# Tells WP what it does not see of initialised memory.  It reads a file as
# `frama-c -print` writes it, where a call is a statement of its own, and
# knows of C no more than calls and returns.
#
# In Frama-C 25 a variable is initialised by an assignment, but not by one of
# what a call returns, nor by memcpy() and memmove(), nor are the members of
# what a function is handed by value.  So after each call its result, and at
# the beginning of a function what it was handed, are admitted to be
# initialised; and so that it is true, what is handed over, returned or copied
# is checked, which WP does for no structure by itself.

{ source = source $0 "\n" }

END {
	while (source != "")
		take_definition()
	printf "%s", contract
}

# A comment, a declaration, or a function.
function take_definition(	head, name)
{
	if (match(source, /^[ \n]+/) || match(source, /^#[^\n]*\n/)) {
		contract = contract take(RLENGTH)
		return
	}
	if (source ~ /^\/[*]/) {
		contract = contract take_comment()
		return
	}
	head = take_until(";{")
	name = learn(head)
	if (name != "" && head ~ /[{]$/)
		declare_givers(name)
	printf "%s%s", contract, head
	contract = ""
	if (head !~ /[{]$/)
		return
	if (name == "") {
		if (head ~ /[)]/ && head !~ /=/)
			give_up("what is this? " head)
		printf "%s", take_block()
		return
	}
	printf "%s", shadow(name)
	take_body(name)
	printf " }\n"
}

# What a declaration says of a function: which of its parameters are
# structures, and whether it returns one.  Its name, or "".
function learn(head,	name, list, n, words, i, type)
{
	gsub(/__attribute__[(][(][^()]*\)\)/, "", head)
	gsub(/[(][*][a-z_0-9]+\)[(][^()]*\)/, "pointer", head)
	if (!match(head, /[A-Za-z_0-9]+\)?[ \n]*[(][^()]*\)[ \n]*[;{]$/))
		return ""
	list = substr(head, RSTART)
	match(list, /^[A-Za-z_0-9]+/)
	name = substr(list, 1, RLENGTH)
	returns[name] = head ~ /^(static |inline |extern |\n)*struct [a-z_0-9]+[ \n(]+[^*]*[(]/ &&
		head !~ /^[^(]*[*]/
	sub(/^[^(]*[(]/, "", list)
	sub(/\)[ \n]*[;{]$/, "", list)
	n = split(list, words, ",")
	for (i = 1; i <= n; i++) {
		gsub(/[ \n]+/, " ", words[i])
		sub(/^ /, "", words[i])
		type = ""
		if (words[i] ~ /^struct [a-z_0-9]+( [a-z_0-9]+)?$/) {
			type = substr(words[i], 8)
			sub(/ .*/, "", type)
		}
		parameter[name, i] = type
		named[name, i] = words[i]
		sub(/^.* /, "", named[name, i])
	}
	return name
}

# For each type of structure, once, a function that hands its value on.
function declare_givers(name,	i, type)
{
	for (i = 1; (name, i) in parameter; i++) {
		type = parameter[name, i]
		if (type == "" || type in given)
			continue
		given[type] = 1
		printf "\n/*@ terminates \\true; assigns \\nothing;" \
			" ensures \\result == value; */\n" \
			"struct %s given_%s(struct %s value);\n", type, type, type
	}
}

# What a function is handed, in variables of the same names.
function shadow(name,	i, type, text, copies)
{
	for (i = 1; (name, i) in parameter; i++) {
		type = parameter[name, i]
		if (type == "")
			continue
		text = text " struct " type " given_" i " = given_" type "(" \
			named[name, i] "); /*@ admit \\initialized(&given_" i "); */"
		copies = copies " struct " type " " named[name, i] " = given_" i ";"
	}
	return text " {" copies
}

# A function after its first brace, statement by statement.
function take_body(name,	depth, text)
{
	for (depth = 1; depth > 0; ) {
		if (match(source, /^[ \n]+/)) {
			printf "%s", take(RLENGTH)
			continue
		}
		if (source ~ /^\/[*]/) {
			printf "%s", take_comment()
			continue
		}
		text = take_until(";{}")
		depth += (text ~ /[{]$/) - (text ~ /[}]$/)
		if (text ~ /;$/)
			text = statement(name, text)
		printf "%s", text
	}
}

# One statement, with what goes before and after it where it is a call.
function statement(name, text,	before, left, call, callee, checks, admits)
{
	while (match(text, /^[ \n]*(else|[A-Za-z_0-9]+ *:|case [^:]*:)[ \n]+/) ||
	       conditional(text)) {
		before = before substr(text, 1, RLENGTH)
		text = substr(text, RLENGTH + 1)
	}
	if (returns[name] && match(text, /^return /)) {
		call = substr(text, 8, length(text) - 8)
		return before "{ /*@ check \\initialized(&" call "); */ " text " }"
	}
	call = text
	if (match(text, /^[^=()]*[^=()!<>] =[ \n]+/)) {
		left = substr(text, 1, RLENGTH)
		call = substr(text, RLENGTH + 1)
		sub(/ =[ \n]+$/, "", left)
	}
	sub(/^[(][^()]*\)/, "", call)
	if (!match(call, /^[A-Za-z_0-9]+[ \n]*[(]/) || call ~ /^sizeof[(]/)
		return before text
	callee = substr(call, 1, RLENGTH - 1)
	call = substr(call, RLENGTH + 1)
	sub(/[ \n]+$/, "", callee)
	sub(/\);$/, "", call)
	checks = check_arguments(callee, call)
	admits = admits_of(callee)
	if (left ~ /[A-Za-z_0-9][ \n*]+[A-Za-z_0-9]+$/) {
		sub(/^.*[ \n*]/, "", left)
		return before checks text " /*@ admit \\initialized(&" left "); */"
	}
	if (left != "")
		admits = admits " /*@ admit \\initialized(&" left "); */"
	if (checks admits == "")
		return before text
	return before "{ " checks text admits " ; }"
}

# Whether a text begins with if or while and its condition; RLENGTH of both.
function conditional(text,	depth, i, c)
{
	if (!match(text, /^[ \n]*(if|while) [(]/))
		return 0
	depth = 1
	for (i = RLENGTH + 1; depth > 0; i++) {
		c = substr(text, i, 1)
		depth += (c == "(") - (c == ")")
	}
	for (; substr(text, i, 1) ~ /[ \n]/; i++)
		;
	RLENGTH = i - 1
	return 1
}

# The checks of a call's arguments; splits them into argument[].
function check_arguments(callee, list,	depth, i, n, c, text)
{
	split("", argument)
	depth = n = 0
	list = list ","
	for (i = 1; i <= length(list); i++) {
		c = substr(list, i, 1)
		depth += (c == "(") - (c == ")")
		if (c == "," && depth == 0)
			n++
		else
			argument[n + 1] = argument[n + 1] c
	}
	for (i = 1; i <= n; i++)
		sub(/^[ \n]+/, "", argument[i])
	if (callee == "memcpy" || callee == "memmove")
		return " /*@ check \\initialized(" places(2) "); */ "
	for (i = 1; i <= n; i++)
		if (parameter[callee, i] != "")
			text = text " /*@ check \\initialized(&" argument[i] "); */ "
	return text
}

function admits_of(callee)
{
	if (callee == "memcpy" || callee == "memmove")
		return " /*@ admit " initialized_at(1) "; */"
	return ""
}

# The elements that memcpy() reads.
function places(i,	to)
{
	to = elements(i)
	return "(" to ") + (0 .. (" argument[3] ") / sizeof(*(" to ")) - 1)"
}

# The same of those that it writes, one by one: provers find it so of some of
# them.  In the model an element is one place, whatever its size.
function initialized_at(i,	to)
{
	to = "&(" elements(i) ")[0]"
	return "\\forall char *place; \\base_addr(place) == \\base_addr(" to \
		") && 0 <= place - (char *)(" to ") < (" argument[3] \
		") / sizeof(*(" to ")) ==> \\initialized(place)"
}

function elements(i,	to)
{
	to = argument[i]
	sub(/^[(]void (const )?[*]\)/, "", to)
	return to
}

# ---- Off the front of the source ----

function take(n,	text)
{
	text = substr(source, 1, n)
	source = substr(source, n + 1)
	return text
}

function give_up(why)
{
	print why >"/dev/stderr"
	exit 1
}

function take_comment()
{
	return take(index(source, "*/") + 1)
}

# Up to and with the first of some characters that is in no parenthesis.
function take_until(ends,	depth, i, c)
{
	depth = 0
	for (i = 1; i <= length(source); i++) {
		c = substr(source, i, 1)
		depth += (c == "(") - (c == ")")
		if (depth == 0 && index(ends, c))
			break
	}
	return take(i)
}

# A block that is no code.
function take_block(	depth, text, part)
{
	for (depth = 1; depth > 0; text = text part) {
		part = take_until("{}")
		depth += (part ~ /[{]$/) - (part ~ /[}]$/)
	}
	return text
}
