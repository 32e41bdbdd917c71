# kpipe. `make demo` shows it, `make check` proves it, `make install` installs it.
#
# CC, CFLAGS, LDFLAGS, PREFIX and DESTDIR are the user's. SAN=address,undefined makes an instrumented
# build beside the normal one; so does another CC. O is where objects go, B where the tools go.

PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
SAN    ?=
empty  :=
O      ?= build/$(subst /,_,$(subst $(empty) $(empty),_,$(CC)))$(if $(SAN),-san)
B      ?= $(if $(filter build/cc,$(O)),bin,$(O)/bin)
PKG    ?= pkg-config
FUZZCC ?= clang
SECONDS ?= 20

VERSION = $(shell sed -n 's/.*KPIPE_VERSION "\(.*\)"/\1/p' src/util/version.h)
TOOLS   = kcat-in kgrep ktr kcount kout kdev kpipe-adm kpipe-loop
ROOMS   = util stream ack text json kafka
PAGES   = $(wildcard man/*.[157])
SHARE   = $(DESTDIR)$(PREFIX)/share
BASHC   = $(SHARE)/bash-completion/completions
ZSHC   ?= $(SHARE)/zsh/site-functions

# What a tool links: the rooms behind it, nearest first, and its libraries.
ROOMS_kcat-in = kafka json text ack stream util
ROOMS_kgrep   = text ack stream util
ROOMS_ktr     = text ack stream util
ROOMS_kcount  = text ack stream util
ROOMS_kout    = kafka json text ack stream util
ROOMS_kdev    = kafka util
ROOMS_kpipe-adm = kafka json text ack stream util
ROOMS_kpipe-loop = util
PKG_kcat-in   = rdkafka yaml-0.1 jansson
PKG_kout      = rdkafka yaml-0.1
PKG_kdev      = rdkafka
PKG_kpipe-adm = rdkafka yaml-0.1
PKG_kgrep     = libpcre2-8

# The allocator of the tools that read and write topics: there librdkafka's threads free what others
# allocated. Taken where it is installed; MALLOC= builds without, MALLOC=-lNAME with another one.
MALLOC ?= $(if $(SAN),,$(shell echo 'int main(void) { return 0; }' | \
            $(CC) -x c - -o /dev/null -lmimalloc 2>/dev/null && echo -lmimalloc))
MALLOC_kcat-in = $(MALLOC)
MALLOC_kout    = $(MALLOC)

WARN    = -Wall -Wextra -Wshadow -Wconversion -Wcast-qual -Wmissing-prototypes -Wwrite-strings \
          -Wformat=2 -Wvla -Werror
CET    := $(if $(filter x86_64-% i%86-%,$(shell $(CC) -dumpmachine 2>/dev/null)),-fcf-protection)
HARDEN  = -fPIE -fstack-protector-strong -fstack-clash-protection $(CET) \
          $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
SANITIZE = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -Isrc $(WARN) $(HARDEN) $(SANITIZE) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c
LINK    = $(CC) -pie -Wl,-z,relro,-z,now,-z,noexecstack $(SANITIZE) $(LDFLAGS)

all: $(TOOLS:%=$(B)/%)

# Each folder of src is an archive; a tool's own file stays out of its archive, so that a unit test
# can link the tool's nouns.
objects = $(patsubst src/%.c,$(O)/%.o,$(filter-out src/$(1)/$(1).c,$(wildcard src/$(1)/*.c)))

define room
$(O)/$(1).a: $(call objects,$(1))
	@rm -f $$@
	$$(AR) rcs $$@ $$^
endef
$(foreach r,$(ROOMS) $(TOOLS),$(eval $(call room,$(r))))

define tool
$(B)/$(1): $(if $(filter %/$(1).o,$(BEFORE)),,$(O)/$(1)/$(1).o) $(BEFORE) $(O)/$(1).a $(ROOMS_$(1):%=$(O)/%.a)
	@mkdir -p $$(@D)
	$$(LINK) -o $$@ $$^ $$(if $$(PKG_$(1)),$$(shell $$(PKG) --libs $$(PKG_$(1)))) $$(MALLOC_$(1))
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

$(O)/%.o: src/%.c
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $<

-include $(wildcard $(O)/*/*.d)

