"""Each worked hour of CONTRIBUTING.md, followed in a copy of the project, does what it says."""

import subprocess
import sys
from pathlib import Path

import pytest
from hours import copy_project, follow, hours

HOURS = hours()
FILES = {"encoder": 2, "strategy": 4, "sense": 3, "parameter": 7}  # that the hour touches


def test_there_is_an_hour_for_each_thing_that_newcomers_add() -> None:
    assert len(HOURS) == len(FILES)
    for thing, heading in zip(FILES, HOURS, strict=True):
        assert thing in heading


@pytest.mark.slow
@pytest.mark.parametrize("heading", HOURS)
def test_an_hour_leads_to_what_it_shows(heading, tmp_path) -> None:
    copy_project(tmp_path)
    n_files, n_commands = follow(HOURS[heading], tmp_path)
    assert n_files == next(n for thing, n in FILES.items() if thing in heading)
    assert n_commands >= 1


def test_what_the_hours_add_has_the_style_of_the_house(tmp_path) -> None:
    copy_project(tmp_path)
    for text in HOURS.values():
        follow(text, tmp_path, with_commands=False)
    ruff = Path(sys.executable).parent / "ruff"
    for command in (["format", "--check", "-q"], ["check", "-q"]):
        result = subprocess.run([ruff, *command, "."], cwd=tmp_path, check=False)
        assert result.returncode == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('```diff title="a.py"\n-z = 1\n+z = 2\n```\n', "stands 0 times in a.py"),
        ('```diff title="a.py"\n-x = 1\n+x = 2\n```\n', "stands 2 times in a.py"),
        ('```diff title="a.py"\n-y = 1\n+y = 1\n```\n', "changes nothing"),
        ('```diff title="a.py"\n-y = 1\ny = 2\n```\n', "a line without a mark"),
        ("```diff\n-y = 1\n+y = 2\n```\n", "which file?"),
        ('```diff title="b.py"\n-y = 1\n+y = 2\n```\n', "which file?"),
        (
            '```diff title="a.py"\n-y = 1\n+y = 2\n```\n\n```sh\ngrep 1$ a.py | grep y\n```\n',
            "hour.md:7: ",
        ),
        ("```sh\necho 1\n```\n\n```text\n2\n```\n", "must show\n1"),
        ("```text\n2\n```\n", "output of nothing"),
    ],
)
def test_a_planted_failure_of_an_hour_is_caught(text, message, tmp_path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 1\nx = 1\n")
    with pytest.raises(AssertionError) as caught:
        follow(f"`a.py`\n{text}", tmp_path)
    assert message in str(caught.value)


def test_blocks_make_files_add_to_them_and_change_them(tmp_path) -> None:
    text = (
        '`a.py`\n```python title="a.py"\nx = 1\ny = 2\nz = 3\n```\n\n'
        '```python title="a.py"\nu = 0\n```\n\n'
        '```diff title="a.py"\n-x = 1\n+x = 4\n...\n y = 2\n+w = 5\n z = 3\n```\n'
    )
    assert follow(text, tmp_path) == (1, 0)
    assert (tmp_path / "a.py").read_text() == "x = 4\ny = 2\nw = 5\nz = 3\n\n\nu = 0\n"
