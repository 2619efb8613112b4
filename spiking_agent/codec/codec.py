"""A codec: how a brain is connected to an environment, from its observations to its actions."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

import gymnasium as gym
import numpy as np

from spiking_agent.brain.carry_state import CarryState, carry_state_of
from spiking_agent.brain.parameters import MAX_TICKS
from spiking_agent.checks.arguments import json_values, whole
from spiking_agent.checks.mappings import mapping
from spiking_agent.checks.words import shown
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.decoders.registry import (
    check_decoder_kind,
    decoder_from_json,
    decoder_numbers,
)
from spiking_agent.codec.encoders.base import Encoder
from spiking_agent.codec.encoders.bounds import has_open_bounds
from spiking_agent.codec.encoders.factory import make_encoder
from spiking_agent.codec.encoders.registry import check_encoder_kind, encoder_from_json
from spiking_agent.codec.params import CodecParams
from spiking_agent.codec.random_play import random_observations
from spiking_agent.typing import Json

T = TypeVar("T")

PROTOCOLS: Final[dict[str, type]] = {"encoder": Encoder, "decoder": Decoder}


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
    carry_state : bool or "impulses"
        What lasts from one decision to the next: potentials and impulses in flight, nothing, or
        what each neuron keeps, see `kept` of `Connectome`.

    Raises
    ------
    TypeError
        If encoder or decoder lacks something that it has to have.
    ValueError
        If another argument is out of range.
    """

    encoder: Encoder
    decoder: Decoder
    n_ticks: int
    carry_state: CarryState

    def __post_init__(self) -> None:
        for name in PROTOCOLS:
            _check_part(name, getattr(self, name))
        object.__setattr__(self, "n_ticks", whole("n_ticks", self.n_ticks, 1, MAX_TICKS))
        carry_state = carry_state_of("carry_state", self.carry_state)
        object.__setattr__(self, "carry_state", carry_state)

    def check_spaces(self, observation_space: gym.Space[Any], action_space: gym.Space[Any]) -> None:
        """Refuse spaces whose observations cannot be encoded, or that actions would not lie in.

        Parameters
        ----------
        observation_space, action_space : gymnasium.Space
            Spaces of one observation and of one action.

        Raises
        ------
        ValueError
            If encoder or decoder is for other spaces.
        """
        self.encoder.check_fits(observation_space)
        self.decoder.check_fits(action_space)

    def to_json(self) -> Json:
        """Return everything that `from_json` needs.

        Raises
        ------
        ValueError
            If encoder or decoder is of a kind that nothing registers or holds what JSON cannot, so
            that no file could give it back.
        """
        check_encoder_kind(self.encoder)
        check_decoder_kind(self.decoder)
        return {
            "encoder": _description("encoder", self.encoder),
            "decoder": _description("decoder", self.decoder),
            "n_ticks": self.n_ticks,
            "carry_state": self.carry_state,
        }

    @classmethod
    def from_json(cls, description: Mapping[str, Any], ends: tuple[int, int] | None = None) -> Self:
        """Return the codec that `to_json` wrote.

        Parameters
        ----------
        description : mapping
            JSON values.
        ends : (int, int), optional
            Inputs and outputs of the brain that it has to fit; checked before anything large is
            built.

        Raises
        ------
        ValueError, KeyError, TypeError
            If `to_json` writes no such description, or it does not fit the brain.
        """
        given = mapping("codec", description)
        encoder = encoder_from_json(given["encoder"])
        if ends is not None:
            n_inputs, n_outputs = ends
            check_fit("inputs", encoder.n_inputs, n_inputs)
            n_numbers = decoder_numbers(given["decoder"])
            if n_numbers > n_outputs:  # each has one output or two
                check_fit("outputs", n_numbers, n_outputs)
        return cls(
            encoder=encoder,
            decoder=decoder_from_json(given["decoder"]),
            n_ticks=given["n_ticks"],
            carry_state=given["carry_state"],
        )


