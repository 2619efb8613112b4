"""Brian2 as a peer, timed in its own processes."""

import importlib.util
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases.networks import engine_raster
from benchmarks.harness.children import reason, run_program
from benchmarks.harness.results import NOT_INSTALLED, Beside, Unit
from benchmarks.harness.timing import Sample
from spiking_agent.brain.connectome import Connectome

N_CHECKED = 300
PROGRAM = Path(__file__).with_name("brian2_timing.py")
TIMEOUT_S = 600
TITLES = {
    "cython": "Brian2 (cython)",
    "numpy": "Brian2 (numpy)",
    "standalone": "Brian2 (C++ standalone)",
}


def compiled_mode() -> str:
    """Return the name of Brian2's faster mode if there is a compiler, else of the other one."""
    return "cython" if shutil.which("g++") or shutil.which("c++") else "numpy"


def brian2(
    mode: str,
    connectome: Connectome,
    drive: NDArray[np.uint8],
    unit: Unit,
    *,
    n_ticks: int,
    repeats: int,
    ticks_per_unit: int = 1,
) -> Beside:
    """Time Brian2.

    Parameters
    ----------
    mode : {"cython", "numpy", "standalone"}
        The code that it generates from the model.
    connectome, drive
        The brain, and which inputs are driven at each tick, shape (n_ticks, n_inputs).
    unit : Unit
        Unit of the figures.
    n_ticks : int
        Ticks per call of `run()`.
    repeats : int
        Number of timed calls.
    ticks_per_unit : int
        Ticks per unit of work.

    Raises
    ------
    RuntimeError
        If its number of spikes differs from the engine's.
    """
    name = TITLES[mode]
    if importlib.util.find_spec("brian2") is None:
        return Beside(name=name, status=NOT_INSTALLED)
    name = name.replace("Brian2", f"Brian2 {version('brian2')}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.npz"
        np.savez(path, drive=drive, **connectome.to_arrays())
        arguments = (str(path), mode, str(n_ticks), str(repeats))
        try:
            result = run_program(PROGRAM, *arguments, timeout_s=TIMEOUT_S)
        except subprocess.SubprocessError as error:
            return Beside(name=name, status=f"failed: {reason(error)}")
    _check(
        name,
        result["n_spikes"],
        connectome,
        drive[: n_ticks if mode == "standalone" else N_CHECKED],
    )
    samples = [Sample(cpu_s, wall_s, n // ticks_per_unit) for cpu_s, wall_s, n in result["samples"]]
    return Beside.of(name, unit, samples)


def _check(name: str, n_spikes: int, connectome: Connectome, drive: NDArray[np.uint8]) -> None:
    expected = len(engine_raster(connectome, drive))
    if n_spikes != expected:
        raise RuntimeError(f"n_spikes of {name} must be {expected}, got {n_spikes!r}")
