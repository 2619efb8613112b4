"""Actions with parts, and their masks."""

import json
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from codecs_of_tests import decode
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st
from random_spaces import discrete_spaces

from spiking_agent.codec.decoders.base import NO_CHOICE
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.decoders.registry import decoder_from_json

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)


NESTED = spaces.Dict(
    [
        ("turn", spaces.Tuple([spaces.Discrete(2, start=5), spaces.Box(-1.0, 1.0, (2,))])),
        ("jump", spaces.MultiDiscrete([2, 3])),
    ]
)


def test_parts_of_an_action_have_outputs_of_their_own_in_the_order_of_their_names() -> None:
    decoder = make_decoder(NESTED)
    assert (decoder.n_outputs, decoder.n_choices) == (5 + 2 + 4, 2 + 1)
    counts = np.array([[0, 1, 0, 0, 1, 0, 1, 4, 0, 0, 2]], np.int32)
    before = np.full((1, 3), NO_CHOICE, np.int32)
    actions, choices = decoder.decode(counts, 4, before)
    action = decoder.single(actions, 0)
    assert action["jump"].tolist() == [1, 2]
    assert action["turn"][0] == 6
    assert action["turn"][1].tolist() == [1.0, -1.0]
    assert choices.tolist() == [[1, 2, 1]]
    assert decoder.winning_outputs(choices[0]).tolist() == [1, 4, 6]
    silent, _ = decoder.decode(np.zeros((1, 11), np.int32), 4, choices)  # the choices before stay
    assert silent["jump"].tolist() == [[1, 2]]
    assert silent["turn"][0].tolist() == [6]
    assert decoder.opposite_outputs() == ((7, 9), (8, 10))  # of the Box


PARTS = st.one_of(discrete_spaces(), st.sampled_from([spaces.Box(-1.0, 2.0, (2,))]))


@SETTINGS
@given(st.lists(PARTS, min_size=1, max_size=3), st.booleans(), st.integers(0, 2**32 - 1))
def test_composed_actions_belong_to_their_space_and_survive_json(
    parts: list[gym.Space[Any]], is_tuple: bool, seed: int
) -> None:
    names = "cab"[: len(parts)]
    space = spaces.Tuple(parts) if is_tuple else spaces.Dict(list(zip(names, parts, strict=True)))
    decoder = make_decoder(space)
    copy = decoder_from_json(json.loads(json.dumps(decoder.to_json(), sort_keys=True)))
    counts = np.random.default_rng(seed).integers(0, 3, (4, decoder.n_outputs)).astype(np.int32)
    assert (copy.n_outputs, copy.n_choices) == (decoder.n_outputs, decoder.n_choices)
    actions = decode(decoder, counts)
    assert gym.vector.utils.batch_space(space, 4).contains(actions)
    for row in range(4):
        assert space.contains(decoder.single(actions, row))
        alone = decoder.single(decode(copy, counts[row : row + 1]), 0)
        assert gym.spaces.utils.flatten(space, alone).tolist() == (
            gym.spaces.utils.flatten(space, decoder.single(actions, row)).tolist()
        )


def test_composed_actions_of_older_files_are_differences() -> None:
    decoder = make_decoder(spaces.Tuple([spaces.Box(-1.0, 1.0, (1,))]))
    description = decoder.to_json()
    assert description.pop("box") == "balance"
    older = decoder_from_json(description)
    assert decode(older, [[1, 0]], n_ticks=4)[0].tolist() == [[0.25]]
    assert decoder_from_json(older.to_json()) == older
    assert decode(decoder, [[1, 0]], n_ticks=4)[0].tolist() == [[1.0]]
    with pytest.raises(ValueError, match="box must be one of balance, difference, got 'loudest'"):
        decoder_from_json({**description, "box": "loudest"})


@SETTINGS
@given(st.lists(discrete_spaces(), min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_masks_of_gymnasium_are_understood(parts: list[gym.Space[Any]], seed: int) -> None:
    rng = np.random.default_rng(seed)

    def mask_of(part: gym.Space[Any]) -> Any:
        if isinstance(part, spaces.MultiBinary):
            return rng.integers(0, 3, part.shape).astype(np.int8)
        if isinstance(part, spaces.MultiDiscrete) and len(part.shape) == 2:
            return tuple(tuple(map(some_of, row)) for row in part.nvec.tolist())
        if isinstance(part, spaces.MultiDiscrete):
            return tuple(map(some_of, part.nvec.tolist()))
        return some_of(part.n)

    def some_of(n_values: int) -> np.ndarray:
        legal = (rng.random(n_values) < 0.5).astype(np.int8)
        legal[rng.integers(n_values)] = 1
        return legal

    space = spaces.Tuple([*parts, spaces.Box(0.0, 1.0, (1,))])
    mask = (*map(mask_of, parts), None)
    space.seed(seed)
    space.sample(mask)  # Gymnasium, too, takes it for one
    decoder = make_decoder(space)
    counts = rng.integers(0, 3, (1, decoder.n_outputs)).astype(np.int32)
    action = decoder.single(decode(decoder, counts, mask=decoder.flat_mask(mask)[None]), 0)
    assert space.contains(action)
    for part, value, legal in zip(parts, action, mask, strict=False):
        if isinstance(part, spaces.MultiBinary):
            assert ((legal == 2) | (legal == value)).all()
        elif isinstance(part, spaces.MultiDiscrete):
            rows = [m for row in legal for m in (row if isinstance(row, tuple) else [row])]
            chosen = (value - part.start).ravel()
            assert all(row[v] for row, v in zip(rows, chosen, strict=True))
        else:
            assert legal[value - part.start]


def test_masks_that_lack_a_part_are_refused() -> None:
    decoder = make_decoder(NESTED)
    with pytest.raises(
        ValueError, match=r"action_mask must have the parts \['jump', 'turn'\], got"
    ):
        decoder.flat_mask({"jump": None})
    assert decoder.flat_mask(None).tolist() == [1] * 11
    assert decoder.flat_mask({"jump": None, "turn": (np.array([0, 1]), None)}).tolist() == (
        [1] * 5 + [0, 1] + [1] * 4
    )
