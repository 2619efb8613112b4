"""Brains of sheets: the window that is heard, against all neurons and synapses."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases.naive_sheets import NaiveSheets
from benchmarks.harness.results import MOVES, Beside, Row, figures
from benchmarks.harness.scale import Scale
from benchmarks.harness.timing import Contender, race
from spiking_agent.organism.evaluation import evaluate
from spiking_agent.organism.organism import Organism
from spiking_agent.organism.shipped import champion

OURS = "ours"


def sheets(scale: Scale) -> list[Row]:
    """Time games of the champion that sees the raw board, on three engines."""
    grown = champion("grown")
    ordinary = replace(grown, brain=grown.connectome)
    seen, choices = _game(grown, scale.pick(100, 3))
    contenders = [
        _games(OURS, grown, scale.pick(1024, 2)),
        _games("the ordinary engine", ordinary, scale.pick(2, 1)),
        _naive(grown, seen, choices),
    ]
    samples = race(contenders, scale.repeats)
    cpu, wall = figures(MOVES, samples[OURS])
    synapses = grown.connectome.n_synapses
    return [
        Row(
            name="sheets",
            case="champion",
            what=f"whole games of the grown champion, {grown.connectome.n_neurons:,} neurons and "
            f"{synapses:,} synapses, on one core; beside it the engine that runs them all, and a "
            "loop over all synapses of the neurons that fire",
            unit=MOVES,
            cpu=cpu,
            wall=wall,
            mark=3e6,
            beside=tuple(Beside.of(one.name, MOVES, samples[one.name]) for one in contenders[1:]),
        )
    ]


def _games(name: str, organism: Organism, n_games: int) -> Contender:
    def work() -> int:
        result = evaluate(organism, episodes=n_games, workers=1)
        return round(result.mean_moves * n_games)

    return Contender(name=name, work=work)


def _game(organism: Organism, n_moves: int) -> tuple[NDArray[np.uint8], list[int]]:
    """Return what drives the inputs in the first moves of a game, and what was chosen."""
    driven, choices = [], []
    with organism.make_env() as env:
        observation, info = env.reset(seed=0)
        organism.reset()
        for _ in range(n_moves):
            driven.append(
                organism.codec.encoder.encode(observation[None], organism.codec.n_ticks)[0, 0]
            )
            choices.append(int(organism.act(observation, info)))
            observation, _, _, _, info = env.step(choices[-1])
    return np.array(driven, np.uint8), choices


def _naive(organism: Organism, driven: NDArray[np.uint8], choices: list[int]) -> Contender:
    """Return the contender of the naive loop, after checking that it decides the same."""
    connectome, n_ticks = organism.connectome, organism.codec.n_ticks
    loop, heading = NaiveSheets(connectome), 1
    for signal, choice in zip(driven, choices, strict=True):
        counts = loop.decide(signal, n_ticks)
        counts[heading ^ 2] = -1
        if counts[choice] < counts.max():
            raise RuntimeError(f"choice of the naive loop must be {choice}, got counts {counts}")
        heading = choice

    def work() -> int:
        again = NaiveSheets(connectome)
        for signal in driven:
            again.decide(signal, n_ticks)
        return len(driven)

    return Contender(name="numba, naive loop", work=work)
