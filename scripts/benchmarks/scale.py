"""How much of everything a run does."""

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
        Whether the projects of others take part.
    """

    repeats: int = 5
    seconds: float = 20.0
    is_quick: bool = False
    has_peers: bool = True

    def pick(self, usual: T, tiny: T) -> T:
        """Choose by `is_quick`."""
        return tiny if self.is_quick else usual
