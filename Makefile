# trialseal. All output is under out/. HACKING.md says how to work on it.
#
#   make              the programs: out/trialseal, out/trialseal-verify
#   make check        tests and guards          make lint     clang-format, clang-tidy, cppcheck
#   make asan         tests under sanitizers    make fuzz     every fuzz target, briefly
#   make demo         the main job on sample-data
#   make interop      other people's tools judge what we write
#   make bench        speed and memory beside other tools
#   make install DESTDIR= PREFIX=/usr/local
#
# SHA256=sodium takes libsodium's SHA-256 in place of our own.

VERSION = 0.1.0
PREFIX  = /usr/local
DESTDIR =
CC      = gcc
O       = out

CSTD    = -std=c11 -D_GNU_SOURCE -DTRIALSEAL_VERSION='"$(VERSION)"'
WARN    = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
          -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough -Wconversion
HARDEN  = -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE \
          -D_FORTIFY_SOURCE=2 -fno-strict-aliasing -fno-common
OPT     = -O2 -g
CFLAGS  = $(CSTD) $(WARN) $(OPT) $(HARDEN) -Isrc
LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
ifeq ($(SHA256),sodium)
CFLAGS += -DSHA256_SODIUM
endif

CORE_LIBS = -lsodium -lz
LIBS      = -larchive -lsqlite3 -lcsv -linih $(CORE_LIBS) -lpthread

CORE_SRC = $(wildcard src/base/*.c src/crypto/*.c src/format/*.c src/ledger/*.c src/bundle/*.c)
HOST_SRC = $(wildcard src/os/*.c src/dataset/*.c src/store/*.c src/job/*.c)
CLI_SRC  = $(filter-out src/cli/main.c src/cli/verifier.c,$(wildcard src/cli/*.c))
TEST_SRC = $(filter-out tests/fuzz/%,$(wildcard tests/*/*.c)) $(wildcard tests/*.c)
SCRIPTS  = $(sort $(wildcard tests/*/test_*.sh tests/*/test_*.py))
FUZZ_SRC = $(wildcard tests/fuzz/fuzz_*.c)

obj = $(patsubst %.c,$(O)/%.o,$(1))

all: $(O)/trialseal $(O)/trialseal-verify

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/libcore.a: $(call obj,$(CORE_SRC))
	@rm -f $@
	ar rcs $@ $^

$(O)/trialseal: $(call obj,src/cli/main.c $(CLI_SRC) $(HOST_SRC)) $(O)/libcore.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/trialseal-verify: $(call obj,src/cli/verifier.c src/cli/verdict.c) $(O)/libcore.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CORE_LIBS)

# --- tests ---------------------------------------------------------------------------------------

names = $(patsubst test_%,%,$(basename $(notdir $(1))))

$(O)/suites.inc: $(wildcard tests/*/test_*.c) Makefile
	@mkdir -p $(@D)
	@printf 'SUITE_OF(%s)\n' $(call names,$(filter tests/%,$^)) > $@

$(O)/scripts.inc: $(SCRIPTS) Makefile
	@mkdir -p $(@D)
	@printf 'SCRIPT("%s")\n' $(filter tests/%,$^) | grep '"tests' > $@ || true

$(call obj,$(TEST_SRC)): CFLAGS += -I. -I$(O) -Wno-missing-prototypes
$(O)/tests/run.o: $(O)/suites.inc $(O)/scripts.inc

$(O)/run-tests: $(call obj,$(TEST_SRC) $(HOST_SRC) $(CLI_SRC)) $(O)/libcore.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcunit -lreadstat $(LIBS)

-include $(shell find $(O) -name '*.d' 2>/dev/null)

clean:
	rm -rf out

.PHONY: all clean
