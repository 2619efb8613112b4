"""From counts of spikes to actions."""

import json
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.testing as npt
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st
from random_spaces import discrete_spaces

from spiking_agent.codec.decoders.base import NO_CHOICE, Decoder
from spiking_agent.codec.decoders.factory import decoder_from_json, make_decoder
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder, _choose
from spiking_agent.codec.decoders.nested import ComposedDecoder
from spiking_agent.codec.decoders.real_numbers import BalanceDecoder
from spiking_agent.errors import UnsupportedSpaceError

SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)


def decode(
    decoder: Decoder,
    counts: list[list[int]] | np.ndarray,
    before: list[list[int]] | None = None,
    mask: Any = None,
    n_ticks: int = 4,
) -> np.ndarray:
    counts = np.array(counts, np.int32)
    choices = np.full((len(counts), decoder.n_choices), NO_CHOICE, np.int32)
    if before is not None:
        choices[:] = before
    mask = None if mask is None else np.array(mask)
    actions, chosen = decoder.decode(counts, n_ticks, choices, mask)
    assert chosen.shape == choices.shape
    return actions


DISCRETE = make_decoder(spaces.Discrete(3))


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


@pytest.mark.parametrize(
    "space",
    [
        spaces.Discrete(3),
        spaces.MultiBinary(2),
        spaces.Box(-1.0, 1.0, (2,)),
        spaces.Tuple([spaces.Discrete(2), spaces.Box(-1.0, 1.0, (1,)), spaces.Dict()]),
    ],
    ids=str,
)
def test_decoding_changes_none_of_its_arguments(space: gym.Space[Any]) -> None:
    decoder = make_decoder(space)
    counts = np.arange(2 * decoder.n_outputs, dtype=np.int32).reshape(2, -1)
    given = counts, np.full((2, decoder.n_choices), NO_CHOICE, np.int32), np.ones_like(counts)
    for array in given:
        array.flags.writeable = False
    _, choices = decoder.decode(given[0], 4, given[1], given[2])
    assert choices.shape == (2, decoder.n_choices)
    assert (choices >= 0).all()


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


def plain_choice(counts: list[int], legal: list[bool], before: int) -> int:
    """The rule of ties as the documentation says it."""
    allowed = [value for value in range(len(counts)) if legal[value]]
    most = max((counts[value] for value in allowed), default=None)
    tied = [value for value in allowed if counts[value] == most]
    return -1 if not tied else before if before in tied else tied[0]


@pytest.mark.parametrize("seed", range(20))
def test_the_kernel_agrees_with_the_plain_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 5, rng.integers(1, 4))
    ends = np.cumsum(sizes)
    counts = rng.integers(0, 3, (50, ends[-1])).astype(np.int32)
    legal = rng.random((50, ends[-1])) < 0.7
    before = rng.integers(-1, sizes, (50, len(sizes))).astype(np.int32)
    for row in range(50):
        expected = [
            plain_choice(c.tolist(), m.tolist(), b)
            for c, m, b in zip(
                np.split(counts[row], ends[:-1]),
                np.split(legal[row], ends[:-1]),
                before[row].tolist(),
                strict=True,
            )
        ]
        for kernel in (_choose, getattr(_choose, "py_func", _choose)):
            choices = before[row : row + 1].copy()
            has_legal = kernel(counts[row : row + 1], ends, legal[row : row + 1], choices)
            assert has_legal == (-1 not in expected)
            if has_legal:
                assert choices.tolist() == [expected]


def test_compiled_and_plain_kernel_agree_on_whole_batches() -> None:
    rng = np.random.default_rng(0)
    ends = np.array([3, 4, 9])
    counts = rng.integers(0, 3, (500, 9)).astype(np.int32)
    legal = rng.random((500, 9)) < 0.8
    legal[:, [0, 3, 8]] = True
    results = []
    for kernel in (_choose, getattr(_choose, "py_func", _choose)):
        choices = np.full((500, 3), NO_CHOICE, np.int32)
        assert kernel(counts, ends, legal, choices)
        assert kernel(counts[::-1].copy(), ends, legal[::-1].copy(), choices)
        results.append(choices)
    npt.assert_array_equal(*results)


TWO_NUMBERS = spaces.Box(np.array([-1.0, 0.0]), np.array([1.0, 10.0]), dtype=np.float64)


def test_real_numbers_are_balances_of_spikes_however_few() -> None:
    decoder = make_decoder(TWO_NUMBERS)
    assert decoder.n_outputs == 4
    actions = decode(decoder, [[0, 0, 0, 0], [1, 0, 0, 2], [1, 3, 3, 1], [2, 3, 2, 1]])
    npt.assert_allclose(actions, [[0.0, 5.0], [1.0, 0.0], [-0.5, 7.5], [0.0, 7.5]])


def test_real_numbers_can_be_differences() -> None:
    decoder = make_decoder(TWO_NUMBERS, "difference")
    assert decoder.n_outputs == 4
    actions = decode(decoder, [[0, 0, 0, 0], [4, 0, 0, 4], [1, 3, 3, 1], [2, 4, 2, 2]])
    npt.assert_allclose(actions, [[0.0, 5.0], [1.0, 0.0], [-0.5, 7.5], [0.0, 7.5]])


