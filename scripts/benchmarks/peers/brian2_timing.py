"""Time Brian2 in its own process: `python brian2_timing.py FILE.npz MODE N_TICKS REPEATS`.

Every `run()` of Brian2 collects garbage, which takes longer the more objects other libraries hold.
The file has the arrays of a `Connectome`, and `drive`. The last line printed is JSON: `n_spikes` of
the check (the first ticks of the drive on a fresh brain), and `samples` of (CPU seconds or null,
wall seconds, units).
"""

import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.peers.brian2_network import TICK_S, build

N_CHECKED = 300


def time_runs(network: Any, n_ticks: int, repeats: int) -> list[tuple[float | None, float, int]]:
    """Time consecutive calls of `run()`."""
    import brian2

    samples: list[tuple[float | None, float, int]] = []
    for _ in range(repeats + 1):  # the first one compiles
        wall_from, cpu_from = time.perf_counter(), time.process_time()
        network.run(n_ticks * TICK_S * brian2.second, namespace={})
        cpu_s, wall_s = time.process_time() - cpu_from, time.perf_counter() - wall_from
        samples.append((cpu_s, wall_s, n_ticks))
    return samples[1:]


def time_standalone(
    connectome: Any, drive: np.ndarray[Any, Any], n_ticks: int, repeats: int
) -> tuple[list[tuple[float | None, float, int]], int]:
    """Write a C++ program, compile it, and return the times that it reports itself."""
    import brian2

    with tempfile.TemporaryDirectory() as folder:
        brian2.set_device("cpp_standalone", directory=folder, build_on_run=False)
        network, monitor = build(connectome, drive[:n_ticks])
        network.run((n_ticks + 1) * TICK_S * brian2.second, namespace={})
        device = brian2.get_device()
        device.build(directory=folder, run=False, with_output=False)
        samples: list[tuple[float | None, float, int]] = []
        for _ in range(repeats):
            device.run(directory=folder, with_output=False)
            samples.append((None, float(device._last_run_time), n_ticks))  # noqa: SLF001  # documented
        return samples, int(monitor.num_spikes)


def main(path: str, mode: str, n_ticks: int, repeats: int) -> None:
    """Measure the times and print them."""
    warnings.simplefilter("ignore")
    import brian2

    brian2.BrianLogger.log_level_error()
    with np.load(path) as arrays:
        connectome = SimpleNamespace(**arrays)
    connectome.n_neurons = len(connectome.threshold)
    if mode == "standalone":
        samples, n_spikes = time_standalone(connectome, connectome.drive, n_ticks, repeats)
    else:
        brian2.prefs.codegen.target = mode
        network, monitor = build(connectome, connectome.drive)
        n_checked = min(N_CHECKED, len(connectome.drive))
        network.run((n_checked + 1) * TICK_S * brian2.second, namespace={})
        n_spikes = int(monitor.num_spikes)
        samples = time_runs(network, n_ticks, repeats)
    print(json.dumps({"n_spikes": n_spikes, "samples": samples}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
