# trialseal. All output is under out/. HACKING.md says how to work on it.
#
#   make              the programs: out/trialseal, out/trialseal-verify, out/trialseal-verify-static
#   make check        tests and guards          make lint     clang-format, clang-tidy, cppcheck, both compilers
#   make asan         tests under sanitizers    make fuzz     every fuzz target, FUZZ_SECONDS=10 each
#   make demo         the main job on sample-data
#   make interop      other people's tools judge what we write
#   make bench        speed and memory beside other tools
#   make soak         hours of power cuts, full disks, kills, nights (docs/RELIABILITY.md)
#   make install      DESTDIR= PREFIX=/usr/local
#   make clean
#
# V=1 shows the commands. SHA256=sodium takes libsodium's SHA-256 in place of our own.

VERSION = 0.1.0
PREFIX  = /usr/local
DESTDIR =
CC      = gcc
O       = out
V       =

FUZZ_SECONDS = 10

WARN = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
       -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough -Wconversion

# Control-flow protection has another name on each architecture.
HARDEN_x86_64  = -fcf-protection
HARDEN_aarch64 = -mbranch-protection=standard
HARDEN = -fstack-protector-strong -fstack-clash-protection -fPIE -D_FORTIFY_SOURCE=2 \
         -fno-strict-aliasing -fno-common $(HARDEN_$(shell uname -m))

CPPFLAGS = -D_GNU_SOURCE -DTRIALSEAL_VERSION='"$(VERSION)"' -Isrc
ifeq ($(SHA256),sodium)
CPPFLAGS += -DSHA256_SODIUM
endif
OPT     = -O2 -g
CFLAGS  = -std=c11 $(CPPFLAGS) $(WARN) $(OPT) $(HARDEN) -ffile-prefix-map=$(CURDIR)=.
RELRO   = -Wl,-z,relro,-z,now,-z,noexecstack
LDFLAGS = -pie $(RELRO) -Wl,--as-needed

CORE_LIBS = -lsodium -lz
TEST_LIBS = -lcunit -lreadstat
LIBS      = -lcurl -lcrypto -larchive -lsqlite3 -lcsv -lexpat -linih $(CORE_LIBS) -lpthread

CORE_SRC   = $(wildcard src/base/*.c src/crypto/*.c src/format/*.c src/ledger/*.c src/bundle/*.c)
HOST_SRC   = $(wildcard src/os/*.c src/seal/*.c src/net/*.c src/dataset/*.c src/content/*.c src/store/*.c src/report/*.c src/study/*.c src/audit/*.c src/job/*.c src/keep/*.c)
CLI_SRC    = $(filter-out src/cli/main.c src/cli/verifier.c,$(wildcard src/cli/*.c))
VERIFY_SRC = $(addprefix src/cli/,verifier.c verdict.c offline.c output.c options.c)
SUITE_SRC  = $(wildcard tests/*/test_*.c)
TEST_SRC   = $(wildcard tests/*.c) $(filter-out tests/bench/% tests/bin/% tests/fuzz/%,$(wildcard tests/*/*.c))
SCRIPTS    = $(sort $(wildcard tests/*/test_*.sh tests/*/test_*.py))
HELPER_SRC = $(wildcard tests/bin/*.c)
FUZZ_SRC   = $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC  = $(wildcard tests/bench/*.c)
ALL_SRC    = $(sort $(wildcard src/*/*.c) $(TEST_SRC) $(HELPER_SRC) $(FUZZ_SRC) $(BENCH_SRC))
ALL_HEADER = $(wildcard src/*/*.h tests/*.h tests/*/*.h)

obj     = $(patsubst %.c,$(O)/%.o,$(1))
program = $(patsubst %.c,$(O)/%,$(1))

PROGRAMS = $(O)/trialseal $(O)/trialseal-verify
HELPERS  = $(call program,$(HELPER_SRC))
FUZZERS  = $(call program,$(FUZZ_SRC))

# In a recipe: $(call say,CC,file) and then $Q before the command.
Q   = $(if $(V),,@)
say = $(if $(V),,@echo '$(1) $(2)')