def test_boxes_can_have_two_axes() -> None:
    decoder = make_decoder(spaces.Box(-1.0, 1.0, (2, 2)), "difference")
    actions = decode(decoder, [[4, 0, 2, 0, 0, 4, 0, 0]])
    npt.assert_allclose(actions, [[[1.0, -1.0], [0.5, 0.0]]])


def test_whole_numbers_in_a_box_are_rounded() -> None:
    decoder = make_decoder(spaces.Box(-3, 3, (1,), np.int8), "difference")
    actions = decode(decoder, [[0, 4], [0, 1], [0, 0], [1, 0], [4, 0]])
    assert actions.dtype == np.int8
    assert actions.ravel().tolist() == [-3, -1, 0, 1, 3]


@pytest.mark.parametrize("kind", ["balance", "difference"])
@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(-1.7e308, 1.7e308, (2,), np.float64),
        spaces.Box(-3.4e38, 3.4e38, (2,), np.float32),
        spaces.Box(0.1, 0.3, (2,), np.float16),
        spaces.Box(0, 255, (2,), np.uint8),
        spaces.Box(-(2**53), 2**53, (2,), np.int64),
        spaces.Box(0, 1, (2,), bool),
        spaces.Box(-2.0, 2.0, ()),
    ],
    ids=str,
)
def test_all_counts_are_actions_of_the_box(space: spaces.Box, kind: str) -> None:
    decoder = make_decoder(space, kind)
    assert decoder.n_choices == 0
    copy = decoder_from_json(json.loads(json.dumps(decoder.to_json())))
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 4, (50, decoder.n_outputs)).astype(np.int32)
    counts[0], counts[1] = 0, 3
    counts[2], counts[2, : decoder.n_outputs // 2] = 0, 3
    counts[3], counts[3, decoder.n_outputs // 2 :] = 0, 3
    actions = decode(decoder, counts, n_ticks=3)
    for row in range(50):
        assert space.contains(decoder.single(actions, row))
    npt.assert_array_equal(actions[2], space.high)
    npt.assert_array_equal(actions[3], space.low)
    npt.assert_array_equal(decode(copy, counts, n_ticks=3), actions, strict=True)


def test_single_actions_are_their_own() -> None:
    for space in (spaces.Box(-1, 1, (2,)), spaces.MultiBinary(1)):
        decoder = make_decoder(space)
        actions = decode(decoder, np.zeros((2, decoder.n_outputs)))
        single = decoder.single(actions, 1)
        single[:] = 1
        assert not actions.any()
    action = DISCRETE.single(decode(DISCRETE, [[0, 0, 1]]), 0)
    assert type(action) is int


@pytest.mark.parametrize(
    ("space", "kind"),
    [
        (spaces.Discrete(2), MostSpikesDecoder),
        (spaces.MultiDiscrete([2]), MostSpikesDecoder),
        (spaces.MultiBinary(2), MostSpikesDecoder),
        (spaces.Box(0, 1, (1,)), BalanceDecoder),
        (spaces.Dict(a=spaces.Box(0, 1, (1,))), ComposedDecoder),
        (spaces.Tuple([spaces.Discrete(2)]), ComposedDecoder),
    ],
)
def test_action_spaces_get_the_decoder_that_fits(space: gym.Space[Any], kind: type) -> None:
    assert type(make_decoder(space)) is kind


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            spaces.Box(-np.inf, 1.0, (1,)),
            r"action space must have finite bounds.*Box\(-inf, 1.0.*Tr",
        ),
        (spaces.Box(-np.inf, np.inf, (1,), np.int32), "action space must have finite bounds"),
        (spaces.Box(0, 2**62, (1,), np.int64), "action space must have .* bounds below"),
        (spaces.Text(3), r"action space must be Discrete, .*, got Text.*: wrap"),
        (spaces.Sequence(spaces.Discrete(2)), "action space must be Discrete, .*TransformAction"),
        (spaces.Dict(a=spaces.Text(3)), r"action space must be Discrete, .*, got Text"),
        (spaces.Tuple([]), r"action space must have something to decide, got Tuple\(\)"),
    ],
)
def test_action_spaces_without_a_decoder_are_refused(space: gym.Space[Any], message: str) -> None:
    with pytest.raises(UnsupportedSpaceError, match=message):
        make_decoder(space)


def test_a_description_of_another_decoder_is_refused() -> None:
    description = {**DISCRETE.to_json(), "kind": "difference"}
    with pytest.raises(ValueError, match="kind must be 'most-spikes', got 'difference'"):
        decoder_from_json(description)


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
    with pytest.raises(KeyError):
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


@pytest.mark.parametrize("name", ["most-spikes", "balance", "composed"])
def test_a_decoder_named_is_the_one_that_fits_or_refused(name: str) -> None:
    fitting = {
        "most-spikes": spaces.Discrete(2),
        "balance": spaces.Box(0, 1, (1,)),
        "composed": spaces.Tuple([spaces.Discrete(2)]),
    }
    for other, space in fitting.items():
        if other == name:
            assert make_decoder(space, name) == make_decoder(space)
        else:
            message = f"action space must be one for decoder '{name}', got .*: '{other}' fits it"
            with pytest.raises(UnsupportedSpaceError, match=message):
                make_decoder(space, name)


def test_an_unknown_decoder_is_refused_with_the_known_ones() -> None:
    message = (
        "decoder must be one of auto, most-spikes, balance, difference, composed, got 'loudest'"
    )
    with pytest.raises(ValueError, match=message):
        make_decoder(spaces.Discrete(2), "loudest")
