# Two commands: `make book` builds the site, `make test` checks everything. Both need only Python 3.11 to 3.13.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SITE := _build/html
# The tests look at a site at fast scale; in CI at the one that is published, so that no page runs twice at a scale.
ifeq ($(CI),true)
BUILT := book
TESTED := $(SITE)
else
BUILT := fast
TESTED := _build/fast/$(SITE)
endif
# A waiting thread that spins takes the core that another program needs.
export OMP_WAIT_POLICY ?= PASSIVE
FAST := GENNB_SCALE=fast OMP_NUM_THREADS=1
BUILD := $(BIN)/jupyter-book build book --config _config.yml -W -n --keep-going

ifneq ($(wildcard ../shared/data),)
export GENNB_DATA ?= $(abspath ../shared/data)
endif

.PHONY: help book lab pdf serve test unit notebooks site lint colab clean fast

help:
	@grep -E '^# make ' $(MAKEFILE_LIST) | cut -c3-

$(VENV)/.made: constraints.txt
	@test "$(VENV)" = .venv || test ! -e $(VENV) || test -e $(VENV)/.made || { echo "$(VENV) was not made here: choose another VENV."; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	touch $@

$(STAMP): $(VENV)/.made pyproject.toml book/_web/package-lock.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[book,test,distributed]'
	$(BIN)/npm ci --prefix book/_web --no-audit --no-fund --loglevel error
	touch $@

# make book: the site at book scale, and its plain notebooks
book: $(STAMP)
	@# Before the pages look for it, several at once.
	$(BIN)/python -c "from gennb import data; data.load('mnist', n=1, fallback='strokes')"
	$(BUILD) --path-output .
	$(BUILD) --path-output . --builder custom --custom-builder plain
	rm -rf $(SITE)/plain && cp -r _build/plain $(SITE)/plain
	@echo
	@echo "The book is at $(abspath $(SITE))/index.html (make serve shows it on localhost)."

# make lab: the plain notebooks in JupyterLab
lab: $(STAMP)
	@test -d _build/plain || $(MAKE) book
	$(BIN)/jupyter lab _build/plain

# make pdf: the built site as one PDF and one EPUB, linked from its first page; needs Chromium
pdf: $(STAMP)
	@test -d $(SITE) || $(MAKE) book
	@chromium=$$($(BIN)/python tests/site/browser.py) && $(BIN)/python book/_paper $(SITE) "$$chromium"

# make serve: the built site on localhost
serve:
	@test -d $(SITE) || $(MAKE) book
	@echo "http://127.0.0.1:$(PORT)/"
	@$(PYTHON) -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

# make test: lint, unit, notebooks and site
test: lint unit notebooks site

# make lint: ruff and mypy
lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# make unit: the oracles
unit: $(STAMP)
	$(FAST) $(BIN)/pytest tests/unit -n 2 --dist loadscope

# The site at fast scale, for the tests.
fast: $(STAMP)
	$(FAST) $(BUILD) --path-output _build/fast
	$(FAST) $(BUILD) --path-output _build/fast --builder custom --custom-builder plain
	rm -rf $(TESTED)/plain && cp -r _build/fast/_build/plain $(TESTED)/plain

# make notebooks: the plain edition of every page runs at fast scale, and kept outputs still hold
notebooks: $(BUILT)
	$(FAST) $(BIN)/pytest tests/notebooks $(TESTED)/plain --nbval-lax --nbval-current-env -n 2 --dist loadscope

# make site: the site, driven in Chromium; what fails on a busy machine is tried once more, and the summary names it
site: $(BUILT)
	-$(BIN)/python tests/site/browser.py
	$(FAST) GENNB_SITE=$(TESTED) $(BIN)/pytest tests/site -n 3 --dist worksteal --reruns 1 --durations 15

# make colab: every plain notebook with Colab's versions (needs python3.13)
colab: book
	tests/colab.sh

# make clean: forget the built book; the virtual environment stays
clean:
	rm -rf _build
