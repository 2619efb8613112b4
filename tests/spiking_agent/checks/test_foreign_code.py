"""What encoders and decoders of other people raise comes out as their own fault."""

from dataclasses import replace

import numpy as np
import pytest
from players import make_organism
from toy_envs import Echo

import spiking_agent
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.encoders.discrete import DirectEncoder
from spiking_agent.errors import ForeignCodeError

SMALL = {"population_size": 4, "n_episodes": 1, "target": None, "generations": 4}


class Broken(DirectEncoder):
    """An encoder of somebody else with a slip in it."""

    def encode(self, observations, n_ticks):
        return super().encode(observations, n_ticks) + np.zeros(3, np.uint8)


def test_an_encoder_or_a_decoder_of_other_people_is_named_likewise() -> None:
    with pytest.raises(ForeignCodeError, match=r"Broken failed in encode\(\): ValueError: operan"):
        spiking_agent.evolve(Echo, encoder=Broken(2), **SMALL)
    kind = type(make_decoder(Echo().action_space))

    class Slip(kind):  # type: ignore[misc, valid-type]
        def single(self, actions, row):
            return next(iter(()))

    with pytest.raises(ForeignCodeError, match=r"Slip failed in single\(\): StopIteration"):
        spiking_agent.evolve(Echo, decoder=Slip(Echo().action_space), **SMALL)

    class Old(kind):  # type: ignore[misc, valid-type]
        def decode(self, counts, n_ticks, choices, mask=None):
            actions, _ = super().decode(counts, n_ticks, choices, mask)
            return actions, actions

    with pytest.raises(ForeignCodeError, match=r"Old failed in decode\(\): .* actions and choices"):
        spiking_agent.evolve(Echo, decoder=Old(Echo().action_space), **SMALL)

    class Blind(kind):  # type: ignore[misc, valid-type]
        def flat_mask(self, mask):
            raise KeyError("mask")

    organism = make_organism(Echo)
    blind = replace(organism.codec, decoder=Blind(Echo().action_space))
    lanes = replace(organism, codec=blind).lanes()
    with pytest.raises(ForeignCodeError, match=r"Blind failed in flat_mask\(\): KeyError: 'mask'"):
        lanes.flat_masks([None])
