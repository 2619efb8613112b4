"""Files that one process holds at a time, until it ends, however it ends."""

import os
import subprocess
import sys
from pathlib import Path

import portalocker
import pytest

from spiking_agent.files import held as held_files
from spiking_agent.files.held import create_held, hold, is_held

HOLDER = """
import sys, time
from pathlib import Path
from spiking_agent.files.held import hold
file = hold(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


def test_a_file_is_held_from_its_first_moment_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    file = create_held(path, b"content")
    assert path.read_bytes() == b"content"  # readers are free
    assert is_held(path)
    with pytest.raises(BlockingIOError, match="is held by another process"):
        hold(path)
    file.close()
    assert not is_held(path)
    with hold(path):
        assert is_held(path)
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [
        ("file", b"content")
    ]


def test_a_path_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        create_held(path, b"new")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("file", b"old")]


def test_a_disk_without_links_is_no_hindrance(tmp_path: Path, monkeypatch) -> None:
    def refuse(*paths: Path) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    create_held(tmp_path / "file", b"content").close()
    with pytest.raises(FileExistsError):
        create_held(tmp_path / "file", b"new")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [
        ("file", b"content")
    ]


def test_a_disk_without_locks_is_no_hindrance(tmp_path: Path, monkeypatch) -> None:
    def refuse(*arguments: object) -> None:
        raise portalocker.LockException("Function not implemented")

    monkeypatch.setattr(held_files.portalocker, "lock", refuse)
    create_held(tmp_path / "file", b"content").close()
    hold(tmp_path / "file").close()
    assert not is_held(tmp_path / "file")


def test_a_process_that_is_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert is_held(path)
        holder.kill()
    assert not is_held(path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_that_outlives_its_parent_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    file = create_held(path, b"")
    reader, writer = os.pipe()
    lives, says_so = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writer)
        os.write(says_so, b"!")
        os.read(reader, 1)  # lives on until the test is over
        os._exit(0)
    try:
        assert os.read(lives, 1) == b"!"
        assert is_held(path)
        file.close()
        assert not is_held(path)
    finally:
        for end in (writer, reader, lives, says_so):
            os.close(end)
        os.waitpid(child, 0)
