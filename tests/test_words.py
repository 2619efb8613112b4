"""Foreign words are repeated without their orders to the terminal."""

import pytest

from spiking_agent.words import one_line


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
