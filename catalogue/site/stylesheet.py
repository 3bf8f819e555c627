"""Trim the theme's stylesheets to the rules that the built pages, or the scripts, can use.

Selectors are kept unless they name an element, a class or a palette value that neither a page nor a script knows.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import tinycss2

CLASS_ATTRIBUTE = re.compile(r' class=(?:"([^"]*)"|([^\s>"\']+))')
PALETTE_ATTRIBUTES = (re.compile(r'data-md-color-(?:scheme|primary|accent)="[^"]*"'), re.compile(r'dir="[^"]*"'))
TABLE_CLASSES = re.compile(r'<table class="([^"]*)"')
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
PALETTE = re.compile(r'\[(data-md-color-\w+|dir)="?([^\]"]*)"?\]')
TAG = re.compile(r"(?:^|[\s>+~])([a-z][a-z0-9]*)")
TAG_IN_PAGE = re.compile(r"<([a-z][a-z0-9]*)")
TAG_IN_SCRIPT = re.compile(r"""["'`]([a-z][a-z0-9]{0,9})["'`]""")
ATTRIBUTES = re.compile(r"\[[^\]]*\]")
FUNCTION = re.compile(r":(?:not|is|where|has)\([^()]*(?:\([^()]*\)[^()]*)*\)")
# The theme's scripts know these features, but build them only where a page holds their marks.
FEATURES = re.compile(
    r"md-(?:annotation|banner|consent|feedback|hero|post|profile|source|status|tag|tooltip|version)"
    r"|tabbed|task-list|lightbox|mermaid"
)
# The same for the theme's boxes and marks, whose names are words that any script may hold.
WORDS = re.compile(
    r"(?:abstract|admonition|attention|bug|caution|danger|error|example|failure|footnote|hint|info|inline|keys|note"
    r"|question|quote|success|summary|tip|warning)$|(?:footnote|key)-"
)
# With it, browsers style the whole page anew whenever a script sets a class near the root.
CLASSLESS = "table:not([class])"
# The space below a table, which our own sheet makes: with this one, browsers style a whole article anew when the
# theme's script wraps a table.
BELOW_TABLE = "table:not([class])+*"
# Boxes that our own sheet hides, the delays of more tabs than the site has, and features of the theme whose marks no
# page has: sorting of tables, numbers and choice of lines, results below samples, pictures for one palette, comments,
# and the theme's own switch of the palette.
UNSEEN = re.compile(
    r"summary:before$|md-content__inner:before$|tabs__item:nth-child\((?:[6-9]|1\d)\)"
    r"|\[role=columnheader\]|\[data-linenos\]|\[data-md-type=select\]|\.highlight\+\.result|img\[(?:src\$=|align)"
    r"|\[data-preview\]|\[id=__comments\]|\[data-md-color-switching\]"
)
# The animations of those features.
MOVES = re.compile(r"@keyframes (?:consent|facts?|hoverfix|overlay|pulse)$")
USE = re.compile(r"var\(\s*(--[\w-]+)")


class Names:
    """What pages and scripts know: classes, palette attributes, and the scripts' text for everything they add."""

    def __init__(self, scripts: str) -> None:
        self.classes: set[str] = set()
        # The root of a page is not always written out; a script may write any name of an element.
        self.tags = {"html", "body", "a", *TAG_IN_SCRIPT.findall(scripts)}
        self.palette: set[str] = set()
        self.table_classes: set[str] = set()
        # Minified scripts are full of short names; what they add to a page has a longer one.
        self.scripts = {name for name in re.findall(r"[\w-]+", scripts) if len(name) > 3}
        # `card-${token}` in a script: any class with that beginning may come; the theme's own are named in full.
        self.prefixes = tuple(name for name in self.scripts if name.endswith("-") and not name.startswith("md-"))

    def add_page(self, page: str) -> None:
        """Take the elements, the classes and the palette attributes of a page's HTML."""
        for quoted, bare in set(CLASS_ATTRIBUTE.findall(page)):
            self.classes.update((quoted or bare).split())
        for classes in TABLE_CLASSES.findall(page):
            self.table_classes.update(classes.split())
        self.tags.update(TAG_IN_PAGE.findall(page))
        for attribute in PALETTE_ATTRIBUTES:
            self.palette.update(attribute.findall(page))

    def knows(self, selector: str) -> bool:
        """Return whether an element can match the selector."""
        if UNSEEN.search(selector) or selector.endswith(BELOW_TABLE):
            return False
        plain = FUNCTION.sub("", selector)
        names = (name.replace("\\", "") for name in CLASS.findall(plain))
        if not all(name in self.classes or self._scripts_add(name) for name in names):
            return False
        if not all(name in self.tags for name in TAG.findall(ATTRIBUTES.sub("", plain))):
            return False
        return all(f'{name}="{value}"' in self.palette for name, value in PALETTE.findall(plain))

    def spell_out(self, selector: str) -> str:
        """Return the selector with the classes of tables by name where it asks for a table without any."""
        classes = ",".join(f".{name}" for name in sorted(self.table_classes))
        return selector.replace(CLASSLESS, f"table:not({classes})") if classes else selector

    def _scripts_add(self, name: str) -> bool:
        return (
            not FEATURES.match(name)
            and not WORDS.match(name)
            and (name in self.scripts or name.startswith(self.prefixes))
        )


@dataclass
class Rule:
    """A style rule: its selectors, and its declarations as (property, text)."""

    selectors: list[str]
    declarations: list[tuple[str, str]]

    def __str__(self) -> str:
        return f"{','.join(self.selectors)}{{{';'.join(text for _, text in self.declarations)}}}"


@dataclass
class Block:
    """An at-rule: its head, and what stands in its braces; text is kept as it is."""

    head: str
    children: "list[Rule | Block] | str"

    def __str__(self) -> str:
        inner = self.children if isinstance(self.children, str) else "".join(str(child) for child in self.children)
        return f"{self.head}{{{inner}}}"


def trim_styles(sheet: str, names: Names, others: str = "") -> str:
    """Return the stylesheet without the rules that nothing can match and the custom properties that nothing reads.

    `others` holds sheets of the same pages; what they read is kept.
    """
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    kept = list(_trim_rules(rules, names))
    _drop_replaced_properties(kept)
    while _drop_unused_properties(kept, set(USE.findall(others))):
        pass
    return "".join(str(rule) for rule in kept if not isinstance(rule, Rule) or rule.declarations)


def _trim_rules(rules: Iterable[Any], names: Names) -> Iterator[Rule | Block]:
    for rule in rules:
        if rule.type == "qualified-rule":
            parts = split_selectors(tinycss2.serialize(rule.prelude))
            selectors = [names.spell_out(part) for part in parts if names.knows(part)]
            if selectors:
                yield Rule(selectors, list(_read_declarations(rule.content)))
        elif rule.type == "at-rule" and rule.content is not None:
            head = f"@{rule.at_keyword} {tinycss2.serialize(rule.prelude).strip()}"
            if MOVES.match(head):
                continue
            if rule.at_keyword not in {"media", "supports"}:
                yield Block(head, tinycss2.serialize(rule.content).strip())
                continue
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            children = list(_trim_rules(inner, names))
            if children:
                yield Block(head, children)


def _read_declarations(content: list[Any]) -> Iterator[tuple[str, str]]:
    for item in tinycss2.parse_declaration_list(content, skip_comments=True, skip_whitespace=True):
        if item.type == "declaration":
            value = tinycss2.serialize(item.value).strip() + ("!important" if item.important else "")
            yield item.name, f"{item.name}:{value}"


def split_selectors(prelude: str) -> list[str]:
    """Split a selector list at its outer commas."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(prelude):
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append(prelude[start:at].strip())
            start = at + 1
    return [*parts, prelude[start:].strip()]


def _drop_replaced_properties(rules: list[Rule | Block]) -> None:
    # Our own sheet has the last word on many colours of the theme.
    later: set[tuple[str, str]] = set()
    for rule in reversed(rules):
        if isinstance(rule, Rule):
            selector = ",".join(rule.selectors)
            rule.declarations = [
                (name, text)
                for name, text in rule.declarations
                if (selector, name) not in later or text.endswith("!important")
            ]
            later |= {(selector, name) for name, _ in rule.declarations if name.startswith("--")}


def _drop_unused_properties(rules: list[Rule | Block], used: set[str]) -> bool:
    # Custom properties hold most of the theme's icons and colours; one may keep another in use, hence the return.
    used = used | {name for text in _iter_texts(rules) for name in USE.findall(text)}
    return _drop_properties(rules, used)


def _drop_properties(rules: "list[Rule | Block]", used: set[str]) -> bool:
    dropped = False
    for rule in rules:
        if isinstance(rule, Rule):
            left = [(name, text) for name, text in rule.declarations if not name.startswith("--") or name in used]
            dropped |= len(left) < len(rule.declarations)
            rule.declarations = left
        elif not isinstance(rule.children, str):
            dropped |= _drop_properties(rule.children, used)
    return dropped


def _iter_texts(rules: "list[Rule | Block]") -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, Rule):
            yield from (text for _, text in rule.declarations)
        elif isinstance(rule.children, str):
            yield rule.children
        else:
            yield from _iter_texts(rule.children)
