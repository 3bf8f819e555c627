"""Name the mistake in a signature, offline: what you sent and your secret in, the mistake and its remedy out.

The program signs the request as documented, then with every known mistake and every pair of them, until one gives
exactly the signature that was sent. The mistakes are rows of signature_mistakes.json, which lies beside this file.
It sends nothing. It takes the secret from WOOXPRO_SECRET or asks for it, since arguments stay in your shell's history.

    python explain_signature.py --timestamp 1589793796145 --body-file body.json --sent c31dc326…
"""

import argparse
import base64
import binascii
import getpass
import hashlib
import hmac
import json
import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote_to_bytes

TABLE = Path(__file__).with_name("signature_mistakes.json")
HOST = "https://cloud-api.wooxpro.com"
# Of one of these a program uses one; of the others it may hold two.
EXCLUSIVE = {"join", "hash", "encode"}
PAIR_VARIANTS = 8
# Bytes of work that one search may do; changing a text costs more than signing it.
BUDGET = 60_000_000
CHANGE_COST = 8
MAX_CHANGED = 65_536
MAX_DEPTH = 64
BLANKS = " \t\r\n"
DOCUMENTED = {"algorithm": "SHA-256", "hashKey": "{secret}", "hashData": "{text}"}

Row = dict[str, Any]
Layout = dict[str, str]
Value = str | bytes | None
Variants = list[tuple[Value, str]]
Names = tuple[tuple[str, str], ...]
# A request with the mistakes made so far: the parts named in make_state.
State = dict[str, Any]


@dataclass
class Explanation:
    """What the search found; `mistake` holds id, text and fix, `parts` one of each per mistake."""

    expected: str
    text: str
    match: bool
    mistake: Row | None
    tried: int
    complete: bool


def load_mistakes(path: Path = TABLE) -> Row:
    """Return the table of mistakes."""
    table: Row = json.loads(path.read_text("utf-8"))
    return table


def explain(fields: Row, sent: str, table: Row | None = None) -> Explanation:
    """Name the mistake, or the pair of mistakes, that gives the signature sent.

    fields: timestamp, memo, body, secret, and where known key, method and path, all text.
    """
    return explain_all(fields, [sent], table)[0]


def explain_all(fields: Row, sents: list[str], table: Row | None = None) -> list[Explanation]:
    """Explain several signatures of the same request in one search."""
    table = table or load_mistakes()
    base = make_state(fields, table)
    text = str(render(base))
    expected = digest(base, text).hex()
    wanted: dict[str, Names | None] = {sent: None for sent in sents if sent and sent != expected}
    search = Search(base, table, wanted)
    if wanted:
        search.run()
    counts = (search.tried, search.complete)
    return [Explanation(expected, text, sent == expected, search.describe(wanted.get(sent)), *counts) for sent in sents]


def make_state(fields: Row, table: Row) -> State:
    """Return the documented request; a GET has no body in its text."""

    def clean(name: str) -> str:
        text = str(fields.get(name) or "")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    method = (clean("method") or "POST").upper()
    target = re.sub(r"#.*$", "", re.sub(r"^https?://[^/?#]*", "", clean("path")), flags=re.DOTALL)
    path, _, query = target.partition("?")
    content = clean("body")
    body = "" if method == "GET" else content
    parts = {"time": clean("timestamp"), "memo": clean("memo"), "body": body, "content": content}
    request = {"method": method, "path": path, "query": query, "target": target}
    recipe = {"template": table["recipe"], "text": None, "encode": ""} | DOCUMENTED
    body_hash = hashlib.sha512(body.encode()).hexdigest()
    return parts | request | recipe | {"key": clean("key"), "secret": clean("secret"), "bodyHash": body_hash}


@dataclass
class Search:
    """One walk through the mistakes and their pairs; `wanted` maps signature → the mistakes that give it."""

    base: State
    table: Row
    wanted: dict[str, Names | None]
    tried: int = 0
    spent: int = 0
    complete: bool = True
    changed: dict[tuple[str, str], Variants] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = sorted(self.table["mistakes"], key=lambda row: self.table["parts"].index(row["part"]))
        self.by_id = {row["id"]: row for row in rows}
        self.mistakes = [row for row in rows if row["part"] != "encode"]
        self.extras = [row for row in rows if row["part"] == "encode" and self.may_encode(row["args"])]
        self.plain = all(re.fullmatch(r"[0-9a-f]{64}", sent) for sent in self.wanted)
        self.missing = len(self.wanted)
        self.seen = {self.identify(self.base, render(self.base))}

    def may_encode(self, how: Row) -> bool:
        """Return whether a signature that was sent can have this writing."""
        if "varies" in how:
            return any(re.search(how["varies"], sent) for sent in self.wanted)
        lengths = {len(encode_digest(bytes(size), how)) for size in (20, 32, 48, 64)}
        return any(len(sent) in lengths for sent in self.wanted)

    def run(self) -> None:
        """Compare the mistakes one by one, then in pairs, until every wanted signature is found."""
        signed: list[tuple[State, Names, bytes]] = [(self.base, (), digest(self.base, render(self.base)))]
        self.note_extras(signed)
        singles = []
        for state, names in self.list_singles():
            singles.append((state, names))
            if found := self.test(state, names):
                signed.append((state, names, found))
            if not self.missing:
                return
        self.note_extras(signed[1:])
        for state, names in self.list_pairs(singles):
            self.test(state, names)
            if not self.missing:
                return

    def test(self, state: State, names: Names) -> bytes | None:
        """Compare one candidate and return its digest; None for a text, key and hash that were there before."""
        text = render(state)
        if not self.admit(state, text):
            return None
        self.tried += 1
        # Nothing but SHA-256 in hexadecimal looks like it.
        if self.plain and (state["encode"] or state["algorithm"] != "SHA-256"):
            return None
        found = digest(state, text)
        self.note(encode_digest(found, self.by_id[state["encode"]]["args"]) if state["encode"] else found.hex(), names)
        return found

    def list_singles(self) -> Iterator[tuple[State, Names]]:
        """Yield the request with each mistake."""
        late = []
        for row in self.mistakes:
            found = [(state, ((row["id"], detail),)) for state, detail in self.apply(row, self.base)]
            yield from found[:PAIR_VARIANTS]
            late += found[PAIR_VARIANTS:]
        yield from late

    def list_pairs(self, singles: list[tuple[State, Names]]) -> Iterator[tuple[State, Names]]:
        """Yield the request with each pair of mistakes, in the order in which a program makes them."""
        ranks = {row["id"]: rank for rank, row in enumerate(self.mistakes)}
        for state, names in list_early(singles):
            rank = ranks[names[0][0]]
            part = self.mistakes[rank]["part"]
            for row in self.mistakes[rank + 1 :]:
                if row["part"] == part and part in EXCLUSIVE:
                    continue
                for following, detail in self.apply(row, state)[:PAIR_VARIANTS]:
                    yield following, (*names, (row["id"], detail))
                if not self.complete:
                    return

    def admit(self, state: State, text: Value) -> bool:
        """Return whether a candidate gives a new text, key or hash, within the budget."""
        if self.spent > BUDGET:
            self.complete = False
        identity = self.identify(state, text)
        if not self.complete or text is None or identity in self.seen:
            return False
        self.seen.add(identity)
        self.spent += len(text) + len(state["secret"])
        return True

    def identify(self, state: State, text: Value) -> tuple[Any, ...]:
        """Return all that the signature depends on."""
        return (text, state["secret"], state["algorithm"], state["hashKey"], state["hashData"], state["encode"])

    def apply(self, row: Row, state: State) -> list[tuple[State, str]]:
        """Return the request with one more mistake: nothing where it does not apply, several where it has variants."""
        part, args = row["part"], row.get("args", "")
        if part == "join":
            return join_parts(state, args if isinstance(args, dict) else {"text": args})
        if part == "hash":
            return [(state | args, "")]
        if row["op"] == "swap":
            return [(state | {"memo": state["secret"], "secret": state["memo"]}, "")]
        value = render(state) if part == "text" else state[part]
        if not isinstance(value, str):
            return []
        changes: list[tuple[Row, str]] = [
            ({part: found}, detail) for found, detail in self.change(row, value, state) if found is not None
        ]
        return [(state | change, detail) for change, detail in changes]

    def change(self, row: Row, value: str, state: State) -> Variants:
        """Return the variants of one part."""
        args: Any = row.get("args")
        if row["op"] == "put":
            return [(fill(args, state | {"text": value} if row["part"] == "text" else state), "")]
        if row["op"] == "query":
            return [(write_query(state["query"], **args), "")] if state["query"] else []
        if len(value) > MAX_CHANGED:
            return []
        name = (row["id"], value)
        if name not in self.changed:
            self.spent += CHANGE_COST * len(value)
            self.changed[name] = OPERATIONS[row["op"]](value, args)
        return self.changed[name]

    def note_extras(self, signed: list[tuple[State, Names, bytes]]) -> None:
        """Compare digests in every other writing."""
        for state, names, found in list_early(signed):
            if not state["encode"]:
                for extra in self.extras:
                    self.tried += 1
                    self.note(encode_digest(found, extra["args"]), (*names, (extra["id"], "")))

    def note(self, value: str, names: Names) -> None:
        """Keep the first names of a wanted signature."""
        if value in self.wanted and self.wanted[value] is None:
            self.wanted[value] = names
            self.missing -= 1

    def describe(self, names: Names | None) -> Row | None:
        """Return id, text and fix of the mistakes found."""
        if not names:
            return None
        rows = [(self.by_id[name], detail) for name, detail in names]
        parts = [
            {"id": row["id"], "text": row["text"].replace("{detail}", detail), "fix": row["fix"]}
            for row, detail in rows
        ]
        joined = {name: " ".join(dict.fromkeys(part[name] for part in parts)) for name in ("text", "fix")}
        return {"id": "+".join(part["id"] for part in parts), **joined, "parts": parts}


def list_early(candidates: list[Any]) -> Iterator[Any]:
    """Yield the candidates that come among the first of their mistake, which alone are paired with others."""
    counts: Counter[str] = Counter()
    for candidate in candidates:
        name = candidate[1][0][0] if candidate[1] else ""
        counts[name] += 1
        if counts[name] <= PAIR_VARIANTS:
            yield candidate


def join_parts(state: State, how: Row) -> list[tuple[State, str]]:
    """Return the request with another way to join its parts."""
    if fill(how["text"], state) is None:
        return []
    secret = (how.get("secret") and read_bytes(str(state["secret"]), how["secret"])) or state["secret"]
    changes = {"template": how["text"], "encode": how.get("encode", ""), "secret": secret}
    return [(state | changes | {name: how[name] for name in ("algorithm",) if name in how}, "")]


def render(state: State) -> Value:
    """Return what is signed; None where a part was not given."""
    return state["text"] if state["text"] is not None else fill(state["template"], state)


PIECES: dict[str, list[str]] = {}


def fill(template: str, state: State) -> str | None:
    """Fill a template such as "{time}#{memo}"; None where a part was not given or cannot be made."""
    if template not in PIECES:
        PIECES[template] = re.split(r"\{(\w+)\}", template)
    pieces = PIECES[template]
    text = [pieces[0]]
    for at in range(1, len(pieces), 2):
        value = read_field(pieces[at], state)
        if value is None:
            return None
        text += value, pieces[at + 1]
    return "".join(text)


FORM: Row = {"pair": "=", "join": "&"}
OPTIONAL = {"key", "path", "query", "target"}
DERIVED: dict[str, Callable[[State], str | None]] = {
    "url": lambda state: HOST + state["target"] if state["target"] else None,
    "payload": lambda state: state["query"] if state["method"] == "GET" else state["body"],
    "params": lambda state: state["query"] or write_flat(state["body"], FORM),
    "sorted": lambda state: (
        write_query(state["query"], sort=True) if state["query"] else write_flat(state["body"], FORM | {"sort": True})
    ),
}


def read_field(name: str, state: State) -> str | None:
    """Return one part of a template."""
    if name in state:
        value = state[name]
        return value if isinstance(value, str) and (value or name not in OPTIONAL) else None
    return DERIVED[name](state) if name in DERIVED else format_time(name, state["time"])


