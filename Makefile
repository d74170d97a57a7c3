# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
#
#   make            build build/p11-distrust.so and build/distrust
#   make demo       show the main job on a throwaway database
#   make check      run all tests that this machine can run
#   make check-browsers  only the real browsers; -timing: how fast they start
#   make docs-check only what the documents promise: links, commands, output
#   make check-package  build the packages, and live with them in a clean Debian
#   make check-bare the two commands of the README in a Debian with nothing else
#   make check-newer programs of Debian 13 that Debian 12 lacks
#   make audit      check certs/ against what this machine's packages hold
#   make check-unit the unit tests alone; VALGRIND=1: under its memcheck
#   make coverage   which lines of the module they run, and which not
#   make lint       have analysers read the sources, and shellcheck the scripts
#   make prove      prove that the reader of catalogs and of certificates keeps
#                   its contracts (PROVE="module/der.c ...")
#   make fuzz       search for inputs that break it (T=60 seconds each,
#                   FUZZ="names calls ...")
#   make bench      measure it beside its peers (BENCH="warm users ...")
#   make install    copy to $(DESTDIR); make uninstall takes it away
#   make dist       the release's tarball; make deb: Debian packages of it
#
# Variables, with their defaults: B=build (folder of the results), CC=cc,
# CPPFLAGS, CFLAGS, LDFLAGS (yours come last), PREFIX=/usr, DESTDIR= (empty),
# CA_HOOKS, CA_HOOK and ZSH_COMPLETIONS (see "Installing"), V=1 (show commands),
# WERROR=1 (warnings are errors), SANITIZE=address,undefined or thread (an
# instrumented build).  Give each kind of build a B of its own.

B ?= build
PREFIX ?= /usr
PKG_CONFIG ?= pkg-config
LOCALES = $(PREFIX)/share/locale
CFLAGS ?= -O2 -g
Q := $(if $(V),,@)
, := ,
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2);)

# ---- Flags --------------------------------------------------------------

pkg = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
has_flag = $(shell echo 'int x;' | $(CC) -Werror $(1) -c -x c - -o /dev/null \
	2>/dev/null && echo $(1))

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual \
	-Wwrite-strings -Wmissing-prototypes $(if $(WERROR),-Werror)
hardening := -fstack-protector-strong $(call has_flag,-fcf-protection) \
	$(call has_flag,-mbranch-protection=standard) \
	$(call has_flag,-fstack-clash-protection) \
	$(if $(SANITIZE)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS)$(CFLAGS)),, \
		-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
sanitizers := $(if $(SANITIZE),-fsanitize=$(SANITIZE) \
	-fno-sanitize-recover=all -fno-omit-frame-pointer)
# The same bytes, wherever the sources and the results are.
paths := -ffile-prefix-map=$(abspath $(B))=build -ffile-prefix-map=$(CURDIR)=. \
	-ffile-prefix-map=$(B)/=build/

base_cflags = -std=c11 -D_POSIX_C_SOURCE=200809L -Iinclude \
	$(call pkg,--cflags p11-kit-1) -fPIC $(warnings) $(hardening) \
	$(sanitizers) $(paths) -MMD -MP $(CPPFLAGS)
base_ldflags = $(sanitizers) -Wl,-z,relro,-z,now,-z,noexecstack

module_flags = -fvisibility=hidden
tool_flags = -Itool -Imodule -DLOCALE_PATH='"$(LOCALES)"' $(call pkg,--cflags libssl libcrypto jansson) \
	$(patsubst -I%,-isystem %,$(call pkg,--cflags nss)) \
	-DMODULE_PATH='"$(module_path)/p11-distrust.so"' \
	-DTRUST_PATHS='"$(call pkg,--variable=p11_trust_paths p11-kit-1)"' \
	-DMODULE_CONFIGS='"$(module_configs)"'
tool_libs = -Wl,--as-needed $(call pkg,--libs libssl libcrypto jansson nss) -linih

# ---- What is made of what -----------------------------------------------

module_src := $(wildcard module/*.c)
tool_src := $(wildcard tool/*.c tool/*/*.c)
# The part of the module that the tool shares: all that is not Cryptoki.
shared_src := $(addprefix module/,catalog.c der.c dn.c file.c find.c \
	lists.c sha256.c)
