"""The machine and the versions on which figures were measured."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "numba", "gymnasium")
PEERS = (
    "jumanji",
    "jax",
    "gymnasium-snake-game",
    "brian2",
    "torch",
    "neat-python",
    "box2d",
)


def machine() -> dict[str, Any]:
    """Return the processor, its cores, and the relevant versions, as JSON values."""
    packages = {name: _version(name) for name in PACKAGES}
    peers = {name: _version(name) for name in PEERS}
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **packages,
        "peers": {name: found for name, found in peers.items() if found is not None},
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
