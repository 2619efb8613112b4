"""The README's Python examples and the docstrings' run as they stand."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
MODULES = [
    str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__")
    for package in ("snake_env", "spiking_agent")
    for path in sorted((ROOT / package).glob("**/*.py"))
    if ">>> " in path.read_text()
]


def test_there_are_examples() -> None:
    assert len(BLOCKS) >= 3
    assert len(MODULES) >= 2


def test_the_readme_is_read_in_some_minutes_and_names_the_post() -> None:
    assert len(README.split()) <= 1000
    first_screen = README.partition("\n## ")[0]
    assert "https://www.christo.sh/building-agi-on-the-tokio-runtime" in first_screen
    assert "raw board" in first_screen


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_an_example_of_the_readme_runs(number, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = (
        BLOCKS[number].replace("seconds=60", "generations=2").replace("seconds=10", "generations=2")
    )
    exec(compile(code, f"README block {number}", "exec"), {"__name__": "readme"})  # noqa: S102


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_give_what_they_say(module) -> None:
    failed, tried = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert tried > 0
    assert failed == 0


def test_every_file_and_command_that_the_readme_names_exists() -> None:
    for path in set(re.findall(r"(?:scripts|docs|snake_env|spiking_agent)/[\w./-]+\w", README)):
        assert (ROOT / path).exists(), path
    scripts = (ROOT / "pyproject.toml").read_text()
    for command in set(
        re.findall(r"`((?:spiking|snake)-(?:evolve|evaluate|report|watch|play))", README)
    ):
        assert f"{command} =" in scripts
