"""One game as a plain dictionary, and back again, checked so that no state can break the rules."""

from typing import Any, Final

import numpy as np

from snake_env.board import (
    FOOD_CELL,
    FREE,
    HEADING,
    HUNGER,
    LENGTH,
    MOVES,
    OUTCOME,
    OUTCOME_NAMES,
    SCORE,
    WHERE,
    Boards,
    body_cells,
    position,
)
from snake_env.rules import HEADINGS, Rules, checked_choice, checked_int

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


def save_game(rules: Rules, boards: Boards, lane: int) -> dict[str, Any]:
    """Describe all that decides how a game goes on.

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
    free = boards.cells[lane, FREE, : rules.n_cells - len(body)].astype(np.int64)
    food = counters[FOOD_CELL]
    return {
        "n_rows": rules.n_rows,
        "n_cols": rules.n_cols,
        "grow": rules.grow,
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


def load_game(rules: Rules, state: Any) -> Boards:
    """Read what `save_game` wrote.

    Returns
    -------
    Boards
        One board, to be copied where it belongs.

    Raises
    ------
    ValueError
        If the state is of another board or no possible game; the message says why.
    """
    if not isinstance(state, dict) or not set(KEYS) <= state.keys():
        raise ValueError(f"state must be a dict with the keys {', '.join(KEYS)}, got {state!r}")
    for name in ("n_rows", "n_cols", "grow"):
        if state[name] != getattr(rules, name):
            raise ValueError(
                f"{name} of state must be {getattr(rules, name)}, as in this env, "
                f"got {state[name]!r}"
            )
    n_cells = rules.n_cells
    body = _checked_cells("body", state["body"], n_cells)
    free = _checked_cells("free", state["free"], n_cells)
    if len(body) < 1 or (len(body) < 2 if rules.grow else len(body) != 1):
        raise ValueError(f"body of state must be a snake of these rules, got {len(body)} cells")
    if sorted([*body, *free]) != list(range(n_cells)):
        raise ValueError("body and free of state must hold each cell of the board once")
    here, there = np.divmod(body[:-1], rules.n_cols), np.divmod(body[1:], rules.n_cols)
    steps = np.subtract(here, there).T.tolist()
    if not all(tuple(step) in HEADINGS for step in steps):
        raise ValueError("body of state must go from each cell to one beside it")
    outcome = checked_choice("outcome of state", state["outcome"], OUTCOME_NAMES)
    food = state["food"]
    if (food is None) != (not free) or (food is not None and food not in free):
        raise ValueError(f"food of state must be one of the free cells, got {food!r}")

    heading = checked_int("heading of state", state["heading"], 0, 3)
    board = position(n_cells, rules.n_cols, body, heading, food)
    board.cells[0, FREE, : len(free)] = free
    board.cells[0, WHERE, free] = np.arange(len(free))
    counters = board.counters[0]
    counters[LENGTH] = len(body)
    for column, name in ((SCORE, "score"), (HUNGER, "hunger"), (MOVES, "moves")):
        counters[column] = checked_int(f"{name} of state", state[name], 0, 2**31 - 1)
    counters[OUTCOME] = 0 if outcome is None else OUTCOME_NAMES.index(outcome)
    board.rng[0] = checked_int("rng of state", state["rng"], 1, 2**64 - 1)
    return board


def _checked_cells(name: str, cells: Any, n_cells: int) -> list[int]:
    array = np.asarray(cells)
    if array.ndim != 1 or not (np.issubdtype(array.dtype, np.integer) or array.size == 0):
        raise ValueError(f"{name} of state must be a row of cells, got {cells!r}")
    if array.size and not (array.min() >= 0 and array.max() < n_cells):
        raise ValueError(f"{name} of state must hold cells from 0 to {n_cells - 1}, got {cells!r}")
    return [int(cell) for cell in array]
