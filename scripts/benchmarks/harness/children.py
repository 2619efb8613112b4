"""Programs run in their own processes, which print their result as JSON on their last line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def run_program(
    program: Path, *arguments: str, timeout_s: float, env: Mapping[str, str] | None = None
) -> Any:
    """Run one of our programs, and return the JSON value on the last line that it prints.

    Parameters
    ----------
    program : Path
        A Python file.
    *arguments : str
        Its arguments.
    timeout_s : float
        Seconds after which it is ended.
    env : mapping, optional
        Environment variables in addition to those of this process.

    Raises
    ------
    subprocess.SubprocessError
        If it fails, prints nothing, or takes too long; its own children then end with it.
    """
    command = [sys.executable, str(program), *arguments]
    with subprocess.Popen(
        command,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, error = process.communicate(timeout=timeout_s)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command, out, error)
    if not out.strip():
        raise subprocess.SubprocessError(f"{program.name} printed nothing")
    return json.loads(out.splitlines()[-1])


def reason(error: subprocess.SubprocessError) -> str:
    """Return the last line that a program wrote about its failure."""
    said = getattr(error, "stderr", None) or ""
    return (said.strip() or str(error)).splitlines()[-1]
