"""The ends of episodes as a picture."""

import numpy as np
import pytest
from PIL import Image

from snake_env import SnakeEnv
from spiking_agent import champion
from spiking_agent.cli import evaluate
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.organism.evaluation import held_out_episodes, lesioned
from spiking_agent.report.endings import GAP, SIDE, contact_sheet, last_frames

BLIND = "*_obstacle_*"


def test_last_frames_are_the_ends_of_these_episodes() -> None:
    blind = lesioned(champion("senses"), BLIND)
    seeds = [RESULT_SEEDS, RESULT_SEEDS + 1]
    frames = list(last_frames(blind, seeds))
    n_moves = held_out_episodes(blind, episodes=2).n_moves[0]
    for seed, frame, n in zip(seeds, frames, n_moves, strict=True):
        env = SnakeEnv(observation="senses", render_mode="rgb_array")
        observation, info = env.reset(seed=seed)
        blind.reset()
        for _ in range(n):
            observation, _, terminated, truncated, info = env.step(blind.act(observation, info))
        assert terminated or truncated
        np.testing.assert_array_equal(frame, env.render())


def test_an_episode_that_is_given_up_ends_there() -> None:
    (early,) = last_frames(champion("senses"), [7], max_moves=3)
    (later,) = last_frames(champion("senses"), [7], max_moves=30)
    assert (early != later).any()


def test_a_sheet_holds_all_pictures_in_order() -> None:
    colours = [(30 * number, 200, 255 - 30 * number) for number in range(8)]
    sheet = contact_sheet([np.full((300, 480, 3), colour, np.uint8) for colour in colours])
    assert sheet.size == (6 * (SIDE + GAP) + GAP, 2 * (150 + GAP) + GAP)
    centres = [
        (GAP + column * (SIDE + GAP) + 120, GAP + row * (150 + GAP) + 75)
        for row in range(2)
        for column in range(6)
    ][:8]
    assert [sheet.getpixel(centre) for centre in centres] == colours


def test_small_pictures_are_enlarged_pixel_by_pixel() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    sheet = np.asarray(contact_sheet([frame]))
    shown = frame.repeat(8, axis=0).repeat(8, axis=1)  # 240 pixels at the longer side
    np.testing.assert_array_equal(sheet[GAP:-GAP, GAP:-GAP], shown)


def test_pictures_of_different_sizes_keep_their_proportions() -> None:
    frames = [np.full((120, 60, 3), 1, np.uint8), np.full((60, 120, 3), 2, np.uint8)]
    sheet = np.asarray(contact_sheet(frames))
    assert [int((sheet == value).all(axis=2).sum()) for value in (1, 2)] == [240 * 120] * 2


def test_evaluate_pictures_what_was_lost(tmp_path, capsys) -> None:
    path, file = tmp_path / "lost.png", tmp_path / "blind.npz"
    lesioned(champion("senses"), BLIND).save(file)
    arguments = [str(file), "--episodes", "3", "--workers", "1", "--lost", str(path)]
    assert evaluate.main(arguments) == 0
    with Image.open(path) as picture:
        assert picture.size[1] == SIDE + 2 * GAP  # one row; the frame is taller than wide
        assert picture.size[0] > 2 * SIDE
    assert "share solved" in capsys.readouterr().out


@pytest.mark.parametrize("path", ["lost.jpg", "nowhere/lost.png"])
def test_a_picture_that_cannot_be_written_is_refused_at_once(path, capsys) -> None:
    assert evaluate.main(["--lost", path]) == 2
    assert "--lost must be a .png in a directory that exists" in capsys.readouterr().err
