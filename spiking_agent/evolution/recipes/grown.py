"""The recipe "grown" for Snake: from the raw board, on larger and larger ones."""

from collections.abc import Sequence
from typing import Any, Final

from spiking_agent.dna.grown.plans import PLANS
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.recipes.boards import board_of
from spiking_agent.evolution.recipes.many_parents import GROWN
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.settings.phases import Refinement, Stage

PLAN: Final = "snake"
PART: Final = "snake-small"  # of the plan, which is awake from the start
SIDES: Final = (4, 6, 8, 10, 12, 14, 16)  # of the boards on the way to a larger one
MASTERED: Final = 0.6  # share of trial games on one of them from which on the next one begins
OWN_MASTERED: Final = 0.8  # the same for the board asked for
LAST_SIDE: Final = 10  # the whole plan is awake once this board, or that asked for, is mastered
# Finer steps, from the mastery of the second board on.
STEPS: Final = {"mutation_scale": 0.04, "mutation_scale_last": 0.02, "mutation_time": 60.0}
OTHER_SIDES: Final = [6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 20]
LAST_SIDES: Final = [7, 7, 8, 9, 9, 10, 11, 12, 13, 14, 16, 18, 20, 20]  # more odd ones


def _refinement(
    from_solved: float,
    *,
    n_variation_episodes: int,
    n_variation_drills: int,
    mutation_scale: float,
    parent_share: float,
    noise: float | None = None,
    move_cost_interval: int = 8,
    sides: Sequence[int] = OTHER_SIDES,
) -> Refinement:
    return Refinement(
        from_solved=from_solved,
        n_episodes=3,
        n_drills=48,
        n_variation_drills=n_variation_drills,
        move_cost_interval=move_cost_interval,
        variations={"n_rows": sides, "n_cols": sides},
        n_variation_episodes=n_variation_episodes,
        noise=noise,
        strategy={
            "mutation_scale": mutation_scale,
            "mutation_time": None,
            "parent_share": parent_share,
        },
    )


# Few whole games and many drills: brains that win nearly all games are told apart by how they play
# where others have lost. Moves cost something in some generations only, and those have no drills.
# Smaller steps alone would take a hundred generations to narrow the population, so it is drawn anew
# round its mean. The third keeps it wide for a long time, because a narrow population loses what it
# has learned for large boards; the last makes brains safe and quick. Boards with two odd sides, on
# which no route closes, need the most generations.
REFINEMENTS: Final = (
    Refinement(
        from_solved=0.92,
        n_episodes=4,
        n_drills=24,
        move_cost_interval=4,
        strategy={
            "mutation_scale": 0.02,
            "mutation_scale_last": 0.015,
            "mutation_time": 40.0,
            "parent_share": 0.4,
        },
    ),
    _refinement(
        0.98,
        n_variation_episodes=8,
        n_variation_drills=24,
        mutation_scale=0.0175,
        parent_share=0.25,
    ),
    _refinement(
        0.992,
        n_variation_episodes=16,
        n_variation_drills=48,
        mutation_scale=0.011,
        parent_share=0.2,
        noise=0.1,
    ),
    _refinement(
        0.999,
        n_variation_episodes=16,
        n_variation_drills=48,
        mutation_scale=0.006,
        parent_share=0.25,
        noise=0.06,
        move_cost_interval=4,
        sides=LAST_SIDES,
    ),
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
        n_episodes=4,
        **_of_board(config.task.source()),
        env_kwargs={"observation": "planes", **config.task.env_kwargs},
        plan=PLAN,
        n_ticks=PLANS[PLAN].n_ticks,
        score_key="score",
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

    def stage(env_kwargs: dict[str, int], n_cells: int, mastered: float) -> Stage:
        return Stage(
            env_kwargs=env_kwargs,
            training_kwargs={} if has_limit else _hungry(n_cells),
            mastered=mastered,
            strategy={} if n_cells == SIDES[0] ** 2 else STEPS,
            validation_interval=20 if env_kwargs else 10,
            part=PART if n_cells <= LAST_SIDE**2 else None,
        )

    if not board.grows:  # no board is ever solved, so there is nothing to master
        return {"max_moves": board.max_moves}
    smaller = [side for side in SIDES if side * side < n_cells]
    stages = [stage({"n_rows": side, "n_cols": side}, side * side, MASTERED) for side in smaller]
    if n_cells <= LAST_SIDE**2:
        stages.append(stage({}, n_cells, OWN_MASTERED))
    return {
        "max_moves": board.max_moves,
        "training_kwargs": {} if has_limit else _hungry(n_cells),
        "stages": tuple(stages),
        "refinements": REFINEMENTS,
        "solved_bonus": 3.0 * n_cells,
        "solved_move_cost": 0.03,  # the same on all boards
    }


def _hungry(n_cells: int) -> dict[str, int]:
    """Return the limit of training, four fifths of the moves that a snake may go without food."""
    return {"hunger_limit": n_cells * 8 // 5}
