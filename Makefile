# Everything that a person or CI does here. `make help` lists it.
PYTHON ?= python3
PORT ?= 8000
DATA ?= .inlet
STAGE ?=
ARGS ?=

PY := .venv/bin/python
# Named by content: a changed requirement installs again, a fresh checkout of the same does not,
# and an installation that was interrupted has none.
VENV := .venv/.installed-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d' ' -f1)
VENV_AWS := .venv-aws/.installed-$(shell cksum < local/requirements.txt | cut -d' ' -f1)
VENV_FAULTS := .venv-faults/.installed-$(shell cksum < tests/requirements-faults.txt | cut -d' ' -f1)
VENV_BENCH := .venv-bench/.installed-$(shell cksum < bench/requirements.txt | cut -d' ' -f1)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled once, not again in each of the many processes that run and test start.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help run test environments browser check bench package deploy clean clean-env

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: $(VENV) $(VENV_AWS) ## serve locally until Ctrl-C (PORT=8000 DATA=.inlet)
	@INLET_PARENT=$$PPID PORT='$(PORT)' DATA='$(DATA)' exec $(PY) -m local

environments: $(VENV) $(VENV_AWS) $(VENV_FAULTS) ## the Python environments of `run` and `test`

test: environments ## every test (ARGS='-k name' for some)
	@command -v chromium >/dev/null || test -n '$(CHROMIUM)' || \
		echo 'No chromium: the tests in a real browser are skipped (make browser installs it).'
	$(PY) -m pytest -n 2 --dist worksteal $(ARGS)

browser: ## Chromium for the tests in a real browser (Debian, as root)
	@if command -v chromium >/dev/null; then chromium --version; \
	elif command -v apt-get >/dev/null && test "$$(id -u)" = 0; then \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-core; } \
		|| echo 'chromium could not be installed: the tests in a real browser will be skipped.'; \
	else echo 'Install chromium (apt-get install chromium as root), or name one in CHROMIUM.'; fi

check: $(VENV) ## lint, types, template
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	$(PY) -m infra.lint

bench: $(VENV) $(VENV_AWS) $(VENV_BENCH) ## the benchmarks, into bench.json
	$(PY) -m bench

package: $(VENV) ## the deployable template and zip, into dist/ (STAGE=…)
	$(PY) -m infra.package $(if $(STAGE),--stage '$(STAGE)')

deploy: $(VENV) ## to AWS with your own credentials (STAGE=…, ARGS='NAME=VALUE …')
	@test -n '$(STAGE)' || { echo 'Say where to: make deploy STAGE=…'; exit 2; }
	$(PY) -m infra.package --stage '$(STAGE)'
	$(PY) -m infra.deploy --stage '$(STAGE)' $(ARGS)

clean: ## remove what was built; data and environments stay
	rm -rf dist build *.egg-info bench.json .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -path './.venv*' -prune -o -name __pycache__ -type d -exec rm -rf {} +

clean-env: ## remove the Python environments too
	rm -rf .venv .venv-aws .venv-faults .venv-bench

$(VENV):
	$(call environment,.venv,requirements-dev.txt,$@)

$(VENV_AWS):
	$(call environment,.venv-aws,local/requirements.txt,$@)

$(VENV_FAULTS):
	$(call environment,.venv-faults,tests/requirements-faults.txt,$@)

$(VENV_BENCH):
	$(call environment,.venv-bench,bench/requirements.txt,$@)

# $(1) the environment, $(2) its requirements, $(3) the stamp, which is written last.
define environment
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with PYTHON=…")'
@echo 'Preparing $(1) from $(2) …'
@rm -f $(1)/.installed-*
@test -x $(1)/bin/pip || $(PYTHON) -m venv $(1)
@$(1)/bin/python -m pip install --quiet --requirement $(2)
@touch $(3)
endef
