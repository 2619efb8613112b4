"""Output that nobody takes, that cannot be written, or whose encoding lacks characters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from argparse import ArgumentParser
from spiking_agent.cli.common import run

def command(arguments):
    {body}
    return 0

sys.exit(run(command, ArgumentParser("program"), []))
"""


def started(body: str, **how) -> subprocess.CompletedProcess[bytes]:
    code = PROGRAM.format(body=body)
    return subprocess.run(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, timeout=120, check=False, **how
    )


@pytest.mark.parametrize("buffering", ["", "1"])
@pytest.mark.parametrize(
    "body", ["print('words')", "from rich.console import Console; Console().print('words')"]
)
def test_output_that_nobody_reads_ends_a_program_quietly(body, buffering) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = started(body, stdout=writing, env={**os.environ, "PYTHONUNBUFFERED": buffering})
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


@pytest.mark.parametrize("buffering", ["", "1"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_one_line(buffering) -> None:
    with Path("/dev/full").open("w") as full:
        environ = {**os.environ, "PYTHONUNBUFFERED": buffering}
        ended = started("print('words')", stdout=full, env=environ)
    assert ended.returncode == 2
    assert ended.stderr == b"program: error: [Errno 28] No space left on device\n"


def test_a_pipe_of_the_environment_that_breaks_is_no_quiet_end() -> None:
    ended = started("raise BrokenPipeError(32, 'the robot has gone')", stdout=subprocess.PIPE)
    assert ended.returncode == 2
    assert b"the robot has gone" in ended.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_names_that_cannot_be_shown_are_escaped(encoding) -> None:
    environ = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    ended = started(r"print('r/\udcff▁')", stdout=subprocess.PIPE, env=environ)
    shown = "▁" if encoding == "utf-8" else r"\u2581"
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.decode(encoding).strip() == rf"r/\udcff{shown}"
