"""Decoders by name, for an action space."""

from typing import Any, Final

import gymnasium as gym

from spiking_agent.checks.costs import MAX_OUTPUTS
from spiking_agent.codec.decoders.base import Decoder
from spiking_agent.codec.decoders.by_space import deciding, decoder_for
from spiking_agent.codec.decoders.most_spikes import WHOLE_DECODERS, MostSpikesDecoder
from spiking_agent.codec.decoders.real_numbers import (
    BOX_DECODERS,
    BalanceDecoder,
)
from spiking_agent.codec.decoders.registry import DECODERS
from spiking_agent.errors import UnsupportedSpaceError

AUTO: Final = "auto"  # whatever fits the space


def make_decoder(space: gym.Space[Any], decoder: str = AUTO) -> Decoder:
    """Return a decoder for an action space.

    Parameters
    ----------
    space : gymnasium.Space
        Space of one action.
    decoder : str
        "auto" takes the one that fits: for a Box "balance", for whole numbers "most-spikes".
        "most-spikes", "in-turn", "balance", "difference" or "composed" is refused if another one
        fits. Or a kind that an installed package registers.

    Returns
    -------
    Decoder
        The decoder.

    Raises
    ------
    UnsupportedSpaceError
        If there is none, the one named is for other spaces, a Box has no finite bounds, or it
        would need more than `MAX_OUTPUTS` neurons.
    ValueError
        If there is no decoder of that name, or the space has values that its dtype cannot hold.
    """
    check_decoder(decoder)
    made: Decoder
    if decoder == AUTO or decoder in DECODERS.own:
        box = BOX_DECODERS.get(decoder, BalanceDecoder)
        made = decoder_for(space, box, WHOLE_DECODERS.get(decoder, MostSpikesDecoder))
        if decoder not in (AUTO, made.kind):
            raise UnsupportedSpaceError(
                f"action space must be one for decoder {decoder!r}, got {space}: "
                f"{made.kind!r} fits it, and so does {AUTO!r}"
            )
    else:
        made = DECODERS.make(decoder, "from_space", space)
    if made.n_outputs > MAX_OUTPUTS:
        raise UnsupportedSpaceError(
            f"action space must need at most {MAX_OUTPUTS:,} output neurons, got {space}, which "
            f"needs {made.n_outputs:,}: wrap the environment in an action wrapper with fewer "
            "actions, or with several small numbers for a large one, as MultiDiscrete([130, 131]) "
            "for Discrete(17030): a number needs an output for each of its values"
        )
    return deciding(made, space)


def check_decoder(name: str) -> None:
    """Refuse a name that `make_decoder` does not take; nothing is imported.

    Parameters
    ----------
    name : str
        As the argument `decoder` of `make_decoder`.

    Raises
    ------
    ValueError
        If there is no such decoder, or more than one package registers it.
    """
    DECODERS.check(name, among=(AUTO, *DECODERS.own))
