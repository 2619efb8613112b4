"""What the processes of a test run make once, and share."""

import os
from collections.abc import Callable
from pathlib import Path

import portalocker
import pytest

PATIENCE_S = 600.0


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder that the first process to ask had `make` fill; nobody may change it."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # that of all processes
    shared = root / name
    with portalocker.Lock(root / f"{name}.lock", timeout=PATIENCE_S):
        if not shared.exists():
            own = factory.mktemp(name)
            make(own)
            own.rename(shared)
    return shared