# The part of the tool that compiles: all there is when the built-in list does
# not exist yet.
compiler_src := $(wildcard tool/compile/*.c) $(addprefix tool/base/, \
	buffer.c fault.c output.c table.c text.c tree.c)

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
module_obj := $(call obj,$(module_src)) $(B)/obj/builtin.o
# Files that the tool carries as they are, to write them elsewhere.
carried := packaging/ca-certificates-hook packaging/p11-distrust.module \
	tool/install/Ask.java
made_obj := $(B)/obj/builtin.o $(B)/obj/carried.o
distrust_obj := $(call obj,$(filter-out tool/compile/bootstrap.c,$(tool_src)) \
	$(shared_src)) $(made_obj)
bootstrap_obj := $(call obj,$(compiler_src) $(shared_src))

all: $(B)/p11-distrust.so $(B)/distrust

$(B)/p11-distrust.so: $(module_obj)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(base_ldflags) -Wl,-z,defs -Wl,--no-undefined \
		-Wl,-Bsymbolic -Wl,-soname,p11-distrust.so -o $@ $(module_obj) \
		$(CFLAGS) $(LDFLAGS)

$(B)/distrust: $(distrust_obj)
	$(call say,LINK,$@)
	$(Q)$(CC) -pie $(base_ldflags) -o $@ $(distrust_obj) $(tool_libs) \
		$(CFLAGS) $(LDFLAGS)

$(B)/bootstrap: $(bootstrap_obj)
	$(call say,LINK,$@)
	$(Q)$(CC) -pie $(base_ldflags) -o $@ $(bootstrap_obj) $(tool_libs) \
		$(CFLAGS) $(LDFLAGS)

# The compiler lists what it has read, folders too: a certificate that is
# added or deleted changes its folder.
$(B)/builtin.c: $(B)/bootstrap
	$(call say,COMPILE,certs)
	$(Q)$(B)/bootstrap --source $@ --depfile $(B)/builtin.d certs

$(B)/obj/builtin.o: $(B)/builtin.c Makefile
	$(call say,CC,$<)
	$(Q)$(CC) $(base_cflags) $(module_flags) -Imodule $(CFLAGS) -c -o $@ $<

$(B)/carried.c: $(carried) Makefile
	$(call say,CARRY,$(carried))
	$(Q)mkdir -p $(@D)
	$(Q){ printf '#include "install/carried.h"\n'; for file in $(carried); do \
		printf '\nconst char carried_%s[] =\n' \
			"$$(basename $$file | tr -c 'a-zA-Z0-9\n' _)"; \
		sed 's/[\\"]/\\&/g; s/.*/\t"&\\n"/; $$s/$$/;/' $$file; \
	done; } >$@

$(B)/obj/carried.o: $(B)/carried.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(tool_flags) $(CFLAGS) -c -o $@ $<

$(B)/obj/module/%.o: module/%.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(module_flags) $(CFLAGS) -c -o $@ $<

$(B)/obj/tool/%.o: tool/%.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(tool_flags) $(CFLAGS) -c -o $@ $<

-include $(wildcard $(B)/obj/*.d $(B)/obj/*/*.d $(B)/obj/*/*/*.d \
	$(B)/coverage/*.d $(B)/builtin.d)

# ---- Languages ----------------------------------------------------------

# A domain of gettext, in English where msgfmt or a translation is missing.
# Some functions translate what they are handed.
languages := $(patsubst po/%.po,%,$(wildcard po/*.po))
XGETTEXT := xgettext --language=C --from-code=UTF-8 --keyword --keyword=_ \
	--keyword=N_ --keyword=ngettext:1,2 --keyword=fault_at:4 \
	--keyword=fault_errno:3 --keyword=target_verdict:3 \
	--keyword=target_say:2 --keyword=target_is_beyond:2 \
	--keyword=plan_write:5 --keyword=plan_run:3 --keyword=plan_note:2 \
	--keyword=import_leave:2 --keyword=refuse:2 --keyword=fail:2 \
	--keyword=fail:3 --keyword=refuse:3 --keyword=complain:2 \
	--keyword=complain:3 --keyword=input_read:3 \
	--files-from=po/POTFILES --add-location=file --no-wrap

ifneq ($(shell command -v msgfmt),)
translations := $(languages:%=$(B)/locale/%/LC_MESSAGES/p11-distrust.mo)
all: $(translations)
endif

$(B)/locale/%/LC_MESSAGES/p11-distrust.mo: po/%.po
	$(call say,MSGFMT,$<)
	$(Q)mkdir -p $(@D)
	$(Q)msgfmt -c -o $@ $<

# The messages as they are now, and what translators have of them.
$(B)/messages.pot: $(tool_src) po/POTFILES
	$(Q)mkdir -p $(B)
	$(Q)$(XGETTEXT) -o $@ 2>/dev/null

messages: $(B)/messages.pot
	$(Q)for po in po/*.po; do \
		msgmerge -q --no-wrap --no-fuzzy-matching -o $(B)/merged \
			$$po $(B)/messages.pot && mv $(B)/merged $$po; done

# ---- Tests --------------------------------------------------------------

unit_src := $(wildcard tests/unit/test_*.c)
unit := $(patsubst tests/unit/%.c,$(B)/tests/%,$(unit_src))
# Tests look at the module from inside and outside, and at the tool's parts.
unit_obj := $(call obj,$(filter-out tool/main.c tool/compile/bootstrap.c,$(tool_src)) \
	$(module_src)) $(made_obj)
unit_libs = $(call pkg,--libs cmocka) $(tool_libs) -ldl -lpthread

# The calls that this one lets fail.
faults_ldflags := $(addprefix -Wl$(,)--wrap=, \
	calloc open fstat stat read mmap mprotect close)
$(B)/tests/test_faults: private test_ldflags := $(faults_ldflags)

$(B)/tests/%: tests/unit/%.c $(unit_obj)
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(tool_flags) -MF $(B)/obj/$*.d -pie \
		$(base_ldflags) $(test_ldflags) -o $@ $< $(unit_obj) \
		$(unit_libs) $(CFLAGS) $(LDFLAGS)

# What tests/consumer/catalogue.sh and the audit ask with.
catalogue := $(patsubst tests/catalogue/%.c,$(B)/catalogue/%, \
	$(wildcard tests/catalogue/*.c))

$(B)/catalogue/%: tests/catalogue/%.c $(unit_obj)
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(tool_flags) \
		-MF $(B)/obj/catalogue-$*.d -pie $(base_ldflags) -o $@ $< \
		$(unit_obj) $(tool_libs) -ldl -lpthread $(CFLAGS) $(LDFLAGS)

# Fuzz targets, replayed with their corpora; how they are built stands below.
fuzzed := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
replays := $(patsubst %,$(B)/tests/fuzz_%,$(fuzzed))
fuzzers := $(patsubst %,$(B)/fuzzers/%,$(fuzzed))

# What a release costs is counted with what a release is built with.
build-tests: all $(unit) $(catalogue) $(replays) \
	$(if $(SANITIZE)$(MODULE),,$(B)/bench/count)

# ---- Fuzzing ------------------------------------------------------------

# fuzz_import.c takes that file in, to reach behind its command.
fuzz_obj = $(if $(filter import,$*),$(filter-out %/exchange/import.o, \
	$(unit_obj)),$(unit_obj))
fuzz_flags = -DFUZZ_CORPUS='"tests/fuzz/corpus/$*"' -pie $(base_ldflags)

$(B)/tests/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(unit_obj)
	$(call say,FUZZ,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(tool_flags) -MF $(B)/obj/replay_$*.d \
		$(fuzz_flags) -o $@ $< tests/fuzz/replay.c $(fuzz_obj) \
		$(tool_libs) -ldl -lpthread $(CFLAGS) $(LDFLAGS)

# Only clang has libFuzzer: a build of its own, which make fuzz makes.
$(B)/fuzzers/%: tests/fuzz/fuzz_%.c $(unit_obj)
	$(call say,FUZZ,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(tool_flags) -MF $(B)/obj/fuzz_$*.d \
		$(fuzz_flags) -fsanitize=fuzzer -o $@ $< $(fuzz_obj) \
		$(tool_libs) -ldl -lpthread $(CFLAGS) $(LDFLAGS)

fuzzers: $(fuzzers)

T ?= 60
fuzz:
	@tests/install build check fuzz
	@$(MAKE) --no-print-directory -s fuzzers B=$(B)/fuzz CC=clang \
		SANITIZE=address,undefined \
		CFLAGS="$(CFLAGS) -fsanitize=fuzzer-no-link"
	@B=$(abspath $(B))/fuzz tests/fuzz/run $(T) $(FUZZ)

demo:
	@tests/install build demo
	@$(MAKE) --no-print-directory -s all
	@P11_DISTRUST_MODULE=$(abspath $(B))/p11-distrust.so tests/demo

check:
	@tests/install build check
	@$(MAKE) --no-print-directory -s build-tests
	@B=$(abspath $(B)) SANITIZE=$(SANITIZE) tests/run $(TESTS)

unit_names = $(patsubst tests/unit/test_%.c,%,$(unit_src)) \
	$(addprefix fuzz_,$(fuzzed))

# Of a build that may install nothing and ask no real program.
check-unit: build-tests
	@B=$(abspath $(B)) SANITIZE=$(SANITIZE) VALGRIND=$(VALGRIND) \
		tests/run $(unit_names)

# Which lines of the module they run; below that share of them it fails.  The
# module alone is counted, and linked with what else there is; not by those
# that judge the tool, the file as it is built, or processes that die.
COVERED ?= 95
counted := --coverage -fprofile-update=atomic -O1 -g
counted_obj := $(module_src:module/%.c=$(B)/coverage/%.o)
counted_unit := $(filter-out $(addprefix %/test_,compile corrupt exports list \
	verify),$(unit:$(B)/%=$(B)/coverage/%)) \
	$(addprefix $(B)/coverage/tests/fuzz_,calls catalog names search)

$(B)/coverage/%.o: module/%.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(module_flags) $(counted) -c -o $@ $<

$(B)/coverage/p11-distrust.so: $(counted_obj) $(B)/obj/builtin.o
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(base_ldflags) -o $@ $^ -lgcov $(CFLAGS)

$(B)/coverage/tests/test_faults: private test_ldflags := $(faults_ldflags)

$(B)/coverage/tests/%: tests/unit/%.c $(counted_obj) $(unit_obj)
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(tool_flags) -MF $(B)/coverage/$*.d -pie \
		$(base_ldflags) $(test_ldflags) -o $@ $< $(counted_obj) \
		$(filter-out $(B)/obj/module/%,$(unit_obj)) $(unit_libs) \
		-lgcov $(CFLAGS)

$(B)/coverage/tests/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c \
		$(counted_obj) $(unit_obj)
	$(call say,FUZZ,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(tool_flags) -MF $(B)/coverage/fuzz_$*.d \
		$(fuzz_flags) -o $@ $< tests/fuzz/replay.c $(counted_obj) \
		$(filter-out $(B)/obj/module/%,$(unit_obj)) $(tool_libs) \
		-ldl -lpthread -lgcov $(CFLAGS)

coverage:
	@tests/install build check coverage
	@$(MAKE) --no-print-directory -s $(counted_unit) \
		$(B)/coverage/p11-distrust.so
	@rm -f $(B)/coverage/*.gcda
	@B=$(abspath $(B))/coverage tests/run \
		$(patsubst test_%,%,$(notdir $(counted_unit)))
	@gcovr --root . --filter module/ --filter include/ \
		--fail-under-line $(COVERED) $(B)/coverage

check-browsers:
	@$(MAKE) --no-print-directory -s check TESTS=browsers

docs-check:
	@$(MAKE) --no-print-directory -s check TESTS=docs

# Twenty pairs of starts of Firefox: on a machine that does nothing else.
check-browsers-timing:
	@tests/install build check
	@$(MAKE) --no-print-directory -s all
	@B=$(abspath $(B)) tests/browsers/timing

check-package:
	@tests/install build check package
	@B=$(abspath $(B)) tests/package/run

# What Debian 12 does not have yet, out of Debian 13.
check-newer:
	@tests/install build check
	@$(MAKE) --no-print-directory -s all
	@P11_DISTRUST_MODULE=$(abspath $(B))/p11-distrust.so tests/package/newer

check-bare:
	@tests/install build package
	@B=$(abspath $(B)) tests/package/bare

# What analysers find: nothing.  Each file by itself, as many at a time as
# there are processors.
lint_flags = -std=c11 -D_POSIX_C_SOURCE=200809L -Iinclude \
	$(call pkg,--cflags p11-kit-1) $(tool_flags)
each_source = printf '%s\n' $(module_src) $(tool_src) | \
	xargs -P "$$(nproc)" -I {}

lint:
	@tests/install build lint
	$(call say,TIDY,"module and tool")
	$(Q)$(each_source) clang-tidy --quiet {} -- $(lint_flags) 2>/dev/null
	$(call say,CPPCHECK,"module and tool")
	$(Q)cppcheck -q --std=c11 --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 -Iinclude -Imodule -Itool \
		$(call pkg,--cflags-only-I p11-kit-1) module tool
	$(call say,ANALYZE,"module and tool")
	$(Q)$(each_source) gcc -O2 -fanalyzer -Werror $(lint_flags) \
		-c -o /dev/null {}
	$(call say,REUSE,"licences and owners")
	$(Q)reuse lint -q || reuse lint
	$(call say,CHECK,scripts)
	$(Q)shellcheck -x .ci/run tests/run tests/install tests/demo \
		tests/*.sh tests/consumer/*.sh tests/catalogue/audit \
		tests/catalogue/*.sh tests/package/*.sh \
		$(addprefix tests/package/,run bare newer ask plant consumers) \
		tests/fuzz/run tests/fuzz/seeds tests/proof/run \
		$(addprefix tests/bench/,run users instructions spread report \
			tables) \
		packaging/build-deb packaging/completions/distrust.bash \
		packaging/ca-certificates-hook packaging/alpine/p11-distrust.* \
		packaging/arch/p11-distrust.install packaging/debian/p11-distrust.p*

prove:
	@tests/install build prove
	@tests/proof/run $(PROVE)

audit:
	@tests/install build check
	@$(MAKE) --no-print-directory -s all $(catalogue)
	@B=$(abspath $(B)) tests/catalogue/audit

# ---- Benchmarks ---------------------------------------------------------

bench_shared := $(call obj,$(addprefix tests/bench/,modules.c questions.c \
	measure.c))
bench_programs := $(patsubst %,$(B)/bench/%,warm count fresh cold threads \
	lists verify handshake)

# What a call costs its caller is the same for all: as little as can be.
$(B)/obj/tests/bench/%.o: tests/bench/%.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(tool_flags) -fno-stack-protector \
		$(CFLAGS) -c -o $@ $<

$(B)/bench/null.so: tests/bench/null.c Makefile
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(base_cflags) $(module_flags) -MF $(B)/obj/null.d -shared \
		$(base_ldflags) -o $@ $< $(CFLAGS) $(LDFLAGS)

$(B)/bench/handshake: private bench_libs = $(call pkg,--libs gnutls)

$(B)/bench/%: $(B)/obj/tests/bench/%.o $(bench_shared)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -pie $(base_ldflags) -o $@ $^ $(tool_libs) $(bench_libs) \
		-ldl -lpthread $(CFLAGS) $(LDFLAGS)

bench:
	@tests/install build check bench
	@$(MAKE) --no-print-directory -s all $(bench_programs) $(B)/bench/null.so
	@B=$(abspath $(B)) P11_DISTRUST_MODULE=$(abspath $(B))/p11-distrust.so \
		tests/bench/run $(BENCH)

# ---- Installing ---------------------------------------------------------

# Where shells look, below $(PREFIX)/share.
BASH_COMPLETIONS ?= bash-completion/completions
ZSH_COMPLETIONS ?= zsh/site-functions
FISH_COMPLETIONS ?= fish/vendor_completions.d

module_path := $(or $(call pkg,--variable=p11_module_path p11-kit-1), \
	$(PREFIX)/lib/pkcs11)
module_configs := $(or $(call pkg,--variable=p11_module_configs p11-kit-1), \
	$(PREFIX)/share/p11-kit/modules)
# Where update-ca-certificates of Debian, Ubuntu and Alpine looks for hooks, and
# what ours is called; empty where update-ca-trust asks p11-kit.
CA_HOOKS ?= /etc/ca-certificates/update.d
CA_HOOK ?= distrust
share := $(PREFIX)/share
# Where Firefox looks for the manifests of modules that extensions may load.
native_path := $(PREFIX)/lib/mozilla/pkcs11-modules
# What a reader reads; openSUSE has a place of its own for that.
doc_path := $(share)/doc/p11-distrust
man_section = $(subst .,,$(suffix $(1)))

# MODE:FILE:PLACE.
installed = 644:$(B)/p11-distrust.so:$(module_path)/p11-distrust.so \
	644:packaging/p11-distrust.module:$(module_configs)/p11-distrust.module \
	755:$(B)/distrust:$(PREFIX)/bin/distrust \
	$(if $(CA_HOOKS),755:$(B)/ca-certificates-hook:$(CA_HOOKS)/$(CA_HOOK)) \
	644:$(B)/p11_distrust.json:$(native_path)/p11_distrust.json \
	$(foreach page,$(wildcard packaging/man/*.[1-8]),644:$(page):$(share)/man/man$(call man_section,$(page))/$(notdir $(page))) \
	644:packaging/completions/distrust.bash:$(share)/$(BASH_COMPLETIONS)/distrust \
	644:packaging/completions/_distrust:$(share)/$(ZSH_COMPLETIONS)/_distrust \
	644:packaging/completions/distrust.fish:$(share)/$(FISH_COMPLETIONS)/distrust.fish \
	$(foreach at,$(filter $(B)/locale/%,$(translations)),644:$(at):$(LOCALES)/$(at:$(B)/locale/%=%)) \
	$(foreach file,README.md NEWS,644:$(file):$(doc_path)/$(file))

# As it is, but for the path of the tool.
$(B)/ca-certificates-hook: packaging/ca-certificates-hook Makefile
	$(Q)sed 's|^distrust=.*|distrust=$(PREFIX)/bin/distrust|' $< >$@

$(B)/p11_distrust.json: packaging/pkcs11-modules/p11_distrust.json.in Makefile
	$(Q)sed '/^#/d; s|@module@|$(module_path)/p11-distrust.so|' $< >$@

install: all $(B)/ca-certificates-hook $(B)/p11_distrust.json
	$(Q)set -e; for each in $(installed); do \
		rest=$${each#*:}; to=$(DESTDIR)$${rest#*:}; \
		$(if $(V),set -x;) \
		install -D -m "$${each%%:*}" "$${rest%%:*}" "$$to"; \
	done

uninstall:
	$(Q)for each in $(installed); do \
		rm -f "$(DESTDIR)$${each##*:}"; \
	done
	$(Q)-rmdir $(DESTDIR)$(doc_path) 2>/dev/null

# ---- Releasing ----------------------------------------------------------

version := $(shell awk '/define IDENTITY_VERSION_M/ { v = v dot $$3; dot = "." } \
	END { print v }' module/identity.h)
tarball = $(B)/p11-distrust-$(version).tar.gz

# What is committed; the time of each file is that of the commit, its owner
# root, whatever this machine has.
dist:
	$(call say,DIST,$(tarball))
	$(Q)mkdir -p $(B)
	$(Q)git -c tar.umask=0022 archive --format=tar \
		--prefix=p11-distrust-$(version)/ HEAD | gzip -9n >$(tarball)

# Debian's packages of that, in $(B)/deb.
deb: dist
	$(Q)packaging/build-deb $(tarball) $(B)/deb

clean:
	rm -rf $(B)

.PHONY: all messages audit demo check check-bare check-browsers check-newer \
	check-browsers-timing check-package check-unit coverage docs-check lint prove \
	fuzz fuzzers bench build-tests install uninstall dist deb clean
.DELETE_ON_ERROR:
