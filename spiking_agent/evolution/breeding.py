"""Generation after generation: ask, evaluate, validate, tell, and begin the next stage."""

import time
from collections.abc import Callable

import numpy as np

from spiking_agent.checks.foreign_code import foreign_calls
from spiking_agent.dna.gene_table import Genomes
from spiking_agent.dna.protocol import Resizable
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.seeds import TRIAL_SEEDS
from spiking_agent.episodes.workers.jobs import TimeUp
from spiking_agent.evolution.arena import Arena
from spiking_agent.evolution.championship import Championship
from spiking_agent.evolution.curriculum import Curriculum, Lesson
from spiking_agent.evolution.practice import Practice
from spiking_agent.evolution.problem import Problem
from spiking_agent.evolution.reporters.protocol import GenerationReport
from spiking_agent.evolution.settings.config import EvolutionConfig
from spiking_agent.evolution.streams import (
    STREAM_GENES,
    STREAM_TRIALS,
    generator,
)
from spiking_agent.organism.organism import Organism
from spiking_agent.strategies.diversity import diversity
from spiking_agent.strategies.operators import ranking
from spiking_agent.strategies.protocol import Restartable, Strategy
from spiking_agent.strategies.registry import STRATEGIES
from spiking_agent.typing import Arrays, Float64Array, Json


