"""Ways to spoil what programs read: JSON, schemas, CSV, Python module, Markdown alternates, llms files, feeds."""

import json
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from catalogue.model.loading import get_catalogue
from catalogue.paths import ERRORS
from catalogue.site.permalinks import read_anchors
from tests.checks import exports
from tests.mutations.base import Check, Mutation, Tree, drop_file, edit_file, replace_all, replace_text

LIST, LOOKUP, CSV, MODULE = "errors.json", "lookup.json", "errors.csv", "errors.py"
SCHEMA, ENVELOPE = exports.SCHEMAS
CODE, STATUS = "30005", 401
OWN, ALTERNATE, STATUS_ALTERNATE = f"codes/{CODE}/index.json", f"codes/{CODE}/index.md", f"http/{STATUS}/index.md"
GUIDE_ALTERNATE = "guides/clock/index.md"
LLMS, FULL, FEED, OPENSEARCH = "llms.txt", "llms-full.txt", "changes.xml", "opensearch.xml"
VOCABULARIES = ("Actor", "Category", "Outcome", "Retry", "Section", "SourceKind")
SUFFIXES = {".json", ".md", ".txt", ".xml", ".py", ".csv"}

FIELDS, REQUIRED = "$defs/PublishedError/properties", "$defs/PublishedError/required"

Change: TypeAlias = Callable[[Any], object]


