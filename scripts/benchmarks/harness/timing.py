"""Timing: contenders take turns, so that a slow moment of the machine affects all of them.

The garbage collector works as in normal use.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Times of some units of work: CPU seconds of all threads of this process, and wall seconds."""

    cpu_s: float | None
    wall_s: float
    n_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One of several that are timed at the same kind of work.

    Parameters
    ----------
    name : str
        Its name in the table.
    work : callable
        Does some work, which is timed, and returns the number of units done.
    prepare : callable
        Called before each round; not timed.
    n_rounds : int
        Rounds of one sample.
    n_repeats : int, optional
        Number of samples, if it is too slow for as many as the others.
    """

    name: str
    work: Callable[[], int]
    prepare: Callable[[], None] = _nothing
    n_rounds: int = 1
    n_repeats: int | None = None


@dataclass(slots=True)
class _Watch:
    """Adds up the rounds of one sample."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    n_units: int = 0

    def round(self, contender: Contender) -> None:
        contender.prepare()
        wall_from, cpu_from = time.perf_counter(), time.process_time()
        self.n_units += contender.work()
        self.cpu_s += time.process_time() - cpu_from
        self.wall_s += time.perf_counter() - wall_from


def race(contenders: Iterable[Contender], repeats: int) -> dict[str, list[Sample]]:
    """Time contenders in turn.

    Parameters
    ----------
    contenders : iterable of Contender
        Each first does its work once without timing, so that everything is compiled.
    repeats : int
        Samples of each, >= 1.

    Returns
    -------
    dict
        The samples of each contender, by name.
    """
    runners = list(contenders)
    for contender in runners:
        contender.prepare()
        contender.work()
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in runners}
    for repeat in range(repeats):
        running = [c for c in runners if repeat < (c.n_repeats or repeats)]
        watches = [_Watch() for _ in running]
        for turn in range(max(contender.n_rounds for contender in running)):
            for contender, watch in zip(running, watches, strict=True):
                if turn < contender.n_rounds:
                    watch.round(contender)
        for contender, watch in zip(running, watches, strict=True):
            one = Sample(watch.cpu_s, watch.wall_s, watch.n_units)
            samples[contender.name].append(one)
    return samples
