"""The most spikes win."""

import json
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from codecs_of_tests import decode
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st
from random_spaces import discrete_spaces

from spiking_agent.codec.decoders.base import NO_CHOICE
from spiking_agent.codec.decoders.factory import make_decoder
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder, _choose
from spiking_agent.codec.decoders.registry import decoder_from_json

pytestmark = pytest.mark.kernels

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)


DISCRETE = make_decoder(spaces.Discrete(3))
IN_TURN = make_decoder(spaces.Discrete(3), "in-turn")


def test_most_spikes_win() -> None:
    assert decode(DISCRETE, [[0, 2, 1], [3, 0, 0], [0, 0, 1]]).tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("counts", "before", "expected"),
    [
        ([2, 2, 2], NO_CHOICE, 0),  # the first action of an episode: the lowest
        ([0, 0, 0], 2, 2),
        ([2, 1, 2], 2, 2),  # the action before is one of the equals
        ([2, 2, 1], 2, 0),  # it is not
        ([1, 2, 2], 0, 1),
        ([1, 2, 2], 1, 1),
        ([3, 2, 2], 1, 0),
    ],
)
def test_ties_go_to_the_action_before_else_to_the_lowest(
    counts: list[int], before: int, expected: int
) -> None:
    assert decode(DISCRETE, [counts], [[before]]).tolist() == [expected]


@pytest.mark.parametrize(
    ("counts", "before", "expected"),
    [
        ([2, 2, 2], NO_CHOICE, 0),  # the first action of an episode: the lowest
        ([2, 2, 2], 0, 1),
        ([2, 2, 2], 2, 0),  # after the highest comes the lowest
        ([2, 1, 2], 0, 2),
        ([2, 1, 2], 1, 2),
        ([1, 3, 2], 1, 1),  # no tie
        ([0, 0, 0], 2, 2),  # no output fires
        ([0, 0, 0], NO_CHOICE, 0),
    ],
)
def test_in_turn_ties_go_to_the_next_action_in_a_circle(
    counts: list[int], before: int, expected: int
) -> None:
    assert decode(IN_TURN, [counts], [[before]]).tolist() == [expected]


def test_in_turn_each_number_takes_turns_and_illegal_values_are_left_out() -> None:
    decoder = make_decoder(spaces.MultiDiscrete([2, 3], start=[10, -1]), "in-turn")
    assert decode(decoder, [[1, 1, 4, 4, 4]], [[0, 1]]).tolist() == [[11, 1]]
    masked = decode(IN_TURN, [[3, 3, 3], [0, 0, 0]], [[0], [1]], [[1, 0, 1], [1, 0, 1]])
    assert masked.tolist() == [2, 2]


def test_both_decoders_come_back_from_a_file_as_what_they_were() -> None:
    for decoder in (DISCRETE, IN_TURN):
        copy = decoder_from_json(json.loads(json.dumps(decoder.to_json())))
        assert type(copy) is type(decoder)
        assert copy == decoder


@pytest.mark.parametrize(
    ("counts", "before", "mask", "expected"),
    [
        ([9, 1, 2], NO_CHOICE, [0, 1, 1], 2),
        ([0, 0, 0], NO_CHOICE, [0, 1, 1], 1),  # the lowest that is legal
        ([2, 2, 2], 0, [0, 1, 1], 1),  # the action before is not legal
        ([2, 2, 2], 2, [0, 1, 1], 2),
        ([0, 9, 0], 1, [1, 0, 0], 0),
    ],
)
@pytest.mark.parametrize("dtype", [np.int8, bool])
def test_illegal_actions_are_never_chosen(
    counts: list[int], before: int, mask: list[int], expected: int, dtype: type
) -> None:
    chosen = decode(DISCRETE, [counts], [[before]], np.array([mask], dtype))
    assert chosen.tolist() == [expected]


def test_each_row_has_its_own_mask_unless_there_is_one_for_all() -> None:
    counts = [[3, 2, 1], [3, 2, 1]]
    assert decode(DISCRETE, counts, mask=[[0, 1, 1], [0, 0, 1]]).tolist() == [1, 2]
    assert decode(DISCRETE, counts, mask=[[0, 1, 1]]).tolist() == [1, 1]


def test_a_mask_without_a_legal_action_is_refused() -> None:
    with pytest.raises(ValueError, match="action_mask must allow at least one action, got a row"):
        decode(DISCRETE, [[1, 2, 3], [1, 2, 3]], mask=[[1, 1, 1], [0, 0, 0]])


def test_a_mask_that_leaves_one_number_of_an_action_no_value_is_refused() -> None:
    decoder = make_decoder(spaces.MultiDiscrete([2, 2]))
    with pytest.raises(ValueError, match="action_mask must allow at least one action"):
        decode(decoder, [[1, 2, 3, 4]], mask=[[1, 1, 0, 0]])


@pytest.mark.parametrize("shape", [(3,), (1, 2), (2, 4), (3, 3)])
def test_masks_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"mask must have shape \(2, 3\), got \("):
        decode(DISCRETE, [[1, 2, 3]] * 2, mask=np.ones(shape))


