"""What is kept between builds: made once, and made anew after any change."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError

from catalogue.cache import keep_texts, on_env, open_templates, recall
from catalogue.fences import format_fence, recall_fence

# The theme's and the plugin's environments differ in much, but write HTML or Markdown as it is.
make_environment = partial(Environment, autoescape=False)


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """Return a folder below which nothing can be made, whoever runs the test."""
    (tmp_path / "file").write_text("", "utf-8")
    return tmp_path / "file" / "cache"


def count_calls(results: list[str]) -> tuple[Callable[[], str], list[str]]:
    """Return a function that gives one result after the other, and the list of those given."""
    given: list[str] = []

    def make() -> str:
        given.append(results[len(given)])
        return given[-1]

    return make, given


def test_a_text_is_made_once_for_the_same_inputs_and_anew_for_others(tmp_path: Path) -> None:
    make, given = count_calls(["first\r\n", "second"])
    assert [recall("texts", ["a", "b"], make, tmp_path) for _ in range(2)] == ["first\r\n"] * 2
    assert recall("texts", ["ab"], make, tmp_path) == "second"
    assert given == ["first\r\n", "second"]


def test_where_nothing_can_be_kept_every_text_is_made(blocked: Path) -> None:
    make, given = count_calls(["first", "second"])
    assert [recall("texts", ["a"], make, blocked) for _ in range(2)] == ["first", "second"] == given


def test_a_template_is_compiled_once_and_anew_after_a_change(tmp_path: Path) -> None:
    template = tmp_path / "page.jinja"
    compiled = []
    for text in ("one {{ 1 + 1 }}", "one {{ 1 + 1 }}", "two {{ 2 + 2 }}"):
        template.write_text(text, "utf-8")
        environment = make_environment(loader=FileSystemLoader(tmp_path), bytecode_cache=open_templates(tmp_path))
        with patch.object(environment, "compile", wraps=environment.compile) as compile_template:
            rendered = environment.get_template("page.jinja").render()
        compiled.append((rendered, compile_template.call_count))
    assert compiled == [("one 2", 1), ("one 2", 0), ("two 4", 1)]


def test_a_page_is_compiled_once_and_sees_the_macros_of_its_own_build(tmp_path: Path) -> None:
    rendered = []
    for build in (1, 2):
        environment = make_environment(undefined=StrictUndefined)
        keep_texts(environment, tmp_path)
        environment.globals["build"] = lambda number=build: f"build {number}"
        with patch.object(environment, "compile", wraps=environment.compile) as compile_template:
            rendered.append((environment.from_string("{{ build() }} {{ x }}").render(x=1), compile_template.call_count))
        with pytest.raises(UndefinedError):
            environment.from_string("{{ build() }} {{ x }}").render()
    assert rendered == [("build 1 1", 1), ("build 2 1", 0)]


def test_templates_are_compiled_where_nothing_can_be_kept(blocked: Path, tmp_path: Path) -> None:
    environment = make_environment()
    keep_texts(environment, blocked)
    assert (environment.from_string("{{ 1 + 1 }}").render(), open_templates(blocked)) == ("2", None)
    with patch.object(os, "access", return_value=False):
        assert open_templates(tmp_path) is None, "A folder that exists, but not for writing."


def test_the_theme_keeps_its_templates_too() -> None:
    assert on_env(make_environment()).bytecode_cache is not None


def test_a_kept_sample_is_the_sample_as_it_is_made() -> None:
    source = 'async def read(x: int) -> str:\n    return f"{x}" # <&>'
    assert [recall_fence(source, "python") for _ in range(2)] == [format_fence(source, "python")] * 2
