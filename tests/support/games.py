"""Games that are played on the environment and on its plain twin side by side."""

import naive
import numpy as np
from gymnasium.utils import seeding

from snake_env import SnakeEnv


def rng_state(seed: int) -> int:
    """Return the state of a game's generator by its documentation."""
    generator = seeding.np_random(seed)[0]
    return int(generator.integers(1, 2**64 - 1, endpoint=True, dtype=np.uint64))


def assert_same(env: SnakeEnv, twin: naive.NaiveSnake, observation: object, info: object) -> None:
    assert observation.tolist() == twin.grid()  # type: ignore[attr-defined]
    plain = {**info, "action_mask": info["action_mask"].tolist()}  # type: ignore[dict-item,index]
    assert plain == twin.info()
    assert env._boards.rng[0] == twin.rng.state


def careful(twin: naive.NaiveSnake, choices: np.random.Generator) -> int:
    """Draw an action that does not die at once, if there is one; half the time one to the food."""
    row, col = twin.body[0]
    free = {*twin.free, twin.body[-1]}
    safe = [a for a, (r, c) in enumerate(naive.STEPS) if (row + r, col + c) in free]
    if twin.food is not None and choices.random() < 0.5:
        rows, cols = twin.food[0] - row, twin.food[1] - col
        nearer = [a for a in safe if naive.STEPS[a][0] * rows + naive.STEPS[a][1] * cols > 0]
        safe = nearer or safe
    return safe[int(choices.integers(len(safe)))] if safe else int(choices.integers(4))


def cycle_path(size: tuple[int, int], first: naive.Cell) -> list[naive.Cell]:
    """List all cells in the order in which the cycle visits them."""
    actions, path = naive.cycle_actions(*size), [first]
    while len(path) < len(actions):
        step = naive.STEPS[actions[path[-1]]]
        path.append((path[-1][0] + step[0], path[-1][1] + step[1]))
    return path
