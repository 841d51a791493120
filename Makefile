# hproute: 'make demo' shows it at work, 'make test' runs everything; both install what they need.

PREFIX  ?= /usr/local
DESTDIR ?=
SWIFT   ?= swift

bindir  = $(DESTDIR)$(PREFIX)/bin
datadir = $(DESTDIR)$(PREFIX)/share/hproute/profiles
# The Swift runtime is linked statically, and so is the C++ library below it where there is an archive of it: to load it
# costs a millisecond at every start. Linkers look for libstdc++.so; ours is a script that names the archive.
CXX_ARCHIVE := $(shell for c in gcc clang; do $$c -print-file-name=libstdc++.a 2>/dev/null; done | grep -m 1 /)
LINKING = $(if $(CXX_ARCHIVE),-Xlinker -L$(CURDIR)/.build/link)
RELEASE = mkdir -p .build/link && echo "INPUT($(CXX_ARCHIVE))" >.build/link/libstdc++.so && \
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING)
PACKAGES = Tests/require-packages

# What the servers of the tests are made of; setpriv, flock and unshare are in util-linux.
SERVERS = pulseaudio pulseaudio-utils pipewire pipewire-pulse wireplumber util-linux
# What looks on from outside, what starts things at login, and the shells that complete (bash is there).
WITNESSES = strace systemd libglib2.0-bin zsh fish
# And their sound cards, which need no hardware: see Tests/SimulatedCard.
CARDS = gcc libc6-dev pkg-config libpipewire-0.3-dev libltdl-dev libpulse-dev xz-utils

.PHONY: help build test fuzz cards torture demo bench install uninstall clean

help:
	@echo "make demo       see hproute at work; SANDBOX=1 for a sound server of its own, without hardware"
	@echo "make test       build and run all tests, on a private PulseAudio and a private PipeWire"
	@echo "make build      build the program: .build/release/hproute"
	@echo "make bench      measure it against pactl"
	@echo "make cards      build the simulated sound cards of the tests"
	@echo "make torture    let something happen at every packet of every command, on both servers; see README"
	@echo "make fuzz       parse a million mutated profiles; COUNT=... SEED=..."
	@echo "make install    install it below PREFIX ($(PREFIX)); DESTDIR is put in front"
	@echo "make uninstall  remove what install put there"
	@echo "make clean      remove what was built"

build:
	@$(PACKAGES) libpulse-dev
	@$(RELEASE) --product hproute

test: fuzz cards build
	@$(PACKAGES) libpulse-dev $(SERVERS) $(WITNESSES)
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

cards:
	@$(PACKAGES) $(CARDS) $(SERVERS)
	@Tests/SimulatedCard/build .build/simcard

COUNT ?= 1000000
SEED  ?= 1

fuzz:
	@$(PACKAGES) libpulse-dev
	@$(RELEASE) --product ProfileFuzzer
	.build/release/ProfileFuzzer $(COUNT) $(SEED)

# CASES narrows it down: a server, a command, a fault, stride=7.
CASES ?=
JOBS  ?= 4

torture:
	@$(PACKAGES) libpulse-dev $(SERVERS)
	@$(RELEASE) --product hproute
	@$(SWIFT) build --product Torture
	HPROUTE_TEST_PROGRAM=.build/release/hproute .build/debug/Torture $(CASES) jobs=$(JOBS)

demo: build
	@Tests/demo .build/release/hproute

bench: build
	@$(PACKAGES) pulseaudio pulseaudio-utils pipewire pipewire-pulse wireplumber hyperfine
	@Tests/bench .build/release/hproute

install:
	@test -x .build/release/hproute || { echo "Run 'make build' first."; exit 1; }
	install -d $(bindir) $(datadir)
	install -s -m 755 .build/release/hproute $(bindir)/hproute
	install -m 644 Profiles/*.profile $(datadir)

uninstall:
	rm -f $(bindir)/hproute $(addprefix $(datadir)/,$(notdir $(wildcard Profiles/*.profile)))
	-rmdir $(datadir) $(dir $(datadir))

clean:
	$(SWIFT) package clean
