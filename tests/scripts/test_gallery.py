"""The gallery is made by one script, and its page shows what the script makes."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import gallery

PAGE = Path(__file__).parents[2] / "docs" / "gallery.md"


@pytest.mark.slow
def test_a_section_is_made(tmp_path, capsys, monkeypatch) -> None:
    quick = replace(gallery.EXHIBITS["CartPole-v1"], seconds=1, n_moves=6)
    monkeypatch.setitem(gallery.EXHIBITS, "CartPole-v1", quick)
    runs, out = tmp_path / "runs", tmp_path / "out"
    where = ["--runs", str(runs), "--out", str(out)]
    assert gallery.main(["CartPole-v1", *where, "--episodes", "2"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-3] == gallery.HEAD
    cells = [cell.strip() for cell in printed[-1].strip("|").split("|")]
    assert cells[0] == "CartPole-v1"
    assert re.fullmatch(r"[\d.]+ ± [\d.e-]+", cells[1])
    assert float(cells[2]) > 0
    assert int(cells[3].replace(",", "")) > 16
    assert cells[4] == "11"
    with Image.open(out / "CartPole-v1.gif") as clip:
        assert (clip.size, clip.format) == ((640, 360), "GIF")
    with Image.open(out / "CartPole-v1.png") as curve:
        assert curve.format == "PNG"
    assert gallery.main(["CartPole-v1", *where]) == 2  # runs are never written over
    assert "holds a run" in capsys.readouterr().err


def test_environments_that_the_page_lacks_are_refused(capsys) -> None:
    assert gallery.main(["Snake-v0", "CartPole-v1"]) == 2
    assert "ENV must be one of CartPole-v1, Acrobot-v1" in capsys.readouterr().err


@pytest.mark.parametrize("env_id", gallery.EXHIBITS)
def test_the_page_shows_the_command_the_clip_and_the_curve(env_id: str) -> None:
    text = PAGE.read_text()
    words = gallery.evolve_command(env_id)
    assert f"spiking-evolve {' '.join(words)}\n" in text
    for suffix in ("gif", "png"):
        assert f"(gallery/{env_id}.{suffix})" in text
        assert (PAGE.parent / "gallery" / f"{env_id}.{suffix}").is_file()