class Breeding:
    """Everything that changes from generation to generation, and how it does.

    Parameters
    ----------
    problem : Problem
        What the run has to solve.

    Attributes
    ----------
    strategy : Strategy
        Makes the generations.
    championship : Championship
        The best genome so far.
    curriculum : Curriculum
        What the next generation trains on.
    practice : Practice
        How it trains, and what was lost before.
    stand_in : ndarray, shape (n_genes,), or None
        Genome that stands for the champion as long as there is none: the best so far of a first
        generation that was broken off.

    Raises
    ------
    ValueError
        If the strategy cannot be made, the DNA cannot follow the stages, or there would be no
        drills where some are wanted.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._config: EvolutionConfig = problem.config
        self.curriculum = Curriculum(problem)
        self.championship = Championship(self._config)
        self.practice = Practice(problem, self.curriculum)
        self.stand_in: Genomes | None = None
        chosen, rng = self._config.strategy, generator(self._config.seed, STREAM_GENES)
        make = STRATEGIES.find(chosen.name)
        self.strategy: Strategy = make(problem.dna.genes, chosen.params, rng)

    def lesson(self) -> Lesson:
        """Return what the next generation trains on."""
        return self.curriculum.lesson(self.championship.most_solved, self.strategy.generation)

    def warm_up(self, arena: Arena) -> None:
        """Play one episode on every worker, see `Arena.warm_up`.

        Parameters
        ----------
        arena : Arena
            Where genomes play.
        """
        lesson = self.lesson()
        brains = lesson.problem.dna.grow(self.strategy.genomes[:1])
        arena.warm_up(lesson.task, lesson.problem.codec, brains)

    def generation(self, arena: Arena, elapsed_s: Callable[[], float]) -> GenerationReport:
        """Evaluate a generation and breed the next one.

        Nothing of the state changes before the last episode has been played.

        Parameters
        ----------
        arena : Arena
            Where genomes play.
        elapsed_s : callable
            Returns the seconds of the run so far.

        Raises
        ------
        Stopped
            If play was ended, by Ctrl-C or by the watch of the arena.
        """
        started_s = time.monotonic()
        strategy, generation, lesson = self.strategy, self.strategy.generation, self.lesson()
        with foreign_calls(strategy, "ask"):
            genomes = strategy.ask()
        strategy.params = lesson.config.strategy.params
        try:
            practised = self.practice.play(arena, lesson, genomes, generation)
        except TimeUp as up:
            if self.championship.best is None:
                self.stand_in = self._best_played(lesson, genomes, up)
            raise
        results = practised.whole
        fitness = lesson.config.training.merit(results, generation, practised.drilled)
        scores = results.fitness.mean(axis=1)
        all_played = list(practised.all_played)
        trial = held_out = None
        candidate = self.stand_in = self._candidate(lesson.problem, fitness)
        if lesson.stage is not None:
            trial = self._trial(arena, lesson.problem, candidate, lesson.stage.n_trial_episodes)
            all_played.append(trial)
        if self.championship.is_due(generation, scores, lesson.config.validation):
            held_out, *played = self._validate(arena, candidate, scores)
            all_played += played
        spread = diversity(genomes, self._problem.dna.genes)
        with foreign_calls(strategy, "tell"):
            strategy.tell(fitness)
        self.practice.keep(lesson, practised, generation)
        if trial is not None and lesson.stage is not None:
            if self.curriculum.judge(trial):
                self._restart(candidate, lesson.stage.noise)
        else:
            noise = self._config.noise_between(lesson.n_refinements, self.championship.most_solved)
            if noise is not None:
                self._restart(candidate, noise)
        champion = self.championship.best
        if champion is None:
            raise RuntimeError("the first generation must be validated")
        return GenerationReport(
            generation=generation,
            best=float(scores[ranking(fitness)[0]]),
            median=float(np.median(scores)),
            mean=float(scores.mean()),
            held_out=None if held_out is None else float(held_out.fitness.mean()),
            champion_held_out=champion.held_out,
            champion_solved=champion.solved,
            champion_generation=champion.generation,
            n_moves=sum(int(played.n_moves.sum()) for played in all_played) - practised.n_given,
            n_episodes=sum(played.fitness.size for played in all_played),
            diversity=spread,
            board=lesson.board,
            solved_in_trial=None if trial is None else float(trial.is_solved.mean()),
            n_refinements=lesson.n_refinements,
            elapsed_s=elapsed_s(),
            duration_s=time.monotonic() - started_s,
        )

    def _candidate(self, problem: Problem, fitness: Float64Array) -> Genomes:
        """Return the genome that stands for a generation; genes that sleep are at rest."""
        with foreign_calls(self.strategy, "champion"):
            genome = self.strategy.champion(fitness)
        return _awake(problem, genome)

    def _best_played(self, lesson: Lesson, genomes: Genomes, up: TimeUp) -> Genomes:
        """Return the best genome by the episodes that were played before time was up."""
        fitness = np.full(len(genomes), -np.inf)
        for genome, is_played in enumerate(up.is_played):
            if is_played.any():
                part = (array[genome, is_played][None] for array in up.results)
                fitness[genome] = lesson.config.training.merit(EpisodeResults._make(part))[0]
        return _awake(lesson.problem, genomes[ranking(fitness)[0]])

    def stand_in_organism(self) -> Organism | None:
        """Return the organism of the genome that stands for a champion, if there is one."""
        if self.stand_in is None:
            return None
        return self._problem.organism(self._problem.grow(self.stand_in), self.strategy.generation)

    def _restart(self, genome: Genomes, noise: float) -> None:
        """Begin again around a genome, unless the strategy just goes on."""
        if isinstance(self.strategy, Restartable):
            with foreign_calls(self.strategy, "restart"):
                self.strategy.restart(genome, noise)

    def _trial(
        self, arena: Arena, problem: Problem, genome: Genomes, n_games: int
    ) -> EpisodeResults:
        """Play games of the stage under way with one genome, by the rules of validation."""
        stream = generator(self._config.seed, STREAM_TRIALS, self.strategy.generation)
        seeds = stream.integers(*TRIAL_SEEDS, (1, n_games))
        population = problem.dna.grow(genome[None])
        return arena.play(problem.validation, problem.codec, population, seeds)

    def _validate(
        self, arena: Arena, genome: Genomes, scores: Float64Array
    ) -> tuple[EpisodeResults, ...]:
        """Validate the genome that stands for this generation.

        Returns
        -------
        held_out : EpisodeResults
            The episodes by which it is judged.
        *played : EpisodeResults
            All that it has played, part by part.
        """
        problem, generation = self._problem, self.strategy.generation
        championship, population = self.championship, problem.dna.grow(genome[None])
        how = (problem.validation, problem.codec, population)
        played = [arena.play(*how, championship.seeds)]
        fresh = None
        if championship.is_to_confirm(played[0]):
            fresh = arena.play(*how, championship.fresh_seeds(generation))
            played.append(fresh)
        organism = problem.organism(problem.grow(genome), generation)
        held_out = championship.judge(organism, played[0], generation, scores, fresh)
        return held_out, *played

    def state(self) -> tuple[Arrays, Json]:
        """Return everything that `restore` needs: arrays, and JSON values."""
        arrays, strategy = self.strategy.state()
        champion_arrays, championship = self.championship.state()
        practice_arrays, practice = self.practice.state()
        return {**arrays, **champion_arrays, **practice_arrays}, {
            "strategy": strategy,
            "championship": championship,
            "curriculum": self.curriculum.state(),
            "practice": practice,
            "genes": [list(part) for part in self._problem.dna.genes.parts],
        }

    def restore(self, arrays: Arrays, values: Json, n_generations: int) -> None:
        """Restore what `state` returned.

        Parameters
        ----------
        arrays, values : dict
            The two parts of what `state` returned.
        n_generations : int
            Generations of the run so far.

        Raises
        ------
        KeyError, TypeError, ValueError, ChampionFileError
            If the state is damaged, or from other settings.
        """
        self.strategy.restore(arrays, values["strategy"])
        self._problem.dna.genes.check(self.strategy.genomes)
        if self.strategy.generation != n_generations:
            raise ValueError(f"generation must be {n_generations}, got {self.strategy.generation}")
        self.championship.restore(arrays, values["championship"])
        best = self.championship.best
        if best is not None:
            own = self._problem.organism(best.champion.brain, best.generation)
            if own.to_bytes() != best.content:
                raise ValueError("its champion comes from other settings")
        self.curriculum.restore(values["curriculum"])
        self.practice.restore(arrays, values["practice"])


def _awake(problem: Problem, genome: Genomes) -> Genomes:
    """Return a genome whose genes that sleep are at rest."""
    return problem.dna.awake(genome[None])[0] if isinstance(problem.dna, Resizable) else genome
