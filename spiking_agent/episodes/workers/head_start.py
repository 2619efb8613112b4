"""The head start of the calling process, which plays by itself before workers are needed."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

HEAD_START_S: Final = 2.0  # about twice as long as workers take to start

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class HeadStart:
    """Does jobs in the calling process until they have taken some time together.

    The job in progress at the end is finished, so it may take longer.
    Workers take about a second to start, so what ends soon does not need them, and what takes
    longer loses little: the interpreter from which they are forked starts meanwhile.

    Parameters
    ----------
    left_s : float
        Seconds of work that are left; 0 for no head start.
    """

    left_s: float

    @property
    def is_over(self) -> bool:
        """Whether other jobs are for the workers."""
        return self.left_s <= 0.0

    def results(self, do: Callable[[T], R], jobs: Iterable[T]) -> Iterator[R]:
        """Yield the results of the first jobs, of all of them if time is left.

        Parameters
        ----------
        do : callable
            Does a job.
        jobs : iterable
            The jobs.
        """
        for job in jobs:
            if self.is_over:
                return
            begun_s = time.monotonic()
            result = do(job)
            self.left_s -= time.monotonic() - begun_s
            yield result


NONE: Final = HeadStart(0.0)
