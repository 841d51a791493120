# hproute: 'make demo' shows it at work, 'make test' runs everything; both install what they need.

PREFIX  ?= /usr/local
DESTDIR ?=
SWIFT   ?= swift
# Where zsh looks; empty is where it looks for what an administrator installs.
ZSH_COMPLETIONS ?=

# The Swift runtime is linked statically, and so is the C++ library below it where there is an archive of it: to load it
# costs a millisecond at every start. Linkers look for libstdc++.so; ours is a script that names the archive.
CXX_ARCHIVE := $(shell for c in gcc clang; do $$c -print-file-name=libstdc++.a 2>/dev/null; done | grep -m 1 /)
# A program whose addresses are known when it is linked has none to put right at every start, which takes most of a
# millisecond. PIE=1 is for distributions that want others at every start.
PIE ?=
LINKING = $(if $(CXX_ARCHIVE),-Xlinker -L$(CURDIR)/.build/link) $(if $(PIE),,-Xswiftc -Xclang-linker -Xswiftc -no-pie)
RELEASE = mkdir -p .build/link && echo "INPUT($(CXX_ARCHIVE))" >.build/link/libstdc++.so && \
	$(SWIFT) build -c release --static-swift-stdlib --disable-local-rpath $(LINKING)
PACKAGES = Tests/require-packages
# What 'make install' needs to know; it is also run without make.
INSTALL = PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' ZSH_COMPLETIONS='$(ZSH_COMPLETIONS)' packaging/install

# What the servers of the tests are made of; setpriv, flock and unshare are in util-linux.
SERVER_PACKAGES = pulseaudio pulseaudio-utils pipewire pipewire-pulse wireplumber util-linux
# What looks on from outside, what starts things at login, the shells that complete (bash is there), what sets the manual,
# and what packs.
WITNESSES = strace systemd libglib2.0-bin zsh fish groff-base man-db dpkg-dev appstream
# And their sound cards, which need no hardware: see Tests/SimulatedCard.
CARDS = gcc libc6-dev pkg-config libpipewire-0.3-dev libltdl-dev libpulse-dev xz-utils

.PHONY: help compiler build lint format test test-servers fuzz cards endurance torture campaign demo bench install uninstall deb
.PHONY: dist check-install vm clean

help:
	@echo "make demo       see hproute at work; SANDBOX=1 for a sound server of its own, without hardware"
	@echo "make test       build and run all tests, on a private PulseAudio and a private PipeWire"
	@echo "make lint       see whether the sources are laid out as they should be; make format does it"
	@echo "make test-servers  run them on PulseAudio 17, PipeWire 1.4 and 1.6 from other Debians; needs root"
	@echo "make build      build the program: .build/release/hproute"
	@echo "make bench      measure it against pactl"
	@echo "make cards      build the simulated sound cards of the tests"
	@echo "make torture    let something happen at every packet of every command, on both servers; see CONTRIBUTING.md"
	@echo "make campaign   throw desks, profiles and what is done with them, and look whether all is kept; SEED=... for one of them"
	@echo "make fuzz       parse mutated profiles; COUNT=1000000 SEED=..."
	@echo "make endurance  plug an interface in and out under 'hproute watch', 200 times on each server; CYCLES=..."
	@echo "make deb        make a package for Debian and Ubuntu: .build/hproute_VERSION_ARCH.deb"
	@echo "make install    install it below PREFIX ($(PREFIX)); DESTDIR is put in front"
	@echo "make uninstall  remove what install put there"
	@echo "make dist       make a tarball that builds without a network, and what packs it for Arch and Fedora"
	@echo "make check-install  try what they install: WHAT=home, deb or tarball, which takes some minutes"
	@echo "make vm         try the package on a real kernel: Debian 13 in QEMU, a USB interface, logins, reboots; needs root"
	@echo "make clean      remove what was built"

# First of all: without it nothing need be installed.
compiler:
	@Tests/require-swift $(firstword $(SWIFT))

build: compiler
	@$(PACKAGES) libpulse-dev
	@$(RELEASE) --product hproute

