"""Other people's Snake environments."""

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray

from benchmarks.cases.boards import Cycle
from benchmarks.harness.timing import Contender
from benchmarks.peers.peer import Peer, one_core, silence

N_SIDE = 10


def play(env: gymnasium.Env[Any, Any], actions: list[int]) -> int:
    """Take the actions one by one, with resets, and return their number."""
    step, reset = env.step, env.reset
    for action in actions:
        _, _, terminated, truncated, _ = step(action)
        if terminated or truncated:
            reset()
    return len(actions)


def gymnasium_snake_game(actions: list[int], n_rounds: int) -> Peer:
    """Return the peer that plays random actions on its own kind of board."""

    def join(name: str) -> Contender:
        env = _made()
        env.reset()

        def work() -> int:
            with silence():
                return play(env, actions)

        return Contender(name=name, work=work, n_rounds=n_rounds)

    return Peer("gymnasium-snake-game", "gymnasium-snake-game", "gymnasium_snake_game", join)


def gymnasium_snake_game_long(length: int, n_moves: int, n_rounds: int) -> Peer:
    """Return the peer that follows a cycle with a long snake, which is placed untimed."""
    cycle = Cycle(N_SIDE, N_SIDE)
    # the order of this env's actions is up, down, left, right
    actions = np.array([0, 3, 1, 2])[np.resize(cycle.actions, n_moves)].tolist()

    def join(name: str) -> Contender:
        env = _made()

        def work() -> int:
            with silence():
                return play(env, actions)

        return Contender(
            name=name,
            work=work,
            prepare=lambda: _put(env, cycle.body(0, length)),
            n_rounds=n_rounds,
        )

    return Peer("gymnasium-snake-game", "gymnasium-snake-game", "gymnasium_snake_game", join)


def _made() -> gymnasium.Env[Any, Any]:
    with silence():
        from gymnasium_snake_game import SnakeEnv

        # it registers itself; Gymnasium would then call our Snake-v0 an old version of it
        gymnasium.registry.pop("Snake-v1", None)
        spec = EnvSpec(id="gymnasium-snake-game/Snake-v1", entry_point=SnakeEnv)
        return gymnasium.make(spec, width=N_SIDE, height=N_SIDE, max_step=10**9)


def _put(env: gymnasium.Env[Any, Any], body: list[tuple[int, int]]) -> None:
    """Place the snake on some cells (row, col), head first; the food stays where it was."""
    env.reset()
    snake: Any = env.unwrapped.snake  # type: ignore[attr-defined]
    (row, col), *others = body
    snake.head.move_to(col, row)
    snake.body = [snake.head.copy(c - col, r - row, snake.body_color) for r, c in reversed(others)]
    snake.blocks = [snake.food.block, snake.head, *snake.body]
    snake.direction = 3  # to the right, as the cycle begins
    snake.food.new_food(snake.blocks)


def jumanji(actions: NDArray[np.int64], n_rounds: int) -> Peer:
    """Return the peer that steps a batch, compiled and vectorised, with automatic resets.

    Parameters
    ----------
    actions : ndarray of shape (n_steps, n_lanes)
        Random actions of one round.
    n_rounds : int
        Rounds of one sample.
    """

    def join(name: str) -> Contender:
        with one_core():  # JAX starts its threads when Jumanji is imported, one per core
            import jax
            from jumanji.environments import Snake
            from jumanji.wrappers import VmapAutoResetWrapper

        env = VmapAutoResetWrapper(Snake(num_rows=N_SIDE, num_cols=N_SIDE))
        step: Callable[[Any, Any], Any] = jax.jit(env.step)
        state, _ = jax.jit(env.reset)(jax.random.split(jax.random.PRNGKey(0), actions.shape[1]))
        on_device = [jax.numpy.asarray(row, jax.numpy.int32) for row in actions]
        now = [state]

        def work() -> int:
            with silence():
                state = now[0]
                for row in on_device:
                    state, timestep = step(state, row)
                    timestep.observation.grid.block_until_ready()
                now[0] = state
            return actions.size

        return Contender(name=name, work=work, n_rounds=n_rounds)

    return Peer("Jumanji", "jumanji", "jumanji", join)
