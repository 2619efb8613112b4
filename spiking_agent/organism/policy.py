"""A running brain as a policy: observations in, actions out, one at a time or in batches."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from spiking_agent.brain.connectome import Connectome
from spiking_agent.brain.engines import ENGINES, make_engine
from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.checks.arguments import choice, instance, whole
from spiking_agent.checks.costs import MAX_LANES, check_decision
from spiking_agent.checks.words import shown
from spiking_agent.codec.batches import batch_size, is_batch, stack
from spiking_agent.codec.codec import Codec, check_fit
from spiking_agent.dna.grown.brain import Brain, GrownBrain
from spiking_agent.episodes.lanes import PolicyLanes
from spiking_agent.errors import InvalidObservationError
from spiking_agent.typing import BoolArray


@dataclass(eq=False, kw_only=True)
class Policy:
    """A brain with its codec: everything that is needed to act.

    Parameters
    ----------
    brain : Connectome or GrownBrain
        The brain: all its synapses, or the genome by which they grow when they are needed.
    codec : Codec
        How it is connected.
    observation_space, action_space : gymnasium.Space
        Spaces of one environment.
    engine : {"compiled", "actors", "live"}
        What runs the brain.

    Raises
    ------
    ValueError
        If the inputs or outputs of the brain do not fit the codec, the codec does not fit the
        spaces, the engine is unknown, or a decision would take too long.
    TypeError
        If an argument is of another type.
    """

    brain: Brain
    codec: Codec
    observation_space: gym.Space[Any]
    action_space: gym.Space[Any]
    engine: str = "compiled"
    _lanes: PolicyLanes | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.engine = choice("engine", self.engine, ENGINES)
        brain, codec = self.brain, instance("codec", self.codec, Codec)
        if not isinstance(brain, Brain):
            raise TypeError(f"brain must be a Connectome or a GrownBrain, got {shown(brain)}")
        check_fit("inputs", codec.encoder.n_inputs, brain.n_inputs)
        check_fit("outputs", codec.decoder.n_outputs, brain.n_outputs)
        codec.check_spaces(self.observation_space, self.action_space)
        if isinstance(brain, GrownBrain):
            _check_grown(brain, codec)
            n_targets, n_synapses = brain.n_neurons - brain.n_inputs, brain.most_synapses
        else:
            n_targets, n_synapses = brain.n_targets, brain.n_synapses
        is_matrix = isinstance(brain, Connectome) and brain.connectivity is not None
        check_decision(
            codec.n_ticks,
            brain.n_inputs,
            brain.n_neurons,
            n_targets,
            None if is_matrix else n_synapses,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for copies and pickles: all fields, but not the running brain."""
        return {named.name: getattr(self, named.name) for named in fields(self)} | {"_lanes": None}

    @property
    def connectome(self) -> Connectome:
        """The brain with all its synapses; that of a grown brain grows when it is read first."""
        return self.brain.connectome if isinstance(self.brain, GrownBrain) else self.brain

    @property
    def population(self) -> Population | Tissue:
        """The brain as engines take it."""
        if isinstance(self.brain, GrownBrain):
            return self.brain.tissue
        return Population.from_connectomes([self.brain])

    def lanes(self, n_lanes: int = 1, *, record: bool = False) -> PolicyLanes:
        """Start copies of the brain, each at the beginning of an episode.

        Parameters
        ----------
        n_lanes : int
            Number of copies, >= 1.
        record : bool
            Whether to record every spike.

        Returns
        -------
        PolicyLanes
            The copies; `close` it to stop them.

        Raises
        ------
        ValueError
            If `n_lanes` is less than 1.
        """
        engine = make_engine(
            self.engine,
            self.population,
            lanes_per_brain=whole("n_lanes", n_lanes, 1, MAX_LANES),
            carry_state=self.codec.carry_state,
            record=record,
        )
        return PolicyLanes(engine, self.codec)

    def reset(self, seed: int | None = None) -> None:
        """Begin an episode: clear the brain and the last action.

        Parameters
        ----------
        seed : int, optional
            Not used, because nothing in the brain is random; it is accepted so that organisms and
            environments are reset alike.
        """
        if self._lanes is not None:
            self._lanes.start()

    def act(self, observation: Any, info: Mapping[str, Any] | None = None) -> Any:
        """Choose an action for the next observation of the episode.

        Parameters
        ----------
        observation : element of `observation_space`
            The last observation that the environment returned.
        info : mapping, optional
            The info that came with it; its `action_mask` is obeyed, see `Decoder.flat_mask`.

        Returns
        -------
        element of `action_space`
            The action, a Python int if the space is Discrete.

        Raises
        ------
        InvalidObservationError
            If the observation is not in the space.
        """
        if self._lanes is None:
            self._lanes = self.lanes()
        told = {} if info is None else instance("info", info, Mapping)  # type: ignore[type-abstract]
        mask = told.get("action_mask")
        masks = None if mask is None else self._lanes.flat_masks([mask])
        return self._lanes.single(self._lanes.act(self.batch([observation]), mask=masks), 0)

    def predict(
        self,
        observation: Any,
        state: PolicyLanes | None = None,
        episode_start: BoolArray | None = None,
        deterministic: bool = True,
        action_masks: npt.ArrayLike | None = None,
    ) -> tuple[Any, PolicyLanes]:
        """Choose actions in the form of Stable-Baselines3, for one observation or a batch.

        Parameters
        ----------
        observation : element of `observation_space`, or a batch of them
            The last observations that the environments returned.
        state : PolicyLanes, optional
            The state that the previous call returned; None begins new episodes.
        episode_start : ndarray of bool, shape (n,), optional
            Lanes that begin an episode with this observation; n is 1 for a single one.
        deterministic : bool
            Not used, because nothing in the brain is random.
        action_masks : array_like, shape (n_actions,) or (n, n_actions), optional
            Nonzero where an action is legal, as in sb3-contrib. By default, masks are read from
            the observations if the class of the organism's own environment has a method
            ``action_masks_of``, as Snake has. Otherwise every action is legal.

        Returns
        -------
        actions, state : tuple
            One action or a batch, like the observation, and the running brains.

        Raises
        ------
        InvalidObservationError
            If the observation is neither one of the space nor a batch of them, or cannot be
            encoded.
        ValueError
            If `episode_start` or `action_masks` has another shape.
        """
        batch, n_lanes, is_single = self._as_batch(observation)
        begins = np.zeros(n_lanes, np.bool_) if episode_start is None else np.asarray(episode_start)
        if begins.shape != (n_lanes,):
            raise ValueError(f"episode_start must have shape ({n_lanes},), got {begins.shape}")
        if begins.dtype.kind != "b" and not np.isin(begins, (False, True)).all():
            raise ValueError(f"episode_start must hold True or False, got {shown(episode_start)}")
        if state is None or instance("state", state, PolicyLanes).engine.n_lanes != n_lanes:
            state = self.lanes(n_lanes)
        elif begins.any():
            state.start(np.flatnonzero(begins))
        if action_masks is None:
            masks = self._masks_of(batch)
        else:
            masks = np.asarray(action_masks)
            masks = masks[None] if is_single and masks.ndim == 1 else masks
        actions = state.act(batch, mask=masks)
        return (self.codec.decoder.single(actions, 0) if is_single else actions), state

    def close(self) -> None:
        """Stop the running brain of `act`; the next `act` starts a new one."""
        if self._lanes is not None:
            self._lanes.close()
            self._lanes = None

    def batch(self, observations: list[Any]) -> Any:
        """Return single observations as a batch, like those of vector environments.

        Parameters
        ----------
        observations : list
            Observations of the observation space.

        Raises
        ------
        InvalidObservationError
            If one does not fit the space.
        """
        try:
            return stack(self.observation_space, observations)
        except InvalidObservationError as error:
            encoder = type(self.codec.encoder).__name__
            raise InvalidObservationError(f"{encoder}: {error}") from error

    def _masks_of(self, batch: Any) -> npt.NDArray[Any] | None:
        """Return masks of legal actions for a batch of observations; None if all are legal."""
        return None

    def _as_batch(self, observation: Any) -> tuple[Any, int, bool]:
        """Return an observation or a batch as a batch, its size, and whether it was single."""
        try:
            if is_batch(self.observation_space, observation):
                return observation, batch_size(self.observation_space, observation), False
        except ValueError as error:
            raise InvalidObservationError(
                f"{type(self.codec.encoder).__name__}: observation must be of "
                f"{self.observation_space} or a batch of it, got {shown(observation)}"
            ) from error
        return self.batch([observation]), 1, True


def _check_grown(brain: GrownBrain, codec: Codec) -> None:
    """Refuse a codec of another grid, or with decisions of another length, than a grown brain's."""
    if codec.encoder.input_grid() != brain.grid:
        raise ValueError(
            f"encoder must drive a grid of {brain.grid} (channels, rows and columns) for this "
            f"brain, got {codec.encoder.input_grid()}"
        )
    if codec.n_ticks != brain.plan.n_ticks:
        raise ValueError(
            f"n_ticks must be {brain.plan.n_ticks}, as the plan of the brain says, "
            f"got {codec.n_ticks}"
        )
