"""Other projects as peers: whether they are installed, and how they take part."""

import importlib.util
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from benchmarks.harness.results import NOT_INSTALLED, Beside, Unit
from benchmarks.harness.scale import Scale
from benchmarks.harness.timing import Contender, Sample


@dataclass(frozen=True, slots=True)
class Peer:
    """Another project.

    Parameters
    ----------
    name : str
        Its name in the table.
    distribution, module : str
        The names under which it is installed and imported.
    join : callable
        Takes the name and returns the contender; called only if the module is installed.
    """

    name: str
    distribution: str
    module: str
    join: Callable[[str], Contender]

    @property
    def is_installed(self) -> bool:
        """Whether the module could be imported."""
        return importlib.util.find_spec(self.module) is not None

    @property
    def title(self) -> str:
        """The name with the installed version."""
        try:
            return f"{self.name} {version(self.distribution)}" if self.is_installed else self.name
        except PackageNotFoundError:
            return self.name


def joining(peers: Sequence[Peer], scale: Scale) -> list[Contender]:
    """Return the contenders of the installed peers; none if peers are left out."""
    if not scale.has_peers:
        return []
    contenders = []
    for peer in peers:
        if peer.is_installed:
            with silence():
                contenders.append(peer.join(peer.title))
    return contenders


def results(
    peers: Sequence[Peer], unit: Unit, samples: dict[str, list[Sample]], scale: Scale
) -> list[Beside]:
    """Return the figures of the peers, including those that are not installed."""
    if not scale.has_peers:
        return []
    return [
        Beside.of(peer.title, unit, samples[peer.title])
        if peer.is_installed
        else Beside(name=peer.name, status=NOT_INSTALLED)
        for peer in peers
    ]


@contextmanager
def silence() -> Iterator[None]:
    """Suppress a peer's warnings, which would also be errors in tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this thread, and those that it starts, on one core, if the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
