"""Show games as a render mode says: in a window, as a picture or as text."""

from typing import TYPE_CHECKING, Any, Final

from snake_env.board import Snapshot, as_text

if TYPE_CHECKING:
    from snake_env.renderer import Window

STILL_MODES: Final = ("rgb_array", "ansi")
RENDER_MODES: Final = ("human", *STILL_MODES)


def still(game: Snapshot, mode: str, hunger_limit: int) -> Any:
    """Return a game as a render mode of `STILL_MODES` shows it.

    Parameters
    ----------
    game : Snapshot
        What is shown.
    mode : {"rgb_array", "ansi"}
        How.
    hunger_limit : int
        Moves without food until truncation, which the picture's bar shows.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3), or str
    """
    if mode == "ansi":
        return as_text(game)
    from snake_env.renderer import picture  # pygame is needed only here

    return picture(game, hunger_limit)


class Display:
    """Shows one game after the other, in one window if the mode is ``"human"``.

    Parameters
    ----------
    mode : {"human", "rgb_array", "ansi"}, optional
        How games are shown; None shows nothing.
    hunger_limit : int
        See `still`.
    fps : float
        Frames per second of the window at most.
    """

    def __init__(self, mode: str | None, hunger_limit: int, fps: float) -> None:
        self._mode = mode
        self._hunger_limit = hunger_limit
        self._fps = fps
        self._window: Window | None = None

    @property
    def was_closed(self) -> bool:
        """Whether a person has closed the window."""
        return self._window is not None and not self._window.is_open

    def show(self, game: Snapshot) -> Any:
        """Show a game, in a new window if there is none or it was closed.

        Parameters
        ----------
        game : Snapshot
            The game.

        Returns
        -------
        ndarray, str or None
            See `still`; None with ``"human"`` and without a mode.
        """
        if self._mode is None:
            return None
        if self._mode != "human":
            return still(game, self._mode, self._hunger_limit)
        if self._window is None or self.was_closed:
            from snake_env.renderer import Window

            self._window = Window(f"Snake {game.n_rows} x {game.n_cols}")
        self._window.show(game, self._hunger_limit, self._fps)
        return None

    def close(self) -> None:
        """Close the window, if there is one. May be called again."""
        if self._window is not None:
            self._window.close()
            self._window = None
