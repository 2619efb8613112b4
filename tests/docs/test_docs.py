"""Every page of the documentation: its code runs, its command lines parse, its links lead on."""

import io
import re
import subprocess
import sys
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import pygame
import pytest
from pages import (
    EVENTS,
    PROJECT,
    ROOT,
    blocks,
    broken_links,
    check_command_line,
    command_lines,
    run_page,
)
from rich.console import Console

import snake_env
import spiking_agent
from snake_env.play import window as window_module
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.reporters.protocol import GenerationReport, RunReport
from spiking_agent.evolution.reporters.terminal import Display
from spiking_agent.evolution.run_directory import (
    CHECKPOINT,
    CONFIG,
    LEARNING_CURVE,
    METRICS,
    REPORT,
)
from spiking_agent.organism.champion_file import CHAMPION

PAGES = sorted((ROOT / "docs").glob("**/*.md"))
NAVIGATION = (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2].partition("\n\n")[0]
PAGES_IN_ORDER = [ROOT / "docs" / name for name in re.findall(r"\S+\.md", NAVIGATION)]
WITH_COMMANDS = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
BUILT_LINK = re.compile(rb"""(?:src|srcset)\s*=\s*["']?(?:https?:)?//|url\(["']?(?:https?:)?//""")
STYLE_LINK = re.compile(rb"<link\b[^>]*?\bhref=[\"']?(?:https?:)?//[^>]*>")


def path_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_there_are_pages_with_code() -> None:
    with_python = [page for page in PAGES if any(b.language == "python" for b in blocks(page))]
    assert len(with_python) >= 8
    assert sum(len(command_lines(page)) for page in WITH_COMMANDS) >= 40


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=path_name)
def test_the_code_of_a_page_runs_and_prints_what_the_page_shows(page, tmp_path) -> None:
    run_page(page, tmp_path)


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=path_name)
def test_programs_know_the_command_lines_of_a_page(page) -> None:
    for line in command_lines(page):
        check_command_line(line)


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=path_name)
def test_links_and_pictures_of_a_page_exist(page) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=path_name)
def test_files_that_a_page_names_exist_and_hold_the_names_that_it_says_they_hold(page) -> None:
    text = page.read_text()
    made = {block.title for block in blocks(page) if block.language == "python"}
    folders = "scripts|docs|snake_env|spiking_agent|tests"
    for path in re.findall(rf"(?<![\w/.-])((?:{folders})/[\w./-]*\w)", text):
        assert (ROOT / path).exists() or path in made, path
    for name, path in re.findall(rf"`([\w.]+)` in\s`((?:{folders})/[\w/]+\.py)`", text):
        assert name.split(".")[-1] in (ROOT / path).read_text(), f"{name} is not in {path}"


def test_every_page_is_in_the_navigation_and_reaches_no_file_outside_of_docs() -> None:
    assert sorted(PAGES_IN_ORDER) == PAGES


@pytest.mark.parametrize(
    "package", [snake_env, spiking_agent], ids=lambda package: package.__name__
)
def test_the_reference_has_every_public_name(package) -> None:
    text = (ROOT / f"docs/reference/{package.__name__}.md").read_text()
    listed = set(re.findall(rf"^::: {package.__name__}\.(\w+)$", text, re.MULTILINE))
    assert set(package.__all__) <= listed


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mkdocs") is None, reason="needs the extra docs")
def test_the_site_builds_without_a_warning_and_asks_nothing_of_other_servers(tmp_path) -> None:
    result = subprocess.run(
        [ROOT / "scripts/docs", "--site-dir", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "NO_MKDOCS_2_WARNING": "1"},
    )
    assert result.returncode == 0, result.stderr
    reference = re.sub(r"<[^>]+>", "", (tmp_path / "reference/snake_env.html").read_text())
    for name, default in (
        ("food_reward", "1.0"),
        ("death_reward", "-1.0"),
        ("render_mode", "None"),
    ):
        assert re.search(rf"{name}\s+\([^)]*default:\s+{default}\s*\)", reference), name
    for path in [*tmp_path.glob("**/*.html"), *tmp_path.glob("**/*.css")]:
        content = path.read_bytes()
        links = [link for link in STYLE_LINK.findall(content) if b"canonical" not in link]
        assert not BUILT_LINK.findall(content), path
        assert not links, path


