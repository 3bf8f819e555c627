"""changes.xml: the catalogue's history as an Atom feed."""

from xml.etree import ElementTree as ET

from catalogue.model.rows import Catalogue
from catalogue.render.changes import WHO, sort_newest
from catalogue.render.links import Site
from catalogue.render.markdown import strip_markup

ATOM = "http://www.w3.org/2005/Atom"


def format_feed(catalogue: Catalogue, site: Site) -> str:
    """Return changes.xml, an Atom feed of all changes, newest first."""
    ET.register_namespace("", ATOM)
    newest = sort_newest(catalogue)
    feed = ET.Element(f"{{{ATOM}}}feed")
    page = site.locate("about/changes/")
    _add(feed, "title", "WOO X Pro error reference: changes")
    _add(feed, "id", page)
    _add(feed, "updated", f"{newest[0].date}T00:00:00Z")
    _add(feed, "link", rel="self", type="application/atom+xml", href=site.locate("changes.xml"))
    _add(feed, "link", rel="alternate", type="text/html", href=page)
    author = _add(feed, "author")
    _add(author, "name", "WOO X Pro error reference")
    for change in newest:
        entry = _add(feed, "entry")
        _add(entry, "title", change.title)
        _add(entry, "id", f"{page}#{change.id}")
        _add(entry, "updated", f"{change.date}T00:00:00Z")
        _add(entry, "link", rel="alternate", type="text/html", href=f"{page}#{change.id}")
        _add(entry, "summary", f"{WHO[change.who]}: {strip_markup(change.text.text)}")
    ET.indent(feed)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text
    return child
