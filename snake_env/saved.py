"""A game as a plain dictionary and back, checked so that no state can break the rules."""

from typing import Any, Final

import numpy as np

from snake_env.arguments import choice, shown, whole
from snake_env.board import (
    FOOD_CELL,
    FREE,
    HEADING,
    HUNGER,
    MOVES,
    OUTCOME,
    OUTCOME_NAMES,
    RIGHT,
    SCORE,
    WHERE,
    Boards,
    body_cells,
    position,
)
from snake_env.game import COL_STEPS, ROW_STEPS
from snake_env.settings import HEADINGS, Settings

LARGEST_MOVES: Final = 2**30  # far below the end of int32, so that a loaded game may go on

KEYS: Final = (
    "n_rows",
    "n_cols",
    "grow",
    "body",
    "food",
    "free",
    "heading",
    "score",
    "hunger",
    "moves",
    "outcome",
    "rng",
)


def save_game(settings: Settings, boards: Boards, lane: int) -> dict[str, Any]:
    """Return all that decides how a game goes on.

    Parameters
    ----------
    settings : Settings
        Settings of the boards.
    boards : Boards
        The boards.
    lane : int
        Which of them.

    Returns
    -------
    dict
        ``n_rows``, ``n_cols``, ``grow``; ``body``: int64 (length,), cells with the head first;
        ``food``: a cell, or None; ``free``: int64 (n_cells - length,), the cells without body in
        the order from which food is drawn; ``heading``, ``score``, ``hunger``, ``moves``: int;
        ``outcome``: str or None; ``rng``: int, the state of the game's generator. A cell is
        ``row * n_cols + col``. Shares nothing with the boards.
    """
    counters = boards.counters[lane].tolist()
    body = body_cells(boards, lane).astype(np.int64)
    free = boards.cells[lane, FREE, : settings.n_cells - len(body)].astype(np.int64)
    food = counters[FOOD_CELL]
    return {
        "n_rows": settings.n_rows,
        "n_cols": settings.n_cols,
        "grow": settings.grow,
        "body": body,
        "food": food if food >= 0 else None,
        "free": free,
        "heading": counters[HEADING],
        "score": counters[SCORE],
        "hunger": counters[HUNGER],
        "moves": counters[MOVES],
        "outcome": OUTCOME_NAMES[counters[OUTCOME]],
        "rng": int(boards.rng[lane]),
    }


def load_game(settings: Settings, state: Any) -> Boards:
    """Return the game that `save_game` saved.

    Parameters
    ----------
    settings : Settings
        Settings of the game that goes on.
    state : dict
        What `save_game` returned.

    Returns
    -------
    Boards
        One board, to be copied where it belongs.

    Raises
    ------
    ValueError
        If the state is of another board or not a possible game; the message says why.

    Notes
    -----
    Checked is what every move preserves:

    - *Cells*: the body is a path, body and free cells make up the board, and the food lies on a
      free cell; only a full board has none.
    - *Outcome*: ``"win"`` and nothing else on a full board; ``"wall"`` and ``"body"`` only where
      the head has one beside it, the latter neither the neck nor the tail.
    - *Heading*: into what killed the snake, after a death. Otherwise from the second cell to the
      head; of a snake of one cell, right before its first move and then from a cell of the board.
    - *Hunger*: below `hunger_limit` while the game goes on, equal to it after ``"hunger"``, from 1
      to it after a death, 0 after a win. So a game saved under a larger limit may be refused.
    - *Moves*: `hunger` as long as nothing was eaten, more if something was; at most 2**30.
    - *Score*: at most one food per move, and with ``grow=True`` all but two of the snake's cells.

    Not checked: whether the moves were enough to come to just this body, this score and this order
    of the free cells.
    """
    if not isinstance(state, dict) or not set(KEYS) <= state.keys():
        raise ValueError(
            f"state must be a dict with the keys {', '.join(KEYS)}, got {shown(state)}"
        )
    for name in ("n_rows", "n_cols", "grow"):
        value, own = state[name], getattr(settings, name)
        if not isinstance(value, int | np.integer | np.bool_) or value != own:
            raise ValueError(f"{name} of state must be {own}, as in this env, got {value!r}")
    body, free = _checked_board(settings, state["body"], state["free"])
    food = state["food"]
    if food is not None:
        food = whole("food of state", food, 0, settings.n_cells - 1)
    if food not in free if free else food is not None:
        where = "one of the free cells" if free else "None on a full board"
        raise ValueError(f"food of state must be {where}, got {food!r}")
    outcome = _checked_outcome(state["outcome"], is_full=not free)
    hunger, moves, score = _checked_figures(settings, state, len(body), outcome)
    heading = whole("heading of state", state["heading"], 0, 3)
    headings = _possible_headings(settings, body, moves, outcome)
    if not headings:
        raise ValueError(f"outcome of state must be possible with its body, got {outcome!r}")
    choice("heading of state", heading, headings)

    board = position(settings.n_cells, settings.n_cols, body, heading, food)
    board.cells[0, FREE, : len(free)] = free
    board.cells[0, WHERE, free] = np.arange(len(free))
    board.counters[0, [SCORE, HUNGER, MOVES]] = score, hunger, moves
    board.counters[0, OUTCOME] = 0 if outcome is None else OUTCOME_NAMES.index(outcome)
    board.rng[0] = whole("rng of state", state["rng"], 1, 2**64 - 1)
    return board


