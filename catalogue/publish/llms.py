"""llms.txt and llms-full.txt: what leads a language model through the Markdown alternates."""

from collections.abc import Mapping

from catalogue.escaping import escape_markdown
from catalogue.model.rows import Catalogue
from catalogue.render.guides import read_title
from catalogue.render.links import Site
from catalogue.render.markdown import strip_markup

GUIDES = "guides/"
FILES = {
    "errors.json": "all codes as JSON",
    "errors.schema.json": "JSON Schema of errors.json; one code is `#/$defs/PublishedError`",
    "envelope.schema.json": "JSON Schema of the body of every response",
    "errors.csv": "the rows as they are kept",
    "errors.py": "the codes as a Python module",
    "openapi.json": "the errors as an OpenAPI 3.1 document",
    "wiremock.json": "the errors as WireMock mappings",
    "llms-full.txt": "every page of this list in one file",
    "changes.xml": "changes as an Atom feed",
}


def format_llms(catalogue: Catalogue, site: Site, alternates: Mapping[str, str]) -> str:
    """Return llms.txt: what the site is, the rule that builds an address, every page once, and the files."""
    codes = [
        f"- [{error.code} {escape_markdown(error.message)}]({site.locate(f'codes/{error.code}/index.md')}): "
        f"retry {error.retry}, outcome {error.outcome}, actor {error.actor}"
        f"{f', retired since {error.retired}' if error.retired else ''}"
        for error in catalogue.errors
    ]
    statuses = [
        f"- [HTTP {row.status} {escape_markdown(row.reason)}]({site.locate(f'http/{row.status}/index.md')}): "
        f"{escape_markdown(strip_markup(row.summary))}"
        for row in catalogue.statuses
    ]
    pages = {path: f"- [{read_title(text)}]({site.locate(path)})" for path, text in alternates.items()}
    guides = [entry for path, entry in pages.items() if path.startswith(GUIDES)]
    others = [entry for path, entry in pages.items() if not path.startswith(GUIDES)]
    files = [f"- [{path}]({site.locate(path)}): {words}" for path, words in FILES.items()]
    lead = (
        "> Every error code of the WOO X Pro REST API: causes, steps, whether to retry, whether an order may have gone "
        "through, who must act, and how that is known. Not an official publication."
    )
    rule = (
        f"The page of code N is {site.locate('codes/N/index.md')}, as JSON {site.locate('codes/N/index.json')}. All "
        f"codes are in {site.locate('errors.json')}. "
        "Never resend a write whose outcome is `unknown` or `duplicate`: look it up first. "
        "If you do not find it, let a person decide."
    )
    parts = [["# WOO X Pro error reference"], [lead], [rule], ["## Codes"], codes, ["## HTTP statuses"], statuses]
    parts += [["## Guides"], guides, ["## Files"], files, ["## Optional"], others]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def format_llms_full(files: Mapping[str, str]) -> str:
    """Return llms-full.txt: every Markdown alternate, each after its path."""
    alternates = [(path, text) for path, text in files.items() if path.endswith("index.md")]
    return "\n".join(f"<!-- {path} -->\n\n{text}" for path, text in alternates)
