"""What a generation plays in training: whole episodes, and drills on what was lost before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.checks.arguments import json_values
from spiking_agent.codec.encoders.discrete import is_of_table
from spiking_agent.dna.gene_table import Genomes
from spiking_agent.environments.tables.find import table_of
from spiking_agent.episodes.openings import check_one_choice
from spiking_agent.episodes.results import EpisodeResults, SeedArray, each_seed
from spiking_agent.episodes.seeds import TRAINING_SEEDS
from spiking_agent.episodes.starts import Starts
from spiking_agent.evolution.arena import Arena
from spiking_agent.evolution.curriculum import Curriculum, Lesson
from spiking_agent.evolution.drills import Drills
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.streams import STREAM_EPISODES, STREAM_SEEDS, generator
from spiking_agent.typing import Arrays, Int16Array, Int64Array, Json

OWN, VARIED = "drill", "variation_drill"  # prefixes of arrays in a checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Practised:
    """What a generation did in training.

    Parameters
    ----------
    whole : EpisodeResults
        Results of whole episodes.
    drilled : tuple of EpisodeResults
        Results of drills.
    n_given : int
        Moves of the drills' openings, which are among those of the results.
    lost : tuple of (seeds, choices, n_moves), or None
        New losses, see `Drills.keep`.
    """

    whole: EpisodeResults
    drilled: tuple[EpisodeResults, ...]
    n_given: int
    lost: tuple[SeedArray, Int16Array, Int64Array] | None

    @property
    def all_played(self) -> tuple[EpisodeResults, ...]:
        """The results of everything that was played."""
        return self.whole, *self.drilled


class Practice:
    """The training of a run, and the losses that later generations repeat.

    Parameters
    ----------
    problem : Problem
        What the run has to solve in the end.
    curriculum : Curriculum
        Where variations of it come from.

    Raises
    ------
    ValueError
        If there are to be drills, and actions are not single choices, or no generation would play
        them.
    """

    def __init__(self, problem: Problem, curriculum: Curriculum) -> None:
        self._problem, self._curriculum = problem, curriculum
        self._own = Drills(problem.config.seed)
        self._varied = Drills(problem.config.seed, 1)  # on the newest variation
        self._variation: Json | None = None  # its settings
        table = None
        if is_of_table(problem.codec.encoder):
            table = table_of(problem.training.source())
        self._starts: Starts | None = None
        if table is not None:
            pool = generator(problem.config.seed, STREAM_SEEDS)
            self._starts = Starts(table, pool, *TRAINING_SEEDS)
        training = problem.config.training
        if any(part.has_drills for part in training.refinements):
            check_one_choice(problem.codec)
            training.check_drills()

    def play(self, arena: Arena, lesson: Lesson, genomes: Genomes, generation: int) -> Practised:
        """Play the training of a generation, without any change of state.

        Parameters
        ----------
        arena : Arena
            Where genomes play.
        lesson : Lesson
            What they train on.
        genomes : ndarray, shape (n_genomes, n_genes)
            The generation.
        generation : int
            Its number.
        """
        training, codec = lesson.config.training, lesson.problem.codec
        shape = (1 if training.shared_episodes else len(genomes), training.n_episodes)
        seeds = each_seed(len(genomes), self._seeds(shape, generation))
        population = lesson.problem.dna.grow(genomes)
        whole = arena.play(lesson.task, codec, population, seeds)
        drilled, n_given = self._drill(arena, lesson, genomes, population, generation)
        return Practised(
            whole=whole,
            drilled=drilled,
            n_given=n_given,
            lost=self._lost(arena, lesson, population, seeds, whole, generation),
        )

    def _seeds(self, shape: tuple[int, int], generation: int) -> SeedArray:
        """Return the seeds of a generation; where first states can be listed, they are covered."""
        stream = generator(self._problem.config.seed, STREAM_EPISODES, generation)
        if self._starts is None:
            return stream.integers(*TRAINING_SEEDS, shape)
        return np.stack([self._starts.draw(shape[1], stream) for _ in range(shape[0])])

    def keep(self, lesson: Lesson, practised: Practised, generation: int) -> None:
        """Take up what a generation has lost.

        Parameters
        ----------
        lesson : Lesson
            What it trained on.
        practised : Practised
            What `play` returned.
        generation : int
            Its number.
        """
        if practised.lost is None:
            return
        if lesson.variation is not None:
            self._variation = lesson.variation
            self._varied.forget()
        self._drills(lesson).keep(*practised.lost, generation)

    def _drills(self, lesson: Lesson) -> Drills:
        """Return the drills that the losses of a lesson are for."""
        return self._own if lesson.variation is None else self._varied

    def _drill(
        self,
        arena: Arena,
        lesson: Lesson,
        genomes: Genomes,
        population: Population | Tissue,
        generation: int,
    ) -> tuple[tuple[EpisodeResults, ...], int]:
        """Play the drills of a generation; return the results, and how many moves were given."""
        part = lesson.refinement
        if part is None or lesson.variation is not None:
            return (), 0
        if lesson.config.training.has_cost(generation):
            return (), 0
        results, n_given = [], 0
        for drills, n_drills, variation in (
            (self._own, part.n_drills, None),
            (self._varied, part.n_variation_drills, self._variation),
        ):
            openings = drills.draw(n_drills, part.drill_moves, generation)
            if openings is None:
                continue
            problem, task, brains = lesson.problem, lesson.task, population
            if variation is not None:
                problem = self._curriculum.varied(variation)
                task, brains = problem.validation, problem.dna.grow(genomes)
            drilled = arena.play(task, problem.codec, brains, openings.seeds, openings)
            results.append(drilled)
            n_given += int(np.minimum(drilled.n_moves, openings.n_given).sum())
        return tuple(results), n_given

    def _lost(
        self,
        arena: Arena,
        lesson: Lesson,
        population: Population | Tissue,
        seeds: SeedArray,
        whole: EpisodeResults,
        generation: int,
    ) -> tuple[SeedArray, Int16Array, Int64Array] | None:
        """Play some lost episodes once more; return their seeds, choices and lengths."""
        part = lesson.refinement
        if part is None or not (
            part.n_drills if lesson.variation is None else part.n_variation_drills
        ):
            return None
        genomes, episodes = self._drills(lesson).losses(whole, generation, lesson.task.max_moves)
        lost, n_moves = seeds[genomes, episodes], whole.n_moves[genomes, episodes]
        choices = np.zeros((0, 0), np.int16)
        if len(lost):
            brains, codec = population.take(genomes), lesson.problem.codec
            choices = arena.record(lesson.task, codec, brains, lost, int(n_moves.max()))
        return lost, choices, n_moves

    def state(self) -> tuple[Arrays, Json]:
        """Return everything that `restore` needs: arrays, and JSON values."""
        arrays = {**self._own.state(OWN), **self._varied.state(VARIED)}
        return arrays, {"variation": self._variation}

    def restore(self, arrays: Arrays, values: Mapping[str, Any]) -> None:
        """Restore what `state` returned.

        Parameters
        ----------
        arrays, values : dict
            The two parts of what `state` returned.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the state is damaged.
        """
        n_choices = self._problem.codec.decoder.n_outputs
        variation = values["variation"]
        if variation is not None:
            variation = json_values("variation", variation)
            self._curriculum.varied(variation)
        self._own.restore(OWN, arrays, n_choices)
        self._varied.restore(VARIED, arrays, n_choices)
        self._variation = variation
