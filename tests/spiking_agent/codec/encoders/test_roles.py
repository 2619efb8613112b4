"""Which inputs are opposites of each other, and which never rest."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

from spiking_agent.codec.encoders.factory import make_encoder

BOX = spaces.Box(-1, 1, (2,), np.float64)


@pytest.mark.parametrize(
    ("space", "pairs", "constant"),
    [
        (BOX, ((0, 1), (2, 3)), (4,)),
        (spaces.Discrete(3), (), ()),
        (
            spaces.Dict(a=spaces.Discrete(3), b=BOX, c=spaces.Box(-1, 1, (1,))),
            ((3, 4), (5, 6), (8, 9)),
            (7, 10),
        ),
        (spaces.OneOf([BOX, BOX]), ((0, 1), (2, 3), (4, 5)), (6,)),
    ],
)
def test_they_are_found_wherever_in_the_space_they_are(
    space: gym.Space, pairs: tuple, constant: tuple
) -> None:
    space.seed(0)
    samples = [space.sample() for _ in range(20)]
    encoder = make_encoder(space, samples=samples, encoder="on-off")
    assert encoder.opposite_inputs() == pairs
    assert encoder.constant_inputs() == constant


def test_pixels_have_pairs_too() -> None:
    space = spaces.Box(0, 255, (40, 40, 3), np.uint8)
    encoder = make_encoder(space, encoder="on-off")
    assert len(encoder.opposite_inputs()) * 2 + 1 == encoder.n_inputs
    drive = encoder.encode(np.full((1, 40, 40, 3), 255, np.uint8), 4)[0].sum(0)
    assert drive.tolist() == [4, 0] * (encoder.n_inputs // 2) + [4]


def test_other_encoders_have_none() -> None:
    encoder = make_encoder(BOX, encoder="rate")
    assert encoder.opposite_inputs() == encoder.constant_inputs() == ()
