"""The settings of a codec."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spiking_agent.brain.carry_state import CarryState, carry_state_of
from spiking_agent.brain.parameters import MAX_TICKS
from spiking_agent.checks.arguments import json_values, text, whole
from spiking_agent.codec.decoders.factory import AUTO, check_decoder
from spiking_agent.codec.encoders.factory import check_encoder
from spiking_agent.codec.encoders.real_numbers import DEFAULT, N_LEVELS
from spiking_agent.codec.random_play import N_RANDOM_MOVES


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecParams:
    """How brains are connected to an environment.

    Parameters
    ----------
    encoder : str or mapping
        How observations become impulses: "thermometer", "rate", "receptive-field", "latency" or
        "on-off" for real numbers, "grid" for sheets of inputs, a kind that an installed package
        registers, or what `to_json` of an encoder returned.
    decoder : str or mapping
        How spikes become actions: "auto" for what fits the space, a name, or what `to_json` of a
        decoder returned.
    n_levels : int
        Input neurons for each real number, >= 1; "on-off" has two of them whatever this is.
    n_ticks : int
        Length of a decision in ticks, 1 to 10,000.
    n_random_moves : int
        Moves of random episodes from which open bounds of observations are learned, >= 1. Ten
        episodes are played, or fewer if this many moves are made before.
    carry_state : bool or "impulses"
        What the brain keeps from one decision to the next: everything, nothing, or what each
        neuron keeps, see `kept` of `Connectome`.

    Raises
    ------
    ValueError
        If a value is out of range, or there is no encoder or decoder of that name.
    """

    encoder: str | Mapping[str, Any] = DEFAULT
    decoder: str | Mapping[str, Any] = AUTO
    n_levels: int = N_LEVELS
    n_ticks: int = 4
    n_random_moves: int = N_RANDOM_MOVES
    carry_state: CarryState = False

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "n_levels", whole("n_levels", self.n_levels, 1))
        put(self, "n_ticks", whole("n_ticks", self.n_ticks, 1, MAX_TICKS))
        put(self, "n_random_moves", whole("n_random_moves", self.n_random_moves, 1))
        put(self, "carry_state", carry_state_of("carry_state", self.carry_state))
        for name, check in (("encoder", check_encoder), ("decoder", check_decoder)):
            part = getattr(self, name)
            if not isinstance(part, Mapping):
                part = text(name, part)
                check(part)
            elif not isinstance(part.get("kind"), str):
                raise ValueError(f"{name} must be a name or a mapping with a kind, got {part!r}")
            else:
                part = json_values(name, part)
            put(self, name, part)
