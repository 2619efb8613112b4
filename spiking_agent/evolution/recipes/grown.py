"""The recipe "grown" for Snake: from the raw board, on larger and larger ones."""

from collections.abc import Mapping
from typing import Any, Final

from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.config import EvolutionConfig
from spiking_agent.evolution.recipes.boards import board_of
from spiking_agent.evolution.recipes.many_parents import GROWN
from spiking_agent.evolution.sections import Refinement, Stage

PLAN: Final = "snake"
PART: Final = "snake-small"  # of the plan, which is awake from the start
SIDES: Final = (6, 8, 10, 12, 14, 16)  # of the boards on the way to a larger one
LAST_SIDE: Final = 10  # the whole plan is awake once this board, or that asked for, is mastered
STEPS: Final = {"mutation_scale": 0.04, "mutation_scale_last": 0.02, "mutation_time": 60.0}
VARIATIONS: Final = {"n_rows": [*range(6, 15)], "n_cols": [*range(6, 15)]}
MOVE_COST_INTERVAL: Final = 5  # odd, so that moves cost something on variations, too
SAFE: Final = {
    "mutation_scale": 0.02,
    "mutation_scale_last": 0.015,
    "mutation_time": 40.0,
    "parent_share": 0.4,
}
SMALL_STEPS: Final = {"mutation_time": None, "parent_share": 0.5}


def _refinement(
    from_solved: float,
    n_episodes: int,
    noise: float | None,
    variations: Mapping[str, list[int]],
    **strategy: float | None,
) -> Refinement:
    return Refinement(
        from_solved=from_solved,
        n_episodes=n_episodes,
        noise=noise,
        move_cost_interval=MOVE_COST_INTERVAL,
        variations=variations,
        strategy=strategy,
    )


# Selection asks for safety as long as not all genomes win all games, and for speed beyond that. So
# the number of games rises with what brains can do, and moves cost something now and then only.
# Smaller steps alone would take a hundred generations to narrow the population: it begins again.
# Boards of other sizes cost some points if they come early, and none if they come late.
REFINEMENTS: Final = (
    _refinement(0.92, 6, None, {}, **SAFE),
    _refinement(0.98, 10, None, VARIATIONS, **SAFE),
    _refinement(0.993, 16, 0.14, VARIATIONS, mutation_scale=0.011, **SMALL_STEPS),
    _refinement(0.997, 24, 0.1, VARIATIONS, mutation_scale=0.007, **SMALL_STEPS),
    _refinement(0.999, 32, 0.09, VARIATIONS, mutation_scale=0.0065, **SMALL_STEPS),
)


def grown_recipe(config: EvolutionConfig) -> EvolutionConfig:
    """Return the settings for brains that grow on a board of any size, and see it as it is.

    Parameters
    ----------
    config : EvolutionConfig
        Settings to start from.
    """
    return config.changed(
        **GROWN,
        **_of_board(config.task.source()),
        env_kwargs={"observation": "planes", **config.task.env_kwargs},
        plan=PLAN,
        n_ticks=PLANS[PLAN].n_ticks,
        score_key="score",
        refinements=REFINEMENTS,
        n_validation=1024,
        parent_share=0.3,
        mutation_scale=0.07,
        mutation_scale_last=0.03,
        mutation_time=80.0,
    )


def _of_board(source: EnvSource) -> dict[str, Any]:
    """Return the settings that depend on the size of the board, which the environment knows."""
    board = board_of(source)
    if board is None:
        return {"max_moves": None}
    n_cells, has_limit = board.n_cells, "hunger_limit" in source.kwargs

    def stage(env_kwargs: dict[str, int], n_cells: int) -> Stage:
        return Stage(
            env_kwargs=env_kwargs,
            training_kwargs={} if has_limit else _hungry(n_cells),
            strategy=STEPS,
            part=PART if n_cells <= LAST_SIDE**2 else None,
        )

    if not board.grows:  # no board is ever solved, so there is nothing to master
        return {"max_moves": board.max_moves}
    smaller = [side for side in SIDES if side * side < n_cells]
    stages = [stage({"n_rows": side, "n_cols": side}, side * side) for side in smaller]
    if n_cells <= LAST_SIDE**2:
        stages.append(stage({}, n_cells))
    return {
        "max_moves": board.max_moves,
        "training_kwargs": {} if has_limit else _hungry(n_cells),
        "stages": tuple(stages),
        "solved_bonus": 3.0 * n_cells,
        "solved_move_cost": 0.03,  # the same on all boards
    }


def _hungry(n_cells: int) -> dict[str, int]:
    """Return the limit of training, four fifths of the moves that a snake may go without food."""
    return {"hunger_limit": n_cells * 8 // 5}