def format_time(name: str, time: str) -> str | None:
    """Return the time of the header in another form; None where it is no count of milliseconds."""
    if not re.fullmatch(r"[0-9]{11,14}", time):
        return None
    ms = int(time)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    forms = {
        "seconds": lambda: str(ms // 1000),
        "rounded": lambda: str((ms + 500) // 1000),
        "fraction": lambda: f"{ms % 1000:03}",
        "minutes": lambda: str(ms // 60_000),
        "iso": lambda: moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z",
        "date": lambda: moment.strftime("%Y-%m-%d"),
        "clock": lambda: moment.strftime("%H:%M:%S"),
        "http": lambda: format_datetime(moment, usegmt=True),
        "grouped": lambda: f"{ms:,}",
        "digits": lambda: f"{time[0]}.{time[1:]}",
        "power": lambda: str(len(time) - 1),
        "int32": lambda: str((ms + 2**31) % 2**32 - 2**31),
    }
    return forms[name]()


def write_query(query: str, sort: bool = False, decode: bool = False, json: bool = False) -> str | None:
    """Return a query string in another form; None where its percent escapes are broken."""
    pairs = [pair.partition("=")[::2] for pair in query.split("&")]
    if sort:
        pairs.sort(key=lambda pair: pair[0])
    plain = [(read_percent(name), read_percent(value)) for name, value in pairs]
    if (decode or json) and any(None in pair for pair in plain):
        return None
    if json:
        return "{" + ",".join(f"{write_text(str(name))}:{write_text(str(value))}" for name, value in plain) + "}"
    return "&".join(f"{name}={value}" for name, value in (plain if decode else pairs))


def read_percent(text: str) -> str | None:
    """Resolve percent escapes; None where they are no UTF-8."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return None
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return None


# JSON: the tokens as written, so that a change keeps everything else.

TOKEN = re.compile(
    r'"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|[{}\[\],:]|[ \t\r\n]+',
    re.DOTALL,
)
NUMERIC = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Tree:
    """A value as written, or the items of an object (name as written, value) or array ("", value)."""

    raw: str = ""
    open: str = ""
    items: tuple[tuple[str, "Tree"], ...] = ()


@dataclass(frozen=True)
class Json:
    """A JSON text as tokens with their roles, and as a tree of them."""

    tokens: list[str]
    roles: list[str]
    tree: Tree


PARSED: dict[str, Json | None] = {}


def read_json(text: str) -> Json | None:
    """Return a JSON text in parts; None for what is no JSON, or nested too deeply."""
    if text not in PARSED:
        while len(PARSED) > 3:
            PARSED.pop(next(iter(PARSED)))
        PARSED[text] = parse_json(text)
    return PARSED[text]


def parse_json(text: str) -> Json | None:
    """Take a JSON text apart."""
    tokens = TOKEN.findall(text)
    depth = 0
    for token in tokens:
        depth += (token in "{[") - (token in "}]")
        if depth > MAX_DEPTH:
            return None
    try:
        json.loads(text)
    except ValueError:
        return None
    if "".join(tokens) != text or ("\\ud" in text.lower() and any(map(is_broken, tokens))):
        return None
    roles = [find_role(token) for token in tokens]
    for at, token in enumerate(tokens):
        if token == ":":
            roles[at - 2 if roles[at - 1] == "blank" else at - 1] = "key"
    return Json(tokens, roles, make_tree(iter([token for token in tokens if token.strip()]), {}))


def is_broken(token: str) -> bool:
    """Return whether a string holds half a character, which JSON may write as an escape but which has no bytes."""
    return token[0] == '"' and bool(re.search("[\ud800-\udfff]", json.loads(token)))


def find_role(token: str) -> str:
    """Return what a token is."""
    if token[0] == '"':
        return "text"
    if token[0] in "-0123456789":
        return "number"
    if token in ("true", "false", "null"):
        return "word"
    return "mark" if token.strip() else "blank"


def make_tree(tokens: Iterator[str], ends: Row) -> Tree:
    """Return the value that begins with the next token; `ends` takes the token that closed its parent."""
    opened = next(tokens)
    if opened in ("}", "]"):
        ends["closed"] = True
        return Tree()
    if opened not in ("{", "["):
        return Tree(raw=opened)
    items: list[tuple[str, Tree]] = []
    token = ""
    while token not in ("}", "]"):
        inside: Row = {}
        name_or_value = make_tree(tokens, inside)
        if inside:
            break
        name = ""
        if opened == "{":
            name, _ = name_or_value.raw, next(tokens)
            name_or_value = make_tree(tokens, inside)
        items.append((name, name_or_value))
        token = next(tokens)
    return Tree(open=opened, items=tuple(items))


LAYOUTS: list[Layout] = [
    {},
    {"item": ", ", "pair": ": "},
    {"pair": ": "},
    {"item": ", "},
    {"pair": ": ", "indent": "  ", "line": "\n"},
    {"pair": ": ", "indent": "    ", "line": "\n"},
    {"pair": ": ", "indent": "\t", "line": "\n"},
    {"pair": ": ", "indent": "  ", "line": "\r\n"},
    {"pair": ": ", "indent": "    ", "line": "\r\n"},
    {"item": ", ", "pair": ": ", "inner": " "},
]


def write_tree(tree: Tree, layout: Layout, margin: str = "") -> str:
    """Write a tree with the blanks and line ends of a layout."""
    if not tree.open:
        return tree.raw
    close = "}" if tree.open == "{" else "]"
    if not tree.items:
        return tree.open + close
    line, inner = layout.get("line", ""), layout.get("inner", "")
    deeper = margin + layout.get("indent", "")
    pair = layout.get("pair", ":") if tree.open == "{" else ""
    items = [name + pair + write_tree(value, layout, deeper) for name, value in tree.items]
    between = layout.get("item", ",") + line + deeper
    return tree.open + inner + line + deeper + between.join(items) + inner + line + margin + close


def change_tree(text: str, reorder: Callable[[Tree], list[tuple[Tree, str]]]) -> Variants:
    """Return a text with its fields in another order, in the layout that it has; nothing where that is unknown."""
    found = read_json(text)
    if not found or not found.tree.open:
        return []
    before, core, after = cut_blanks(text)
    layout = next((known for known in LAYOUTS if write_tree(found.tree, known) == core), None)
    if layout is None:
        return []
    return [(before + write_tree(tree, layout) + after, detail) for tree, detail in reorder(found.tree)]


def cut_blanks(text: str) -> tuple[str, str, str]:
    """Return the blanks before a text, the text, and the blanks behind it."""
    core = text.strip(BLANKS)
    before, _, after = text.partition(core)
    return before, core, after


def change_tokens(
    text: str, wanted: set[str], change: Callable[[str, str], str], each: bool = False, only: str = ""
) -> Variants:
    """Change values as written: all together, or with `each` one at a time."""
    found = read_json(text)
    if not found:
        return []
    changed, places, name = list(found.tokens), [], ""
    for at, (token, role) in enumerate(zip(found.tokens, found.roles, strict=True)):
        if role == "key":
            name = json.loads(token)
        if role in wanted and (not only or only == name):
            changed[at] = change(token, role)
            if changed[at] != token:
                places.append((at, name))
    if not places:
        return []
    if not each:
        return [("".join(changed), "")]
    return [("".join([*found.tokens[:at], changed[at], *found.tokens[at + 1 :]]), detail) for at, detail in places]


def change_number(token: str, on: str, change: Callable[[str], str]) -> str:
    """Change a number, or a number in quotes, as `on` says: "number", "text" or "both"."""
    if token[0] != '"':
        return token if on == "text" or not NUMERIC.fullmatch(token) else change(token)
    inner = token[1:-1]
    return f'"{change(inner)}"' if on != "number" and NUMERIC.fullmatch(inner) else token


def split_number(number: str) -> tuple[str, str, int]:
    """Return sign, digits with a point after the first, and the power of ten that they are multiplied by."""
    mantissa, _, power = number.lower().partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.removeprefix("-").partition(".")
    digits = whole + fraction
    zeros = len(digits) - len(digits.lstrip("0"))
    return sign, digits.strip("0"), int(power or 0) + len(whole) - 1 - zeros


def expand_number(number: str) -> str:
    """Return a number without an exponent and without needless zeros."""
    sign, digits, power = split_number(number)
    if not digits:
        return "0"
    if abs(power) > 40:
        return number
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    fraction = digits[power + 1 :]
    return sign + digits[: power + 1].ljust(power + 1, "0") + (f".{fraction}" if fraction else "")


def write_exponent(number: str, how: Row) -> str:
    """Return a small or large number with an exponent, as a language writes it."""
    sign, digits, power = split_number(number)
    if not digits or how["small"] < power < how["large"]:
        return number
    fraction = digits[1:] or ("0" if how.get("point") else "")
    mark = "-" if power < 0 else "+" if how.get("plus") else ""
    shown = how["mark"] + mark + str(abs(power)).zfill(how.get("width", 1))
    return f"{sign}{digits[0]}{'.' if fraction else ''}{fraction}{shown}"


def pad_decimals(number: str, places: int) -> str:
    """Return a number with at least so many decimals."""
    whole, _, fraction = expand_number(number).partition(".")
    return number if len(fraction) >= places else f"{whole}.{fraction.ljust(places, '0')}"


def round_number(number: str) -> str:
    """Return a long whole number as a double holds it: about 16 digits."""
    return expand_number(repr(float(number))) if re.fullmatch(r"-?[0-9]{16,20}", number) else number


def trim_number(number: str) -> str:
    """Return a number without trailing zeros; one with an exponent stays."""
    return number if "e" in number.lower() else expand_number(number)


def read_raw(token: str, pairs: list[list[str]]) -> str:
    """Return what stands for a value as written."""
    return next((new for old, new in pairs if old == token), token)


def write_text(text: str) -> str:
    """Write a JSON string with no needless escape."""
    return json.dumps(text, ensure_ascii=False)


VALUES: dict[str, Callable[[str, str, Row], str]] = {
    "quote": lambda token, role, _: f'"{token}"' if role == "number" else token,
    "unquote": lambda token, role, _: token[1:-1] if role == "text" and NUMERIC.fullmatch(token[1:-1]) else token,
    "trim": lambda token, _, how: change_number(token, how["on"], trim_number),
    "pad": lambda token, _, how: change_number(token, how["on"], lambda number: pad_decimals(number, how["places"])),
    "exponent": lambda token, _, how: change_number(token, how["on"], lambda number: write_exponent(number, how)),
    "expand": lambda token, _, how: change_number(token, how["on"], expand_number),
    "round": lambda token, _, how: change_number(token, how["on"], round_number),
    "raw": lambda token, _, how: read_raw(token, how["pairs"]),
    "replace": lambda token, role, how: token.replace(how["from"], how["to"]) if role == "text" else token,
    "lower": lambda token, role, _: write_text(json.loads(token).lower()) if role == "text" else token,
}


def split_name(name: str) -> list[str]:
    """Return the words of a_name or aName."""
    return [word.lower() for word in re.split("[_-]", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name))]


def raise_first(word: str) -> str:
    """Return a word with a capital first letter."""
    return word[:1].upper() + word[1:]


NAMES: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "camel": lambda name: "".join(raise_first(word) if at else word for at, word in enumerate(split_name(name))),
    "pascal": lambda name: "".join(map(raise_first, split_name(name))),
    "snake": lambda name: "_".join(split_name(name)),
    "kebab": lambda name: "-".join(split_name(name)),
}

Items = tuple[tuple[str, Tree], ...]
ORDERS: dict[str, Callable[[Items], Items]] = {
    "sort": lambda items: tuple(sorted(items, key=lambda item: json.loads(item[0]))),
    "fold": lambda items: tuple(sorted(items, key=lambda item: json.loads(item[0]).lower())),
    "fall": lambda items: tuple(sorted(items, key=lambda item: json.loads(item[0]), reverse=True)),
    "reverse": lambda items: items[::-1],
}


def map_objects(tree: Tree, change: Callable[[Items], Items], deep: bool = True) -> Tree:
    """Return a tree with the items of its objects changed."""
    if not tree.open:
        return tree
    if tree.open == "[":
        return Tree(open="[", items=tuple((name, map_objects(value, change)) for name, value in tree.items))
    items = tuple((name, map_objects(value, change)) for name, value in tree.items) if deep else tree.items
    return Tree(open="{", items=change(items))


def move_each(tree: Tree, move: Callable[[Items, int], Items]) -> list[tuple[Tree, str]]:
    """Return one tree for each field of the outer object."""
    if tree.open != "{":
        return []
    return [(Tree(open="{", items=move(tree.items, at)), json.loads(name)) for at, (name, _) in enumerate(tree.items)]


def leave_out(items: Items, at: int) -> Items:
    """Return the items without one."""
    return items[:at] + items[at + 1 :]


def drop_fields(text: str, raws: list[str] | None) -> Variants:
    """Return a body without the fields that have these values, or without one field at a time."""
    if raws is None:
        return change_tree(text, lambda tree: move_each(tree, leave_out))

    def keep(items: Items) -> Items:
        return tuple(item for item in items if item[1].open + item[1].raw not in raws)

    return change_tree(text, lambda tree: [(map_objects(tree, keep), "")])


def escape_text(token: str, how: Row) -> str:
    """Write a string with the escapes of another writer."""
    text = write_text(json.loads(token))[1:-1]
    for old, new in how.get("pairs", []):
        text = text.replace(old, new)
    if how.get("ascii"):
        text = re.sub("[\u0080-\U0010ffff]", lambda found: write_units(found[0], how.get("upper", False)), text)
    return f'"{text}"'


def write_units(letter: str, upper: bool) -> str:
    """Return a letter as one or two \\u escapes."""
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{unit.upper() if upper else unit}" for unit in re.findall("....", units))


def write_layout(text: str, layout: Layout) -> Variants:
    """Return a body with other blanks and line ends."""
    found = read_json(text)
    if not found or not found.tree.open:
        return []
    before, _, after = cut_blanks(text)
    return [(before + write_tree(found.tree, layout) + after, "")]


def write_flat(text: str, how: Row) -> str | None:
    """Return the fields of an object as name=value."""
    found = read_json(text)
    if not found or found.tree.open != "{":
        return None
    fields = []
    for name, value in ORDERS["sort"](found.tree.items) if how.get("sort") else found.tree.items:
        written = json.loads(value.raw) if value.raw.startswith('"') else write_tree(value, {})
        fields.append(
            json.loads(name) + how["pair"] + (encode_text(written, "percent") if how.get("percent") else written)
        )
    return str(how.get("open", "") + how["join"].join(fields) + how.get("close", ""))


ENCODINGS: dict[str, Callable[[str], str]] = {
    "percent": lambda text: quote(text, safe="!'()*-._~"),
    "form": lambda text: quote_plus(text, safe="~"),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "sha256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "json": write_text,
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "nfd": lambda text: unicodedata.normalize("NFD", text),
    "ascii": lambda text: text.encode("ascii", "replace").decode(),
}


def encode_text(text: str, kind: str) -> str:
    """Return a text in another writing."""
    return ENCODINGS[kind](text)


def read_bytes(text: str, kind: str) -> Value:
    """Return what a text encodes; None where it is no such code."""
    if kind == "percent":
        return read_percent(text)
    if kind == "hex":
        return bytes.fromhex(text) if re.fullmatch("(?:[0-9a-fA-F]{2})+", text) else None
    # Decoders differ in what they forgive; this takes the letters of the alphabet in groups of four.
    if not text or not re.fullmatch(r"(?:[\w+/-]{4})*(?:[\w+/-]{2}==|[\w+/-]{3}=)?", text, re.ASCII):
        return None
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"))
    except binascii.Error:
        return None


def write_charset(text: str, kind: str) -> bytes | None:
    """Return a text as bytes that are not UTF-8; None where it cannot be written so."""
    try:
        return text.encode(kind)
    except UnicodeEncodeError:
        return None


def write_case(text: str, how: str) -> str:
    """Return a text in lower or upper case, or with capital first letters."""
    if how == "title":
        return re.sub(r"(?<![^\W_])[^\W\d_]", lambda found: found[0].upper(), text.lower())
    return text.upper() if how == "upper" else text.lower()


def shift_time(time: str, how: Row) -> Variants:
    """Return the times around a time, the nearest first."""
    if not re.fullmatch(r"[0-9]{11,14}", time):
        return []
    found: Variants = []
    for steps in range(1, how["count"] + 1):
        amount = steps * how["per"]
        words = f"{amount} {how['unit']}{'' if amount == 1 else 's'}"
        found.append((str(int(time) + steps * how["step"]), f"{words} later"))
        found.append((str(int(time) - steps * how["step"]), f"{words} earlier"))
    return found


def replace_all(text: str, pairs: list[list[str]]) -> str:
    """Return a text with each pair's first half replaced by its second."""
    for old, new in pairs:
        text = text.replace(old, new)
    return text


OPERATIONS: dict[str, Callable[[str, Any], Variants]] = {
    "case": lambda value, how: [(write_case(value, how), "")],
    "strip": lambda value, _: [(value.strip(BLANKS), "")],
    "slice": lambda value, ends: [(value[ends[0] : ends[1]], "")],
    "replace": lambda value, pairs: [(replace_all(value, pairs), "")],
    "encode": lambda value, kind: [(encode_text(value, kind), "")],
    "decode": lambda value, kind: [(read_bytes(value, kind), "")],
    "digest": lambda value, _: [(hashlib.sha256(value.encode()).digest(), "")],
    "charset": lambda value, kind: [(write_charset(value, kind), "")],
    "shift": shift_time,
    "values": lambda value, how: change_tokens(
        value,
        {"number", "text", "word"},
        lambda token, role: VALUES[how["action"]](token, role, how),
        how.get("each", False),
        how.get("field", ""),
    ),
    "names": lambda value, style: change_tokens(
        value, {"key"}, lambda token, _: write_text(NAMES[style](json.loads(token)))
    ),
    "order": lambda value, how: change_tree(
        value, lambda tree: [(map_objects(tree, ORDERS[how["how"]], how["deep"]), "")]
    ),
    "last": lambda value, _: change_tree(
        value, lambda tree: move_each(tree, lambda items, at: (*leave_out(items, at), items[at]))
    ),
    "first": lambda value, _: change_tree(
        value, lambda tree: move_each(tree, lambda items, at: (items[at], *leave_out(items, at)))
    ),
    "drop": drop_fields,
    "escape": lambda value, how: change_tokens(value, {"key", "text"}, lambda token, _: escape_text(token, how)),
    "layout": write_layout,
    "flat": lambda value, how: [(write_flat(value, how), "")],
}


def encode_digest(digested: bytes, how: Row) -> str:
    """Return a digest as a program wrote it into its header."""
    found = digested[::-1] if how.get("reverse") else digested
    texts: dict[str, Callable[[], str]] = {
        "hex": lambda: how.get("separator", "").join(f"{byte:02x}" for byte in found),
        "loose": lambda: "".join(f"{byte:x}" for byte in found),
        "list": lambda: how["separator"].join(
            str(byte - 256 if how.get("signed") and byte > 127 else byte) for byte in found
        ),
        "base64": lambda: base64.b64encode(found).decode(),
    }
    text = texts[how["base"]]()
    text = text.upper() if how.get("upper") else text
    text = text.replace("+", "-").replace("/", "_") if how.get("url") else text
    if "trim" in how:
        text = text.rstrip("=") if how["trim"] == "=" else text.lstrip("0")
    text = encode_text(text, how["then"]) if "then" in how else text
    return str(how.get("before", "") + text[: how.get("length")] + how.get("after", ""))


def make_bytes(template: str, state: State, text: Value) -> bytes:
    """Return what is hashed, or its key."""
    value: Value = {"{secret}": state["secret"], "{text}": text}.get(template)
    if value is None:
        value = fill(template, state | {"text": text}) or ""
    return value.encode() if isinstance(value, str) else value


ALGORITHMS = {"SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def digest(state: State, text: Value) -> bytes:
    """Return the signature's bytes."""
    data = make_bytes(state["hashData"], state, text)
    algorithm = ALGORITHMS[state["algorithm"]]
    if not state["hashKey"]:
        return hashlib.new(algorithm, data).digest()
    return hmac.digest(make_bytes(state["hashKey"], state, text), data, algorithm)


# The command.


def read_arguments() -> argparse.Namespace:
    """Read what was sent; the secret is no argument."""
    parser = argparse.ArgumentParser(description="Name the mistake in a WOO X Pro signature, offline.")
    parser.add_argument("--timestamp", required=True, help="the X-API-TIMESTAMP that was sent")
    parser.add_argument("--sent", required=True, help="the X-API-SIGN that was sent")
    parser.add_argument("--body-file", type=Path, help="file with the exact body that was sent; leave out for none")
    parser.add_argument("--method", default="POST")
    parser.add_argument("--path", default="", help="path and query, for mistakes that sign them")
    parser.add_argument("--table", type=Path, default=TABLE, help="path of signature_mistakes.json")
    return parser.parse_args()


def ask_secret(name: str, prompt: str) -> str:
    """Return a value from the environment, or ask for it without showing it."""
    return os.environ[name] if name in os.environ else getpass.getpass(prompt)


def print_result(found: Explanation) -> int:
    """Print what was found and return the exit status: 0 when the signature fits or the mistake is known."""
    print(f"Signature as documented: {found.expected}")
    if found.match:
        print("The signature sent is the documented one. Look at the key, the time and the headers.")
        return 0
    if not found.mistake:
        print(f"None of {found.tried:,} known ways gives the signature sent. Check secret, memo, timestamp and body.")
        return 1
    for part in found.mistake["parts"]:
        print(f"- {part['text']}\n  {part['fix']}")
    return 0


def main() -> int:
    """Explain one signature."""
    arguments = read_arguments()
    body = arguments.body_file.read_bytes().decode("utf-8") if arguments.body_file else ""
    fields = {
        "timestamp": arguments.timestamp,
        "body": body,
        "method": arguments.method,
        "path": arguments.path,
        "secret": ask_secret("WOOXPRO_SECRET", "Secret: "),
        "memo": ask_secret("WOOXPRO_MEMO", "Memo: "),
        "key": os.environ.get("WOOXPRO_KEY", ""),
    }
    return print_result(explain(fields, arguments.sent, load_mistakes(arguments.table)))


if __name__ == "__main__":
    sys.exit(main())
