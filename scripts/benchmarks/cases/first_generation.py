"""Start an evolution in a fresh process, and print when each stage was reached.

`python first_generation.py POPULATION` prints JSON with times of the monotonic clock: `imported`
when all modules are imported, `begun` when the run reports that it compiles, `done` when the first
generation is evaluated.
"""

import json
import sys
import time


def main(population_size: int) -> None:
    """Evolve for one generation."""
    from spiking_agent.environments.source import EnvSource
    from spiking_agent.evolution.loop import Evolution
    from spiking_agent.evolution.recipes.choose import recipe
    from spiking_agent.evolution.reporters.protocol import GenerationReport, RunReport

    times = {"imported": time.monotonic()}

    class Witness:
        def run_started(self, report: RunReport) -> None:
            times["begun"] = time.monotonic()

        def generation_evaluated(self, report: GenerationReport) -> None:
            times["done"] = time.monotonic()

        def run_finished(self) -> None:
            pass

    config = recipe(EnvSource("Snake-v0")).changed(population_size=population_size)
    Evolution(config, workers=2, reporters=[Witness()]).run(generations=1)
    print(json.dumps(times))


if __name__ == "__main__":  # the workers import this file again
    main(int(sys.argv[1]))
