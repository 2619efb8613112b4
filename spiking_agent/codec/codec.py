"""A codec: how a brain is connected to an environment, from its observations to its actions."""

import copy
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import gymnasium as gym
import numpy as np

from spiking_agent.brain.connectome import MAX_TICKS, Connectome
from spiking_agent.checks.arguments import flag, json_values, whole
from spiking_agent.checks.words import shown
from spiking_agent.codec.decoders.base import NO_CHOICE, Decoder, flat_mask
from spiking_agent.codec.decoders.factory import (
    AUTO,
    BUILT_IN,
    check_decoder_kind,
    decoder_from_json,
    make_decoder,
)
from spiking_agent.codec.encoders.base import Encoder
from spiking_agent.codec.encoders.factory import (
    check_encoder_kind,
    encoder_from_json,
    has_open_bounds,
    make_encoder,
)
from spiking_agent.codec.fitting import check_decoder_fits, check_encoder_fits
from spiking_agent.codec.spaces import Json, count_numbers

N_BOUND_EPISODES = 10  # random episodes from which open bounds are learned
MAX_BOUND_MOVES = 10_000  # of one of them, for environments without an end
MAX_SEED = 2**31
RANDOM_SPIKES = 2**20  # of an output, at most: so many that two seldom have as many


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How a brain is connected to an environment.

    Parameters
    ----------
    encoder : Encoder
        Observations to impulses.
    decoder : Decoder
        Spikes to actions.
    n_ticks : int
        Length of a decision, 1 to 10,000 ticks.
    carry_state : bool
        Whether potentials and impulses in flight last from one decision to the next.
    """

    encoder: Encoder
    decoder: Decoder
    n_ticks: int
    carry_state: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_ticks", whole("n_ticks", self.n_ticks, 1, MAX_TICKS))
        object.__setattr__(self, "carry_state", flag("carry_state", self.carry_state))

    def check_spaces(self, observation_space: gym.Space[Any], action_space: gym.Space[Any]) -> None:
        """Refuse spaces whose observations cannot be encoded, or that actions would not lie in.

        Raises
        ------
        ValueError
            If encoder or decoder is for other spaces.
        """
        check_encoder_fits(self.encoder, observation_space)
        check_decoder_fits(self.decoder, action_space)

    def to_json(self) -> Json:
        """Everything that `from_json` needs.

        Raises
        ------
        ValueError
            If encoder or decoder is of a kind that nothing registers or holds what JSON cannot, so
            that no file could give it back.
        """
        encoder = json_values("encoder", self.encoder.to_json())
        decoder = json_values("decoder", self.decoder.to_json())
        check_encoder_kind(encoder)
        check_decoder_kind(decoder)
        return {
            "encoder": encoder,
            "decoder": decoder,
            "n_ticks": self.n_ticks,
            "carry_state": self.carry_state,
        }

    @classmethod
    def from_json(
        cls, description: Mapping[str, Any], connectome: Connectome | None = None
    ) -> Self:
        """Make the codec that `to_json` wrote.

        Parameters
        ----------
        description : mapping
            JSON values.
        connectome : Connectome, optional
            What it has to fit; checked before anything large is built.

        Raises
        ------
        ValueError, KeyError, TypeError
            If the description is none that `to_json` writes, or does not fit the connectome.
        """
        encoder = encoder_from_json(description["encoder"])
        if connectome is not None:
            check_fit("inputs", encoder.n_inputs, connectome.n_inputs)
            _check_outputs(description["decoder"], connectome)
        return cls(
            encoder=encoder,
            decoder=decoder_from_json(description["decoder"]),
            n_ticks=operator.index(description["n_ticks"]),
            carry_state=bool(description["carry_state"]),
        )


def check_fit(name: str, n_codec: int, n_connectome: int) -> None:
    """Refuse a connectome with other numbers of inputs or outputs than its codec.

    Raises
    ------
    ValueError
        If the numbers differ.
    """
    if n_codec != n_connectome:
        raise ValueError(
            f"connectome must have {n_codec} {name}, as its codec has, got {n_connectome}"
        )


def _check_outputs(decoder: Mapping[str, Any], connectome: Connectome) -> None:
    """Refuse a decoder that reads more outputs than there are, before its space is built."""
    if decoder["kind"] not in BUILT_IN:
        return  # it need not have a space; `Organism` compares the outputs of what is made
    n_numbers = count_numbers(decoder["space"])  # each has one output or two
    if n_numbers > connectome.n_outputs:
        check_fit("outputs", n_numbers, connectome.n_outputs)


def make_codec(
    env: gym.Env[Any, Any],
    rng: np.random.Generator,
    *,
    encoder: str | Mapping[str, Any] | Encoder = "thermometer",
    decoder: str | Mapping[str, Any] | Decoder = AUTO,
    n_levels: int = 8,
    n_ticks: int = 1,
    carry_state: bool = False,
    max_moves: int | None = None,
) -> Codec:
    """Choose how brains are connected to an environment.

    Parameters
    ----------
    env : gymnasium.Env
        The environment; where its observations have open bounds, random episodes are played, of
        actions that its ``info["action_mask"]`` allows.
    rng : Generator
        Source of those episodes.
    encoder, decoder
        A name for `make_encoder` and `make_decoder`, what `to_json` of one gave, or one itself.
    n_levels
        See `make_encoder`.
    n_ticks, carry_state
        See `Codec`.
    max_moves : int, optional
        Moves after which one of those episodes is given up.

    Raises
    ------
    UnsupportedSpaceError
        If a space has no encoder or decoder.
    ValueError
        If there is none of that name, or a mask allows no action.
    """
    made = _make_decoder(env, decoder)

    def play() -> list[Any]:
        n_moves = MAX_BOUND_MOVES if max_moves is None else min(max_moves, MAX_BOUND_MOVES)
        return _random_observations(env, made, rng, n_moves)

    codec = Codec(
        encoder=_make_encoder(env, play, encoder, n_levels),
        decoder=made,
        n_ticks=n_ticks,
        carry_state=carry_state,
    )
    codec.check_spaces(env.observation_space, env.action_space)
    return codec


def as_setting(name: str, part: object) -> str | Json:
    """Write an encoder or a decoder as the setting that stands for it, in JSON values.

    Parameters
    ----------
    name : {"encoder", "decoder"}
        What it has to be.
    part : str, mapping, Encoder or Decoder
        A name, what `to_json` gave, or the thing itself.

    Raises
    ------
    TypeError
        If it is none of these.
    """
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping):
        return json_values(name, part)
    if isinstance(part, Encoder if name == "encoder" else Decoder):
        return part.to_json()
    protocol = f"spiking_agent.{name}s.{name.capitalize()}"
    raise TypeError(f"{name} must be a name or an object with all of {protocol}, got {shown(part)}")


def _make_encoder(
    env: gym.Env[Any, Any],
    play: Callable[[], list[Any]],
    encoder: str | Mapping[str, Any] | Encoder,
    n_levels: int,
) -> Encoder:
    if isinstance(encoder, Mapping):
        try:
            return encoder_from_json(encoder)
        except KeyError as error:
            raise ValueError(
                f"encoder must be what to_json of one gave, got {shown(encoder)} without {error}"
            ) from error
    if not isinstance(encoder, str):
        return encoder
    space = env.observation_space
    samples = []
    if has_open_bounds(space, encoder):
        try:  # what is refused is so before anything is played
            with np.errstate(over="raise"):
                trial = [copy.deepcopy(space).sample()]
        except (OverflowError, FloatingPointError) as error:
            raise ValueError(
                f"observation_space must have bounds with a finite difference, got {space}"
            ) from error
        make_encoder(space, samples=trial, encoder=encoder, n_levels=n_levels)
        samples = play()
    return make_encoder(space, samples=samples, encoder=encoder, n_levels=n_levels)


def _make_decoder(env: gym.Env[Any, Any], decoder: str | Mapping[str, Any] | Decoder) -> Decoder:
    if isinstance(decoder, Mapping):
        try:
            return decoder_from_json(decoder)
        except KeyError as error:
            raise ValueError(
                f"decoder must be what to_json of one gave, got {shown(decoder)} without {error}"
            ) from error
    return make_decoder(env.action_space, decoder) if isinstance(decoder, str) else decoder


def _random_observations(
    env: gym.Env[Any, Any], decoder: Decoder, rng: np.random.Generator, max_moves: int
) -> list[Any]:
    """Play random episodes and keep what was seen."""
    samples = []
    env.action_space.seed(int(rng.integers(MAX_SEED)))
    for _ in range(N_BOUND_EPISODES):
        observation, info = env.reset(seed=int(rng.integers(MAX_SEED)))
        samples.append(copy.deepcopy(observation))  # some environments use their array again
        for _ in range(max_moves):
            mask = info.get("action_mask")
            action = (
                env.action_space.sample() if mask is None else _random_legal(decoder, mask, rng)
            )
            observation, _, terminated, truncated, info = env.step(action)
            samples.append(copy.deepcopy(observation))
            if terminated or truncated:
                break
    return samples


def _random_legal(decoder: Decoder, mask: Any, rng: np.random.Generator) -> Any:
    """Decode random spikes under a mask, which means then what it means in play."""
    counts = rng.integers(RANDOM_SPIKES + 1, size=(1, decoder.n_outputs), dtype=np.int32)
    choices = np.full((1, decoder.n_choices), NO_CHOICE, np.int32)
    actions = decoder.decode(counts, RANDOM_SPIKES, choices, flat_mask(decoder, mask)[None])
    return decoder.single(actions, 0)