# Writes a line per word, and touches the file only if that changes it.
keep = @mkdir -p $(@D); printf $(1) > $@.new; if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

all: $(PROGRAMS) $(O)/trialseal-verify-static

# --- programs ------------------------------------------------------------------------------------

# Other flags or another compiler: compile everything again.
$(O)/flags: FORCE
	$(call keep,'%s\n' $(CC) $(CFLAGS))

$(O)/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$Q$(CC) $(CFLAGS) $(TEST_FLAGS) -MMD -MP -c -o $@ $<

$(O)/libcore.a: $(call obj,$(CORE_SRC))
$(O)/libhost.a: $(call obj,$(HOST_SRC))
$(O)/libcore.a $(O)/libhost.a:
	$(call say,AR,$@)
	@rm -f $@
	$Qar qcs $@ $^

link = $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^)

$(O)/trialseal: $(call obj,src/cli/main.c $(CLI_SRC)) $(O)/libhost.a $(O)/libcore.a
	$(call say,LD,$@)
	$Q$(link) $(LIBS)

$(O)/trialseal-verify: $(call obj,$(VERIFY_SRC)) $(O)/libcore.a
	$(call say,LD,$@)
	$Q$(link) $(CORE_LIBS)

$(O)/trialseal-verify-static: LDFLAGS = -static-pie $(RELRO)
$(O)/trialseal-verify-static: $(call obj,$(VERIFY_SRC)) $(O)/libcore.a
	$(call say,LD,$@)
	$Q$(link) $(CORE_LIBS)

# --- tests ---------------------------------------------------------------------------------------

names = $(patsubst test_%,%,$(basename $(notdir $(1))))

$(O)/suites.inc: FORCE
	$(call keep,'SUITE_OF(%s)\n' $(call names,$(SUITE_SRC)))

$(O)/scripts.inc: FORCE
	$(call keep,$(if $(SCRIPTS),'SCRIPT("%s")\n' $(SCRIPTS),''))

$(call obj,$(TEST_SRC) $(HELPER_SRC) $(FUZZ_SRC)): private TEST_FLAGS = -I. -I$(O) -Wno-missing-prototypes
$(O)/tests/run.o: $(O)/suites.inc $(O)/scripts.inc

$(O)/run-tests: $(call obj,$(TEST_SRC) $(CLI_SRC)) $(O)/libhost.a $(O)/libcore.a | $(HELPERS)
	$(call say,LD,$@)
	$Q$(link) $(TEST_LIBS) $(LIBS)

# Programs that test scripts call.
$(O)/tests/bin/xpt_write $(O)/tests/bin/bench_data: $(call obj,tests/dataset/xpt_make.c)
$(HELPERS): $(O)/%: $(O)/%.o $(O)/libhost.a $(O)/libcore.a
	$(call say,LD,$@)
	$Q$(link) $(LIBS)

check: all $(O)/run-tests
	@O=$(O) $(O)/run-tests

# --- the same sources, built otherwise -----------------------------------------------------------

SANITIZE = -fsanitize=address,undefined
# Sanitizers make compilers warn of what cannot happen; lint and the released build are strict.
SANITIZED = -O1 -g -w -fno-sanitize-recover=all

asan:
	+@$(MAKE) --no-print-directory O=out/asan OPT='$(SANITIZED) $(SANITIZE)' \
	    HARDEN= LDFLAGS='$(SANITIZE)' check-sanitized

# With libsodium's SHA-256: what rests on hashes most.
check-sodium:
	+@$(MAKE) --no-print-directory O=out/sodium SHA256=sodium out/sodium/run-tests
	@O=out/sodium out/sodium/run-tests sha256 tree tree_vectors tile verify objects

# A static program has no sanitizer.
check-sanitized: $(PROGRAMS) $(O)/run-tests
	@O=$(O) $(O)/run-tests

fuzz:
	+@$(MAKE) --no-print-directory O=out/fuzz CC=clang-14 HARDEN= LDFLAGS='$(SANITIZE),fuzzer' \
	    OPT='$(SANITIZED) $(SANITIZE),fuzzer-no-link' fuzzers
	@scripts/tally scripts/fuzz out/fuzz $(FUZZ_SECONDS) $(FUZZ_SRC)

