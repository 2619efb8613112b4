"""Names of the neurons of a brain: inputs by what they stand for, outputs by what they do."""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym

from spiking_agent.brain.connectome import Connectome
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.encoders.base import Encoder


def input_names(encoder: Encoder, env: gym.Env[Any, Any] | None = None) -> tuple[str, ...]:
    """Return a name for each input neuron.

    Parameters
    ----------
    encoder : Encoder
        What drives them.
    env : gymnasium.Env, optional
        Its attribute ``feature_names`` names the numbers of an observation, or the
        channels of a grid, if it has as many.

    Returns
    -------
    tuple of str, length n_inputs
        Such as ``"2 above 0.5"``, for number 2 of the observation.

    Raises
    ------
    ValueError
        If the encoder gives more or fewer names than it has inputs.
    """
    given = None if env is None else getattr(env.unwrapped, "feature_names", None)
    return _checked(encoder, encoder.input_names(given), encoder.n_inputs)


def output_names(decoder: Decoder, env: gym.Env[Any, Any] | None = None) -> tuple[str, ...]:
    """Return a name for each output neuron.

    Parameters
    ----------
    decoder : Decoder
        What reads them.
    env : gymnasium.Env, optional
        ``action_names`` in its metadata names its actions, if there are as many.

    Returns
    -------
    tuple of str, length n_outputs
        Such as ``"action 2"``.

    Raises
    ------
    ValueError
        If the decoder gives more or fewer names than it has outputs.
    """
    given = None if env is None else (env.metadata or {}).get("action_names")
    return _checked(decoder, decoder.output_names(given), decoder.n_outputs)


def _checked(part: object, names: Sequence[str], n_neurons: int) -> tuple[str, ...]:
    if len(names) != n_neurons:
        raise ValueError(
            f"names of {type(part).__name__} must be {n_neurons}, one for each neuron, "
            f"got {len(names)}"
        )
    return tuple(map(str, names))


def neuron_names(
    connectome: Connectome, encoder: Encoder, decoder: Decoder, env: gym.Env[Any, Any] | None = None
) -> tuple[str, ...]:
    """Return a name for every neuron of a brain; hidden ones have their number.

    Parameters
    ----------
    connectome : Connectome
        The neurons of the brain.
    encoder : Encoder
        What drives its inputs.
    decoder : Decoder
        What reads its outputs.
    env : gymnasium.Env, optional
        An environment that may name the numbers of its observations and its actions.

    Returns
    -------
    tuple of str, length n_neurons
        A neuron that is both input and output has both names.
    """
    names = [""] * connectome.n_neurons
    for neuron_id, name in zip(
        connectome.input_neurons.tolist(), input_names(encoder, env), strict=True
    ):
        names[neuron_id] = name
    outputs = zip(connectome.output_neurons.tolist(), output_names(decoder, env), strict=True)
    for neuron_id, name in outputs:
        names[neuron_id] = f"{names[neuron_id]} / {name}" if names[neuron_id] else name
    return tuple(name or f"hidden {neuron_id}" for neuron_id, name in enumerate(names))
