"""The worked hours of CONTRIBUTING.md as tests: followed word by word, in a copy of the project.

An hour is what stands below one heading. Its blocks are followed in order:

- ``python`` with ``title="path"`` makes that file, or is added to the end of one that exists;
- ``diff`` with ``title="path"`` changes that file: what its lines without a mark and with ``-``
  show must stand there exactly once, and becomes its lines without a mark and with ``+``; ``...``
  between two changes of one file stands for what lies between them;
- ``sh`` runs in the copy, and ``text`` right after it is what it prints.
"""

import os
import re
import shutil
from pathlib import Path

from pages import ROOT, Block, blocks, compare, run_shell

PAGE = ROOT / "CONTRIBUTING.md"
COPIED = ("pyproject.toml", "scripts", "snake_env", "spiking_agent", "tests")
HOUR = re.compile(r"^### (An hour: .*?)$\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)


def hours() -> dict[str, str]:
    """Return the text of each hour of the page, by its heading."""
    return dict(HOUR.findall(PAGE.read_text()))


def copy_project(tree: Path) -> None:
    """Copy what an hour may change, and the compiled kernels, to a directory."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name)
        else:
            shutil.copy(ROOT / name, tree / name)


def follow(text: str, tree: Path, *, with_commands: bool = True) -> tuple[int, int]:
    """Follow the blocks of an hour, and return how many files it changes and blocks it runs.

    Raises
    ------
    AssertionError
        If a change does not fit its file, a command fails, or it prints something else.
    """
    page = tree / "hour.md"
    page.write_text(text)
    paths, n_commands, printed = set(), 0, None
    for block in blocks(page):
        if block.language in ("sh", "text") and not with_commands:
            continue
        if block.language == "text":
            assert printed is not None, f"{block.where}: output of nothing"
            compare(block, printed)
            printed = None
        elif block.language == "sh":
            printed = run_shell(block, tree, os.environ | {"PYTHONPATH": str(tree)})
            n_commands += 1
        else:
            is_named = block.title and f"`{block.title}`" in text  # where readers see it
            assert is_named, f"{block.where}: which file?"
            _change(block, tree / block.title)
            paths.add(block.title)
            printed = None
    return len(paths), n_commands


def _change(block: Block, path: Path) -> None:
    if block.language == "python":
        before = f"{path.read_text()}\n\n" if path.exists() else ""
        path.write_text(before + block.code)
        return
    assert block.language == "diff", f"{block.where}: a block of {block.language!r}"
    text = path.read_text()
    for change in re.split(r"^\.\.\.\n", block.code, flags=re.MULTILINE):
        lines = change.splitlines(keepends=True)
        assert all(line[0] in " +-\n" for line in lines), f"{block.where}: a line without a mark"
        old, new = ("".join(x[1:] or x for x in lines if x[0] != mark) for mark in "+-")
        n_found = text.count(old)
        assert n_found == 1, f"{block.where}: stands {n_found} times in {block.title}:\n{old}"
        assert old != new, f"{block.where}: changes nothing"
        text = text.replace(old, new)
    path.write_text(text)
