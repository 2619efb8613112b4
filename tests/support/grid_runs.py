"""A small run of brains that grow over grids, and what it leaves behind."""

from pathlib import Path

from grid_envs import PLAN

from spiking_agent import Stage
from spiking_agent.evolution.reporters.protocol import GenerationReport
from spiking_agent.evolution.run_directory import CHECKPOINT, METRICS
from spiking_agent.organism.champion_file import CHAMPION

STEPS = {"mutation_scale": 0.1, "mutation_scale_last": 0.05, "mutation_time": 3.0}
SIZES = ((2, 3), (3, 4))
STAGES = tuple(
    Stage(
        env_kwargs={"n_rows": n_rows, "n_cols": n_cols},
        training_kwargs={"n_moves": 3},
        mastered=0.1,
        n_trial_episodes=8,
        strategy=STEPS,
    )
    for n_rows, n_cols in SIZES
)
SMALL = {
    "dna": "grown",
    "plan": PLAN.to_json(),
    "encoder": "grid",
    "n_ticks": PLAN.n_ticks,
    "strategy": "genetic",
    "population_size": 8,
    "n_episodes": 3,
    "n_validation": 4,
    "validation_interval": 2,
    "mutation_scale": 0.2,
    "champion": "consensus",
    "stages": STAGES,
    "seed": 1,
    "report": False,
}


class Listener:
    def __init__(self) -> None:
        self.reports: list[GenerationReport] = []

    def run_started(self, report) -> None:
        pass

    def generation_evaluated(self, report: GenerationReport) -> None:
        self.reports.append(report)

    def run_finished(self) -> None:
        pass


def content(path: Path) -> list[object]:
    metrics = [line.split(b",")[:-2] for line in (path / METRICS).read_bytes().splitlines()]
    return [metrics, *((path / name).read_bytes() for name in (CHAMPION, CHECKPOINT))]