# What swift-format and git find fault with.
SWIFT_FILES = Package.swift Sources Tests
lint: compiler
	@$(SWIFT) format lint --strict --recursive --parallel $(SWIFT_FILES)
	@mkdir -p .build && sed 's/"rules": {/&"AllPublicDeclarationsHaveDocumentation": true,/' .swift-format >.build/documented.json
	@$(SWIFT) format lint --strict --recursive --parallel --configuration .build/documented.json Sources
	@long=$$(git ls-files --cached --others --exclude-standard 'Sources/*.swift' | xargs awk 'length > 130 { print FILENAME ":" FNR }') && \
		if [ -n "$$long" ]; then echo "Longer than 130 columns:"; echo "$$long"; exit 1; fi
	@git grep --untracked -nI ' $$' -- '*.swift' '*.md' Makefile && { echo "Blanks at the end of a line."; exit 1; } || true

format: compiler
	@$(SWIFT) format format --in-place --recursive --parallel $(SWIFT_FILES)

# FILTER=BystanderTests is some of them, JOBS=1 is one suite after the other.
test: FILTER ?= .
test: compiler fuzz cards build
	@$(PACKAGES) libpulse-dev $(SERVER_PACKAGES) $(WITNESSES)
	$(SWIFT) build --build-tests
	@HPROUTE_TEST_PROGRAM=$(CURDIR)/.build/release/hproute Tests/run '$(FILTER)'

# The same, and SERVERS="pw-1.4 pw-1.6" is some of the servers. ALL=1 runs on each what shows nothing new there, too.
test-servers: FILTER ?=
test-servers: compiler cards build
	@$(PACKAGES) libpulse-dev debootstrap $(SERVER_PACKAGES) $(WITNESSES)
	$(SWIFT) build --build-tests
	@Tests/other-servers '$(FILTER)'

cards:
	@$(PACKAGES) $(CARDS) $(SERVER_PACKAGES)
	@Tests/SimulatedCard/build .build/simcard

fuzz: COUNT ?= 100000
fuzz: SEED ?= 1
fuzz: compiler
	@$(PACKAGES) libpulse-dev
	@$(RELEASE) --product ProfileFuzzer
	.build/release/ProfileFuzzer $(COUNT) $(SEED)

endurance: CYCLES ?= 200
endurance: compiler cards build
	@$(PACKAGES) libpulse-dev $(SERVER_PACKAGES)
	CYCLES=$(CYCLES) $(SWIFT) test --filter WatchEnduranceTests

# CASES narrows it down: a server, a command, a fault, stride=7.
CASES ?=
torture: JOBS ?= 4
torture: compiler
	@$(PACKAGES) libpulse-dev $(SERVER_PACKAGES)
	@$(RELEASE) --product hproute
	@$(SWIFT) build --product Torture
	HPROUTE_TEST_PROGRAM=.build/release/hproute .build/debug/Torture $(CASES) jobs=$(JOBS)

# SEED runs one sequence alone, and takes away from it what does not matter. SERVERS=pipewire is one server alone.
campaign: COUNT ?= 300
campaign: JOBS ?= 2
campaign: compiler cards
	@$(PACKAGES) libpulse-dev $(SERVER_PACKAGES)
	@$(RELEASE) --product hproute
	@$(SWIFT) build --product RandomDesks
	HPROUTE_TEST_PROGRAM=$${HPROUTE_TEST_PROGRAM:-.build/release/hproute} .build/debug/RandomDesks $(SERVERS) count=$(COUNT) \
		jobs=$(JOBS) $(if $(SEED),seed=$(SEED))

demo: build
	@Tests/demo .build/release/hproute

bench: build
	@$(PACKAGES) pulseaudio pulseaudio-utils pipewire pipewire-pulse wireplumber hyperfine
	@Tests/bench .build/release/hproute

install:
	@$(INSTALL)

uninstall:
	@$(INSTALL) uninstall

deb: build
	@$(PACKAGES) dpkg-dev
	@packaging/package

# Not part of 'make test': before each release. VM_PORT=2225 is the port of this machine that it takes.
vm: build
	@$(PACKAGES) dpkg-dev
	@Tests/vm/run "$$(packaging/package | tail -n 1)"

# The tarball of the sources, and what Arch and Fedora make packages of it with.
dist: compiler
	@packaging/dist $(SWIFT)

# What is installed in a home, from the package and from the tarball; WHAT=tarball is one of them, and builds without a network.
check-install: WHAT ?= home deb tarball
check-install: build
	@$(PACKAGES) $(SERVER_PACKAGES) $(WITNESSES) xz-utils
	@Tests/check-install $(WHAT)

clean:
	$(SWIFT) package clean