def rows_of(page: str, heading: str) -> list[list[str]]:
    """Cells of the last table of a page whose first line starts with `heading`."""
    text = (ROOT / "docs" / page).read_text().rpartition(f"\n{heading}")[2].partition("\n\n")[0]
    lines = text.splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def first_cells(page: str, heading: str) -> list[str]:
    return [cell for row in rows_of(page, heading) for cell in row[0].replace("`", "").split(", ")]


def test_the_page_on_files_has_every_file_of_a_run_and_every_column() -> None:
    files = (CONFIG, METRICS, CHECKPOINT, CHAMPION, LEARNING_CURVE, REPORT, f"{EVENTS}/")
    assert first_cells("files.md", "| file |") == list(files)
    columns = [field.name for field in fields(GenerationReport)]
    assert first_cells("files.md", "| column |") == columns


def test_the_first_run_names_every_extra_and_every_program() -> None:
    assert sorted(first_cells("first-run.md", "| extra |")) == sorted(
        PROJECT["optional-dependencies"]
    )
    rows = rows_of("first-run.md", "| script |")
    scripts = {row[1].strip("`"): row[0].strip("`") for row in rows}
    assert scripts.keys() == PROJECT["scripts"].keys()
    for command, script in scripts.items():
        module = PROJECT["scripts"][command].partition(":")[0]
        assert f"from {module} import main" in (ROOT / script.split()[1]).read_text()


def test_the_first_run_explains_every_figure_of_the_display() -> None:
    config = recipe(EnvSource("Snake-v0", {}))
    numbers = dict.fromkeys((field.name for field in fields(GenerationReport)), 1)
    run = RunReport(
        env="Snake-v0",
        n_neurons=1,
        n_genes=1,
        config=config,
        workers=1,
        engine="compiled",
        generations=2,
        seconds=None,
    )
    console = Console(file=io.StringIO(), width=40, color_system=None)  # a figure a line
    with console.capture() as capture:
        console.print(Display(run, GenerationReport(**numbers), [1.0]))
    cells = [re.split(" {2,}", line.strip()) for line in capture.get().splitlines()]
    names = [row[0] for row in cells if len(row) == 2]
    assert len(names) == 10
    assert sorted(first_cells("first-run.md", "| figure |")) == sorted(names)


def test_the_page_of_the_environment_has_the_headings_of_gymnasiums_pages_in_their_order() -> None:
    text = (ROOT / "docs/environment.md").read_text()
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Description",
        "Action Space",
        "Observation Space",
        "Rewards",
        "Starting State",
        "Episode End",
        "Arguments",
        "Vectorized environment",
        "Version History",
    ]


def test_the_page_on_watching_has_every_key_of_the_program_for_people() -> None:
    shown = " ".join(first_cells("watch.md", "| key |")).lower().split()
    names = {pygame.key.name(key) for key in window_module.KEYS}
    assert {*shown} - {"arrow", "keys", "esc"} == names - {"up", "down", "left", "right", "escape"}
    assert {"arrow", "esc"} < {*shown}


def test_runs_are_made_before_they_are_used() -> None:
    made: set[str] = set()
    for page in PAGES_IN_ORDER:
        for line in command_lines(page):
            for option, run in re.findall(r"(\S+)[ =](runs/[\w-]+)", line):
                if option in ("--out", "--runs"):
                    made.add(run)
                assert run in made, f"{page.name}: {line}"


@pytest.fixture
def extras(monkeypatch) -> None:
    """Add to the project an extra that is installed and one that never is."""
    mine = {"present": ["pytest>=8", "numpy"], "absent": ["pytest>=8", "nobody-has-this>=1"]}
    known = PROJECT["optional-dependencies"] | mine
    monkeypatch.setitem(PROJECT, "optional-dependencies", known)


