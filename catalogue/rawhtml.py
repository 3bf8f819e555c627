"""Take the HTML that our templates write past the Markdown parser, which would take it apart and leave it as it is.

A page of a code has a hundred tags; parsing them is a tenth of a build.
"""

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from typing_extensions import override

# The strip of facts, the code map and the tables, and the tags of sources. No block has a line `</div>` but its last.
# Code spans come first: what stands in them is text.
OWN_HTML = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`))"
    r'|^<div class="(?:code-map|facts|table-scroll)\b.*?^</div>$'
    r'|<(?P<tag>a|span) class="ev\b[^>]*>[^<]*</(?P=tag)>',
    re.DOTALL | re.MULTILINE,
)


class StashHtml(Preprocessor):
    """Put a placeholder in the place of what is known to be whole HTML."""

    @override
    def run(self, lines: list[str]) -> list[str]:
        """Take the lines of a page whose fences are placeholders already."""
        return OWN_HTML.sub(self._stash, "\n".join(lines)).split("\n")

    def _stash(self, match: re.Match[str]) -> str:
        return match["code"] or str(self.md.htmlStash.store(match[0]))


class StashExtension(Extension):
    """The extension for Python-Markdown."""

    @override
    def extendMarkdown(self, md: Markdown) -> None:
        """Register the preprocessor between those of fences and of HTML blocks."""
        md.preprocessors.register(StashHtml(md), "stash_html", 22)
