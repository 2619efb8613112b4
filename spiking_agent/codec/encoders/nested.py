"""Encoders that are made of others: of the parts of an observation, or of a flattened one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from spiking_agent.checks.words import shown
from spiking_agent.codec.encoders.base import BaseEncoder, Encoder, misfit
from spiking_agent.codec.spaces import describe
from spiking_agent.errors import InvalidObservationError
from spiking_agent.typing import Json, UInt8Array


@dataclass(frozen=True, slots=True)
class ConcatenatedEncoder(BaseEncoder):
    """Parts of a Dict or Tuple observation, each with an encoder of its own.

    Parameters
    ----------
    keys : tuple of str or int
        Where each part is found in the observation.
    parts : tuple of Encoder
        The encoder of each part.

    Raises
    ------
    ValueError
        If the numbers of keys and parts differ.
    """

    keys: tuple[str | int, ...]
    parts: tuple[Encoder, ...] = field()  # a field of its own, not the property of BaseEncoder
    kind: ClassVar[str] = "concatenated"

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.parts):
            raise ValueError(
                f"keys must have one entry for each of {len(self.parts)} parts, got {self.keys}"
            )

    @property
    def n_inputs(self) -> int:
        """All inputs of all parts."""
        return sum(part.n_inputs for part in self.parts)

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Return the drives of the parts side by side.

        Parameters
        ----------
        batch : mapping or sequence
            A batch for each part, by its key.
        n_ticks : int
            Length of a decision, >= 1.

        Returns
        -------
        ndarray of uint8, shape (n, n_ticks, n_inputs) or (n, 1, n_inputs)
            The drive.

        Raises
        ------
        InvalidObservationError
            If a part is missing, or is not of the form that its encoder takes.
        """
        try:
            batches = [batch[key] for key in self.keys]
        except (LookupError, TypeError) as error:
            raise InvalidObservationError(
                f"{type(self).__name__}: observation must have the parts {list(self.keys)}, "
                f"got {shown(batch)}"
            ) from error
        drives = [
            part.encode(rows, n_ticks) for part, rows in zip(self.parts, batches, strict=True)
        ]
        length = max(drive.shape[1] for drive in drives)
        wide = [np.broadcast_to(d, (len(d), length, d.shape[2])) for d in drives]
        return np.concatenate(wide, axis=2)

    def input_names(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return the names that the parts give, each after the key of its part.

        Parameters
        ----------
        names : sequence of str, optional
            Names of the numbers of an observation, which are not used.
        """
        parts = zip(self.keys, self.parts, strict=True)
        return tuple(f"{key} {name}" for key, part in parts for name in part.input_names())

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that a space has the parts, and that each part fits.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one observation.

        Raises
        ------
        ValueError
            If it lacks a part, or a part does not fit.
        """
        for key, part in zip(self.keys, self.parts, strict=True):
            part.check_fits(_part(space, key))

    def to_json(self) -> Json:
        """Return kind, keys and the descriptions of the parts."""
        return {
            "kind": self.kind,
            "keys": list(self.keys),
            "parts": [part.to_json() for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class FlattenedEncoder(BaseEncoder):
    """Observations of any other space, flattened by Gymnasium first.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one observation, such as Text.
    part : Encoder
        Encoder of the flattened observation.
    """

    space: gym.Space[Any]
    part: Encoder
    kind: ClassVar[str] = "flattened"

    @property
    def n_inputs(self) -> int:
        """All inputs of the flattened observation."""
        return self.part.n_inputs

    @property
    def parts(self) -> tuple[Encoder, ...]:
        """The encoder of the flattened observation."""
        return (self.part,)

    def encode(self, batch: Any, n_ticks: int) -> UInt8Array:
        """Flatten each observation, then drive.

        Parameters
        ----------
        batch : sequence
            Observations of the space.
        n_ticks : int
            Length of a decision, >= 1.

        Returns
        -------
        ndarray of uint8, shape (n, n_ticks, n_inputs) or (n, 1, n_inputs)
            The drive of `part`.

        Raises
        ------
        InvalidObservationError
            If an observation cannot be flattened.
        """
        return self.part.encode(np.stack([self._flat(row) for row in batch]), n_ticks)

    def _flat(self, observation: Any) -> npt.NDArray[Any]:
        try:
            return np.asarray(spaces.flatten(self.space, observation))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InvalidObservationError(
                f"{type(self).__name__}: observation must lie in {self.space}, "
                f"got {shown(observation)}"
            ) from error

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that a space is the one that the encoder is for.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one observation.

        Raises
        ------
        ValueError
            If it is another one.
        """
        if describe(self.space) != describe(space):
            raise misfit(self, f"must be of {self.space}", space)
        self.part.check_fits(spaces.flatten_space(space))

    def to_json(self) -> Json:
        """Return kind, space and the description of the part."""
        return {"kind": self.kind, "space": describe(self.space), "part": self.part.to_json()}


def _part(space: gym.Space[Any], key: str | int) -> gym.Space[Any]:
    parts: Mapping[Any, gym.Space[Any]] = {}
    if isinstance(space, spaces.Dict):
        parts = space.spaces
    elif isinstance(space, spaces.Tuple):
        parts = dict(enumerate(space.spaces))
    if isinstance(key, bool) or key not in parts:
        raise ValueError(f"encoder must read parts of the observation space, {space}, got {key!r}")
    return parts[key]