# Tools that lack one of their rules, for tests that show what it is for: tests/without writes a
# changed file, whose object stands BEFORE the archive that has the right one.
without: all
	@MAKE='$(MAKE)' tests/without $(O) $(B)

$(O)/without/%.o: $(O)/without/%.c
	$(COMPILE) -o $@ $<

-include $(wildcard $(O)/without/*/*.d)

# Tests. A unit test links every noun; a fuzz target is also a plain program that replays its seeds.
UNITS    = $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/*_test.c))
FUZZERS  = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*_fuzz.c))
ARCHIVES = $(TOOLS:%=$(O)/%.a) $(O)/kafka.a $(O)/json.a $(O)/text.a $(O)/ack.a $(O)/stream.a $(O)/util.a
GROUP    = -Wl,--start-group $(ARCHIVES) -Wl,--end-group

$(O)/unit/%: tests/unit/%.c $(wildcard tests/unit/*.h tests/model/*.h) $(ARCHIVES)
	@mkdir -p $(@D)
	$(COMPILE) -Itests -o $@.o $<
	$(LINK) -o $@ $@.o $(GROUP) $(shell $(PKG) --libs cmocka libpcre2-8 rdkafka yaml-0.1 jansson)

$(O)/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(wildcard tests/fuzz/*.h) $(ARCHIVES)
	@mkdir -p $(@D)
	$(COMPILE) -o $@.o $<
	$(COMPILE) -o $(@D)/replay-$*.o tests/fuzz/replay.c
	$(LINK) -o $@ $@.o $(@D)/replay-$*.o $(GROUP) $(shell $(PKG) --libs libpcre2-8 yaml-0.1 jansson)

$(O)/fault/%.so: tests/fault/%.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -fPIC -shared -o $@ $< -ldl

BUILT_TESTS = $(UNITS) $(FUZZERS:%=$(O)/fuzz/%) \
              $(patsubst tests/fault/%.c,$(O)/fault/%.so,$(wildcard tests/fault/*.c))
RUN = KPIPE_BIN=$(abspath $(B)) KPIPE_BUILD=$(abspath $(O)) KPIPE_SAN=$(SAN) tests/run

test-deps:
	@.ci/deps build test

check-fast: test-deps
	@$(MAKE) --no-print-directory -s all built-tests
	@$(RUN) fast

check: test-deps
	@$(MAKE) --no-print-directory -s all built-tests
	@$(RUN) all

# On Apache Kafka. check-brokers is the whole matrix: both versions, Debian's client and the newest.
check-broker: test-deps
	@.ci/deps broker
	@$(MAKE) --no-print-directory -s all built-tests without
	@tests/kafka/broker fetch
	@$(RUN) broker

check-brokers: check-broker
	@KAFKA_VERSION=3.9.2 $(MAKE) --no-print-directory check-broker
	@LD_LIBRARY_PATH=$$(tests/kafka/newest-client) $(MAKE) --no-print-directory check-broker
	@LD_LIBRARY_PATH=$$(tests/kafka/newest-client) KAFKA_VERSION=3.9.2 \
	  $(MAKE) --no-print-directory check-broker

# What CI has time for in the other corners of it: the tests that are tagged corner.
check-corners: test-deps
	@.ci/deps broker
	@$(MAKE) --no-print-directory -s all built-tests without
	@KAFKA_VERSION=3.9.2 tests/kafka/broker fetch
	@KAFKA_VERSION=3.9.2 $(RUN) corner
	@tests/kafka/broker fetch
	@LD_LIBRARY_PATH=$$(tests/kafka/newest-client) $(RUN) corner

# kill -9 at random for as long as you like; adds up in LEDGER. CHAOS=--exactly-once, --static,
# --store: counts that are kept.
KILLS  ?= 1000
LEDGER ?= soak.ledger
soak: test-deps
	@.ci/deps broker
	@$(MAKE) --no-print-directory -s all built-tests
	@KPIPE_BIN=$(abspath $(B)) KPIPE_BUILD=$(abspath $(O)) \
	  tests/chaos/soak $(KILLS) $(abspath $(LEDGER)) $(CHAOS)

built-tests: $(BUILT_TESTS)

# The files on which delivery rests, changed in one place at a time: their tests must notice.
mutants: test-deps
	@$(MAKE) --no-print-directory -s $(patsubst %,$(O)/unit/%_test,ledger pacing txn)
	@tests/mutants $(O)

demo:
	@.ci/deps build
	@$(MAKE) --no-print-directory -s all
	@KPIPE_BIN=$(abspath $(B)) demo/run

lint:
	@.ci/deps build test lint
	@tests/lint

fuzz:
	@.ci/deps build test lint
	@$(MAKE) --no-print-directory -s O=build/fuzz B=build/fuzz/bin CC=$(FUZZCC) \
	  CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
	  HARDEN= fuzz-build
	@tests/fuzz/run build/fuzz/fuzz $(SECONDS) $(FUZZERS)

fuzz-build: $(FUZZERS:%=$(O)/fuzz/%-live)

$(O)/fuzz/%-live: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) $(ARCHIVES)
	@mkdir -p $(@D)
	$(COMPILE) -o $@.o $<
	$(CC) -fsanitize=fuzzer,address,undefined -o $@ $@.o $(GROUP) $(shell $(PKG) --libs libpcre2-8 yaml-0.1 jansson)

# kgrep against grep and ktr against tr, CASES of each; SEED=N draws the same ones again.
CASES ?= 20000
differential:
	@.ci/deps build test
	@$(MAKE) --no-print-directory -s all
	@KPIPE_BIN=$(abspath $(B)) tests/differential-tr $(CASES) $(SEED)
	@KPIPE_BIN=$(abspath $(B)) tests/differential-grep $(CASES) $(SEED)

bench:
	@.ci/deps build test broker bench
	@$(MAKE) --no-print-directory -s all
	@KPIPE_BIN=$(abspath $(B)) tests/bench/run $(PART)

bench-quick:
	@$(MAKE) --no-print-directory bench QUICK=1

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(foreach s,1 5 7,$(SHARE)/man/man$(s)) $(BASHC) $(ZSHC)
	install $(TOOLS:%=$(B)/%) $(DESTDIR)$(PREFIX)/bin
	$(foreach p,$(PAGES),install -m 644 $(p) $(SHARE)/man/man$(subst .,,$(suffix $(p)));)
	install -m 644 contrib/completion/kpipe.bash $(BASHC)/$(firstword $(TOOLS))
	$(foreach t,$(wordlist 2,99,$(TOOLS)),ln -sf $(firstword $(TOOLS)) $(BASHC)/$(t);)
	install -m 644 contrib/completion/_kpipe $(ZSHC)

uninstall:
	rm -f $(TOOLS:%=$(DESTDIR)$(PREFIX)/bin/%) $(TOOLS:%=$(BASHC)/%) $(ZSHC)/_kpipe
	rm -f $(foreach p,$(PAGES),$(SHARE)/man/man$(subst .,,$(suffix $(p)))/$(notdir $(p)))

dist:
	@mkdir -p build
	git archive --prefix=kpipe-$(VERSION)/ -o build/kpipe-$(VERSION).tar.gz HEAD
	@echo build/kpipe-$(VERSION).tar.gz

# Debian's package, of the tree as it is, in build/deb.
deb:
	@.ci/deps build deb
	@rm -rf build/deb && mkdir -p build/deb/kpipe-$(VERSION)
	@tar -c --exclude=./build --exclude=./.git --exclude='./bin/k*' . | tar -x -C build/deb/kpipe-$(VERSION)
	@cd build/deb/kpipe-$(VERSION) && DEB_BUILD_OPTIONS="noautodbgsym $(DEB_BUILD_OPTIONS)" \
	  dpkg-buildpackage -b -us -uc >../log 2>&1 || { cat ../log; exit 1; }
	@echo build/deb/*.deb

clean:
	rm -rf build $(TOOLS:%=bin/%)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all without mutants test-deps check check-fast check-broker check-brokers check-corners soak built-tests demo lint fuzz fuzz-build differential bench bench-quick install uninstall dist deb clean
