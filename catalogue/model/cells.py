"""What a cell may look like: characters, numbers, dates, keys, addresses and prose in their one canonical form.

Patterns name ASCII digits, since `\\d` takes those of other scripts too.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from typing import Any

CODE = r"^[1-9][0-9]{3,4}$"
# `E30005` is the second name of the code 30005 in errors.py.
NAME = r"^([A-DF-Z]|E[A-Z_])[A-Z0-9]*(_[A-Z0-9]+)*$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
PERIOD = r"^[0-9]{4}(-[0-9]{2}){0,2}$"
KEY = r"^[A-Za-z][A-Za-z0-9]*$"
ANCHOR = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
CLASS = r"^[A-Z][A-Za-z]+$"
# Nothing that could end a Markdown link or an HTML attribute.
ADDRESS = r"^https://[A-Za-z0-9][A-Za-z0-9.-]*(/[A-Za-z0-9:/._?=&#%~+,;@!$*-]*)?$"
EXPECTED = {
    CODE: "expected four or five digits, for example 30005",
    NAME: "expected capitals and digits joined by _, for example SIGNATURE_MISMATCH, and not E with a number",
    DAY: "expected a date as YYYY-MM-DD",
    PERIOD: "expected a date as YYYY-MM-DD, YYYY-MM or YYYY",
    KEY: "expected letters and digits, a letter first, for example S1",
    ANCHOR: "expected small letters and digits joined by -, for example headers-renamed",
    CLASS: "expected the name of a class, for example ExchangeError",
    ADDRESS: "expected an address that starts with https:// and holds no quotation mark, bracket, blank or port",
}

SECONDS = re.compile(r"[1-9][0-9]{0,4}")
STATUS = re.compile(r"[1-9][0-9]{2}")
REGISTERED = frozenset(status.value for status in HTTPStatus)
# Controls, formats, private and unassigned characters, lone surrogates, separators of lines and paragraphs.
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
# Letters, marks and symbols that show nothing either: joiners, fillers, selectors of variants, the empty Braille cell.
BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
# A spreadsheet runs a cell that starts so; where it divides at semicolons, a part of one too.
FORMULA = re.compile(r"(?:^|[;\n])([=+\-@\uff1d\uff0b\uff0d\uff20])")

SPAN = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\[[^\[\]\n]+\]\((?:guide:[a-z-]+)?(?:#[a-z0-9-]+)?\)")
# The keys of the sources at the end of a text.
EVIDENCE = re.compile(r" (?:\[[A-Za-z][A-Za-z0-9]*\])+\Z")
MAX_DEPTH = 8


def find_bad_characters(cell: str) -> Iterator[str]:
    """Yield one message for every kind of character that a cell may not hold."""
    if cell.isascii() and cell.replace("\n", "").isprintable():
        return
    for char in sorted(set(cell) - {"\n"}):
        category = unicodedata.category(char)
        name = unicodedata.name(char, "without a name")
        if category in UNSEEN or BLANK.match(char):
            kind = "a control" if category == "Cc" else "an invisible"
            yield f"holds {kind} character, U+{ord(char):04X} ({name}). Remove it."
        elif category == "Zs" and char != " ":
            yield f"holds a blank of another kind, U+{ord(char):04X} ({name}). Use a plain one."
    if not cell.isascii() and not unicodedata.is_normalized("NFC", cell):
        yield "holds letters and marks that stand apart. Write it in the composed form (NFC)."


def find_prose_faults(cell: str) -> Iterator[str]:
    """Yield one message for every fault of markup: a stray bracket or backtick, a key of evidence out of place."""
    for line in cell.split("\n"):
        match = EVIDENCE.search(line)
        keys = re.findall(r"\w+", match[0]) if match else []
        text = LINK.sub("", SPAN.sub("", line[: match.start()] if match else line))
        if len(set(keys)) < len(keys):
            yield "cites a source twice. Name each key once."
        if re.search(r"[\[\]]", text):
            yield (
                "has a bracket that is no link and no evidence. Evidence stands at the end, after a blank, as "
                "`[S1][B2]`. Put other brackets into a code span."
            )
        if "`" in text:
            yield "has a backtick that opens or closes no code span. Close the span."


def check_day(text: str | None) -> str | None:
    """Return the day, month or year; raises ValueError for one that does not exist."""
    if text is not None:
        try:
            date.fromisoformat(text + "-01" * (2 - text.count("-")))
        except ValueError:
            raise ValueError("is no date of the calendar; correct it") from None
    return text


def read_status(cell: Any) -> Any:
    """Return the number of an HTTP status of the IANA registry; other text raises ValueError."""
    if not isinstance(cell, str):
        return cell
    if not STATUS.fullmatch(cell):
        raise ValueError("expected an HTTP status of three digits, for example 401")
    if int(cell) not in REGISTERED:
        raise ValueError("is no HTTP status of the IANA registry; give one that is")
    return int(cell)


def read_after(cell: Any) -> Any:
    """Return seconds as a number, an event as text, an empty cell as None."""
    if not isinstance(cell, str):
        return cell
    if SECONDS.fullmatch(cell):
        return int(cell)
    if cell[:1].isnumeric():
        raise ValueError("expected whole seconds of 1 to 99999, or an event in words")
    return cell or None


def read_object(cell: Any) -> Any:
    """Return the JSON object that a cell holds in compact form, an empty one if it is empty."""
    if not isinstance(cell, str):
        return cell
    if not cell:
        return {}
    try:
        value = json.loads(cell, parse_constant=_refuse_constant)
        compact = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON: {error}. Correct it") from None
    if not isinstance(value, dict) or _measure_depth(value) > MAX_DEPTH:
        raise ValueError(f"is no JSON object of at most {MAX_DEPTH} levels. Write one, or leave the cell empty")
    if compact != cell or next(find_bad_characters(compact), None):
        raise ValueError("is not in the compact form. Write it without blanks, repeated names and escapes")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _measure_depth(value: object) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_measure_depth(child) for child in children), default=0)
