"""Advance a session as time passes, and obey keys; without a window."""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Final

from spiking_agent.environments.source import PLAY_ERRORS
from spiking_agent.viewer.brain.sheet_view import VIEWS
from spiking_agent.viewer.loader import Loader
from spiking_agent.viewer.scene import Status
from spiking_agent.viewer.session import Session

SLOWEST, FASTEST = 0.1, 1000.0  # moves per second
REST_S: Final = 2.0  # how long the end of an episode stays
NOTE_S: Final = 3.0  # how long a note stays
PATIENCE_S: Final = 10.0  # a champion plays on for so long before a better one replaces it
BUDGET_S: Final = 1 / 40  # longest time for the ticks of one picture; what is left is dropped


class Playback:
    """Plays the sessions of a loader at a steady pace.

    Parameters
    ----------
    loader : Loader
        Where sessions come from.
    seed : int
        Seed of the first episode; the next one has the next seed.
    speed : float
        Moves per second.
    n_episodes : int, optional
        Episodes after which it is over. Default: never.
    on_end : callable, optional
        Called with the session at the end of every episode.
    """

    def __init__(
        self,
        loader: Loader,
        *,
        seed: int,
        speed: float,
        n_episodes: int | None = None,
        on_end: Callable[[Session], None] = lambda session: None,
    ) -> None:
        self.loader = loader
        self.is_over = False
        self.wants_screenshot = False
        self._status = Status(speed=speed)
        self._seed = seed
        self._n_left = n_episodes
        self._on_end = on_end
        self._owed = 0.0  # ticks that should have passed
        self._rested_s = self._waited_s = self._noted_s = self._looked_s = 0.0
        loader.session.start(seed)

    @property
    def session(self) -> Session:
        """The session that plays now."""
        return self.loader.session

    @property
    def status(self) -> Status:
        """What the picture shows beside the session."""
        return replace(self._status, title=self.loader.title)

    def press(self, key: str) -> None:
        """Obey a key of `scene.KEYS` or `scene.GROWN_KEYS`; other keys do nothing.

        Parameters
        ----------
        key : str
            "space", "right", "down", "+", "-", "r", "n", "s", "h", "v" or "q".
        """
        status = self._status
        match key:
            case "space":
                self._status = replace(status, is_paused=not status.is_paused)
            case "right":
                self._status = replace(status, is_paused=True)
                self._advance()  # a live brain does not stop within a move: `pass_time` follows it
            case "down":
                self._status = replace(status, is_paused=True)
                if self.session.tick_s is not None:
                    self._advance()
                elif not self.session.has_ended:
                    self.session.finish_move()
                    self._look_for_end()
            case "+":
                faster = max(status.speed, min(status.speed * 1.5, FASTEST))
                self._status = replace(status, speed=faster)
            case "-":
                slower = min(status.speed, max(status.speed / 1.5, SLOWEST))
                self._status = replace(status, speed=slower)
            case "r":
                self._begin(self._seed)
            case "n":
                self._begin(self._seed + 1)
            case "s":
                self.wants_screenshot = True
            case "h":
                self._status = replace(status, shows_help=not status.shows_help)
            case "v":
                views = [*VIEWS]
                view = views[(views.index(status.view) + 1) % len(views)]
                self._status = replace(status, view=view)
            case "q":
                self.is_over = True

    def show_note(self, note: str) -> None:
        """Show a line of text for `NOTE_S`.

        Parameters
        ----------
        note : str
            The line.
        """
        self._status = replace(self._status, note=note)
        self._noted_s = 0.0

    def pass_time(self, seconds: float) -> None:
        """Advance by some time: ticks of the brain, pauses between episodes, better champions.

        Parameters
        ----------
        seconds : float
            The time in seconds, >= 0.
        """
        self._noted_s += seconds
        if self._noted_s > NOTE_S:
            self._status = replace(self._status, note="")
        if self._status.is_paused:
            if self.session.is_thinking:
                self._advance()
            return
        self._look_for_better(seconds)
        if self.session.has_ended:
            self._rested_s += seconds
            if self._rested_s >= REST_S:
                self._next()
            return
        n_ticks = self.session.organism.codec.n_ticks
        self._owed += seconds * self._status.speed * n_ticks
        if self.session.tick_s is not None:
            self._live()
            return
        begun = perf_counter()
        while self._owed >= 1 and not self.session.has_ended:
            self._owed -= 1
            self._advance()
            if perf_counter() - begun > BUDGET_S:
                self._owed = 0.0

    def _live(self) -> None:
        """Follow a brain that runs in real time; each move begins when it is due."""
        n_ticks = self.session.organism.codec.n_ticks
        self._owed = min(self._owed, float(n_ticks))  # lost time is not made up
        if self.session.is_thinking:
            self._advance()
        if not self.session.is_thinking and self._owed >= n_ticks:
            self._owed = 0.0
            self._advance()

    def _advance(self) -> None:
        if not self.session.has_ended:
            self.session.advance()
            self._look_for_end()

    def _look_for_end(self) -> None:
        if self.session.has_ended:
            self._rested_s = self._owed = 0.0
            self._on_end(self.session)

    def _next(self) -> None:
        """Begin the next episode, unless this was the last one."""
        if self._n_left is not None:
            self._n_left -= 1
            if self._n_left <= 0:
                self.is_over = True
                return
        if not (self.loader.has_newer() and self._reload(self._seed + 1)):
            self._begin(self._seed + 1)

    def _begin(self, seed: int) -> None:
        self._seed = seed
        self._owed = self._rested_s = 0.0
        self.session.start(seed)

    def _look_for_better(self, seconds: float) -> None:
        """Replace the champion by a better one, once it has played for `PATIENCE_S`."""
        self._looked_s += seconds
        if self._looked_s < 1.0:
            return
        self._waited_s = self._waited_s + self._looked_s if self.loader.has_newer() else 0.0
        self._looked_s = 0.0
        if self._waited_s >= PATIENCE_S:
            self._waited_s = 0.0
            self._reload(self._seed)

    def _reload(self, seed: int) -> bool:
        """Load the new champion of the file and note it; or note why it cannot play."""
        try:
            self.loader.reload(seed)
        except PLAY_ERRORS as error:
            self.show_note(f"the champion's file changed, but {error}")
            return False
        self._seed = seed
        self._owed = self._rested_s = 0.0
        self.show_note("now playing: a better champion")
        return True
