"""Where the references of a text lead: addresses of the site, and links between pages."""

import re
from dataclasses import dataclass, field

from catalogue.model.rows import Catalogue

# What every language of the published files can hold without escaping.
ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~%+@/-]*)?")


@dataclass(frozen=True)
class Site:
    """Where the site is published: its address with a final slash, and the repository's, if any.

    Raises ValueError for an address that is none.
    """

    url: str = "http://127.0.0.1:8000/"
    repo_url: str | None = None

    def __post_init__(self) -> None:
        for name, address in (("SITE_URL", self.url), ("REPO_URL", self.repo_url)):
            if address is not None and not ADDRESS.fullmatch(address):
                raise ValueError(f"{name} is {address!r}, which is no address. Give one such as https://example.org/")

    def locate(self, path: str) -> str:
        """Return the absolute address of a path below the site's root."""
        return self.url + path


@dataclass(frozen=True)
class Links:
    """Links of one page: to Markdown files below `prefix`, or to absolute addresses in a Markdown alternate.

    `own` is the code whose page it is, which never links to itself; empty on other pages. `linked_terms` holds the
    anchors of the glossary terms that the page has linked already.
    """

    catalogue: Catalogue
    site: Site = field(default_factory=Site)
    prefix: str = "../"
    alternate: bool = False
    own: str = ""
    linked_terms: set[str] = field(default_factory=set)

    def term(self, form: str, words: str) -> str | None:
        """Return a Markdown link to the glossary at the first use of a term on the page, else None."""
        term = self.catalogue.term_by_form.get(form)
        if term is None or term.anchor in self.linked_terms:
            return None
        self.linked_terms.add(term.anchor)
        return f"[{words}]({self.page(f'guides/glossary#{term.anchor}')})"

    def page(self, path: str) -> str:
        """Return the target of `codes/30005`, `guides/clock#window` or, on the page itself, `#causes`."""
        path, _, anchor = path.partition("#")
        suffix = f"#{anchor}" if anchor else ""
        if not path:
            return self.site.locate(f"codes/{self.own}/{suffix}") if self.alternate else suffix
        if self.alternate:
            return self.site.locate(f"{path.removesuffix('index')}{'' if path.endswith('index') else '/'}index.md")
        return f"{self.prefix}{path}.md{suffix}"

    def code(self, code: str) -> str:
        """Return a Markdown link to the page of a code."""
        return f"[{code}]({self.page(f'codes/{code}')})"

    def status(self, status: int) -> str:
        """Return a Markdown link to the page of an HTTP status, or the bare number where it has none."""
        return f"[{status}]({self.page(f'http/{status}')})" if status in self.catalogue.by_status else str(status)
