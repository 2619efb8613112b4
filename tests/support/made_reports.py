"""Reports of runs that nobody ran, for those who show them."""

from typing import Any

from spiking_agent.evolution.reporters.protocol import GenerationReport, RunReport
from spiking_agent.evolution.settings.config import EvolutionConfig


def run_report(**changes: Any) -> RunReport:
    fields: dict[str, Any] = {
        "env": "Some-v0",
        "n_neurons": 12,
        "n_genes": 34,
        "config": EvolutionConfig(seed=5),
        "workers": 2,
        "engine": "compiled",
        "generations": 10,
        "seconds": None,
    }
    return RunReport(**{**fields, **changes})


def generation_report(generation: int = 0, **changes: Any) -> GenerationReport:
    fields: dict[str, Any] = {
        "generation": generation,
        "best": 3.5,
        "median": 1.25,
        "mean": 1.5,
        "held_out": 3.0,
        "champion_held_out": 3.25,
        "champion_solved": None,
        "champion_generation": 0,
        "n_moves": 3_000,
        "n_episodes": 60,
        "diversity": 12.5,
        "board": "",
        "solved_in_trial": None,
        "n_refinements": 0,
        "elapsed_s": 65.4,
        "duration_s": 2.0,
    }
    return GenerationReport(**{**fields, **changes})
