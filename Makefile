# hproute: 'make demo' shows it at work, 'make test' runs everything; both install what they need.

PREFIX  ?= /usr/local
DESTDIR ?=
SWIFT   ?= swift

bindir  = $(DESTDIR)$(PREFIX)/bin
share   = $(DESTDIR)$(PREFIX)/share
datadir = $(share)/hproute/profiles
# zsh looks here for what an administrator installs, and in vendor-completions for what a Debian package does.
ZSH_COMPLETIONS ?= site-functions
bash_completion = $(share)/bash-completion/completions/hproute
zsh_completion  = $(share)/zsh/$(ZSH_COMPLETIONS)/_hproute
fish_completion = $(share)/fish/vendor_completions.d/hproute.fish
man1 = $(share)/man/man1/hproute.1.gz
man5 = $(share)/man/man5/hproute.profile.5.gz
# A manual page says of which version it is; anybody may read it, whatever the umask.
VERSION = $(shell .build/release/hproute --version)
PAGE = sed 's/@VERSION@/$(VERSION)/' $(1) | gzip -9n >$(2) && chmod 644 $(2)
# The Swift runtime is linked statically, and so is the C++ library below it where there is an archive of it: to load it
# costs a millisecond at every start. Linkers look for libstdc++.so; ours is a script that names the archive.
CXX_ARCHIVE := $(shell for c in gcc clang; do $$c -print-file-name=libstdc++.a 2>/dev/null; done | grep -m 1 /)
LINKING = $(if $(CXX_ARCHIVE),-Xlinker -L$(CURDIR)/.build/link)
RELEASE = mkdir -p .build/link && echo "INPUT($(CXX_ARCHIVE))" >.build/link/libstdc++.so && \
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING)
PACKAGES = Tests/require-packages

# What the servers of the tests are made of; setpriv, flock and unshare are in util-linux.
SERVER_PACKAGES = pulseaudio pulseaudio-utils pipewire pipewire-pulse wireplumber util-linux
# What looks on from outside, what starts things at login, the shells that complete (bash is there), what sets the manual,
# and what packs.
WITNESSES = strace systemd libglib2.0-bin zsh fish groff-base dpkg-dev
# And their sound cards, which need no hardware: see Tests/SimulatedCard.
CARDS = gcc libc6-dev pkg-config libpipewire-0.3-dev libltdl-dev libpulse-dev xz-utils

.PHONY: help build lint format test test-servers fuzz cards endurance torture campaign demo bench install uninstall deb clean

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
	@echo "make install    install it below PREFIX ($(PREFIX)); DESTDIR is put in front"
	@echo "make uninstall  remove what install put there"
	@echo "make deb        make a package for Debian and Ubuntu: .build/hproute_VERSION_ARCH.deb"
	@echo "make clean      remove what was built"

build:
	@$(PACKAGES) libpulse-dev
	@$(RELEASE) --product hproute

# What swift-format and git find fault with.
SWIFT_FILES = Package.swift Sources Tests
lint:
	@$(SWIFT) format lint --strict --recursive --parallel $(SWIFT_FILES)
	@mkdir -p .build && sed 's/"rules": {/&"AllPublicDeclarationsHaveDocumentation": true,/' .swift-format >.build/documented.json
	@$(SWIFT) format lint --strict --recursive --parallel --configuration .build/documented.json Sources
	@long=$$(git ls-files --cached --others --exclude-standard 'Sources/*.swift' | xargs awk 'length > 130 { print FILENAME ":" FNR }') && \
		if [ -n "$$long" ]; then echo "Longer than 130 columns:"; echo "$$long"; exit 1; fi
	@git grep --untracked -nI ' $$' -- '*.swift' '*.md' Makefile && { echo "Blanks at the end of a line."; exit 1; } || true

format:
	@$(SWIFT) format format --in-place --recursive --parallel $(SWIFT_FILES)

# FILTER=BystanderTests is some of them, JOBS=1 is one suite after the other.
test: FILTER ?= .
test: fuzz cards build
	@$(PACKAGES) libpulse-dev $(SERVER_PACKAGES) $(WITNESSES)
	$(SWIFT) build --build-tests
	@HPROUTE_TEST_PROGRAM=$(CURDIR)/.build/release/hproute Tests/run '$(FILTER)'

# The same, and SERVERS="pw-1.4 pw-1.6" is some of the servers.
test-servers: FILTER ?= HProuteTests|PulseAudioTests
test-servers: cards build
	@$(PACKAGES) libpulse-dev debootstrap $(SERVER_PACKAGES) $(WITNESSES)
	$(SWIFT) build --build-tests
	@Tests/other-servers '$(FILTER)'

cards:
	@$(PACKAGES) $(CARDS) $(SERVER_PACKAGES)
	@Tests/SimulatedCard/build .build/simcard

fuzz: COUNT ?= 100000
fuzz: SEED ?= 1
fuzz:
	@$(PACKAGES) libpulse-dev
	@$(RELEASE) --product ProfileFuzzer
	.build/release/ProfileFuzzer $(COUNT) $(SEED)

endurance: CYCLES ?= 200
endurance: cards build
	@$(PACKAGES) libpulse-dev $(SERVER_PACKAGES)
	CYCLES=$(CYCLES) $(SWIFT) test --filter WatchEnduranceTests

# CASES narrows it down: a server, a command, a fault, stride=7.
CASES ?=
torture: JOBS ?= 4
torture:
	@$(PACKAGES) libpulse-dev $(SERVER_PACKAGES)
	@$(RELEASE) --product hproute
	@$(SWIFT) build --product Torture
	HPROUTE_TEST_PROGRAM=.build/release/hproute .build/debug/Torture $(CASES) jobs=$(JOBS)

# SEED runs one sequence alone, and takes away from it what does not matter. SERVERS=pipewire is one server alone.
campaign: COUNT ?= 300
campaign: JOBS ?= 2
campaign: cards
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
	@test -x .build/release/hproute || { echo "Run 'make build' first."; exit 1; }
	install -d $(bindir) $(datadir) $(dir $(man1) $(man5) $(bash_completion) $(zsh_completion) $(fish_completion))
	install -s -m 755 .build/release/hproute $(bindir)/hproute
	install -m 644 Profiles/*.profile $(datadir)
	$(call PAGE,man/hproute.1,$(man1))
	$(call PAGE,man/hproute.profile.5,$(man5))
	install -m 644 completions/hproute.bash $(bash_completion)
	install -m 644 completions/_hproute $(zsh_completion)
	install -m 644 completions/hproute.fish $(fish_completion)

uninstall:
	rm -f $(bindir)/hproute $(addprefix $(datadir)/,$(notdir $(wildcard Profiles/*.profile)))
	rm -f $(man1) $(man5) $(bash_completion) $(zsh_completion) $(fish_completion)
	-rmdir $(datadir) $(dir $(datadir))

deb: build
	@$(PACKAGES) dpkg-dev
	@packaging/package

clean:
	$(SWIFT) package clean
