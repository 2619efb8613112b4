"""What messages are made of."""

import numpy as np
import pytest

from spiking_agent.checks.words import LONGEST, counted, meant, one_line, shown


class Rude:
    def __repr__(self) -> str:
        return "a\x1b[2J\nb" * 1000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.full(94, 0.5, np.float32), "array of float32, shape (94,), 0.5 to 0.5"),
        (np.array([np.nan, 1.0]), "array of float64, shape (2,), 1 to 1, NaN among them"),
        (np.array([np.nan]), "array of float64, shape (1,), all NaN"),
        (np.zeros((0, 3)), "array of float64, shape (0, 3)"),
        (np.array([None, "x"]), "array of object, shape (2,)"),
        ({"a": np.arange(6).reshape(2, 3)}, "{'a': array of int64, shape (2, 3), 0 to 5}"),
        (10**500, "<int of 1661 bits>"),
        ("text", "'text'"),
        (None, "None"),
    ],
)
def test_a_value_is_shown_by_what_it_is(value, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    "value",
    ["x" * 10_000, "\x1b[31m\n" * 500, [np.zeros(9)] * 500, {n: n for n in range(999)}, Rude()],
)
def test_a_value_is_shown_on_one_short_line(value) -> None:
    text = shown(value)
    assert len(text) <= LONGEST
    assert text.isprintable()


def test_one_thing_has_no_s() -> None:
    assert [counted(n, "worker") for n in (0, 1, 2, 1000)] == [
        "0 workers",
        "1 worker",
        "2 workers",
        "1,000 workers",
    ]
    assert [counted(speed, "move", ".3g") for speed in (0.5, 1.0, 1.0001, 2.5)] == [
        "0.5 moves",
        "1 move",
        "1 move",
        "2.5 moves",
    ]


def test_names_that_are_nearly_right_are_known() -> None:
    assert meant("n_hiden", ["n_hidden", "n_ticks"]) == ": did you mean 'n_hidden'?"
    assert meant("hidden", ["n_hidden", "seed"], {"hidden": "n_hidden"}).endswith("'n_hidden'?")
    assert meant("zigzag", ["n_hidden"]) == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain words", "plain words"),
        ("día 日 ✓", "día 日 ✓"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x1b[31mred\x9b0m\x00", r"\x1b[31mred\x9b0m\x00"),
        ("\u202edrawkcab\u200b\ud800", r"\u202edrawkcab\u200b\ud800"),
        ("", ""),
        (7, "7"),
    ],
)
def test_words_come_out_on_one_printable_line(text: object, line: str) -> None:
    assert one_line(text) == line
    assert line.isprintable()


@pytest.mark.parametrize("text", ["x" * 11, "\x00" * 9, "x" * 10**6])
def test_long_words_are_cut(text: str) -> None:
    assert len(one_line(text, 10)) == 10
    assert one_line(text, 10).endswith(" ...")
    assert one_line("x" * 10, 10) == "x" * 10
