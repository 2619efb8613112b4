"""Programs in processes of their own, which print their result as JSON, on their last line."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def run_program(
    program: Path, *arguments: str, timeout_s: float, env: Mapping[str, str] | None = None
) -> Any:
    """Run a program of ours, and give what the last line that it prints says.

    Parameters
    ----------
    program : Path
        A file for Python.
    *arguments : str
        What it is called with.
    timeout_s : float
        Seconds after which it is ended.
    env : mapping, optional
        Environment variables beside those of this process.

    Raises
    ------
    subprocess.SubprocessError
        If it fails, or takes too long.
    """
    done = subprocess.run(
        [sys.executable, str(program), *arguments],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def reason(error: subprocess.SubprocessError) -> str:
    """Give the last line that a program wrote about its failure."""
    said = getattr(error, "stderr", None) or ""
    return (said.strip() or str(error)).splitlines()[-1]
