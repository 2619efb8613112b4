"""The options of a game and its start position, checked in one place."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from snake_env.arguments import flag, is_list, number, shown, whole
from snake_env.board import DOWN, LEFT, RIGHT, UP, Boards, position

SMALLEST_SIDE: Final = 4
LARGEST_SIDE: Final = 255
LARGEST_HUNGER_LIMIT: Final = 2**31 - 1

# The heading for each difference of two neighbouring cells, (rows, cols).
HEADINGS: Final = {(-1, 0): UP, (0, 1): RIGHT, (1, 0): DOWN, (0, -1): LEFT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of a game.

    Parameters
    ----------
    n_rows, n_cols : int, default 10
        Size of the board, 4 to 255 each.
    grow : bool, default True
        Whether the snake starts with three cells and grows by one with each food. If not, it is a
        single cell forever, may turn back, and cannot win.
    hunger_limit : int, optional
        Moves without food after which the game is truncated, 1 to 2**31 - 1; by default twice the
        number of cells.
    step_reward, food_reward, win_reward, death_reward : float
        Finite. A move pays ``step_reward``, plus one of the others if that happens (both food and
        win when the last free cell is filled).

    Raises
    ------
    ValueError
        If an option is out of its range.
    """

    n_rows: int = 10
    n_cols: int = 10
    grow: bool = True
    hunger_limit: int = None  # type: ignore[assignment]  # filled in after the other options
    step_reward: float = 0.0
    food_reward: float = 1.0
    win_reward: float = 0.0
    death_reward: float = -1.0

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("n_rows", "n_cols"):
            side = whole(name, getattr(self, name), SMALLEST_SIDE, LARGEST_SIDE)
            put(self, name, side)
        put(self, "grow", flag("grow", self.grow))
        limit: Any = self.hunger_limit
        limit = 2 * self.n_cells if limit is None else limit
        put(self, "hunger_limit", whole("hunger_limit", limit, 1, LARGEST_HUNGER_LIMIT))
        for name in ("step_reward", "food_reward", "win_reward", "death_reward"):
            put(self, name, number(name, getattr(self, name)))

    @property
    def n_cells(self) -> int:
        """Cells of the board."""
        return self.n_rows * self.n_cols

    @property
    def reward_of(self) -> NDArray[np.float64]:
        """Reward of each outcome of a move, in the order `board.MOVED` to `board.WON`."""
        moved = self.step_reward
        ate, died = moved + self.food_reward, moved + self.death_reward
        return np.array([moved, ate, died, died, moved, ate + self.win_reward])

    def start(self) -> Boards:
        """Return the usual start: the head in the middle, heading right, the body to its left."""
        head = self.n_rows // 2 * self.n_cols + self.n_cols // 2
        body = [head, head - 1, head - 2] if self.grow else [head]
        return position(self.n_cells, self.n_cols, body, RIGHT)

    def start_from(self, options: Any) -> Boards:
        """Return the start that the options of a reset ask for.

        Parameters
        ----------
        options : dict, optional
            ``"body"``: the snake's cells as (row, col), head first; ``"food"``: (row, col). What is
            left out is as usual: the middle of the board, food drawn.

        Returns
        -------
        Boards
            One board; its food may have to be drawn at the start of the game.

        Raises
        ------
        ValueError
            If a key is unknown or the position is not legal; the message says why.
        """
        if options is None:
            return self.start()
        if not isinstance(options, dict) or not options.keys() <= {"body", "food"}:
            raise ValueError(
                f"options must be a dict of body and food at most, got {shown(options)}"
            )
        usual = self.start()
        if options.get("body") is None:
            length = 3 if self.grow else 1
            body, heading = usual.cells[0, 0, :length][::-1].tolist(), RIGHT
        else:
            body, heading = self._checked_body(options["body"])
        food = None if options.get("food") is None else self.checked_cell("food", options["food"])
        if food in body:
            raise ValueError(f"food must be on a free cell, got {options['food']!r} on the body")
        return position(self.n_cells, self.n_cols, body, heading, food)

    def checked_cell(self, name: str, cell: Any) -> int:
        """Return the number of the cell (row, col).

        Parameters
        ----------
        name : str
            What messages call the cell.
        cell : sequence of int, shape (2,)
            Row and column, counted from 0 at the top left.

        Raises
        ------
        ValueError
            If it is not a pair of integers, or off the board.
        """
        if not is_list(cell) or len(cell) != 2:
            raise ValueError(f"{name} must be a pair (row, col), got {shown(cell)}")
        row = whole(f"the row of {name}", cell[0], 0, self.n_rows - 1)
        col = whole(f"the column of {name}", cell[1], 0, self.n_cols - 1)
        return row * self.n_cols + col

    def _checked_body(self, body: Any) -> tuple[list[int], int]:
        if not is_list(body):
            raise ValueError(f"body must be a list of cells (row, col), got {shown(body)}")
        snake = [self.checked_cell(f"body[{i}]", cell) for i, cell in enumerate(body)]
        if not self.grow and len(snake) != 1:
            raise ValueError(f"body must be one cell with grow=False, got {len(snake)} cells")
        if self.grow and not 2 <= len(snake) < self.n_cells:
            rule = f"body must have from 2 to {self.n_cells - 1} cells"
            raise ValueError(f"{rule} (a full board is already won), got {len(snake)} cells")
        if len(set(snake)) != len(snake):
            raise ValueError(f"body must have no cell twice, got {shown(body)}")
        steps = [self._step(snake[i + 1], snake[i]) for i in range(len(snake) - 1)]
        for i, step in enumerate(steps):
            if step not in HEADINGS:
                rule = "body must go from each cell to one beside it"
                raise ValueError(f"{rule}, got {body[i]!r} followed by {body[i + 1]!r}")
        return snake, HEADINGS[steps[0]] if steps else RIGHT

    def _step(self, cell: int, next_cell: int) -> tuple[int, int]:
        rows = next_cell // self.n_cols - cell // self.n_cols
        return rows, next_cell % self.n_cols - cell % self.n_cols
