# Every target works from nothing: it makes .venv and installs what it needs first.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
TORCH ?= 2.13.0
PLUGINS := unibridge phonexl mtlws translit_ppa phoneme_gap
EXTRAS_unibridge := [fasttext,dev]
EXTRAS_phonexl := [transcribers,espeak]
DISTRIBUTIONS := -e .[dev,ipa] $(foreach plugin,$(PLUGINS),-e plugins/$(plugin)$(EXTRAS_$(plugin)))

.PHONY: help install demo test soak lint format docs docs-check bench bench-full results-mini results-data results-unibridge results-phonexl mini-backbone mini-backbone-subword \
	mini-backbone-others mini-ground small-backbone small-backbone-scores clean

help:
	@echo "make demo    install, then two real cross-lingual runs and a table that compares them"
	@echo "make test    install, then all tests"
	@echo "make soak    a hundred kills at random moments"
	@echo "make lint    ruff, mypy, and whether the reference pages are fresh"
	@echo "make docs    write the reference pages from the code"
	@echo "make bench   what this costs beside what else there is: docs/benchmarks.md"

# torch first and on its own: asked for by another package it may come with gigabytes of CUDA
$(VENV)/installed: pyproject.toml $(foreach plugin,$(PLUGINS),plugins/$(plugin)/pyproject.toml)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet torch==$(TORCH)
	$(BIN)/python -m pip install --quiet $(DISTRIBUTIONS)
	touch $@

install: $(VENV)/installed

demo: install
	$(BIN)/xlt run --method zero_shot --backbone mini --sources eng,rus,ara --targets amh,tam --out runs/demo/zero_shot --resume
	$(BIN)/xlt run --method unibridge --backbone mini --jobs 2 --out runs/demo/unibridge --resume
	$(BIN)/xlt compare runs/demo/zero_shot runs/demo/unibridge

# two at a time, the slowest first; a file's tests stay together, since they share what is costly to make
test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/test_kill.py tests plugins

# a hundred kills at random moments, each of which must lead to the same bits
soak: install
	XLT_KILLS=102 $(BIN)/python -m pytest tests/test_kill.py

lint: install docs-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy xlt_core $(foreach plugin,$(PLUGINS),plugins/$(plugin)/xlt_$(plugin)) docs/make benchmarks examples

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install
	$(BIN)/python docs/make/reference.py
	$(BIN)/python docs/make/graphs.py
	$(BIN)/python docs/make/heatmap.py
	$(BIN)/python docs/make/results.py

docs-check: install
	$(BIN)/python docs/make/reference.py --check
	$(BIN)/python docs/make/graphs.py --check
	$(BIN)/python docs/make/heatmap.py --check
	$(BIN)/python docs/make/results.py --check

bench: install
	$(BIN)/python benchmarks/start_up.py
	$(BIN)/python benchmarks/bootstrap.py
	$(BIN)/python benchmarks/rewrite.py
	$(BIN)/python benchmarks/reading.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/dropout.py 2
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/adaptation.py --rounds 1
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/step.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/parallel_adapters.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/phonexl.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/streaming.py 100000 10 stretches rows
	$(BIN)/python benchmarks/unibridge.py
	$(BIN)/python benchmarks/bitext.py --pairs 1000 --aer 50
	$(BIN)/python benchmarks/romanise.py
	$(BIN)/python benchmarks/mfu.py || test $$? -eq 4

# hours: every line of ../shared/data, every aligner that is installed, the sizes of the papers
bench-full: install
	$(BIN)/python benchmarks/romanise.py --full
	$(BIN)/python benchmarks/rewrite.py --text ../shared/data/mono
	$(BIN)/python benchmarks/bitext.py
	$(BIN)/python benchmarks/unibridge.py --full

# tables and plots of results: each a committed file in benchmarks/tables, scores into docs/results, drawn into docs;
# a stopped one goes on, and JOBS stages are done at once. The real-data ones read $(CORPORA) and want
# `make small-backbone` first
CORPORA ?= ../shared/data
SMALL ?= small_backbone
JOBS ?= 2
TABLE = $(BIN)/python benchmarks/results.py --jobs $(JOBS) --data $(CORPORA)
DRAW = $(BIN)/python docs/make/results.py

results-mini: install
	$(TABLE) benchmarks/tables/mini.yaml
	$(TABLE) benchmarks/tables/unibridge_mini.yaml
	$(TABLE) benchmarks/tables/phonexl_mini.yaml
	$(DRAW)

results-data: install
	$(TABLE) --backbone $(SMALL) benchmarks/tables/data.yaml
	$(DRAW)

results-unibridge: install
	$(TABLE) --backbone $(SMALL) benchmarks/tables/unibridge_real.yaml
	$(DRAW)

results-phonexl: install
	$(BIN)/python examples/phonexl_release.py $(CORPORA) runs/phonexl_release
	$(BIN)/python benchmarks/results.py --jobs $(JOBS) --data runs/phonexl_release --backbone $(SMALL) benchmarks/tables/phonexl_real.yaml
	$(DRAW)

# under an hour on two cores, one for the sub-words and one for the others; the result replaces what the package ships
mini-backbone: install
	OMP_NUM_THREADS=1 $(MAKE) -j2 mini-backbone-subword mini-backbone-others

mini-backbone-subword: install
	$(BIN)/python -m xlt_core.mini.pretrain --kind subword --out xlt_core/mini/backbones/subword

mini-backbone-others: install
	$(BIN)/python -m xlt_core.mini.pretrain --kind char --out xlt_core/mini/backbones/char
	$(BIN)/python -m xlt_core.mini.pretrain --kind phoneme --out xlt_core/mini/backbones/phoneme

# a quarter of an hour: how well transfer works between the languages that the backbone knows
mini-ground: install
	$(BIN)/python -m xlt_core.mini.ground --sources all --out docs/mini_ground.json
	$(BIN)/python docs/make/heatmap.py

# an hour and a half on one core: a small backbone of 24 languages from open texts, into $(SMALL) (docs/small_backbone.md)
MADE := $(SMALL).made

small-backbone: install
	$(BIN)/python examples/small_backbone/data.py $(CORPORA) $(MADE)/texts
	test -d $(MADE)/new || $(BIN)/python -m xlt_core.model.scratch $(MADE)/texts $(MADE)/new
	$(BIN)/python examples/small_backbone/mix.py $(MADE)/texts $(MADE)/new $(MADE)/mixed
	$(BIN)/xlt run --config examples/pretrain_small.yaml --data $(MADE)/mixed --backbone $(MADE)/new \
		--out $(MADE)/run $$(test -d $(MADE)/run && echo --resume)
	$(BIN)/python -m xlt_core.running.body $(MADE)/run $(SMALL)

small-backbone-scores: install
	$(BIN)/python benchmarks/small_backbone.py $(CORPORA) $(MADE)/new $(SMALL)

clean:
	rm -rf $(VENV) runs
