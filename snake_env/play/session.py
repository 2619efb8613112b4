"""A person's games, one after the other: commands in, views out, without a window."""

import math
from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple, Protocol

from snake_env.board import Snapshot
from snake_env.play.match import Game, Match, winner

PICTURES_PER_SECOND: Final = 20.0  # at least, so that the window reacts to keys at once
FAST: Final = 60.0  # moves per second of an opponent that is watched fast
MAX_TURNS: Final = 3  # asked for ahead of their moves


class Command(Enum):
    """What a person can ask for; the value of a turn is its action."""

    UP = 0
    RIGHT = 1
    DOWN = 2
    LEFT = 3
    NEXT = "next"
    PAUSE = "pause"
    FAST = "fast"
    QUIT = "quit"


TURNS: Final = (Command.UP, Command.RIGHT, Command.DOWN, Command.LEFT)


class Phase(Enum):
    """The phases of a person's game."""

    READY = "ready"  # the person has to begin
    PLAYING = "playing"
    PAUSED = "paused"
    WATCHING = "watching"  # the person's game is over, the opponent's is not
    OVER = "over"


HINTS: Final = {
    Phase.READY: "arrows or WASD: turn    P: pause    Q: quit",
    Phase.PLAYING: "arrows or WASD: turn    P: pause    space: new game    Q: quit",
    Phase.PAUSED: "P: continue    space: new game    Q: quit",
    Phase.WATCHING: "F: fast    space: next game    P: pause    Q: quit",
    Phase.OVER: "space: next game    Q: quit",
}


class View(NamedTuple):
    """Everything that a picture shows."""

    names: tuple[str, ...]  # of the boards
    games: tuple[Snapshot, ...]
    hunger_limit: int
    phase: Phase
    status: str  # a line on the state of the match
    hint: str  # a line on keys


class PlayWindow(Protocol):
    """What a session needs of a window."""

    @property
    def is_open(self) -> bool:
        """Whether it has not been closed."""
        ...

    def show_view(self, view: View, fps: float) -> None:
        """Draw, and wait for the next frame.

        Parameters
        ----------
        view : View
            What to draw.
        fps : float
            Frames per second.
        """
        ...

    def commands(self) -> Sequence[Command]:
        """Return what the person has asked for since the last call, oldest first."""
        ...

    def close(self) -> None:
        """Close the window. May be called again."""
        ...


class PlaySession:
    """A person's games in a window, one after the other.

    A turn that comes before the last one has had its move is kept for the next move, so two quick
    turns are two turns.

    Parameters
    ----------
    match : Match
        The boards.
    window : PlayWindow
        Shows them and returns commands.
    fps : float
        Moves per second.
    """

    def __init__(self, match: Match, window: PlayWindow, fps: float) -> None:
        self.games: list[Game] = []  # all in which the person made a move
        self._match = match
        self._window = window
        self._fps = fps
        self._turns: list[int] = []
        self._has_begun = self._is_paused = self._is_fast = False
        self._wants_next = self._wants_to_quit = False

    @property
    def phase(self) -> Phase:
        """The phase of the present game."""
        if not self._has_begun:
            return Phase.READY
        if self._match.is_over:
            return Phase.OVER
        if self._is_paused:
            return Phase.PAUSED
        return Phase.WATCHING if self._match.person.is_over else Phase.PLAYING

    @property
    def _has_moved(self) -> bool:
        return self._match.person.result.n_moves > 0

    def play(self, seed: int) -> None:
        """Play game after game until the person wants to quit.

        If the person does not wait for the opponent, it finishes its game out of sight, so that the
        game counts; after the window has closed if the person quits. A game in which the person
        made no move does not count.

        Parameters
        ----------
        seed : int
            Seed of the first game; each next game has the next seed.
        """
        while not self._wants_to_quit:
            self._play_one(seed)
            seed += 1

    def _play_one(self, seed: int) -> None:
        self._turns.clear()
        self._has_begun = self._is_paused = self._is_fast = self._wants_next = False
        self._match.start(seed)
        try:
            while not self._wants_next and not self._wants_to_quit:
                self._beat()
            if self._wants_to_quit:
                self._window.close()
            if self._has_moved:
                self._match.finish()
        finally:  # also after Ctrl-C
            if self._has_moved:
                self.games.append(self._match.game)

    def _beat(self) -> None:
        """Show pictures for the time of a move, then make it unless the phase has changed."""
        phase = self.phase
        moves_per_second = {
            Phase.PLAYING: self._fps,
            Phase.WATCHING: max(self._fps, FAST) if self._is_fast else self._fps,
        }.get(phase, PICTURES_PER_SECOND)
        n_pictures = math.ceil(PICTURES_PER_SECOND / moves_per_second)
        for _ in range(n_pictures):
            self._window.show_view(self.view(), moves_per_second * n_pictures)
            self._listen()
            if self.phase is not phase or self._wants_next or self._wants_to_quit:
                return
        if phase in (Phase.PLAYING, Phase.WATCHING):
            self._match.move(self._turns.pop(0) if self._turns else None)

    def _listen(self) -> None:
        for command in self._window.commands():
            self._obey(command)
        self._wants_to_quit = self._wants_to_quit or not self._window.is_open

    def _obey(self, command: Command) -> None:
        if command is Command.QUIT:
            self._wants_to_quit = True
        elif command is Command.NEXT:
            is_pressed_twice = self.phase is Phase.PLAYING and not self._has_moved
            self._wants_next = self._has_begun and not is_pressed_twice
            self._has_begun = True
        elif command is Command.PAUSE:
            self._is_paused = self._has_begun and not self._is_paused
        elif command is Command.FAST:
            self._is_fast = not self._is_fast and self.phase is Phase.WATCHING
        elif self.phase in (Phase.READY, Phase.PLAYING):
            self._has_begun = True
            self._turns = [*self._turns, TURNS.index(command)][:MAX_TURNS]

    def view(self) -> View:
        """Return what the person is to see now."""
        sides = self._match.sides
        phase = self.phase
        hint = HINTS[phase]
        if phase is Phase.WATCHING and self._is_fast:
            hint = hint.replace("F: fast", "F: slow")
        return View(
            names=tuple(side.name for side in sides),
            games=tuple(side.game for side in sides),
            hunger_limit=self._match.person.env.settings.hunger_limit,
            phase=phase,
            status=self._status(phase),
            hint=hint,
        )

    def _status(self, phase: Phase) -> str:
        match, opponent = self._match, self._match.opponent
        if phase is Phase.READY:
            return "Press an arrow key or space to begin"
        if phase is Phase.PAUSED:
            return "Paused"
        if phase is Phase.WATCHING and opponent is not None:
            return f"Your game is over, {opponent.name} plays on"
        if phase is Phase.OVER and opponent is None:
            return f"Game over: score {match.person.result.score}"
        if phase is Phase.OVER:
            results = match.game.results
            best = winner(results)
            if best is None:
                return f"A tie at {results[0].score}"
            figures = f"{results[best].score} to {results[1 - best].score}"
            if results[0].score == results[1].score:
                figures = f"in {results[best].n_moves} moves to {results[1 - best].n_moves}"
            return f"{'You win' if best == 0 else f'{match.sides[1].name} wins'}, {figures}"
        return f"Game {len(self.games) + 1}, seed {match.seed}"