def load_env(settings: Settings, state: Any) -> tuple[Boards | None, np.random.Generator | None]:
    """Return what `SnakeEnv.get_state` saved.

    Parameters
    ----------
    settings : Settings
        Settings of the env that goes on.
    state : dict
        What `SnakeEnv.get_state` returned.

    Returns
    -------
    board : Boards or None
        The game; None of an env without a reset.
    generator : numpy.random.Generator or None
        The env's `np_random`; None if it was never used.

    Raises
    ------
    ValueError
        If it is no state that fits the rules, as `load_game` explains.
    """
    if not isinstance(state, dict) or not {"game", "np_random"} <= state.keys():
        raise ValueError(f"state must be a dict with the keys game, np_random, got {shown(state)}")
    board = None if state["game"] is None else load_game(settings, state["game"])
    return board, _load_generator(state["np_random"])


def _load_generator(state: Any) -> np.random.Generator | None:
    """Return the generator whose bit generator was in this state, or None for None.

    Raises
    ------
    ValueError
        If it is no state of a PCG64, which is what Gymnasium seeds.
    """
    if state is None:
        return None
    generator = np.random.default_rng(0)
    try:
        generator.bit_generator.state = state
        is_restored = bool(generator.bit_generator.state == state)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        is_restored = False
    if not is_restored:
        raise ValueError(
            f"np_random of state must be the state of a PCG64 or None, got {shown(state)}"
        )
    return generator


def _checked_board(settings: Settings, body: Any, free: Any) -> tuple[list[int], list[int]]:
    snake = _checked_cells("body", body, settings.n_cells)
    others = _checked_cells("free", free, settings.n_cells)
    if len(snake) < 2 if settings.grow else len(snake) != 1:
        raise ValueError(f"body of state must be a snake of these rules, got {len(snake)} cells")
    counts = np.bincount([*snake, *others], minlength=settings.n_cells).tolist()
    for cell, count in enumerate(counts):
        if count != 1:
            rule = "body and free of state must hold each cell of the board once"
            raise ValueError(f"{rule}, got {count} times the cell {cell}")
    for i in range(len(snake) - 1):
        if _step(settings, snake[i + 1], snake[i]) not in HEADINGS:
            rule = "body of state must go from each cell to one beside it"
            raise ValueError(f"{rule}, got {snake[i]} followed by {snake[i + 1]}")
    return snake, others


def _checked_cells(name: str, cells: Any, n_cells: int) -> list[int]:
    try:
        array = np.asarray(cells)
    except ValueError:  # lists of different lengths
        array = np.zeros(())
    if array.ndim != 1 or not (np.issubdtype(array.dtype, np.integer) or array.size == 0):
        raise ValueError(f"{name} of state must be a row of cells, got {shown(cells)}")
    if array.size and not (array.min() >= 0 and array.max() < n_cells):
        raise ValueError(
            f"{name} of state must hold cells from 0 to {n_cells - 1}, got {shown(cells)}"
        )
    return [int(cell) for cell in array]


def _checked_outcome(outcome: Any, *, is_full: bool) -> str | None:
    if outcome is not None and not (isinstance(outcome, str) and outcome in OUTCOME_NAMES):
        listed = ", ".join(repr(name) for name in OUTCOME_NAMES[1:])
        raise ValueError(f"outcome of state must be one of {listed}, got {outcome!r}")
    if is_full != (outcome == "win"):
        rule = "'win' on a full board and on no other"
        raise ValueError(f"outcome of state must be {rule}, got {outcome!r}")
    return None if outcome is None else str(outcome)


def _checked_figures(
    settings: Settings, state: dict[str, Any], length: int, outcome: str | None
) -> tuple[int, int, int]:
    """Return hunger, moves and score, each checked within the bounds that the others leave it."""
    limit = settings.hunger_limit
    bounds = {None: (0, limit - 1), "hunger": (limit, limit), "win": (0, 0)}
    name = f"hunger of state with the outcome {outcome!r}"
    hunger = whole(name, state["hunger"], *bounds.get(outcome, (1, limit)))
    most_food = (
        length - 2 if settings.grow else LARGEST_MOVES
    )  # no snake that grows starts below two
    fewest = 1 if outcome == "win" else hunger
    most = LARGEST_MOVES if most_food else hunger
    moves = whole("moves of state", state["moves"], fewest, most)
    moves_to_food = moves - hunger
    name = f"score of state after {moves} moves, hunger {hunger} and length {length}"
    score = whole(name, state["score"], min(moves_to_food, 1), min(moves_to_food, most_food))
    return hunger, moves, score


def _possible_headings(
    settings: Settings, body: list[int], moves: int, outcome: str | None
) -> list[int]:
    """Return the headings that a snake can have, see `load_game`."""
    if outcome == "wall":
        return [way for way in range(4) if _beside(settings, body[0], way) is None]
    if outcome == "body":
        return [way for way in range(4) if _beside(settings, body[0], way) in body[2:-1]]
    if len(body) > 1:
        return [HEADINGS[_step(settings, body[1], body[0])]]
    if moves == 0:
        return [RIGHT]
    return [way for way in range(4) if _beside(settings, body[0], way ^ 2) is not None]


def _step(settings: Settings, cell: int, next_cell: int) -> tuple[int, int]:
    (row, col), (next_row, next_col) = (
        divmod(cell, settings.n_cols),
        divmod(next_cell, settings.n_cols),
    )
    return next_row - row, next_col - col


def _beside(settings: Settings, cell: int, way: int) -> int | None:
    """Return the cell to which a way leads, or None for the wall."""
    row, col = cell // settings.n_cols + ROW_STEPS[way], cell % settings.n_cols + COL_STEPS[way]
    is_on_board = 0 <= row < settings.n_rows and 0 <= col < settings.n_cols
    return int(row * settings.n_cols + col) if is_on_board else None
