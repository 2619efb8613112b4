"""The engine on the reference network: one brain, many side by side, one decision."""

from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases.networks import (
    LONGEST_DELAY,
    random_drive,
    reference_connectome,
    share_firing,
)
from benchmarks.cases.plain_loops import NumpyLoop, SparseLoop, Ticks, check_spikes
from benchmarks.harness.results import US_DECISION, US_TICK, US_TICK_BRAIN, Beside, Row, figures
from benchmarks.harness.scale import Scale
from benchmarks.harness.timing import Contender, race
from benchmarks.peers.brian2_peer import brian2, compiled_mode
from benchmarks.peers.peer import Peer, joining, results
from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.population import Population

OURS = "ours"
N_TICKS = 10  # per decision
NETWORK = "512 neurons, 13,000 synapses of whole strengths, delays 1-4"


def engine_one(scale: Scale) -> list[Row]:
    """Time one brain, many ticks per call, against plain loops and Brian2; then with delays 1."""
    rows = []
    for longest_delay in (LONGEST_DELAY, 1):
        connectome, drive = (
            reference_connectome(0, longest_delay=longest_delay),
            random_drive(1, 5000),
        )
        is_main = longest_delay == LONGEST_DELAY
        short = drive[: scale.pick(500, 20)]
        contenders = [
            _engine_contender(connectome, drive[: scale.pick(5000, 50)]),
            _loop(
                "numba sparse loop",
                SparseLoop(connectome),
                connectome,
                drive[: scale.pick(5000, 50)],
            ),
            _loop(
                "NumPy, gather of rows", NumpyLoop(connectome, is_dense=False), connectome, short
            ),
            _loop("NumPy, dense", NumpyLoop(connectome, is_dense=True), connectome, short),
        ]
        peers = [_torch([connectome], short[None], 1)]
        samples = race([*contenders, *joining(peers, scale)], scale.repeats)
        beside = [
            *(Beside.of(one.name, US_TICK, samples[one.name]) for one in contenders[1:]),
            *results(peers, US_TICK, samples, scale),
        ]
        if is_main:
            beside += _brian2_ticks(connectome, drive, scale)
        cpu, wall = figures(US_TICK, samples[OURS])
        rows.append(
            Row(
                name="engine-one",
                case="delays 1-4" if is_main else "delay 1",
                what=f"Engine, one brain of {NETWORK if is_main else 'the same, all delays 1'}, "
                "many ticks per call; "
                f"{share_firing(connectome, drive):.1%} of neurons fire per tick",
                unit=US_TICK,
                cpu=cpu,
                wall=wall,
                mark=0.6,
                beside=tuple(beside),
            )
        )
    return rows


def _engine_contender(connectome: Connectome, drive: NDArray[np.uint8]) -> Contender:
    engine = Engine(Population.from_connectomes([connectome]))

    def work() -> int:
        engine.decide(drive[None], len(drive))
        return len(drive)

    return Contender(name=OURS, work=work)


def _loop(name: str, run: Ticks, connectome: Connectome, drive: NDArray[np.uint8]) -> Contender:
    """Return the contender of a baseline, after checking that it computes the same brain."""
    check_spikes(name, run, connectome, drive)

    def work() -> int:
        run(drive)
        return len(drive)

    return Contender(name=name, work=work)


def _torch(connectomes: list[Connectome], drive: NDArray[np.uint8], n_brains: int) -> Peer:
    """Return the peer for brains side by side; a unit of work is one tick of one brain."""

    def join(name: str) -> Contender:
        from benchmarks.peers.torch_peer import TorchLoop

        one = TorchLoop(connectomes[:1])
        check_spikes(name, lambda driven: one(driven[None]), connectomes[0], drive[0])
        loop = TorchLoop(connectomes)

        def work() -> int:
            loop(drive)
            return drive.shape[1] * n_brains

        return Contender(name=name, work=work)

    return Peer("PyTorch, dense", "torch", "torch", join)


def _brian2_ticks(connectome: Connectome, drive: NDArray[np.uint8], scale: Scale) -> list[Beside]:
    if not scale.has_peers:
        return []
    modes = scale.pick([compiled_mode(), "standalone"], ["numpy"])
    if compiled_mode() == "numpy":
        modes = ["numpy"]
    n_ticks = scale.pick(len(drive), 20)
    return [
        brian2(mode, connectome, drive, US_TICK, n_ticks=n_ticks, repeats=scale.repeats)
        for mode in modes
    ]


def engine_many(scale: Scale) -> list[Row]:
    """Time many different brains side by side, one decision per call."""
    n_brains, n_calls = scale.pick(256, 4), scale.pick(20, 2)
    connectomes = [reference_connectome(seed) for seed in range(n_brains)]
    drives = random_drive(1, 4, n_brains, N_TICKS)
    engine = Engine(Population.from_connectomes(connectomes))

    def work() -> int:
        for drive, _ in zip(cycle(drives), range(n_calls), strict=False):
            engine.decide(drive, N_TICKS)
        return n_calls * N_TICKS * n_brains

    peers = [_torch(connectomes, drives[0], n_brains)]
    ours = Contender(name=OURS, work=work)
    samples = race([ours, *joining(peers, scale)], scale.repeats)
    share = np.mean(
        [share_firing(connectome, random_drive(1, 200)) for connectome in connectomes[:16]]
    )
    row = Row.of(
        US_TICK_BRAIN,
        samples[OURS],
        name="engine-many",
        case="",
        what=f"Engine, {n_brains} different brains of {NETWORK} side by side, {N_TICKS} ticks per "
        f"call; {share:.1%} fire per tick",
        mark=0.8,
        beside=tuple(results(peers, US_TICK_BRAIN, samples, scale)),
    )
    return [row]


def decision(scale: Scale) -> list[Row]:
    """Time one decision from Python, called like a policy does."""
    connectome, n_calls = reference_connectome(0), scale.pick(2000, 10)
    engine = Engine(Population.from_connectomes([connectome]))
    drives = random_drive(1, 16, 1, 1)

    def work() -> int:
        for drive, _ in zip(cycle(drives), range(n_calls), strict=False):
            engine.decide(drive, N_TICKS)
        return n_calls

    samples = race([Contender(name=OURS, work=work)], scale.repeats)
    cpu, wall = figures(US_DECISION, samples[OURS])
    beside = []
    if scale.has_peers:
        mode = scale.pick(compiled_mode(), "numpy")
        steady = random_drive(1, 5000)
        beside.append(
            brian2(
                mode,
                connectome,
                steady,
                US_DECISION,
                n_ticks=N_TICKS,
                repeats=scale.repeats,
                ticks_per_unit=N_TICKS,
            )
        )
    row = Row(
        name="decision",
        case="",
        what=f"one decision of {N_TICKS} ticks from Python, one brain of {NETWORK}",
        unit=US_DECISION,
        cpu=cpu,
        wall=wall,
        mark=15.0,
        beside=tuple(beside),
    )
    return [row]
