"""Every path of this repository that the code names."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

DATA = ROOT / "data"
DOCS = ROOT / "docs"
SAMPLES = DOCS / "samples"
TEMPLATES = ROOT / "templates"
PARTIALS = ROOT / "overrides" / "partials"
PERMALINKS = DATA / "permalinks.txt"
SPEC_PAGE = DATA / "spec" / "restful-error-code.md"
SPEC_MANIFEST = DATA / "spec" / "manifest.json"

# The data files, relative to the root, as problems and instructions name them.
ERRORS = "data/errors.csv"
STATUSES = "data/http_statuses.csv"
SOURCES = "data/sources.csv"
OBSERVED = "data/observed.csv"
CHANGES = "data/changes.csv"
CONFUSIONS = "data/confusions.csv"
REQUESTS = "data/requests.csv"
LIBRARY = "data/ccxt.csv"
GLOSSARY = "data/glossary.csv"
