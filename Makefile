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
SECONDS ?= 60

VERSION = $(shell sed -n 's/.*KPIPE_VERSION "\(.*\)"/\1/p' src/util/version.h)
TOOLS   = kcat-in kgrep ktr kcount kout kdev
ROOMS   = util stream ack text kafka
PAGES   = $(wildcard man/*.[157])

# What a tool links: the rooms behind it, nearest first, and its libraries.
ROOMS_kcat-in = kafka text ack stream util
ROOMS_kgrep   = text ack stream util
ROOMS_ktr     = text ack stream util
ROOMS_kcount  = text ack stream util
ROOMS_kout    = kafka text ack stream util
ROOMS_kdev    = kafka util
PKG_kcat-in   = rdkafka yaml-0.1
PKG_kout      = rdkafka yaml-0.1
PKG_kdev      = rdkafka
PKG_kgrep     = libpcre2-8

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
$(B)/$(1): $(O)/$(1)/$(1).o $(O)/$(1).a $(ROOMS_$(1):%=$(O)/%.a)
	@mkdir -p $$(@D)
	$$(LINK) -o $$@ $$^ $$(if $$(PKG_$(1)),$$(shell $$(PKG) --libs $$(PKG_$(1))))
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

$(O)/%.o: src/%.c
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $<

-include $(wildcard $(O)/*/*.d)

# Tests. A unit test links every noun; a fuzz target is also a plain program that replays its seeds.
UNITS    = $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/*_test.c))
FUZZERS  = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*_fuzz.c))
ARCHIVES = $(TOOLS:%=$(O)/%.a) $(O)/kafka.a $(O)/text.a $(O)/ack.a $(O)/stream.a $(O)/util.a
GROUP    = -Wl,--start-group $(ARCHIVES) -Wl,--end-group

$(O)/unit/%: tests/unit/%.c $(wildcard tests/unit/*.h) $(ARCHIVES)
	@mkdir -p $(@D)
	$(COMPILE) -o $@.o $<
	$(LINK) -o $@ $@.o $(GROUP) $(shell $(PKG) --libs cmocka libpcre2-8 rdkafka yaml-0.1)

$(O)/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(wildcard tests/fuzz/*.h) $(ARCHIVES)
	@mkdir -p $(@D)
	$(COMPILE) -o $@.o $<
	$(COMPILE) -o $(@D)/replay-$*.o tests/fuzz/replay.c
	$(LINK) -o $@ $@.o $(@D)/replay-$*.o $(GROUP) $(shell $(PKG) --libs libpcre2-8 yaml-0.1)

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
	@$(MAKE) --no-print-directory -s all
	@tests/kafka/broker fetch
	@$(RUN) broker

check-brokers: check-broker
	@KAFKA_VERSION=3.9.2 $(MAKE) --no-print-directory check-broker
	@LD_LIBRARY_PATH=$$(tests/kafka/newest-client) $(MAKE) --no-print-directory check-broker
	@LD_LIBRARY_PATH=$$(tests/kafka/newest-client) KAFKA_VERSION=3.9.2 \
	  $(MAKE) --no-print-directory check-broker

built-tests: $(BUILT_TESTS)

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
	$(CC) -fsanitize=fuzzer,address,undefined -o $@ $@.o $(GROUP) $(shell $(PKG) --libs libpcre2-8 yaml-0.1)

bench:
	@.ci/deps build test bench
	@$(MAKE) --no-print-directory -s all
	@KPIPE_BIN=$(abspath $(B)) tests/bench/run

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(foreach s,1 5 7,$(DESTDIR)$(PREFIX)/share/man/man$(s))
	install $(TOOLS:%=$(B)/%) $(DESTDIR)$(PREFIX)/bin
	$(foreach p,$(PAGES),install -m 644 $(p) $(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $(p)));)

uninstall:
	rm -f $(TOOLS:%=$(DESTDIR)$(PREFIX)/bin/%)
	rm -f $(foreach p,$(PAGES),$(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $(p)))/$(notdir $(p)))

dist:
	@mkdir -p build
	git archive --prefix=kpipe-$(VERSION)/ -o build/kpipe-$(VERSION).tar.gz HEAD
	@echo build/kpipe-$(VERSION).tar.gz

clean:
	rm -rf build $(TOOLS:%=bin/%)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all test-deps check check-fast check-broker check-brokers built-tests demo lint fuzz fuzz-build bench install uninstall dist clean
