"""The hand-written pages: glossary terms are linked, headings keep their anchors, and sentences are short."""

import csv
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from catalogue.model.vocabulary import Outcome, Retry, SourceKind
from catalogue.model.vocabulary import Token as Word

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
GUIDES = sorted((DOCS / "guides").glob("*.md"))
PAGES = [*GUIDES, *(DOCS / name for name in ("index.md", "codes/index.md", "http/index.md", "about/changes.md"))]
LONGEST_SENTENCE = 25  # words
LARGEST_SHARE_OF_JOINED = 0.20
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
MACRO = re.compile(r" ?\{\{.*?\}\}")
LOCATED = re.compile(r"\{\{ (?:site|spec)_url\(\) \}\}")
COUNTED = re.compile(r"\{\{ (?:code_count|spec_date)\(\) \}\}")
ATTRIBUTES = re.compile(r"\s*\{:? *[#.][^{}]*\}")
ANCHOR = re.compile(r"\{ #[a-z][a-z0-9-]* \}$")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+")
CODE_SPAN = "`"


def read_page(path: Path) -> list[Token]:
    """Return the Markdown of a page as tokens, without front matter, macros and attributes."""
    text = COUNTED.sub("72", LOCATED.sub("https://site/", FRONT_MATTER.sub("", path.read_text("utf-8"))))
    return MarkdownIt("commonmark").enable("table").parse(ATTRIBUTES.sub("", MACRO.sub("", text)))


def iter_blocks(path: Path, *, tables: bool) -> Iterator[list[Token]]:
    """Yield what stands in each paragraph and list item, and on request in each cell of a table."""
    tokens = read_page(path)
    for before, token in pairwise(tokens):
        wanted = before.type == "paragraph_open" or (tables and before.type in {"td_open", "th_open"})
        if token.type == "inline" and wanted:
            yield token.children or []


def join_words(block: list[Token]) -> str:
    """Return a block as text; a code span is one word, so that nothing in it counts as punctuation."""
    parts = {"code_inline": "code", "softbreak": " ", "hardbreak": " "}
    return "".join(parts.get(token.type, token.content) for token in block).strip()


def list_sentences(path: Path) -> list[str]:
    """Return the sentences of a page outside tables, code and headings."""
    texts = [join_words(block) for block in iter_blocks(path, tables=False)]
    return [sentence for text in texts for sentence in SENTENCE_END.split(text) if sentence]


def iter_words(path: Path) -> Iterator[tuple[str, str]]:
    """Yield text and code spans of a page in order, each with the target of its link or an empty string."""
    for block in iter_blocks(path, tables=True):
        target = ""
        for token in block:
            if token.type in {"link_open", "link_close"}:
                target = str(token.attrs.get("href", "")) if token.type == "link_open" else ""
            elif token.type == "code_inline":
                yield f"`{token.content}`", target
            elif token.type == "text":
                yield token.content, target


def read_forms() -> dict[str, str]:
    """Return form → anchor of every glossary term that pages link."""
    with (ROOT / "data" / "glossary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    return {form: row["anchor"] for row in rows for form in row["forms"].split(";") if form}


FORMS = read_forms()
PLAIN_FORMS = sorted((form for form in FORMS if CODE_SPAN not in form), key=len, reverse=True)
TERM = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, PLAIN_FORMS))})(?![\w-])")


def find_unlinked(path: Path) -> list[str]:
    """Return the glossary terms that a page uses in plain words before it links them."""
    prefix = "" if path.parent.name == "guides" else "guides/" if path.parent == DOCS else "../guides/"
    linked: set[str] = set()
    problems = []
    for words, target in iter_words(path):
        if target:
            linked |= {target.removeprefix(f"{prefix}glossary.md#")}
            continue
        found = [words] if words in FORMS else TERM.findall(words) if not words.startswith(CODE_SPAN) else []
        problems += [form for form in found if FORMS[form] not in linked]
        linked |= {FORMS[form] for form in found}
    return list(dict.fromkeys(problems))


def name_page(path: Path) -> str:
    return path.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("path", [page for page in PAGES if page.stem != "glossary"], ids=name_page)
def test_a_glossary_term_is_linked_at_its_first_use(path: Path) -> None:
    problems = [f"{name_page(path)}: link {form} to glossary.md#{FORMS[form]}" for form in find_unlinked(path)]
    assert problems == []


@pytest.mark.parametrize("path", PAGES, ids=name_page)
def test_a_sentence_has_at_most_25_words(path: Path) -> None:
    long = [sentence for sentence in list_sentences(path) if len(sentence.split()) > LONGEST_SENTENCE]
    assert long == [], f"{name_page(path)}: cut these sentences in two"


@pytest.mark.parametrize("path", PAGES, ids=name_page)
def test_few_sentences_are_joined_by_a_colon_or_semicolon(path: Path) -> None:
    sentences = list_sentences(path)
    joined = [sentence for sentence in sentences if ":" in sentence or ";" in sentence]
    assert len(joined) <= LARGEST_SHARE_OF_JOINED * len(sentences), f"{name_page(path)}: {joined}"


@pytest.mark.parametrize("path", GUIDES, ids=name_page)
def test_every_heading_of_a_guide_has_its_own_anchor(path: Path) -> None:
    lines = FRONT_MATTER.sub("", path.read_text("utf-8")).split("\n")
    tokens = [token for token in MarkdownIt().parse("\n".join(lines)) if token.type == "heading_open" and token.map]
    headings = [lines[token.map[0]] for token in tokens if token.map]
    assert [heading for heading in headings if not ANCHOR.search(heading)] == [], f"Write {{ #anchor }} in {path.name}"
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize(
    ("guide", "tokens"), [("retries", [*Outcome, *Retry]), ("provenance", list(SourceKind))], ids=["retries", "kinds"]
)
def test_a_guide_shows_the_labels_of_the_vocabulary(guide: str, tokens: list[Word]) -> None:
    text = (DOCS / "guides" / f"{guide}.md").read_text("utf-8")
    rows = [f"| `{token}` | {token.label} | " for token in tokens]
    assert [row for row in rows if row not in text] == [], f"{guide}.md: show the token beside its label"


def test_the_runbooks_guide_names_every_alert() -> None:
    alerts = re.findall(r"- alert: (\w+)", (DOCS / "samples" / "alerts.yml").read_text("utf-8"))
    rows = re.findall(r"^\| `(WooxPro\w+)` \|", (DOCS / "guides" / "runbooks.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(alerts), "Give every alert of alerts.yml a row in runbooks.md"


def test_no_guide_lets_a_program_send_a_write_in_doubt_again() -> None:
    advice = re.compile(r"send (?:it )?(?:once more|again) with the same id|(?:resend|repeat) the order", re.IGNORECASE)
    found = [name_page(path) for path in PAGES if advice.search(path.read_text("utf-8"))]
    assert found == []


def test_the_rules_see_what_they_forbid(tmp_path: Path) -> None:
    page = tmp_path / "guides" / "a.md"
    page.parent.mkdir()
    page.write_text("# A\n\nOn [BitMart](glossary.md#bitmart) a KEYED read works. A KEYED read: fine.\n", "utf-8")
    assert find_unlinked(page) == ["KEYED"]
    assert list_sentences(page) == ["On BitMart a KEYED read works.", "A KEYED read: fine."]
