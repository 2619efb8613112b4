"""Encoders as JSON values."""

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from spiking_agent.codec.encoders.factory import make_encoder
from spiking_agent.codec.encoders.registry import encoder_from_json

GRID = make_encoder(spaces.Box(0, 1, (2, 3, 3)), encoder="grid").to_json()
PICTURE = make_encoder(spaces.Box(0, 255, (96, 96, 3), np.uint8)).to_json()


@pytest.mark.parametrize(
    ("description", "error", "message"),
    [
        ({"kind": "retina"}, ValueError, "encoder must be one of direct, .*, got 'retina': "),
        ({"kind": "direct"}, KeyError, "size"),
        ({"kind": "rate", "low": [0], "high": [0], "n_levels": 2}, ValueError, "low < high"),
        (
            {"kind": "concatenated", "keys": [], "parts": [5]},
            ValueError,
            r"parts\[0\] must be a mapping of names to values, got 5",
        ),
        (None, ValueError, "encoder must be a mapping of names to values, got None"),
        ({"kind": []}, ValueError, r"kind of the encoder must be a name, got \[\]"),
        ({"kind": "direct", "size": "x"}, ValueError, "size must be a whole number >= 0, got 'x'"),
        (
            {"kind": "one-hot", "n_values": [2], "start": [True], "silent_lowest": False},
            ValueError,
            r"start\[0\] must be a whole number .*, got True",
        ),
        (
            {"kind": "rate", "low": None, "high": [1], "n_levels": 2},
            ValueError,
            "low must be a tuple or a list, got None",
        ),
        ({**GRID, "start": True}, ValueError, "start must be a whole number .*, got True"),
        ({**GRID, "n_rows": "x"}, ValueError, "n_rows must be a whole number >= 1, got 'x'"),
        ({**PICTURE, "grid": None}, ValueError, "grid must be a mapping of names to values"),
        ({**PICTURE, "grid": {}}, KeyError, "height"),
        (
            {"kind": "concatenated", "keys": [[]], "parts": [{"kind": "direct", "size": 1}]},
            ValueError,
            r"keys\[0\] must be a str or an int, got \[\]",
        ),
        ({}, KeyError, "kind"),
    ],
)
def test_descriptions_of_nothing_are_refused(
    description: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        encoder_from_json(description)


def test_spaces_of_all_parts_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Any) -> None:
        raise AssertionError("nothing may be built")

    monkeypatch.setattr("spiking_agent.codec.encoders.registry.build", refuse)
    box = {"kind": "Box", "low": 0, "high": 1, "shape": [600_000], "dtype": "float64"}
    part = {
        "kind": "flattened",
        "space": {"kind": "OneOf", "spaces": [box]},
        "part": {"kind": "direct", "size": 1},
    }
    with pytest.raises(ValueError, match="space must hold at most 10000000 numbers, got 18000000"):
        encoder_from_json({"kind": "concatenated", "keys": list(range(30)), "parts": [part] * 30})


def test_parts_without_inputs_are_refused() -> None:
    forged = {"kind": "thermometer", "low": [], "high": [], "n_levels": 10**12}
    part = {"kind": "direct", "size": 85}
    with pytest.raises(ValueError, match="thermometer encoder must have inputs, got 0"):
        encoder_from_json({"kind": "concatenated", "keys": ["a", "b"], "parts": [part, forged]})


@pytest.mark.parametrize("value", ["no", 1, None])
def test_what_is_no_flag_is_not_taken_for_one(value: Any) -> None:
    board = make_encoder(spaces.Box(0, 2, (2,), np.uint8)).to_json()
    picture = make_encoder(spaces.Box(0, 255, (96, 96, 3), np.uint8)).to_json()
    for description, sizes, name in (
        (board, board, "silent_lowest"),
        (picture, picture["grid"], "channels_first"),
    ):
        encoder_from_json(description)
        sizes[name] = value
        with pytest.raises(ValueError, match=f"{name} must be True or False, got"):
            encoder_from_json(description)
