"""The picture that names the parts of the viewer."""

import importlib.util
from pathlib import Path

import numpy as np
from PIL import Image

SCRIPT = Path(__file__).parents[2] / "scripts" / "viewer_parts.py"


def load():
    spec = importlib.util.spec_from_file_location("viewer_parts", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_part_is_named_in_its_place(tmp_path, capsys) -> None:
    script = load()
    picture, corners = script.draw(2, 3)
    assert corners.keys() == script.PARTS.keys()
    assert len(set(corners.values())) == len(corners)
    path = tmp_path / "parts.png"
    assert script.main(["--out", str(path), "--moves", "2", "--ticks", "3"]) == 0
    with Image.open(path) as image:
        drawn = np.asarray(image.convert("RGB")).astype(int)
    height, width, _ = picture.shape
    assert drawn.shape[1] == width
    assert drawn.shape[0] > height
    has_changed = np.abs(drawn[:height] - picture).max(axis=2) > 32
    for x, y in corners.values():
        assert has_changed[y : y + 40, x - 40 : x].any()
    assert has_changed.mean() < 0.01


def test_a_path_that_cannot_be_is_refused(tmp_path, capsys) -> None:
    script = load()
    for path in (tmp_path / "no" / "a.png", tmp_path / "a.jpg"):
        assert script.main(["--out", str(path)]) == 2
        assert path.name in capsys.readouterr().err
