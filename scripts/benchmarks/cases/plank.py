"""The four levels of `plank_envs`, as tasks.

Targets, starts and mission time were taken from public programs that follow the article, see
docs/performance.md: the article itself was not at hand.
"""

from benchmarks.cases.tasks import Task
from plank_envs import MOVES

SECONDS = 300.0
# Level: mean fitness that counts as achieved, and recipe. Speeds that are not seen take memory.
TARGETS = {
    "easy": (14_250.0, ""),
    "medium": (12_000.0, ""),
    "hard": (9_000.0, "memory"),
    "hardest": (6_000.0, "memory"),
}
PLANK_TASKS = tuple(
    Task(
        env_id=f"plank_envs:Plank{level.title()}-v0",
        case=f"plank-{level}",
        target=target,
        seconds=SECONDS,
        n_seeds=5,
        recipe=recipe,
        changes={"max_moves": MOVES},
    )
    for level, (target, recipe) in TARGETS.items()
)
