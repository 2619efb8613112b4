"""The picture of the wave: what happens in one decision."""

import numpy as np
import pytest
from PIL import Image

import wave_picture
from spiking_agent.organism.shipped import champion


def test_a_decision_is_told_by_its_ticks_and_drawn(tmp_path) -> None:
    decision = wave_picture.decide(wave_picture.WAVE, 0, 20)
    first, food = decision.fired_at, decision.active["food"]
    assert first.flat[food].tolist() == [first[first > 0].min()]
    assert not first.flat[decision.active["body"]].any()
    assert len(np.unique(first)) > 4
    assert decision.action in ("up", "right", "down", "left")
    path = tmp_path / "wave.png"
    assert wave_picture.main(["--out", str(path), "--move", "20"]) == 0
    with Image.open(path) as image:
        assert image.size[0] > image.size[1] > 400
        assert len(image.convert("RGB").getcolors(1 << 20)) > 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "no/where.png"], "--out must be a .png"),
        (["--out", "a.png", "--move", "5000"], "move must be below"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, message, capsys) -> None:
    assert wave_picture.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_brain_without_a_sheet_of_that_name_is_refused(tmp_path, capsys) -> None:
    champion("senses").save(tmp_path / "other.npz")
    assert wave_picture.main([str(tmp_path / "other.npz"), "--out", str(tmp_path / "a.png")]) == 2
    assert "grown brain with sheets W, body, head, food" in capsys.readouterr().err
