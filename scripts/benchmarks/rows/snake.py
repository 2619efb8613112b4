"""The environment: one board through `gymnasium.make`, and 1,024 boards in one call."""

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from benchmarks.cases.bare_boards import BareBoards
from benchmarks.cases.boards import Cycle, Herd, put
from benchmarks.harness.results import DECISIONS, Beside, Row
from benchmarks.harness.scale import Scale
from benchmarks.harness.timing import Contender, race
from benchmarks.peers.peer import joining, results
from benchmarks.peers.snake import (
    N_SIDE,
    gymnasium_snake_game,
    gymnasium_snake_game_long,
    jumanji,
    play,
)
from snake_env import Settings

ENV_ID = "snake_env:Snake-v0"
OURS = "ours"
KERNEL = "rules kernel alone, on arrays"
SINGLE_LONG = 71  # a length for which the peer's figure is known
LONG = 50
N_PLACES = 25
MARKS = {"env-single": 500e3, "env-vector": 33e6, "env-vector-long": 25e6, "env-vector-senses": 5e6}


def env_single(scale: Scale) -> list[Row]:
    """Time one board made by `gymnasium.make`, with random actions as Python ints."""
    rng = np.random.default_rng(0)
    actions = rng.integers(0, 4, scale.pick(10_000, 200)).tolist()
    peers = [gymnasium_snake_game(actions[: scale.pick(2000, 100)], scale.pick(10, 1))]
    env = made_single()
    ours = Contender(name=OURS, work=lambda: play(env, actions), n_rounds=scale.pick(10, 1))
    samples = race([ours, *joining(peers, scale)], scale.repeats)
    row = Row.of(
        DECISIONS,
        samples[OURS],
        name="env-single",
        case="random actions",
        what=f"SnakeEnv through gymnasium.make, {N_SIDE} x {N_SIDE}, grid, random actions drawn "
        "beforehand as Python ints, resets included",
        mark=MARKS["env-single"],
        beside=tuple(results(peers, DECISIONS, samples, scale)),
    )
    return [row, _single_long(scale)]


def _single_long(scale: Scale) -> Row:
    """Time one board with a long snake on a cycle; the peer's time grows with the length."""
    cycle = Cycle(N_SIDE, N_SIDE)
    n_moves, n_rounds = 100, scale.pick(100, 2)
    actions = np.resize(cycle.actions, n_moves).tolist()
    env, body = made_single(), cycle.body(0, SINGLE_LONG)
    peers = [gymnasium_snake_game_long(SINGLE_LONG, n_moves, scale.pick(20, 2))]
    ours = Contender(
        name=OURS,
        work=lambda: play(env, actions),
        prepare=lambda: env.reset(options={"body": body}) and None,
        n_rounds=n_rounds,
    )
    samples = race([ours, *joining(peers, scale)], scale.repeats)
    return Row.of(
        DECISIONS,
        samples[OURS],
        name="env-single",
        case=f"length {SINGLE_LONG}",
        what=f"the same with a snake of {SINGLE_LONG} cells that follows a cycle",
        beside=tuple(results(peers, DECISIONS, samples, scale)),
    )


def made_single() -> gymnasium.Env[Any, Any]:
    """Return our environment, reset."""
    env = gymnasium.make(ENV_ID)
    env.reset(seed=0)
    return env


def made(n_lanes: int, **kwargs: Any) -> VectorEnv[Any, Any, Any]:
    """Return our vector environment, with every lane reset."""
    envs = gymnasium.make_vec(
        ENV_ID, num_envs=n_lanes, vectorization_mode="vector_entry_point", **kwargs
    )
    envs.reset(seed=0)
    return envs


def stepping(step: Callable[[NDArray[np.int64]], object], actions: NDArray[np.int64]) -> int:
    """Step through rows of actions, and return the number of actions."""
    for row in actions:
        step(row)
    return actions.size


def _random_actions(scale: Scale, n_steps: int) -> NDArray[np.int64]:
    shape = (scale.pick(n_steps, 4), scale.pick(1024, 16))
    return np.random.default_rng(0).integers(0, 4, shape)


def env_vector(scale: Scale) -> list[Row]:
    """Time many boards with random actions, against the bare kernel and Jumanji."""
    actions = _random_actions(scale, 100)
    n_lanes, n_rounds = actions.shape[1], scale.pick(20, 1)
    envs, bare = made(n_lanes), BareBoards(n_lanes, Settings()).stepper()
    peers = [jumanji(actions[: scale.pick(5, 2)], n_rounds)]
    contenders = [
        Contender(name=OURS, work=lambda: stepping(envs.step, actions), n_rounds=n_rounds),
        Contender(name=KERNEL, work=lambda: stepping(bare, actions), n_rounds=n_rounds),
        *joining(peers, scale),
    ]
    samples = race(contenders, scale.repeats)
    row = Row.of(
        DECISIONS,
        samples[OURS],
        name="env-vector",
        case="random actions",
        what=f"SnakeVectorEnv, {n_lanes:,} boards {N_SIDE} x {N_SIDE}, grid, random actions, "
        "NEXT_STEP, fresh arrays and full infos",
        mark=MARKS["env-vector"],
        beside=(
            Beside.of(KERNEL, DECISIONS, samples[KERNEL]),
            *results(peers, DECISIONS, samples, scale),
        ),
    )
    return [row]


def env_vector_long(scale: Scale) -> list[Row]:
    """Time many boards with long snakes that follow a cycle."""
    herd = Herd(Cycle(N_SIDE, N_SIDE), scale.pick(1024, 16), LONG, scale.pick(N_PLACES, 2))
    actions, starts = herd.actions(scale.pick(100, 4)), herd.starts(has_food=False)
    envs, bare = made(herd.n_lanes), BareBoards(herd.n_lanes, Settings())
    step, n_rounds = bare.stepper(), scale.pick(20, 1)
    contenders = [
        Contender(
            name=OURS,
            work=lambda: stepping(envs.step, actions),
            prepare=lambda: put(envs, starts),
            n_rounds=n_rounds,
        ),
        Contender(
            name=KERNEL,
            work=lambda: stepping(step, actions),
            prepare=lambda: bare.begin(starts),
            n_rounds=n_rounds,
        ),
    ]
    samples = race(contenders, scale.repeats)
    row = Row.of(
        DECISIONS,
        samples[OURS],
        name="env-vector-long",
        case=f"length {LONG}",
        what=f"the same with snakes of {LONG} cells on a cycle, which eat and grow by about 3; "
        "without the time of resets",
        mark=MARKS["env-vector-long"],
        beside=(Beside.of(KERNEL, DECISIONS, samples[KERNEL]),),
    )
    return [row]


def env_vector_senses(scale: Scale) -> list[Row]:
    """Time many boards with random actions and the observation "senses"."""
    actions = _random_actions(scale, 400)
    envs = made(actions.shape[1], observation="senses")
    work = Contender(name=OURS, work=lambda: stepping(envs.step, actions))
    row = Row.of(
        DECISIONS,
        race([work], scale.repeats)[OURS],
        name="env-vector-senses",
        case="random actions",
        what=f"SnakeVectorEnv, {actions.shape[1]:,} boards {N_SIDE} x {N_SIDE}, senses, random "
        "actions",
        mark=MARKS["env-vector-senses"],
    )
    return [row]
