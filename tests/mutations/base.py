"""A mutation spoils one file of a tree of files and names the check that must object; running many finds the holes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeAlias

Tree: TypeAlias = Mapping[str, bytes]
Edit: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Check:
    """A check that the ordinary tests call: its function's name, and how it looks at a whole tree."""

    name: str
    look: Callable[[Tree], list[str]]


@dataclass(frozen=True)
class Mutation:
    """One way to spoil a tree. `place` must stand in one of the lines with which the check objects."""

    name: str
    spoil: Callable[[Tree], Tree]
    check: Check
    place: str = ""


@dataclass
class Findings:
    """What running mutations has shown; `problems` is empty if every one was caught as it should be."""

    problems: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    inputs: set[bytes] = field(default_factory=set)
    checks: set[str] = field(default_factory=set)


def make_check(function: Callable[..., Any], look: Callable[[Tree], list[str]]) -> Check:
    """Return a check under the name of the function that the ordinary tests call."""
    return Check(function.__name__, look)


def edit_file(path: str, edit: Edit) -> Callable[[Tree], Tree]:
    """Return how to spoil a tree by editing one file."""
    return lambda tree: {**tree, path: edit(tree[path])}


def drop_file(path: str) -> Callable[[Tree], Tree]:
    """Return how to spoil a tree by removing a file."""
    return lambda tree: {name: content for name, content in tree.items() if name != path}


def add_file(path: str, content: bytes) -> Callable[[Tree], Tree]:
    """Return how to spoil a tree by adding a file, or by writing over one."""
    return lambda tree: {**tree, path: content}


def replace_text(old: str, new: str) -> Edit:
    """Return an edit that replaces the first place of a text; where there is none, nothing changes."""
    return lambda content: content.replace(old.encode(), new.encode(), 1)


def replace_all(old: str, new: str) -> Edit:
    """Return an edit that replaces a text wherever it stands."""
    return lambda content: content.replace(old.encode(), new.encode())


def run_mutations(tree: Tree, mutations: Iterable[Mutation]) -> Findings:
    """Spoil a tree in every way, and collect whatever was not caught, or caught for another reason."""
    findings = Findings()
    accepted: dict[int, bool] = {}
    for mutation in mutations:
        check = mutation.check
        if id(check) not in accepted:
            objections = check.look(tree)
            accepted[id(check)] = not objections
            findings.problems += [f"{check.name} objects to the original: {line}" for line in objections[:3]]
        findings.names.append(mutation.name)
        findings.checks.add(check.name)
        findings.problems += _try_mutation(tree, mutation, findings)
    return findings


def _try_mutation(tree: Tree, mutation: Mutation, findings: Findings) -> list[str]:
    spoilt = mutation.spoil(tree)
    changed = sorted(path for path in {*tree, *spoilt} if tree.get(path) != spoilt.get(path))
    if not changed:
        return [f"{mutation.name}: changes nothing, so it is no mutation"]
    digest = sha256()
    for path in changed:
        digest.update(path.encode() + b"\0" + spoilt.get(path, b"\0gone") + b"\0")
    findings.inputs.add(digest.digest())
    try:
        objections = mutation.check.look(spoilt)
    except (ValueError, LookupError, AttributeError, AssertionError) as error:
        return [f"{mutation.name}: {mutation.check.name} raised {error!r}"[:400]]
    if not objections:
        return [f"{mutation.name}: survives {mutation.check.name}"]
    if not any(mutation.place in line for line in objections):
        return [
            f"{mutation.name}: {mutation.check.name} does not name {mutation.place!r} but says {objections[0]}"[:400]
        ]
    return []
