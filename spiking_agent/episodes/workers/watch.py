"""What watches over play: how many episodes are done, and whether the time for them is up."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

LOOK_S: Final = 1.0  # between two calls of `on_progress`
LEAST_WAIT_S: Final = 0.01


@dataclass(slots=True)
class Watch:
    """Counts episodes, and ends play at a time.

    Parameters
    ----------
    on_progress : callable
        Called about every second while episodes are played, with the number of those that are
        done and of those that are to be played, as far as is known.

    Attributes
    ----------
    n_done, n_asked : int
        These numbers, since `begin`.
    """

    on_progress: Callable[[int, int], object] = lambda n_done, n_asked: None
    n_done: int = field(init=False, default=0)
    n_asked: int = field(init=False, default=0)
    _until_s: float = field(init=False, default=math.inf)
    _needs_one: bool = field(init=False, default=False)
    _look_at_s: float = field(init=False, default=math.inf)

    def begin(self, left_s: float = math.inf, *, needs_one: bool = False) -> None:
        """Count from 0 again.

        Parameters
        ----------
        left_s : float
            Seconds after which play ends.
        needs_one : bool
            True: it goes on until the first task is done, however long that takes.
        """
        now_s = time.monotonic()
        self.n_done = self.n_asked = 0
        self._until_s, self._needs_one, self._look_at_s = now_s + left_s, needs_one, now_s + LOOK_S

    def look(self) -> bool:
        """Return whether play must end; may call `on_progress`."""
        now_s = time.monotonic()
        if now_s >= self._look_at_s:
            self._look_at_s = now_s + LOOK_S
            self.on_progress(self.n_done, self.n_asked)
        return self._is_over(now_s)

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._is_over(time.monotonic())

    def _is_over(self, now_s: float) -> bool:
        return now_s >= self._until_s and (self.n_done > 0 or not self._needs_one)

    @property
    def patience_s(self) -> float:
        """Seconds until the next look is due."""
        left_s = min(self._look_at_s, self._until_s) - time.monotonic()
        return min(LOOK_S, max(LEAST_WAIT_S, left_s))
