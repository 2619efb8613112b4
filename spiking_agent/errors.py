"""The errors that callers of this package can catch.

::

    SpikingAgentError
    ├── ChampionFileError      a champion file is damaged, foreign or of an unknown version
    ├── RunDirectoryError      a run directory cannot be used: no run, or not writable
    ├── UnsupportedSpaceError  no codec for a Gymnasium space (also a TypeError)
    ├── InvalidObservationError  an observation is not one of its space (also a ValueError)
    ├── EnvironmentMismatchError  an environment does not fit a champion
    ├── ForeignCodeError       code that is not ours raised an exception while it played along
    │   └── EnvironmentFailedError  the environment's did
    ├── WorkerDiedError        a worker process ended before its tasks were done
    ├── MissedImpulsesError    a neuron lost impulses because its channel overran
    └── ChannelError           see `spiking_agent.brain.actors.channel`
        ├── Closed             no sender is left and every kept value was read
        ├── Empty              nothing to read right now
        ├── Lagged             the oldest unread values were overwritten
        └── SendError          nobody is listening

Wrong arguments raise plain `ValueError` or `TypeError`.

Five more exceptions are where they are used. `spiking_agent.Interrupted` is a `KeyboardInterrupt`,
raised when Ctrl-C has ended an evolution. The others never reach a caller: `UsageError` and
`NoDisplayError` become messages of the programs, `Stopped` ends play within an evolution, and so
does `TimeUp`, its kind for a limit.
"""


class SpikingAgentError(Exception):
    """Base of all errors of this package that are not plain argument errors."""


class ChampionFileError(SpikingAgentError):
    """A champion file is damaged, not a champion at all, or of an unknown version."""


class RunDirectoryError(SpikingAgentError):
    """A run directory cannot be written, or holds no run to resume."""


class UnsupportedSpaceError(SpikingAgentError, TypeError):
    """No encoder or decoder exists for a Gymnasium space."""


class InvalidObservationError(SpikingAgentError, ValueError):
    """An observation does not belong to the space it should come from."""


class EnvironmentMismatchError(SpikingAgentError):
    """An environment has other spaces than the ones a champion was evolved for."""


class ForeignCodeError(SpikingAgentError):
    """Code that is not of this package raised an exception while it played along.

    In the process where that happened the original is the ``__cause__``.

    Parameters
    ----------
    whose : str
        What was called.
    call : str
        The method.
    reason : str
        Type and words of the exception.
    trace : str
        Its formatted traceback, which lasts on the way from a worker process.
    """

    def __init__(self, whose: str, call: str, reason: str, trace: str) -> None:
        super().__init__(whose, call, reason, trace)  # texts only, since errors travel
        self.whose, self.call, self.reason, self.trace = whose, call, reason, trace

    def __str__(self) -> str:
        return f"{self.whose} failed in {self.call}(): {self.reason}"


class EnvironmentFailedError(ForeignCodeError):
    """An environment raised an exception while it was made, played or drawn."""


class WorkerDiedError(SpikingAgentError):
    """A worker process could not start, or ended before its tasks were done."""


class MissedImpulsesError(SpikingAgentError):
    """A neuron lost impulses because its channel was too small for the busiest instant.

    Parameters
    ----------
    neuron_id : int
        The postsynaptic neuron that lost them.
    n_missed : int
        How many impulses were overwritten before it read them.
    """

    def __init__(self, neuron_id: int, n_missed: int) -> None:
        super().__init__(neuron_id, n_missed)  # kept as they are: errors travel between processes
        self.neuron_id = neuron_id
        self.n_missed = n_missed

    def __str__(self) -> str:
        return (
            f"neuron {self.neuron_id} missed {self.n_missed} impulses: "
            "give the channels a larger capacity, or tolerate lag explicitly"
        )


class ChannelError(SpikingAgentError):
    """Base of what a broadcast channel can answer instead of a value."""


class Closed(ChannelError):  # noqa: N818  (the channel's own vocabulary)
    """No sender is left, and every kept value was read."""

    def __str__(self) -> str:
        return "channel closed"


class Empty(ChannelError):  # noqa: N818
    """Nothing to read right now."""

    def __str__(self) -> str:
        return "channel empty"


class Lagged(ChannelError):  # noqa: N818
    """The receiver was too slow: its oldest unread values were overwritten.

    Parameters
    ----------
    skipped : int
        Number of values that this receiver will never see.
    """

    def __init__(self, skipped: int) -> None:
        super().__init__(skipped)
        self.skipped = skipped

    def __str__(self) -> str:
        return f"channel lagged by {self.skipped}"


class SendError(ChannelError):
    """Nobody is listening: the value was not stored.

    Parameters
    ----------
    value : object
        The value that could not be sent.
    """

    def __init__(self, value: object) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return "channel closed"
