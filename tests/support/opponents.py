"""Opponents and windows for tests of the program for people."""

from collections.abc import Callable, Mapping
from typing import Any

from snake_env.play.session import Command, View


class Straight:
    """An opponent that makes the same turns over and over, and remembers what it saw."""

    observation = "planes"

    def __init__(self, turns: tuple[int, ...] = (0,)) -> None:
        self.turns = turns
        self.n_games = 0
        self.seen: list[Any] = []

    def reset(self) -> None:
        self.n_games += 1

    def act(self, observation: Any, info: Mapping[str, Any]) -> int:
        assert "action_mask" in info
        self.seen.append(observation)
        return self.turns[(len(self.seen) - 1) % len(self.turns)]


class Acting(Straight):
    """An opponent that acts as a function says, after as many good moves as are asked for."""

    def __init__(self, act: Callable[[], Any], n_good_moves: int = 0) -> None:
        super().__init__()
        self._act = act
        self._n_good_moves = n_good_moves

    def act(self, observation: Any, info: Mapping[str, Any]) -> int:
        self._n_good_moves -= 1
        return self._act() if self._n_good_moves < 0 else super().act(observation, info)


def fail() -> int:
    raise RuntimeError("no idea,\nreally")


class ScriptedWindow:
    """A window whose person asks for the given commands, one list a picture, and then quits."""

    def __init__(self, pictures: list[list[Command]]) -> None:
        self.pictures = pictures
        self.shown: list[View] = []
        self.waits: list[float] = []
        self.opened: tuple[int, int, int] | None = None
        self.is_open = True

    def open(self, n_boards: int, n_rows: int, n_cols: int) -> None:
        self.opened = n_boards, n_rows, n_cols

    def show_view(self, view: View, fps: float) -> None:
        self.shown.append(view)
        self.waits.append(fps)

    def commands(self) -> list[Command]:
        return self.pictures.pop(0) if self.pictures else [Command.QUIT]

    def close(self) -> None:
        self.is_open = False