def read_tree(folder: Path) -> Tree:
    """Return the files of a built site that programs read."""
    files = (file for file in folder.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@lru_cache(maxsize=16)
def parse(content: bytes) -> Any:
    """Parse JSON, once for all checks, which only read it."""
    return json.loads(content)


def read_schemas(tree: Tree) -> dict[str, Any]:
    """Return both schemas."""
    return {name: parse(tree[name]) for name in exports.SCHEMAS}


def read_alternates(tree: Tree) -> dict[str, str]:
    """Return path → text of every alternate, in the order of the paths."""
    return {path: tree[path].decode() for path in sorted(tree) if path.endswith("index.md")}


def look_at_module(look: Callable[[Any], list[str]]) -> Callable[[Tree], list[str]]:
    """Return how to look at the Python module of a tree."""

    def look_at(tree: Tree) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / MODULE
            file.write_bytes(tree[MODULE])
            return look(exports.load_module(file))

    return look_at


def look_at_list(look: Callable[[Any], list[str]]) -> Callable[[Tree], list[str]]:
    """Return how to look at the errors of errors.json."""
    return lambda tree: look(parse(tree[LIST])["errors"])


def shorten(document: dict[str, Any]) -> dict[str, Any]:
    """Return errors.json with the first errors only: validating all of them takes a second."""
    return {name: value[:6] if name == "errors" else value for name, value in document.items()}


def make_json_checks(url: str) -> dict[str, Check]:
    """Return name → check of JSON, schemas and CSV."""
    catalogue = get_catalogue()
    looks: dict[str, Callable[[Tree], list[str]]] = {
        "find_wrong_exports": look_at_list(lambda errors: exports.find_wrong_exports(errors, url)),
        "find_wrong_citations": look_at_list(exports.find_wrong_citations),
        "find_wrong_export_responses": look_at_list(lambda errors: exports.find_wrong_export_responses(errors, url)),
        "find_wrong_files": lambda tree: exports.find_wrong_files(
            {path.split("/")[1]: parse(tree[path]) for path in tree if path.endswith("/index.json")},
            parse(tree[LIST])["errors"],
        ),
        "find_wrong_lookup": lambda tree: exports.find_wrong_lookup(parse(tree[LOOKUP]), catalogue),
        "find_wrong_csv": lambda tree: exports.find_wrong_csv(tree[CSV]),
        "find_formulas": lambda tree: exports.find_formulas(tree[CSV]),
        "find_misfits": lambda tree: exports.find_misfits(shorten(parse(tree[LIST])), read_schemas(tree)),
        "find_wrong_identity": lambda tree: [
            line
            for name, schema in read_schemas(tree).items()
            for line in exports.find_wrong_identity(name, schema, url)
        ],
        "find_bare_parts": lambda tree: [
            line for schema in read_schemas(tree).values() for line in exports.find_bare_parts(schema)
        ],
        "find_wrong_vocabulary": lambda tree: [
            line for name in VOCABULARIES for line in exports.find_wrong_vocabulary(parse(tree[SCHEMA]), name)
        ],
        "find_accepted": lambda tree: exports.find_accepted(read_schemas(tree), parse(tree[LIST])),
        "find_accepted_envelopes": lambda tree: exports.find_accepted_envelopes(
            read_schemas(tree), catalogue.by_code[CODE]
        ),
    }
    return {name: Check(name, look) for name, look in looks.items()}


def make_text_checks(folder: Path, url: str) -> dict[str, Check]:
    """Return name → check of alternates, llms files, module and feeds."""
    catalogue = get_catalogue()
    error, status = catalogue.by_code[CODE], catalogue.by_status[STATUS]
    row = next(row for row in exports.read_rows(ERRORS) if row["code"] == CODE)
    anchors = read_anchors((folder / "about" / "changes" / "index.html").read_text("utf-8"))
    looks: dict[str, Callable[[Tree], list[str]]] = {
        "find_wrong_members": look_at_module(lambda module: exports.find_wrong_members(module, url)),
        "find_wrong_enums": look_at_module(
            lambda module: [n for name in ("Retry", "Outcome", "Actor") for n in exports.find_wrong_enums(module, name)]
        ),
        "find_wrong_front": lambda tree: exports.find_wrong_front(row, tree[ALTERNATE].decode(), url),
        "find_wrong_alternate": lambda tree: exports.find_wrong_alternate(catalogue, error, tree[ALTERNATE].decode()),
        "find_wrong_status_alternate": lambda tree: exports.find_wrong_status_alternate(
            catalogue, status, tree[STATUS_ALTERNATE].decode(), url
        ),
        "find_theme_markup": lambda tree: exports.find_theme_markup(tree[GUIDE_ALTERNATE].decode()),
        "find_wide_gaps": lambda tree: exports.find_wide_gaps(tree[GUIDE_ALTERNATE].decode()),
        "find_dead_targets": lambda tree: [
            line
            for path in (ALTERNATE, GUIDE_ALTERNATE)
            for line in exports.find_dead_targets(tree[path].decode(), folder, url)
        ],
        "find_wrong_llms": lambda tree: exports.find_wrong_llms(
            tree[LLMS].decode(), catalogue, read_alternates(tree), url
        ),
        "find_wrong_full_text": lambda tree: exports.find_wrong_full_text(tree[FULL].decode(), read_alternates(tree)),
        "find_atom_faults": lambda tree: exports.find_atom_faults(tree[FEED], url),
        "find_wrong_feed": lambda tree: exports.find_wrong_feed(tree[FEED], catalogue, anchors, url),
        "find_wrong_opensearch": lambda tree: exports.find_wrong_opensearch(tree[OPENSEARCH], folder, url),
    }
    return {name: Check(name, look) for name, look in looks.items()}


def edit_json(path: str, change: Change) -> Callable[[Tree], Tree]:
    """Return how to spoil a tree by changing the value of a JSON file in place."""

    def edit(content: bytes) -> bytes:
        value = json.loads(content)
        change(value)
        return json.dumps(value, ensure_ascii=False, indent=2).encode()

    return edit_file(path, edit)


def find_code(value: Any) -> dict[str, Any]:
    """Return the entry of one code."""
    entry: dict[str, Any] = next(error for error in value["errors"] if error["code"] == CODE)
    return entry


# Field → another value, for the entry of one code.
OTHER_VALUES: dict[str, object] = {
    "code": "30006",
    "name": "ODD",
    "after": 7,
    "first": "Odd.",
    "requests": [],
    "ccxt": None,
    "http_status": 403,
    "message": "Header X-API-SIGN was wrong",
    "section": "contract",
    "category": "clock",
    "retry": "backoff",
    "outcome": "unknown",
    "actor": "operator",
    "summary": "The signature is odd.",
    "causes": [],
    "remediation": [],
    "related": ["30004"],
    "keywords": [],
    "note": None,
    "retired": "2027-01-31",
    "url": "https://errors.example.org/codes/30005/",
}
LOOKUP_VALUES: dict[str, object] = {
    "code": "30009",
    "http_status": 403,
    "message": "Header",
    "section": "contract",
    "retry": ["stop", "Fix first"],
    "outcome": ["rejected", "Unknown"],
    "actor": "Operator",
    "summary": "Odd.",
    "after": 7,
    "first": "Odd.",
    "keywords": ["hmac"],
    "observed": [],
}


def list_mutations(folder: Path, url: str) -> list[Mutation]:
    """Return every way to spoil what programs read."""
    checks, texts = make_json_checks(url), make_text_checks(folder, url)
    return [
        *list_values(checks),
        *list_orders(checks),
        *list_schemas(checks),
        *list_csv(checks),
        *list_texts(texts),
        *list_lost(checks, texts),
    ]


def put(name: str, value: object) -> Change:
    """Return a change of the entry of one code: another value of a field."""
    return lambda document: find_code(document).update({name: value})


def drop(name: str) -> Change:
    """Return a change of the entry of one code: a field less."""
    return lambda document: find_code(document).pop(name)


def list_values(checks: dict[str, Check]) -> Iterator[Mutation]:
    """Change, drop and add fields of one code."""
    for name, value in OTHER_VALUES.items():
        spoil = edit_json(LIST, put(name, value))
        yield Mutation(f"{LIST} {name}: another value", spoil, checks["find_wrong_exports"], CODE)
        spoil = edit_json(LIST, drop(name))
        yield Mutation(f"{LIST} {name}: gone", spoil, checks["find_wrong_exports"], CODE)
        spoil = edit_json(OWN, write("", name, value))
        yield Mutation(f"{OWN} {name}: another value", spoil, checks["find_wrong_files"], CODE)
    spoil = edit_json(LIST, put("colour", "red"))
    yield Mutation(f"{LIST}: a field more", spoil, checks["find_wrong_exports"], CODE)
    for name, value in LOOKUP_VALUES.items():
        spoil = edit_json(LOOKUP, put(name, value))
        yield Mutation(f"{LOOKUP} {name}: another value", spoil, checks["find_wrong_lookup"])
        spoil = edit_json(LOOKUP, drop(name))
        yield Mutation(f"{LOOKUP} {name}: gone", spoil, checks["find_wrong_lookup"])
    inner: dict[str, tuple[Change, str]] = {
        "evidence: a source less": (lambda d: find_code(d)["evidence"].pop(), "find_wrong_citations"),
        "evidence: a source twice": (
            lambda d: find_code(d)["evidence"].extend(find_code(d)["evidence"][:1]),
            "find_wrong_citations",
        ),
        "evidence: another address": (lambda d: find_code(d)["evidence"][0].update(url=None), "find_wrong_citations"),
        "evidence: another kind": (
            lambda d: find_code(d)["evidence"][0].update(kind="community"),
            "find_wrong_citations",
        ),
        "evidence: reversed": (lambda d: find_code(d)["evidence"].reverse(), "find_wrong_citations"),
        "observed: one less": (lambda d: find_code(d)["observed"].pop(), "find_wrong_export_responses"),
        "observed: another body": (
            lambda d: find_code(d)["observed"][0].update(body="{}"),
            "find_wrong_export_responses",
        ),
        "observed: foreign": (
            lambda d: find_code(d)["observed"][0].update(foreign=True),
            "find_wrong_export_responses",
        ),
        "observed: another date": (
            lambda d: find_code(d)["observed"][0].update(date="2025"),
            "find_wrong_export_responses",
        ),
        "observed: reversed": (lambda d: find_code(d)["observed"].reverse(), "find_wrong_export_responses"),
        "causes: reversed": (lambda d: find_code(d)["causes"].reverse(), "find_wrong_exports"),
        "causes: a key less": (lambda d: find_code(d)["causes"][0]["evidence"].pop(), "find_wrong_exports"),
        "remediation: reversed": (lambda d: find_code(d)["remediation"].reverse(), "find_wrong_exports"),
        "remediation: a link to a guide": (
            lambda d: find_code(d)["remediation"][1].update(text="[x](guide:clock)"),
            "find_wrong_exports",
        ),
        "note: no keys": (lambda d: find_code(d)["note"].update(evidence=["B1"]), "find_wrong_exports"),
        "keywords: reversed": (lambda d: find_code(d)["keywords"].reverse(), "find_wrong_exports"),
    }
    for what, (change, check) in inner.items():
        yield Mutation(f"{LIST} {what}", edit_json(LIST, change), checks[check])


def list_orders(checks: dict[str, Check]) -> Iterator[Mutation]:
    """Remove, repeat and reorder codes, and spoil the head of errors.json."""
    changes: dict[str, Change] = {
        "a code less": lambda document: document["errors"].pop(3),
        "a code twice": lambda document: document["errors"].insert(3, document["errors"][3]),
        "reversed": lambda document: document["errors"].reverse(),
        "none": lambda document: document["errors"].clear(),
    }
    for what, change in changes.items():
        for path, check in {LIST: "find_wrong_exports", LOOKUP: "find_wrong_lookup"}.items():
            yield Mutation(f"{path} codes: {what}", edit_json(path, change), checks[check])
    heads: dict[str, Change] = {
        "$schema: another address": lambda document: document.update({"$schema": "https://example.org/"}),
        "spec: another hash": lambda document: document["spec"].update(sha256="0"),
        "spec: another day": lambda document: document["spec"].update(retrieved="2027-01-31"),
        "spec: gone": lambda document: document.pop("spec"),
        "a field more": lambda document: document.update(version=2),
        "a status in words": lambda document: document["errors"][0].update(http_status="200"),
        "an unknown token": lambda document: document["errors"][0].update(retry="maybe"),
        "a field of a code gone": lambda document: document["errors"][5].pop("outcome"),
        "a field of a source too many": lambda document: document["errors"][0]["evidence"][0].update(rank=1),
    }
    for what, change in heads.items():
        yield Mutation(f"{LIST} {what}", edit_json(LIST, change), checks["find_misfits"])


def list_schemas(checks: dict[str, Check]) -> Iterator[Mutation]:
    """Remove, retype and loosen fields of the schemas."""
    for field in ("code", "retry", "causes", "note", "url", "observed", "evidence", "retired"):
        spoil = edit_json(SCHEMA, forget_field(field))
        yield Mutation(f"{SCHEMA} {field}: removed", spoil, checks["find_misfits"], field)
        spoil = edit_json(SCHEMA, remove(REQUIRED, field))
        yield Mutation(f"{SCHEMA} {field}: not required", spoil, checks["find_accepted"], f"{field} dropped")
        spoil = edit_json(SCHEMA, set_type(field, {"type": "boolean"}))
        yield Mutation(f"{SCHEMA} {field}: of another type", spoil, checks["find_misfits"], field)
        spoil = edit_json(SCHEMA, set_type(field, {}))
        yield Mutation(f"{SCHEMA} {field}: of any type", spoil, checks["find_accepted"], f"/{field} replaced")
        spoil = edit_json(SCHEMA, remove(f"{FIELDS}/{field}", "description"))
        yield Mutation(f"{SCHEMA} {field}: without description", spoil, checks["find_bare_parts"], field)
    for model in ("PublishedError", "Item", "Observed", "Source", "Manifest"):
        spoil = edit_json(SCHEMA, remove(f"$defs/{model}", "additionalProperties"))
        yield Mutation(f"{SCHEMA} {model}: any field more", spoil, checks["find_accepted"], "unexpected replaced")
    loose = {
        "code": "pattern",
        "summary": "maxLength",
        "http_status": "maximum",
        "message": "minLength",
        "causes": "minItems",
        "url": "format",
    }
    for field, word in loose.items():
        spoil = edit_json(SCHEMA, remove(f"{FIELDS}/{field}", word))
        yield Mutation(f"{SCHEMA} {field}: without {word}", spoil, checks["find_accepted"], f"{field} = ")
    yield from list_vocabularies(checks)
    yield from list_envelopes(checks)


def list_vocabularies(checks: dict[str, Check]) -> Iterator[Mutation]:
    """Spoil the tokens, the addresses and the titles of the schemas."""
    for name in VOCABULARIES:
        spoil = edit_json(SCHEMA, change_tokens(name, lambda tokens: tokens.pop()))
        yield Mutation(f"{SCHEMA} {name}: a token less", spoil, checks["find_wrong_vocabulary"], name)
        spoil = edit_json(SCHEMA, change_tokens(name, lambda tokens: tokens[0].update(title="Other")))
        yield Mutation(f"{SCHEMA} {name}: another label", spoil, checks["find_wrong_vocabulary"], name)
    for path in exports.SCHEMAS:
        for word in ("$id", "$schema"):
            spoil = edit_json(path, write("", word, "https://example.org/schema.json"))
            yield Mutation(f"{path} {word}: another address", spoil, checks["find_wrong_identity"], path)
        yield Mutation(f"{path}: no title", edit_json(path, lambda s: s.pop("title")), checks["find_bare_parts"])


def list_envelopes(checks: dict[str, Check]) -> Iterator[Mutation]:
    """Remove and loosen fields of the schema of the envelope."""
    for field in ("code", "message", "trace"):
        spoil = edit_json(ENVELOPE, remove("required", field))
        yield Mutation(
            f"{ENVELOPE} {field}: not required", spoil, checks["find_accepted_envelopes"], f"{field} dropped"
        )
        spoil = edit_json(ENVELOPE, remove("properties", field))
        yield Mutation(f"{ENVELOPE} {field}: removed", spoil, checks["find_accepted_envelopes"], "refuses")
    for field, word in {"code": "minimum", "message": "minLength", "data": "anyOf"}.items():
        spoil = edit_json(ENVELOPE, remove(f"properties/{field}", word))
        yield Mutation(f"{ENVELOPE} {field}: without {word}", spoil, checks["find_accepted_envelopes"], field)


def find_part(value: Any, path: str) -> Any:
    """Return a part of a JSON value: `$defs/Item/properties`; no path is the value itself."""
    for name in path.split("/") if path else ():
        value = value[name]
    return value


def remove(path: str, name: str) -> Change:
    """Return a change that takes a key from an object, or a word from a list."""

    def change(document: Any) -> None:
        part = find_part(document, path)
        if isinstance(part, list):
            part.remove(name)
        else:
            del part[name]

    return change


def write(path: str, name: str, value: object) -> Change:
    """Return a change that gives a key of an object another value."""
    return lambda document: find_part(document, path).update({name: value})


def change_tokens(name: str, act: Change) -> Change:
    """Return a change of the tokens of a vocabulary in the schema."""
    return lambda schema: act(schema["$defs"][name]["oneOf"])


def forget_field(field: str) -> Change:
    """Return a change of the schema: a field that it does not know any more."""

    def change(schema: Any) -> None:
        remove(FIELDS, field)(schema)
        remove(REQUIRED, field)(schema)

    return change


def set_type(field: str, form: dict[str, str]) -> Change:
    """Return a change of the schema: a field of another form."""

    def change(schema: Any) -> None:
        known = find_part(schema, FIELDS)[field]
        find_part(schema, FIELDS)[field] = {"title": known["title"], "description": known["description"]} | form

    return change


def list_csv(checks: dict[str, Check]) -> Iterator[Mutation]:
    """Spoil the published CSV."""
    edits: dict[str, Callable[[bytes], bytes]] = {
        "CRLF": lambda content: content.replace(b"\n", b"\r\n"),
        "a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
        "a row less": lambda content: content[: content.rindex(b"\n42000,") + 1],
        "another status": replace_text(",401,Header X-API-SIGN is wrong", ",403,Header X-API-SIGN is wrong"),
        "another column": replace_text("code,name", "name,code"),
    }
    for what, edit in edits.items():
        yield Mutation(f"{CSV}: {what}", edit_file(CSV, edit), checks["find_wrong_csv"])
    for start in ("=", "+", "-", "@"):
        spoil = edit_file(CSV, replace_text(",401,Header", f",401,{start}Header"))
        yield Mutation(f"{CSV}: a cell that starts with {start}", spoil, checks["find_formulas"], start)


# Path → check → pairs of old and new text.
TEXT_EDITS: dict[tuple[str, str], list[tuple[str, str]]] = {
    (MODULE, "find_wrong_members"): [
        ("    E30005 = 30005\n", "    E30005 = 30004\n"),
        ("    SIGNATURE_MISMATCH = 30005\n", "    SIGNATURE = 30005\n"),
        ('"Header X-API-SIGN is wrong"', '"Header X-API-SIGN was wrong"'),
        ("        404,\n", "        400,\n"),
        ("        Retry.FIX,", "        Retry.BACKOFF,"),
        ("        Outcome.UNKNOWN,", "        Outcome.REJECTED,"),
        ("        Actor.OPERATOR,", "        Actor.DEVELOPER,"),
        ("codes/{self.value}/", "codes/{self.value}"),
    ],
    (MODULE, "find_wrong_enums"): [
        ('    STOP = "stop"', '    STOP = "halt"'),
        ('    DUPLICATE = "duplicate"', '    DUPLICATE = "duplicate"\n    LOST = "lost"'),
        ('    OPERATOR = "operator"', '    PERSON = "operator"\n    OPERATOR = "operator"'),
    ],
    (ALTERNATE, "find_wrong_front"): [
        ('code: "30005"', "code: 30005"),
        ("http_status: 401", "http_status: 403"),
        ("retry: fix", "retry: backoff"),
        ("outcome: rejected\n", ""),
        ('related: ["30002", ', "related: ["),
        ("retired: null", "retired: true"),
        ("---\n", "---\nlayout: page\n"),
    ],
    (ALTERNATE, "find_wrong_alternate"): [
        ("# 30005 · ", "# "),
        ("## Causes", "## Reasons"),
        ("## Provenance\n", ""),
        ("## Causes\n\n1. ", "## Causes\n\n1. Not: "),
        ("## Causes\n\n1. ", "## Causes\n\n- "),
        (" \\[B", " \\[C"),
        ("## What to do\n\n", "## What to do\n\n1. Wait. (inference)\n"),
        ("(`fix`)", "(`stop`)"),
        ("- Who acts? A developer", "- Who acts? The owner"),
        ('"code": 30005', '"code": 30006'),
        ("HTTP/1.1 401 Unauthorized", "HTTP/1.1 403 Forbidden"),
        ("Header X-API-SIGN is wrong | 30005 | 401", "Header X-API-SIGN is wrong | 30005 | 403"),
        ("- \\[B7\\] BitMart:", "- \\[B7\\] Official:"),
        (") Header X-API-KEY not found.", ") Header X-API-KEY found."),
    ],
    (ALTERNATE, "find_dead_targets"): [
        ("/codes/30002/index.md", "/codes/30009/index.md"),
        ("/guides/signing/index.md", "/guides/signature/index.md"),
        ("/http/401/index.md", "/http/401/#nowhere"),
    ],
    (STATUS_ALTERNATE, "find_wrong_status_alternate"): [
        ("http_status: 401", "http_status: 403"),
        ('reason: "Unauthorized"', 'reason: "Forbidden"'),
        ('codes: ["30001", ', "codes: ["),
        ("# HTTP 401", "# 401"),
        ("## What to do", "## Else"),
        ("## What to do\n\n1. ", "## What to do\n\n1. Not: "),
        ("outcome: `rejected`", "outcome: `unknown`"),
        ("Unauthorized-Authentication failed", "Authentication failed"),
        ("- \\[S1\\] Official", "- \\[S1\\] BitMart"),
    ],
    (GUIDE_ALTERNATE, "find_theme_markup"): [
        ("\n## ", '\n<a id="x"></a>\n\n## '),
        ("\n## ", "\n{{ macro() }}\n\n## "),
        ("\n## ", "\nwords { .summary }\n\n## "),
        ("\n## ", '\n!!! note "x"\n\n## '),
    ],
    (GUIDE_ALTERNATE, "find_wide_gaps"): [("\n\n## ", "\n\n\n## ")],
    (GUIDE_ALTERNATE, "find_dead_targets"): [("](http", "](../signing.md) [x](http")],
    (LLMS, "find_wrong_llms"): [
        ("# WOO X Pro error reference", "# Errors"),
        ("\n> ", "\n"),
        ("- [30005 Header", "- [Header"),
        ("/codes/30005/index.md", "/codes/30005/"),
        ("retry fix, outcome rejected, actor developer", "retry fix, outcome unknown, actor developer"),
        ("/codes/N/index.md", "/codes/N.md"),
        ("Never resend an order", "Resend an order"),
        ("Not an official publication.", ""),
        ("- [HTTP 401", "- [HTTP 401](https://example.org/) [HTTP 401](https://example.org/) [HTTP 401"),
    ],
    (FULL, "find_wrong_full_text"): [
        ("<!-- codes/30005/index.md -->\n", ""),
        ("# 30005 · ", "# "),
        ("<!-- ", "Words.\n\n<!-- "),
        ("## Causes\n\n1. ", "## Causes\n\n1. Not: "),
    ],
    (FEED, "find_atom_faults"): [
        ("<updated>2026-11-22T00:00:00Z</updated>", ""),
        ("<updated>2026-11-22T00:00:00Z</updated>", "<updated>2026-11-22</updated>"),
        ("<updated>2026-11-22T00:00:00Z</updated>", "<updated>2026-11-31T00:00:00Z</updated>"),
        ("<name>WOO X Pro error reference</name>", ""),
        ('rel="self"', 'rel="alternate"'),
        ("changes.xml", "feed.xml"),
        ("<title>WOO X Pro error reference: changes</title>", "<title></title>"),
        ("<entry>", "<entry><id>x</id>"),
    ],
    (FEED, "find_wrong_feed"): [
        ("#first-snapshot</id>", "#first</id>"),
        ('#first-snapshot" />', '#gone" />'),
        ("<title>The vendor", "<title>A vendor"),
        ("<summary>The vendor: ", "<summary>This site: "),
        ("</entry>", "</item>"),
    ],
    (OPENSEARCH, "find_wrong_opensearch"): [
        ("<OpenSearchDescription xmlns=", "<OpenSearchDescription lang="),
        ("#q={searchTerms}", "?q={searchTerms}"),
        ("opensearch.xml", "search.xml"),
        ("favicon.svg", "icon.svg"),
        ("<ShortName>WOO X Pro errors", "<ShortName>WOO X Pro errors by code"),
        ("<ShortName>WOO X Pro errors", "<ShortName>"),
    ],
}


def list_texts(checks: dict[str, Check]) -> Iterator[Mutation]:
    """Put other texts into the files."""
    for (path, check), edits in TEXT_EDITS.items():
        for number, (old, new) in enumerate(edits, 1):
            name = f"{path} {check} {number}: {old[:40]!r} becomes {new[:40]!r}"
            yield Mutation(name, edit_file(path, replace_text(old, new)), checks[check])
    spoil = edit_file(FULL, replace_all("<!-- http/", "<!-- https/"))
    yield Mutation(f"{FULL}: other paths of statuses", spoil, checks["find_wrong_full_text"])


def list_lost(checks: dict[str, Check], texts: dict[str, Check]) -> Iterator[Mutation]:
    """Remove files that other files name."""
    yield Mutation(f"{OWN} removed", drop_file(OWN), checks["find_wrong_files"], CODE)
    for path in (ALTERNATE, STATUS_ALTERNATE, GUIDE_ALTERNATE):
        yield Mutation(f"{path} removed ({LLMS})", drop_file(path), texts["find_wrong_llms"])
        yield Mutation(f"{path} removed ({FULL})", drop_file(path), texts["find_wrong_full_text"])