def check_fit(name: str, n_codec: int, n_brain: int) -> None:
    """Refuse a brain with other numbers of inputs or outputs than its codec.

    Parameters
    ----------
    name : str
        "inputs" or "outputs", for messages.
    n_codec, n_brain : int
        How many the codec and the brain have.

    Raises
    ------
    ValueError
        If the numbers differ.
    """
    if n_codec != n_brain:
        raise ValueError(f"brain must have {n_codec} {name}, as its codec has, got {n_brain}")


def make_codec(
    env: gym.Env[Any, Any],
    rng: np.random.Generator,
    params: CodecParams | None = None,
    *,
    encoder: Encoder | None = None,
    decoder: Decoder | None = None,
    max_moves: int | None = None,
) -> Codec:
    """Return a codec that fits an environment.

    Parameters
    ----------
    env : gymnasium.Env
        The environment; where its observations have open bounds, random episodes are played, of
        actions that its ``info["action_mask"]`` allows.
    rng : Generator
        Source of those episodes.
    params : CodecParams, optional
        The settings; by default those of ``CodecParams()``.
    encoder, decoder : optional
        Used instead of those that the settings describe.
    max_moves : int, optional
        Moves after which one of those episodes is given up.

    Raises
    ------
    UnsupportedSpaceError
        If a space has no encoder or decoder.
    ValueError
        If there is none of that name, or a mask allows no action.
    """
    params = CodecParams() if params is None else params
    made = _make_decoder(env, params.decoder if decoder is None else decoder)

    def play() -> list[Any]:
        return random_observations(env, made, rng, max_moves, params.n_random_moves)

    codec = Codec(
        encoder=_make_encoder(env, play, params) if encoder is None else encoder,
        decoder=made,
        n_ticks=params.n_ticks,
        carry_state=params.carry_state,
    )
    codec.check_spaces(env.observation_space, env.action_space)
    return codec


def as_setting(name: str, part: object) -> str | Json:
    """Return an encoder or a decoder as the setting that stands for it, in JSON values.

    Parameters
    ----------
    name : {"encoder", "decoder"}
        What it has to be.
    part : str, mapping, Encoder or Decoder
        A name, what `to_json` returned, or the object itself.

    Raises
    ------
    TypeError
        If it is none of these.
    """
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping):
        return json_values(name, part)
    _check_part(name, part)
    return _description(name, part)


def _check_part(name: str, part: object) -> None:
    """Refuse what is no encoder or no decoder."""
    protocol = PROTOCOLS[name]
    if isinstance(part, type) or not isinstance(part, protocol):
        where = f"{protocol.__module__}.{protocol.__name__}"
        raise TypeError(
            f"{name} must be a name or an object with all of {where}, got {shown(part)}: "
            f"subclasses of Base{protocol.__name__} there need little more than the rule itself"
        )


def _description(name: str, part: Any) -> Json:
    """Return an encoder or a decoder as JSON values, which say of what kind it is."""
    description = json_values(name, part.to_json())
    if description.get("kind") != part.kind:
        raise ValueError(
            f"to_json of the {name} must give its kind, {part.kind!r}, got {shown(description)}"
        )
    return description


def _make_encoder(
    env: gym.Env[Any, Any],
    play: Callable[[], list[Any]],
    params: CodecParams,
) -> Encoder:
    encoder, n_levels = params.encoder, params.n_levels
    if isinstance(encoder, Mapping):
        return _read("encoder", encoder_from_json, encoder)
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
        return _read("decoder", decoder_from_json, decoder)
    return make_decoder(env.action_space, decoder) if isinstance(decoder, str) else decoder


def _read(name: str, from_json: Callable[[Mapping[str, Any]], T], description: Any) -> T:
    """Return what a description given as a setting stands for."""
    try:
        return from_json(description)
    except KeyError as error:
        raise ValueError(
            f"{name} must be what to_json of one returned, got {shown(description)} without {error}"
        ) from error
