"""How much of everything a run does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of everything a run does.

    Parameters
    ----------
    repeats : int
        Samples of each figure, >= 1.
    seconds : float
        Length of each evolution.
    is_quick : bool
        Whether to do as little as possible: the figures mean nothing then.
    has_peers : bool
        Whether other projects take part.
    cases : sequence of str, optional
        The requested rows; None for all.
    n_seeds : int, optional
        From how many seeds to evolve at most, >= 1; None for as many as a task has.
    """

    repeats: int = 5
    seconds: float = 20.0
    is_quick: bool = False
    has_peers: bool = True
    cases: Sequence[str] | None = None
    n_seeds: int | None = None

    def pick(self, usual: T, tiny: T) -> T:
        """Return `tiny` if `is_quick`, else `usual`."""
        return tiny if self.is_quick else usual

    def wants(self, case: str) -> bool:
        """Return whether the row of a case is requested."""
        return self.cases is None or case in self.cases
