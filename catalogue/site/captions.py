"""Give every Markdown table a caption: the heading that it stands under, for readers who cannot see where it stands."""

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

# What stands for raw HTML until the page is written.
STASHED = re.compile("\x02.*?\x03")
HEADINGS = {"h1", "h2", "h3", "h4"}


class CaptionTables(Treeprocessor):
    """Put a caption into each table of a page that has none."""

    def run(self, root: Element) -> None:
        """Walk a page in document order."""
        heading = ""
        for element in root.iter():
            if element.tag in HEADINGS:
                heading = STASHED.sub("", "".join(element.itertext())).removesuffix("¶").removesuffix("&para;").strip()
            elif element.tag == "table" and element.find("caption") is None and heading:
                caption = Element("caption", {"class": "visually-hidden"})
                caption.text = heading
                element.insert(0, caption)


class CaptionExtension(Extension):
    """The extension for Python-Markdown."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Register the tree processor after the one that makes the headings' text."""
        md.treeprocessors.register(CaptionTables(md), "caption_tables", 1)


def makeExtension(**_settings: object) -> CaptionExtension:
    """Return the extension; Python-Markdown looks this name up in a module that a configuration names."""
    return CaptionExtension()