def test_choices_are_counted_from_the_lowest_value() -> None:
    decoder = make_decoder(spaces.Discrete(3, start=-5))
    before = np.full((2, 1), NO_CHOICE, np.int32)
    actions, choices = decoder.decode(np.array([[0, 0, 1], [1, 0, 0]], np.int32), 1, before)
    assert actions.tolist() == [-3, -5]
    assert choices.tolist() == [[2], [0]]
    silent, again = decoder.decode(np.zeros((2, 3), np.int32), 1, choices)
    assert silent.tolist() == [-3, -5]
    assert again.tolist() == choices.tolist()


def test_each_number_of_an_action_is_chosen_alone() -> None:
    decoder = make_decoder(spaces.MultiDiscrete([2, 3], start=[10, -1]))
    actions = decode(decoder, [[0, 1, 5, 0, 6], [2, 2, 2, 2, 2]], [[0, 0], [1, 2]])
    assert actions.tolist() == [[11, 1], [11, 1]]


def test_actions_can_have_two_axes() -> None:
    decoder = make_decoder(spaces.MultiDiscrete([[2, 2], [2, 3]], start=[[0, 1], [2, 3]]))
    assert decode(decoder, [[0, 1, 1, 0, 0, 1, 0, 0, 1]]).tolist() == [[[1, 1], [3, 5]]]
    bits = make_decoder(spaces.MultiBinary([2, 2]))
    assert decode(bits, [[0, 1, 1, 0, 0, 0, 1, 2]]).tolist() == [[[1, 0], [0, 1]]]


@SETTINGS
@given(discrete_spaces(), st.integers(0, 2**32 - 1), st.booleans())
def test_chosen_actions_belong_to_their_space_and_decoders_survive_json(
    space: gym.Space[Any], seed: int, masked: bool
) -> None:
    decoder = make_decoder(space)
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 3, (5, decoder.n_outputs)).astype(np.int32)
    mask = np.ones(counts.shape, np.int8) if masked else None
    copy = decoder_from_json(json.loads(json.dumps(decoder.to_json(), sort_keys=True)))
    actions, again = decode(decoder, counts, mask=mask), decode(copy, counts, mask=mask)
    batched = gym.vector.utils.batch_space(space, 5)
    assert batched.contains(actions)
    assert (copy.n_outputs, copy.n_choices) == (decoder.n_outputs, decoder.n_choices)
    npt.assert_array_equal(again, actions, strict=True)
    for row in range(5):
        assert space.contains(decoder.single(actions, row))


def plain_choice(counts: list[int], legal: list[bool], before: int, *, in_turn: bool) -> int:
    """The rules of ties as the documentation says them."""
    allowed = [value for value in range(len(counts)) if legal[value]]
    most = max((counts[value] for value in allowed), default=None)
    tied = [value for value in allowed if counts[value] == most]
    if not tied:
        return -1
    if before in tied and (most == 0 or not in_turn):
        return before
    later = [value for value in tied if value > before]
    return later[0] if in_turn and later else tied[0]


@pytest.mark.parametrize("in_turn", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_the_kernel_agrees_with_the_plain_rule(seed: int, in_turn: bool) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 5, rng.integers(1, 4))
    ends = np.cumsum(sizes)
    counts = rng.integers(0, 3, (50, ends[-1])).astype(np.int32)
    legal = rng.random((50, ends[-1])) < 0.7
    before = rng.integers(-1, sizes, (50, len(sizes))).astype(np.int32)
    for row in range(50):
        expected = [
            plain_choice(c.tolist(), m.tolist(), b, in_turn=in_turn)
            for c, m, b in zip(
                np.split(counts[row], ends[:-1]),
                np.split(legal[row], ends[:-1]),
                before[row].tolist(),
                strict=True,
            )
        ]
        for kernel in (_choose, getattr(_choose, "py_func", _choose)):
            choices = before[row : row + 1].copy()
            has_legal = kernel(counts[row : row + 1], ends, legal[row : row + 1], in_turn, choices)
            assert has_legal == (-1 not in expected)
            if has_legal:
                assert choices.tolist() == [expected]


@pytest.mark.parametrize("in_turn", [False, True])
def test_compiled_and_plain_kernel_agree_on_whole_batches(in_turn: bool) -> None:
    rng = np.random.default_rng(0)
    ends = np.array([3, 4, 9])
    counts = rng.integers(0, 3, (500, 9)).astype(np.int32)
    legal = rng.random((500, 9)) < 0.8
    legal[:, [0, 3, 8]] = True
    results = []
    for kernel in (_choose, getattr(_choose, "py_func", _choose)):
        choices = np.full((500, 3), NO_CHOICE, np.int32)
        assert kernel(counts, ends, legal, in_turn, choices)
        assert kernel(counts[::-1].copy(), ends, legal[::-1].copy(), in_turn, choices)
        results.append(choices)
    npt.assert_array_equal(*results)


@SETTINGS
@given(discrete_spaces())
def test_outputs_are_counted_as_they_are_laid_out(space: gym.Space[Any]) -> None:
    decoder = make_decoder(space)
    ends = decoder._ends()
    assert ends.dtype == np.int64
    assert len(ends) == decoder.n_choices
    assert ends[-1] == decoder.n_outputs
    if isinstance(space, spaces.MultiDiscrete):
        npt.assert_array_equal(np.diff(ends, prepend=0), space.nvec.ravel())


def test_counting_outputs_takes_no_memory() -> None:
    decoder = MostSpikesDecoder(spaces.MultiBinary(10**15))
    assert decoder.n_outputs == 2 * 10**15
    assert decoder.n_choices == 10**15
