"""Steps from the published brain to our recipes, one repair each; and relapses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from autopsies import published_rule
from spiking_agent.environments.source import EnvSource
from spiking_agent.evolution.recipes.choose import recipe
from spiking_agent.evolution.settings.config import EvolutionConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The changes of one repair; everything else stays as in the previous step.

    Parameters
    ----------
    name : str
        Its name in the table and the chart.
    observation : str
        The observation, by its name in `Snake-v0`; "" for no change.
    engine : str
        What runs the brains; "" for no change.
    changes : mapping
        Settings by name, see `EvolutionConfig.changed`.
    recipe : str
        Replaces all previous steps with this recipe of ours, to which `changes` then apply; "" for
        none.
    """

    name: str
    observation: str = ""
    engine: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    recipe: str = ""


SEEN: Final = {"senses": "senses", "grown": "planes"}  # the observation of each recipe

# The post's matrix has 512 neurons with 25 synapses each on average. Here, with the 100 cells of
# the board as inputs and four outputs, synapses per neuron and threshold are the same.
STEPS = (
    Step(
        name="as published",
        observation="presence",
        engine=published_rule.LIVE,
        changes={
            "score_key": "score",
            "n_hidden": 24,
            "inputs_receive": True,
            "outputs_send": True,
            "n_ticks": 15,
            "carry_state": True,
            "n_episodes": 1,
            "shared_episodes": False,
            "max_moves": None,
            "max_strength": 1,
            "inhibition": False,
            "density": 0.2,
            "thresholds": (4.0,),
            "decays": (1.0,),
            "refractory_periods": (2,),
            "parent_share": 0.2,
            "elite_share": 0.0,
            "crossover": "blocks",
            "crossover_rate": 1.0,
            "number_mutations": 160.0,
            "choice_mutations": 0.0,
        },
    ),
    Step(name="refractory check mended", engine="live"),
    Step(name="leak", changes={"decays": (0.5, 0.75, 0.9), "choice_mutations": 0.1}),
    Step(name="virtual time", engine="compiled"),
    Step(name="food told from body", observation="planes"),
    Step(
        name="inhibition, graded strengths",
        changes={"inhibition": True, "max_strength": 8, "thresholds": (4.0, 8.0, 16.0)},
    ),
    Step(name="six shared episodes", changes={"n_episodes": 6, "shared_episodes": True}),
    Step(name="elites", changes={"elite_share": 0.1}),
    Step(
        name="few mutations, whole columns",
        changes={"number_mutations": 1.4, "crossover": "columns", "crossover_rate": 0.5},
    ),
    Step(
        name="a clear head for each move",
        changes={"carry_state": False, "inputs_receive": False, "outputs_send": False},
    ),
    Step(name="senses instead of the grid", observation="senses"),
    Step(name="our default recipe", recipe="senses"),
    Step(name="rules instead of a matrix, on the grid", recipe="grown"),
)

# Our recipe with one repair undone each, to find what it cannot do without. In the names it is the
# default, which it was when the table of docs/original.md was made.
RELAPSES = (
    Step(
        name="default, but one game each",
        recipe="senses",
        changes={"n_episodes": 1, "shared_episodes": False, "refinements": ()},
    ),
    Step(
        name="default, but block crossover of two", recipe="senses", changes={"crossover": "blocks"}
    ),
    Step(name="default, but the best for champion", recipe="senses", changes={"champion": "best"}),
    Step(
        name="default, but the refractory check inverted",
        recipe="senses",
        engine=published_rule.ON_ACTORS,
        changes={"refractory_periods": (2,)},
    ),
    Step(name="default, but no inhibition", recipe="senses", changes={"inhibition": False}),
    Step(
        name="default, but strengths of 1",
        recipe="senses",
        changes={
            "max_strength": 1,
            "first_strength": 0,
            "thresholds": (4.0,),
            "mutation_scale": 0.5,
        },
    ),
    Step(name="default, but the grid as published", recipe="senses", observation="presence"),
)


def configurations(
    steps: Sequence[Step], *, size: int, population_size: int, n_validation: int
) -> list[tuple[EvolutionConfig, str]]:
    """Return the settings and the engine after each step.

    Parameters
    ----------
    steps : sequence of Step
        The steps, in order.
    size : int
        Rows and columns of the board.
    population_size, n_validation : int
        See `EvolutionConfig`; the same for all steps.
    """
    kwargs: dict[str, Any] = {"n_rows": size, "n_cols": size}
    same = {"population_size": population_size, "n_validation": n_validation}
    config = EvolutionConfig.of("Snake-v0")
    engine = "compiled"
    result = []
    for step in steps:
        observation = step.observation or SEEN.get(step.recipe) or kwargs["observation"]
        kwargs = {**kwargs, "observation": observation}
        engine = step.engine or ("compiled" if step.recipe else engine)
        if step.recipe:
            config = recipe(EnvSource("Snake-v0", kwargs), name=step.recipe)
        config = config.changed(env_kwargs=kwargs, validation_interval=20, **same, **step.changes)
        result.append((config, engine))
    return result
