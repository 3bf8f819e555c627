"""What a build keeps below .cache/ for the next one, as Python keeps compiled modules.

Compiled templates, highlighted samples and the trimmed stylesheet are found by all that they were made from, so a
change of any makes them anew. The folder may be removed at any time. MkDocs loads this file as a hook.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, Template

CACHE = Path(__file__).resolve().parent.parent / ".cache"


def on_env(env: Environment, **_build: Any) -> Environment:
    """Give the environment of the theme its cache, before it has loaded a template."""
    env.bytecode_cache = open_templates()
    return env


def open_templates(cache: Path = CACHE) -> BytecodeCache | None:
    """Return the cache of compiled templates, or None where nothing can be written."""
    folder = cache / f"templates-{version('jinja2')}"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


def keep_texts(environment: Environment, cache: Path = CACHE) -> None:
    """Let `from_string` of an environment take what an earlier build compiled from the same text."""
    templates = environment.bytecode_cache = open_templates(cache)
    # A method of this one object: the plugin makes the object, and calls the method by this name.
    if templates:
        environment.from_string = partial(_recall_template, environment, templates)  # type: ignore[method-assign]


def _recall_template(environment: Environment, templates: BytecodeCache, source: str) -> Template:
    bucket = templates.get_bucket(environment, sha256(source.encode()).hexdigest(), None, source)
    if bucket.code is None:
        bucket.code = environment.compile(source)
        templates.set_bucket(bucket)
    return Template.from_code(environment, bucket.code, environment.make_globals(None))


def recall(folder: str, inputs: Iterable[str], make: Callable[[], str], cache: Path = CACHE) -> str:
    """Return what an earlier build made from the same inputs, their code included; else make it and keep it."""
    kept = cache / folder / sha256("\0".join(inputs).encode()).hexdigest()
    with suppress(OSError):
        return kept.read_bytes().decode()
    text = make()
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        # A build must not read half a file of another one.
        with NamedTemporaryFile(dir=kept.parent, delete=False) as draft:
            draft.write(text.encode())
        Path(draft.name).replace(kept)
    return text
