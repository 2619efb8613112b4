"""Hints that can be typed."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from spiking_agent.checks.commands import shell_line

ROOT = Path(__file__).parents[3]
TELL = """\
import sys
from spiking_agent.checks.commands import shell_line

if __name__ == "__main__":
    print(shell_line("watch", "a b"))
"""


def test_hints_survive_a_shell() -> None:
    words = ["runs/an early try", "it's", "$HOME", "ü", "--env", "my_package:My-v0", 5]
    line = shell_line("watch", *words)
    assert shlex.split(line) == ["spiking-watch", *map(str, words)]
    assert subprocess.check_output(
        ["/bin/sh", "-c", f"printf '%s\\n' {line.partition(' ')[2]}"], text=True
    ).splitlines() == [str(word) for word in words]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "siblings", "hint"),
    [
        ("scripts/evolve.py", True, "python scripts/watch.py 'a b'"),
        ("./scripts/evolve.py", True, "python scripts/watch.py 'a b'"),
        ("scripts/evolve.py", False, "spiking-watch 'a b'"),  # somebody's own script of that name
        ("mine/evolve.py", True, "spiking-watch 'a b'"),
        ("bin/spiking-evolve", False, "spiking-watch 'a b'"),
    ],
)
def test_hints_name_the_command_as_it_was_started(script, siblings, hint, tmp_path) -> None:
    folder = (tmp_path / script).parent
    folder.mkdir()
    for name in ("evolve", "evaluate", "watch", "report"):
        if siblings:
            (folder / f"{name}.py").write_text("")
    (tmp_path / script).write_text(TELL)
    out = subprocess.check_output([sys.executable, script], cwd=tmp_path, text=True)
    assert out.strip() == hint


def test_our_scripts_lie_beside_each_other() -> None:
    for name in ("evolve", "evaluate", "watch", "report", "play"):
        assert (ROOT / "scripts" / f"{name}.py").is_file()


def test_a_path_that_begins_with_a_dash_is_no_option() -> None:
    path = Path("-dash/champion.npz")
    assert shell_line("watch", path, "--env", "-x") == "spiking-watch ./-dash/champion.npz --env -x"