fuzzers: $(FUZZERS)
$(O)/tests/fuzz/fuzz_bundle: $(O)/tests/bundle/bundle_make.o
$(O)/tests/fuzz/fuzz_csv: $(O)/tests/dataset/csv_judge.o
$(O)/tests/fuzz/fuzz_dataset_json: $(O)/tests/dataset/json_judge.o
$(O)/tests/fuzz/fuzz_xpt: private LIBS += -lreadstat
$(FUZZERS): $(O)/%: $(O)/%.o $(O)/libhost.a $(O)/libcore.a
	$(call say,LD,$@)
	$Q$(link) $(LIBS)

# --- lint ----------------------------------------------------------------------------------------

lint: lint-format lint-cppcheck lint-shell lint-tidy lint-gcc lint-clang
	@echo 'lint: nothing to say'

lint-format:
	$(call say,FORMAT,src tests)
	$Qclang-format-14 --dry-run -Werror $(ALL_SRC) $(ALL_HEADER)

lint-cppcheck:
	@mkdir -p $(O)/lint/cppcheck
	$(call say,CPPCHECK,src tests)
	$Qcppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr \
	    --std=c11 --library=posix --suppressions-list=.cppcheck --cppcheck-build-dir=$(O)/lint/cppcheck \
	    -Isrc $(filter src/% tests/bin/%,$(ALL_SRC))

lint-shell:
	$(call say,SHELLCHECK,scripts)
	$Qgrep -lE '^#!.*(bash|sh)$$' scripts/* sample-data/generate .ci/run tests/*/*.sh | xargs shellcheck -x

lint-tidy: $(patsubst %.c,$(O)/lint/%.tidy,$(ALL_SRC))
$(O)/lint/%.tidy: %.c $(ALL_HEADER) .clang-tidy $(O)/suites.inc $(O)/scripts.inc
	@mkdir -p $(@D)
	$(call say,TIDY,$<)
	$Qclang-tidy-14 --quiet $< -- -std=c11 $(CPPFLAGS) -I. -I$(O) 2>$@.log || { cat $@.log; false; }
	@touch $@

lint-gcc: all $(O)/run-tests
lint-clang:
	+@$(MAKE) --no-print-directory CC=clang-14 O=out/clang all out/clang/run-tests

# --- whole runs ----------------------------------------------------------------------------------

demo: all
	@scripts/demo-run $(O)/demo

interop: all $(HELPERS)
	@scripts/tally scripts/interop

# What stands beside us there; only this needs yajl.
$(O)/tests/bench/parse_time: $(O)/tests/bench/parse_time.o
	$(call say,LD,$@)
	$Q$(link) -lreadstat -lyajl

bench: all $(HELPERS) $(call program,$(BENCH_SRC))
	@O=$(O) scripts/bench

# $(call copy,files,folder): nothing where there is no file
copy = $(if $(1),install -m 644 $(1) $(2))
into = $(DESTDIR)$(PREFIX)

soak: all $(HELPERS)
	@O=$(O) scripts/soak

install: all
	install -d $(into)/bin $(into)/share/doc/trialseal $(into)/share/man/man1 $(into)/share/trialseal/schemas
	install -m 755 $(PROGRAMS) $(O)/trialseal-verify-static $(into)/bin
	install -m 755 scripts/verify-with-stock-tools.sh $(into)/share/trialseal
	$(call copy,README.md LICENSE $(wildcard docs/*.md),$(into)/share/doc/trialseal)
	$(call copy,$(wildcard schemas/*.json),$(into)/share/trialseal/schemas)
	$(call copy,$(wildcard docs/man/*.1),$(into)/share/man/man1)

clean:
	rm -rf out

-include $(patsubst %.o,%.d,$(call obj,$(ALL_SRC)))

FORCE:
.PHONY: all check asan check-sanitized check-sodium fuzz fuzzers lint lint-format lint-cppcheck lint-shell lint-tidy \
        lint-gcc lint-clang demo interop bench soak install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