def planted(tmp_path, text: str) -> Path:
    page = tmp_path / "planted.md"
    page.write_text(text)
    return page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```python\nx = 1\n```\n\n```python\nprint(x / 0)\n```\n", "planted.md:5: ZeroDivision"),
        ("```python\nprint(2)\n```\n\n```text\n3\n```\n", "planted.md:5 must show\n2"),
        ("```python\nprint(2)\n```\n\nwords\n\n```text\n2\n```\n", "output of nothing"),
        ("```text\nsomething\n```\n", "output of nothing"),
        ("```python\n>>> 1 + 1\n3\n```\n", "Expected:\n    3\nGot:\n    2"),
        ("```yaml\nx: 1\n```\n", "'yaml' is not checked"),
        ("<!-- run -->\n\n```sh\nfalse\n```\n", "1 blocks are to run, 0 did"),
        ("~~~python\n1 / 0\n~~~\n", "1 blocks are to run, 0 did"),
        ("> ```python\n> 1 / 0\n> ```\n", "1 blocks are to run, 0 did"),
        ("<!-- needs: present -->\n```python\n1 / 0\n```\n", "planted.md:2: ZeroDivision"),
        ("<!-- needs: present -->\n```python\nprint(2)\n```\n\n```text\n3\n```\n", "must show\n2"),
        ("<!-- needs: sb4 -->\n```python\n1 / 0\n```\n", "planted.md:2: 'sb4' is no extra"),
        ("<!-- needs: present -->\n\n```python\n1 / 0\n```\n", "planted.md:3: ZeroDivision"),
        ("<!-- run -->\n```sh\npython scripts/play.py --rows 3\n```\n", "--rows: must be"),
    ],
)
def test_a_planted_failure_of_a_page_is_caught(text, message, extras, tmp_path) -> None:
    with pytest.raises(AssertionError) as caught:
        run_page(planted(tmp_path, text), tmp_path)
    assert message in str(caught.value)


def test_a_block_is_left_out_without_its_package(tmp_path) -> None:
    text = "<!-- needs: package {} -->\n```python\n1 / 0\n```\n"
    (tmp_path / "planted.md").write_text(text.format("no_such_package"))
    assert run_page(tmp_path / "planted.md", tmp_path) == 1
    again = tmp_path / "again"
    again.mkdir()
    (again / "planted.md").write_text(text.format("numpy"))
    with pytest.raises(AssertionError, match="ZeroDivision"):
        run_page(again / "planted.md", again)


def test_a_block_is_left_out_without_its_extra_and_what_it_prints_with_it(extras, tmp_path) -> None:
    text = (
        "<!-- needs: absent -->\n```python\n1 / 0\n```\n\n```text\n3\n```\n\n"
        "```python\nprint(2)\n```\n\n```text\n2\n```\n"
    )
    assert run_page(planted(tmp_path, text), tmp_path) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```python\n1\n```\n\n```python\n1 / 0\n```\n", "planted.md:6: ZeroDivision"),
        ("```python\n1\n```\n\nwords\n\n```text\n3\n```\n", "output of nothing"),
        ("```python\n1\n```\n\n```text\n3\n```\n\n```text\n3\n```\n", "output of nothing"),
        ("```sh\ntrue\n```\n", "only python may need an extra"),
        ('```python title="a.py"\n1\n```\n', "a file needs no extra"),
        ("\n```python\n1 / 0\n```\n", "planted.md:3: ZeroDivision"),
    ],
)
def test_a_missing_extra_hides_nothing_else(text, message, extras, tmp_path) -> None:
    with pytest.raises(AssertionError) as caught:
        run_page(planted(tmp_path, f"<!-- needs: absent -->\n{text}"), tmp_path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("python scripts/evolve.py --secnds 60", "unrecognized arguments: --secnds"),
        ("spiking-evaluate --episodes many", "must be a whole number >= 1, got 'many'"),
        ("python scripts/nothing.py", "there is no nothing.py"),
        ("pip install -e '.[dcos]'", "no such extra"),
        ("scripts/check && scripts/tset", "unknown command 'scripts/tset'"),
        ("A=1 python scripts/watch.py --record", "expected one argument"),
        ("pip install tensorbord", "unknown command 'pip'"),
        ("tensorboard --logdir runs/first/events", "unknown command 'tensorboard'"),
    ],
)
def test_a_planted_command_line_is_caught(line, message, tmp_path) -> None:
    page = planted(tmp_path, f"```sh\n{line}  # comment\n```\n")
    with pytest.raises(ValueError, match=message):
        check_command_line(*command_lines(page))


def test_planted_links_are_caught(tmp_path) -> None:
    page = planted(tmp_path, "# Here\n[a](gone.md) [b](#here) [c](#there) ![d](gone.png)\n")
    assert broken_links(page) == ["gone.md", "#there", "gone.png"]


def test_a_command_line_in_a_sentence_is_checked_too(tmp_path) -> None:
    page = planted(tmp_path, "Say `python scripts/evolve.py --seed S --seeconds\n9` to it.\n")
    with pytest.raises(ValueError, match="--seeconds"):
        check_command_line(*command_lines(page))
