"""The rules of Snake in plain Python, slow and simple: what the compiled rules are tested against.

The only thing this twin shares with the real one is what is documented: which random number leads
to which food. The food is drawn from a list of free cells, and the order of that list is part of
the game's state, so the twin keeps the list by the same description: a cell that is entered is
replaced by the cell that the tail left, or, when the snake grows, by the last cell of the list.
"""

from dataclasses import dataclass, field

STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
Cell = tuple[int, int]


class XorShift64:
    """Marsaglia's generator with the shifts 13, 7, 17 on Python's integers."""

    def __init__(self, state: int) -> None:
        self.state = state

    def below(self, bound: int) -> int:
        state = self.state
        state ^= (state << 13) % 2**64
        state ^= state >> 7
        state ^= (state << 17) % 2**64
        self.state = state
        return (state // 2**32) * bound // 2**32


@dataclass
class NaiveSnake:
    """One game. The body is a list of (row, col), head first."""

    n_rows: int
    n_cols: int
    grow: bool
    hunger_limit: int
    rng: XorShift64
    body: list[Cell] = field(default_factory=list)
    free: list[Cell] = field(default_factory=list)
    food: Cell | None = None
    heading: int = 1
    score: int = 0
    hunger: int = 0
    outcome: str | None = None

    def reset(self) -> None:
        row, col = self.n_rows // 2, self.n_cols // 2
        length = 3 if self.grow else 1
        self.body = [(row, col - i) for i in range(length)]
        cells = [(r, c) for r in range(self.n_rows) for c in range(self.n_cols)]
        self.free = [cell for cell in cells if cell not in self.body]
        self.heading, self.score, self.hunger, self.outcome = 1, 0, 0, None
        self.food = self.free[self.rng.below(len(self.free))]

    def step(self, action: int) -> float:
        """Move, and return the reward with the default options."""
        if not (self.grow and action == (self.heading + 2) % 4):
            self.heading = action
        self.hunger += 1
        row, col = self.body[0]
        target = (row + STEPS[self.heading][0], col + STEPS[self.heading][1])
        if not (0 <= target[0] < self.n_rows and 0 <= target[1] < self.n_cols):
            self.outcome = "wall"
            return -1.0
        if target in self.body[:-1]:
            self.outcome = "body"
            return -1.0
        eats = target == self.food
        if eats and self.grow:
            self.free[self.free.index(target)] = self.free[-1]
            self.free.pop()
        else:
            tail = self.body.pop()
            if target != tail:
                self.free[self.free.index(target)] = tail
        self.body.insert(0, target)
        if eats:
            self.score += 1
            self.hunger = 0
            if not self.free:
                self.food = None
                self.outcome = "win"
            else:
                self.food = self.free[self.rng.below(len(self.free))]
            return 1.0
        if self.hunger >= self.hunger_limit:
            self.outcome = "hunger"
        return 0.0

    def grid(self) -> list[list[int]]:
        rows = [[0] * self.n_cols for _ in range(self.n_rows)]
        for row, col in self.body:
            rows[row][col] = 1
        rows[self.body[0][0]][self.body[0][1]] = 2
        if self.food is not None:
            rows[self.food[0]][self.food[1]] = 3
        return rows

    def action_mask(self) -> list[int]:
        return [int(not (self.grow and a == (self.heading + 2) % 4)) for a in range(4)]

    def info(self) -> dict[str, object]:
        info: dict[str, object] = {
            "score": self.score,
            "length": len(self.body),
            "hunger": self.hunger,
            "action_mask": self.action_mask(),
        }
        if self.outcome is not None:
            info["outcome"] = self.outcome
        return info

    def senses(self) -> set[str]:
        """Return the name of every sense that is on, by the documented meaning of the names."""
        head_row, head_col = self.body[0]
        on = {"always", f"row_{head_row}", f"col_{head_col}"}
        on.add(f"row_{'odd' if head_row % 2 else 'even'}")
        on.add(f"col_{'odd' if head_col % 2 else 'even'}")
        names = ("up", "up_right", "right", "down_right", "down", "down_left", "left", "up_left")
        for name in names:
            row_step = ("down" in name) - ("up" in name)
            col_step = ("right" in name) - ("left" in name)
            distance, row, col = 1, head_row + row_step, head_col + col_step
            while 0 <= row < self.n_rows and 0 <= col < self.n_cols:
                if (row, col) in self.body:
                    on.add(f"{name}_obstacle_is_body")
                    age = (len(self.body) - self.body.index((row, col))) / len(self.body)
                    strengths = {"faint": 0.25, "weak": 0.5, "fair": 0.75}
                    on |= {f"{name}_scent_{s}" for s, oldest in strengths.items() if age <= oldest}
                    break
                if (row, col) == self.food:
                    on.add(f"{name}_food_in_sight")
                distance, row, col = distance + 1, row + row_step, col + col_step
            on |= {f"{name}_obstacle_within_{d}" for d in (1, 2, 4) if distance <= d}
        directions = ("up", "right", "down", "left")
        on.add(f"heading_{directions[self.heading]}")
        if self.food is not None:
            rows, cols = self.food[0] - head_row, self.food[1] - head_col
            ways = (rows < 0, cols > 0, rows > 0, cols < 0)
            on |= {f"food_{name}" for name, is_on in zip(directions, ways, strict=True) if is_on}
        rows, cols = self.body[-1][0] - head_row, self.body[-1][1] - head_col
        ways = (rows < 0, cols > 0, rows > 0, cols < 0)
        on |= {f"tail_{name}" for name, is_on in zip(directions, ways, strict=True) if is_on}
        if len(self.body) > 1:
            tail, following = self.body[-1], self.body[-2]
            step = (following[0] - tail[0], following[1] - tail[1])
            on.add(f"tail_moves_{directions[STEPS.index(step)]}")
        share = len(self.body) * 16 / (self.n_rows * self.n_cols)
        return on | {f"length_from_{k}_16" for k in (1, 2, 4, 6, 8, 10, 12, 14) if share >= k}


def cycle_actions(n_rows: int, n_cols: int) -> dict[Cell, int]:
    """Return for each cell the action that follows a cycle through all cells.

    One side of the board must be even. The cycle leaves the usual start another way than into the
    snake's neck.
    """
    if n_rows % 2 == 0:
        cells = cycle(n_rows, n_cols)
    else:
        cells = [(row, col) for col, row in cycle(n_cols, n_rows)]
    path = dict(zip(cells, cells[1:] + cells[:1], strict=True))
    start = (n_rows // 2, n_cols // 2)
    if path[start] == (start[0], start[1] - 1):
        path = {there: here for here, there in path.items()}
    return {
        here: STEPS.index((there[0] - here[0], there[1] - here[1])) for here, there in path.items()
    }


def cycle(n_rows: int, n_cols: int) -> list[Cell]:
    """List the cells of a cycle through a board with an even number of rows."""
    cells: list[Cell] = []
    for row in range(n_rows):
        cols = range(1, n_cols) if row % 2 == 0 else range(n_cols - 1, 0, -1)
        cells += [(row, col) for col in cols]
    return cells + [(row, 0) for row in range(n_rows - 1, -1, -1)]
