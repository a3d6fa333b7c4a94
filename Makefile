# make ask [Q="your question"]   ask the sample briefs
# make test [WORKERS=2]          run every test but the long ones, so many at a time
# make test-long                 run those: every question of the development data (some minutes)
# make test-lowest               run them with the oldest versions that pyproject.toml allows
# make torture                   try every law on a thousand drawn examples (some minutes)
# make check                     lint, format and types, those of the tests too
# make floors [LOWER=--lower]    measure search anew and pin the floors that make test holds it to
# make fuzz [FOR=600]            read damaged files of every format for so many seconds
# make calibrate                 fit how sure search is of an answer, on the development data
# make bench                     measure questions, encoding and ingest
# make bench-memory              measure the memory of ingesting 20,000 briefs (some minutes)
# make bench-precision           measure what int8 costs in ranking, on the development data
# make bench-pdf                 measure how well and how fast PDF files are read, on the same data
# make bench-html                measure how much of a saved page is its article, on the same data
# make bench-scale               measure questions as a knowledge base grows (some 20 minutes)
# make clean                     remove what make made

PYTHON ?= python3
# Named so that pip takes this one; on Linux without a GPU an index of CPU builds saves gigabytes:
# make TORCH="torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu" ask
TORCH ?= torch==2.13.0
WORKERS ?= 2
Q ?= why not share targeting intel

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY := .venv/.installed
SAMPLE := .venv/sample
LOWEST := .venv/lowest
BRIEFS := $(filter-out corpus/questions.jsonl,$(wildcard corpus/*))

DATA := ../shared/eval
SETS := cranfield encyclopedia_paragraphs parliament_meetings public_health_guidance
STORES := .venv/calibration

export Q

.PHONY: ask test test-long test-lowest torture check floors fuzz calibrate clean
.PHONY: bench bench-html bench-memory bench-pdf bench-precision bench-scale

ask: $(SAMPLE)/.ingested
	@$(BIN)/kb --kb $(SAMPLE) search "$$Q"

test: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long and not alone"
	$(BIN)/python -m pytest -m alone

test-long: $(READY)
	$(BIN)/python -m pytest -m long -rP

test-lowest: $(LOWEST)/.installed
	XDG_CACHE_HOME=$(abspath $(LOWEST))/cache $(LOWEST)/bin/python -m pytest \
		-n $(WORKERS) --dist worksteal -m "not long and not alone"

torture: $(READY)
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=torture

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

floors: $(READY)
	$(BIN)/python tests/floors.py $(LOWER)

fuzz: $(READY)
	$(BIN)/python tests/fuzz.py $(FOR) $(SEED)

calibrate: $(READY)
	@for set in $(SETS); do \
		$(BIN)/kb --kb $(STORES)/$$set ingest $(DATA)/$$set/corpus.jsonl || test $$? = 1; done
	@$(BIN)/kb --kb $(STORES)/corpus ingest corpus
	@PYTHONPATH=tests $(BIN)/python -m calibrating $(DATA) --briefs corpus --stores $(STORES)

bench: $(READY)
	@$(BIN)/python tests/benchmarks/bench.py

bench-memory: $(READY)
	@$(BIN)/python tests/benchmarks/memory.py

bench-precision: $(READY)
	@$(BIN)/python tests/benchmarks/precision.py \
		../shared/eval/cranfield ../shared/eval/public_health_guidance

bench-pdf: $(READY)
	@$(BIN)/python tests/benchmarks/plans.py $(DATA)/us_agency_plans tests/fixtures/pdf/labels.tsv

bench-html: $(READY)
	@$(BIN)/python tests/benchmarks/articles.py $(DATA)/html_articles

bench-scale: $(READY)
	@$(BIN)/python tests/benchmarks/scaling.py

$(READY): pyproject.toml .ci/constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("kb needs Python 3.11 or newer: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(PIP) $(TORCH)
	$(PIP) --constraint .ci/constraints.txt --editable '.[dev]'
	@touch $@

$(LOWEST)/.installed: $(READY) tests/lowest.py
	$(PYTHON) -m venv --clear $(LOWEST)
	$(BIN)/python tests/lowest.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint $(LOWEST)/constraints.txt --editable '.[dev]'
	@touch $@

$(SAMPLE)/.ingested: $(READY) $(BRIEFS)
	@$(BIN)/kb --kb $(SAMPLE) ingest corpus
	@touch $@

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
