# Everything asks nothing and is safe to run again. PYTHON may name another interpreter (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-from-lock

.PHONY: setup till test kill lint format bench lock clean
.DEFAULT_GOAL := setup

# The tables of languages, from their catalogues. They are not in git.
TABLES := $(patsubst %.po,%.py,$(wildcard till/languages/*.po))

setup: $(STAMP) $(TABLES)

$(STAMP): requirements/dev.lock pyproject.toml
	@if test -x $(BIN)/python; then echo "Setting up what has changed." >&2; \
	else echo "Setting up the first time: some minutes." >&2; $(PYTHON) -m venv $(VENV); fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

till/languages/%.py: till/languages/%.po tools/catalogues.py tools/packing.py | $(STAMP)
	@$(BIN)/python -m tools.catalogues $*

# Without a terminal the till says in one line that it needs one; then to have set up was all that was wanted.
till: setup
	@$(BIN)/till demo || ! test -t 0 -a -t 1

# The wheel that other machines install: the same bytes from the same files, made without a network. Beside it the
# versions of its libraries, from the lock: pip takes either hashes or a wheel without one, so they have none.
.PHONY: wheel
wheel: setup
	@rm -f dist/till-*.whl
	@$(BIN)/python -m hatchling build --target wheel
	@sed -n 's/^\([[:alnum:]].*\) \\$$/\1/p' requirements/dev.lock > dist/constraints.txt

# What a release gives: wheel, source, the versions of the libraries, a file that installs all by their hashes, and checksums; the same bytes
# from the same files.
.PHONY: dist
dist: setup
	@rm -rf dist
	@$(MAKE) --no-print-directory wheel
	@$(BIN)/python -m hatchling build --target sdist
	@$(BIN)/python tools/hashed.py dist
	@cd dist && sha256sum * > SHA256SUMS && cat SHA256SUMS

# Makes a release from a clean checkout, without a network: a commit with a tag, and one that begins the next.
.PHONY: release
release: setup
	@$(BIN)/python tools/release.py $(VERSION)

# The quick rooms and a path of each long kind, in five minutes on two cores; `make test-rest` runs the others. Three workers on two cores:
# tests often wait, for a terminal, a lock or a database that is frozen. The rest has files of screens in part, whose other pictures it does not use.
.PHONY: test-rest
test test-rest: setup
	@TILL_TESTS=$(if $(filter test,$@),quick,rest) $(BIN)/python -m pytest -n 3 --dist worksteal $(if $(filter test,$@),,--snapshot-warn-unused)

# The long proofs below are one test each, which the suite's limit for a test would end.
UNLIMITED := -o faulthandler_timeout=0

# Kills the till in the middle of orders, COUNT times at random moments; the suite does so 5 times. COUNT=1 with a SEED tries that one again.
COUNT ?= 50
SEED ?= $(shell date +%s)
kill: setup
	@echo "$(COUNT) kills, seed $(SEED)"
	@TILL_KILL_COUNT=$(COUNT) TILL_KILL_SEED=$(SEED) $(BIN)/python -m pytest -n 2 $(UNLIMITED) tests/faults/test_kill.py

# Cuts the road to PostgreSQL after every single byte of a push and of its reply, and plays more freezes and weather; the suite cuts at headers and a share.
.PHONY: cuts
cuts: setup
	@TILL_CUTS_STEP=1 $(BIN)/python -m pytest -n 2 $(UNLIMITED) tests/faults/test_cuts.py

# Tills with real journals and the real functions, through whatever can go wrong, seed by seed; one that breaks a rule
# prints its shortest trace. PLANT=void_not_winning (say) plants a fault, which must be found; PLANT=all searches for each of them, and for
# COUNT mutants drawn by SEED of the functions that the seeds run, in WITHIN seeds each, and prints a table; WRITE=1 writes docs/simulation.md.
SEEDS ?= 1000
FROM ?= 0
WITHIN ?= 20
.PHONY: simulate
simulate: COUNT := $(if $(filter command line environment,$(origin COUNT)),$(COUNT),40)
simulate: SEED := $(if $(filter command line environment,$(origin SEED)),$(SEED),1)
simulate: setup
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --from $(FROM) $(if $(PLANT),--plant $(PLANT)) \
		--count $(COUNT) --seed $(SEED) --within $(WITHIN) $(if $(WRITE),--write)

# Kills the leader of two PostgreSQL servers under Patroni, while a push, a close and a refund of a till are on their way; then loses the
# standby first (docs/second-server.md). About ten minutes. Needs Debian's patroni, etcd-server and postgresql.
.PHONY: failover
failover: setup
	@$(BIN)/python -m tests.failover $(ACTS)

# Three days of a real bar, from ../shared, rung through the till and found again in PostgreSQL; then through two tills
# whose links are cut, shut and frozen meanwhile. The suite rings one day.
.PHONY: days
days: setup
	@REPLAY_DAYS=1,2,3 $(BIN)/python -m pytest $(UNLIMITED) tests/replay/test_command.py tests/faults/test_two_tills_days.py -k real

# A rush of a hundred simulated guests, served by a hand in a terminal at the pace of life; the suite plays one of twelve guests at a hundred times that.
.PHONY: rush
rush: setup
	@TILL_RUSH_PACE=1 $(BIN)/python -m pytest $(UNLIMITED) tests/e2e/test_training.py -k rush

# Random evenings at two tills, by a seed each: tabs, promotions, payments, refunds; from FROM=1000000 on busy ones, from 3000000 on with the real server, from 4000000 on in Spain. The suite plays some of them.
.PHONY: evenings
evenings: COUNT := $(if $(filter command line environment,$(origin COUNT)),$(COUNT),1000)
evenings: setup
	@$(BIN)/python -m tests.evenings --count $(COUNT) --seed $(FROM)

# Random weeks at two tills whose drawers are counted and whose shifts are closed, by a seed each, against the books of the play and, in one of
# four, the sums of the real server. The suite plays some.
.PHONY: weeks
weeks: COUNT := $(if $(filter command line environment,$(origin COUNT)),$(COUNT),1000)
weeks: setup
	@$(BIN)/python -m tests.weeks --count $(COUNT) --seed $(FROM)

# Random histories of papers at two tills that are killed between any two writes, by a seed each: with printers that fail in every way, and with real journals. The suite plays some.
.PHONY: papers
papers: COUNT := $(if $(filter command line environment,$(origin COUNT)),$(COUNT),500)
papers: setup
	@$(BIN)/python -m tests.printing --count $(COUNT) --seed $(FROM)
	@TILL_PAPERS_COUNT=$(COUNT) TILL_PAPERS_SEED=$(FROM) $(BIN)/python -m pytest -n 2 $(UNLIMITED) tests/faults/test_print_histories.py

# Small faults, drawn by SEED and planted one at a time in a process of its own: a table of how many the tests of their room find, and each
# that they do not. ROOMS="domain/money journal" takes these alone; WRITE=1 writes docs/mutants.md; ALL_TESTS=1 runs every test that reaches
# a fault, and says what each finds alone. See tests/mutants.
.PHONY: mutants
mutants: COUNT := $(if $(filter command line environment,$(origin COUNT)),$(COUNT),400)
mutants: SEED := $(if $(filter command line environment,$(origin SEED)),$(SEED),1)
mutants: setup
	@$(BIN)/python -m tests.mutants --count $(COUNT) --seed $(SEED) $(if $(ROOMS),--rooms $(ROOMS)) $(if $(WRITE),--write) $(if $(ALL_TESTS),--all-tests)

# Rooms whose docstrings and comments of SQL begin as tools/docstrings.py asks.
DOCUMENTED := till db bench docs tools migrations tests

lint: setup
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python tools/messages.py --check
	@$(BIN)/python tools/generate.py --check
	@$(BIN)/python tools/docstrings.py $(DOCUMENTED)
	@$(BIN)/python tools/class_names.py till db
	@$(BIN)/lint-imports --no-logo > build-lint-imports.log 2>&1 || { cat build-lint-imports.log; rm -f build-lint-imports.log; exit 1; }
	@rm -f build-lint-imports.log

# What follows from the classes of the events: the checks of a push, the pages beside docs/protocol.md, and more. Lint says when it is due.
.PHONY: generate
generate: setup
	@$(BIN)/python tools/generate.py

# The tables that reports select from, as modules of db/tables, from a database that the revisions make. A test says when it is due.
.PHONY: tables
tables: setup
	@$(BIN)/python -m tools.tables
	@$(BIN)/ruff format --quiet db/tables

# Adds today's shapes to those that never change (docs/frozen.txt): a release does so. Lint refuses a change of them.
.PHONY: freeze
freeze: setup
	@$(BIN)/python tools/generate.py --freeze

# A small venue that traded, as the last commit writes it, for the tests of upgrades: one more with each release.
.PHONY: fixture
fixture: setup
	@PYTHONPATH=. $(BIN)/python tests/upgrade/make.py tests/upgrade/fixtures

# Lines of code by room, then by part (tools/parts.txt), without blank lines, comments, docstrings and imports; what is generated is counted
# apart. OF names another checkout. With SINCE, a commit: the product's older files that were touched since, which is what a capability costs beside its own.
.PHONY: lines
lines: setup
	@$(BIN)/python -m tools.lines $(OF) $(if $(SINCE),--since $(SINCE))

# Where a change goes: `make where WORD=drawer`.
.PHONY: where
where: setup
	@$(BIN)/python tools/where.py $(WORD)

format: setup
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

# One table, and build/bench.json. bench-full takes a thousand of everything, pages a million sessions, and
# lets a thousand tills work behind one server.
.PHONY: bench-full
bench: setup
	@$(BIN)/python -m bench

bench-full: setup
	@$(BIN)/python -m bench --full

# Writes the lock anew from the ranges in pyproject.toml; needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --extra dev --output-file requirements/dev.lock pyproject.toml requirements/build.txt
	sed -n 's/^  "\(playwright.*\)",$$/\1/p' pyproject.toml | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --constraint requirements/dev.lock --output-file requirements/browsers.lock -

# Installs what drives a browser in the tests of `till serve`; without it, or without Debian's Chromium, they are skipped.
.PHONY: browsers
browsers: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/browsers.lock

# The terminal of the page of `till serve`, from npm's registry: its files unchanged, and their checksums.
XTERM := 6.0.0
.PHONY: terminal-page
terminal-page:
	@folder=$$(mktemp -d) && cd $$folder && npm pack --silent @xterm/xterm@$(XTERM) > /dev/null && tar -xzf xterm-xterm-$(XTERM).tgz && \
	  cp package/lib/xterm.js package/css/xterm.css package/LICENSE $(CURDIR)/till/serve/terminal && rm -r $$folder
	@cd till/serve/terminal && echo $(XTERM) > VERSION && sha256sum LICENSE VERSION xterm.css xterm.js > SHA256SUMS

clean:
	rm -rf $(VENV) build dist $(TABLES)

# The pictures of docs/screens, from the real screens; the one that moves from two tills in terminals, at today's time.
.PHONY: screenshots
screenshots: setup
	@$(BIN)/python tools/screenshots.py
	@$(if $(wildcard tests/display),$(BIN)/python -m tests.display.pictures)
	@$(BIN)/python -m tests.e2e.moving_picture

# Samples of what is printed, in docs/paper.md, from the till's own rows.
.PHONY: paper-page
paper-page: setup
	@$(BIN)/python -m tests.domain.paper.samples

# The pictures of pages of reports, as a browser shows them: the demo's last whole day, and a played night with thefts.
.PHONY: report-picture
report-picture: setup
	@$(BIN)/python tools/report_picture.py
	@$(BIN)/python -m tests.reports.losses_picture

# Flips every byte of a small journal, and opens it; the suite flips a share. About twenty minutes.
.PHONY: bytes
bytes: setup
	@TILL_FLIP_EVERY=1 $(BIN)/python -m pytest -n 2 $(UNLIMITED) tests/journal/test_every_byte.py

# Puts each value that no till writes into each field of each request of a till; the suite tries a share.
.PHONY: nonsense
nonsense: setup
	@TILL_NONSENSE_EVERY=1 $(BIN)/python -m pytest $(UNLIMITED) tests/hostile/test_stolen_secret.py -k nonsense

# Merges the sentences of the counter and of paper into the catalogues of the languages, with the tables that a till loads.
.PHONY: messages
messages: setup
	@$(BIN)/python tools/messages.py
