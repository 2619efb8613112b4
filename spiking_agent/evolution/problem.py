"""What a run has to solve: its tasks, codec and DNA, found by making the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import gymnasium as gym
import numpy as np

from spiking_agent.codec.codec import Codec, make_codec
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.encoders.base import Encoder, ResizableEncoder
from spiking_agent.codec.names import output_names
from spiking_agent.codec.spaces import Spaces, describe, first_difference
from spiking_agent.dna.gene_table import Genomes
from spiking_agent.dna.grown.brain import Brain
from spiking_agent.dna.grown.dna import Grown
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.protocol import Dna, Resizable
from spiking_agent.dna.registry import DNA_KINDS
from spiking_agent.episodes.task import Task
from spiking_agent.evolution.settings.config import EvolutionConfig, package_version
from spiking_agent.evolution.settings.phases import Stage
from spiking_agent.organism.organism import Organism


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything that a genome needs to become an organism that plays.

    Parameters
    ----------
    config : EvolutionConfig
        Settings of the run.
    validation, training : Task
        What is played in validation, and in training.
    observation_space, action_space : gymnasium.Space
        Spaces of one environment.
    codec : Codec
        How brains are connected.
    dna : Dna
        What genomes mean.
    """

    config: EvolutionConfig
    validation: Task
    training: Task
    observation_space: gym.Space[Any]
    action_space: gym.Space[Any]
    codec: Codec
    dna: Dna

    @classmethod
    def probe(
        cls,
        config: EvolutionConfig,
        rng: np.random.Generator,
        *,
        encoder: Encoder | None = None,
        decoder: Decoder | None = None,
    ) -> Self:
        """Make the environment of a run, to find its spaces and learn its bounds.

        Parameters
        ----------
        config : EvolutionConfig
            Settings of the run.
        rng : Generator
            Source of the random episodes from which open bounds are learned.
        encoder, decoder : optional
            Used instead of those that the settings describe.

        Raises
        ------
        ValueError, UnsupportedSpaceError, gymnasium.error.Error
            If an environment cannot be made, has spaces without a codec, or needs brains that are
            too large.
        """
        validation = config.task
        with validation.source().make() as env:
            observation_space, action_space = env.observation_space, env.action_space
            codec = make_codec(
                env,
                rng,
                config.codec,
                encoder=encoder,
                decoder=decoder,
                max_moves=validation.max_moves,
            )
            named = output_names(codec.decoder, env)
        spaces = (observation_space, action_space)
        training = _trained(validation, config.training.training_kwargs, spaces)
        ports = Ports(
            n_inputs=codec.encoder.n_inputs,
            n_outputs=codec.decoder.n_outputs,
            opposites=codec.encoder.opposite_inputs(),
            opposite_outputs=codec.decoder.opposite_outputs(),
            constant=codec.encoder.constant_inputs(),
            grid=codec.encoder.input_grid(),
            output_names=named,
        )
        dna = DNA_KINDS.find(config.dna.name)(config.dna.params, ports)
        dna.check_costs(config.population_size, codec.n_ticks)
        return cls(
            config=config,
            validation=validation,
            training=training,
            observation_space=observation_space,
            action_space=action_space,
            codec=codec,
            dna=dna,
        )

    @property
    def grid(self) -> tuple[int, int] | None:
        """Rows and columns of the grid that brains see; None if they see none."""
        grid = self.codec.encoder.input_grid()
        return None if grid is None else grid[1:]

    def at(self, stage: Stage) -> Self:
        """Return the problem that genomes of the same table have to solve in a stage.

        Parameters
        ----------
        stage : Stage
            The stage.

        Raises
        ------
        ValueError
            If genes are for one size of grid, the spaces differ in more than the size, or the
            stage's part is no part of the DNA's plan.
        """
        dna, encoder = self._resizable()
        task = self.validation
        validation = replace(task, env_kwargs={**task.env_kwargs, **stage.env_kwargs})
        with validation.source().make() as env:
            observation_space, action_space = env.observation_space, env.action_space
        spaces = (observation_space, action_space)
        training = _trained(validation, stage.training_kwargs, spaces)
        codec = replace(self.codec, encoder=encoder.fitting(observation_space))
        codec.check_spaces(observation_space, action_space)
        _, n_rows, n_cols = codec.encoder.input_grid() or (0, 0, 0)
        return replace(
            self,
            validation=validation,
            training=training,
            observation_space=observation_space,
            action_space=action_space,
            codec=codec,
            dna=dna.on((n_rows, n_cols), stage.part),
        )

    def check_costs(self, grid: tuple[int, int]) -> None:
        """Refuse another grid on which brains would be too large.

        Parameters
        ----------
        grid : (int, int)
            Its rows and columns.

        Raises
        ------
        ValueError
            If they would, or genes are for one size of grid.
        """
        dna = self._resizable()[0].on(grid)
        dna.check_costs(self.config.population_size, self.codec.n_ticks)

    def _resizable(self) -> tuple[Resizable, ResizableEncoder]:
        """Return the DNA and the encoder, if they fit grids of any size."""
        encoder = self.codec.encoder
        if isinstance(encoder, ResizableEncoder) and isinstance(self.dna, Resizable):
            return self.dna, encoder
        raise ValueError(
            f"stages and variations must be () for dna {self.config.dna.name!r} with encoder "
            f"{encoder.kind!r}, because brains of its genes fit one environment only, got "
            'others: take dna="grown" and encoder="grid"'
        )

    def check_storable(self) -> None:
        """Refuse a codec or spaces that cannot be saved in a file.

        Raises
        ------
        ValueError, UnsupportedSpaceError
            If the codec, or a space, cannot be saved.
        """
        self.codec.to_json()
        for space in (self.observation_space, self.action_space):
            describe(space)

    def grow(self, genome: Genomes) -> Brain:
        """Return the brain of one genome.

        Parameters
        ----------
        genome : ndarray, shape (n_genes,)
            The genome.
        """
        if isinstance(self.dna, Grown):
            return self.dna.brain(genome)
        return self.dna.grow(genome[None]).connectome(0)

    def organism(self, brain: Brain, generation: int) -> Organism:
        """Return the organism with a brain of some generation.

        Parameters
        ----------
        brain : Connectome or GrownBrain
            The brain.
        generation : int
            The generation that it comes from.
        """
        return Organism(
            brain=brain,
            codec=self.codec,
            observation_space=self.observation_space,
            action_space=self.action_space,
            task=self.validation,
            provenance={
                "package": package_version(),
                "seed": self.config.seed,
                "generation": generation,
                "recipe": self.config.to_json(),
            },
        )


def _trained(validation: Task, training_kwargs: Mapping[str, Any], spaces: Spaces) -> Task:
    """Return the task of training; check by making it that its spaces are those of validation."""
    training = replace(validation, env_kwargs={**validation.env_kwargs, **training_kwargs})
    _check_vector(validation)
    if training == validation:
        return training
    _check_vector(training)
    with training.source().make() as env:
        differs = first_difference(spaces, (env.observation_space, env.action_space))
    if differs is not None:
        name, wanted, got = differs
        raise ValueError(
            f"training_kwargs must leave {name} as it is, {wanted}, got {dict(training_kwargs)}, "
            f"which makes it {got}"
        )
    return training


def _check_vector(task: Task) -> None:
    """Make the native vector, if there is one: it may refuse what a single environment takes."""
    vector = task.source().make_vector(1)
    if vector is not None:
        vector.close()
