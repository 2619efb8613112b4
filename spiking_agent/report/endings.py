"""The last positions of many episodes in one picture, which shows what they have in common."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from spiking_agent.environments.frames import PICTURE_MODE, Frame, picture_of
from spiking_agent.environments.source import EnvFactory
from spiking_agent.organism.organism import Organism

MAX_PICTURES = 24
N_COLUMNS = 6
SIDE = 240  # pixels of the longer side of a picture
GAP = 6
BACKGROUND = (250, 250, 247)


def last_frames(
    organism: Organism,
    seeds: Sequence[int],
    *,
    env: str | EnvFactory | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    max_moves: int | None = None,
) -> Iterator[Frame]:
    """Play episodes and yield the last picture of each.

    Parameters
    ----------
    organism : Organism
        The player.
    seeds : sequence of int
        Seed of each episode.
    env, env_kwargs
        See `Organism.env_source`; the environment must render "rgb_array".
    max_moves : int, optional
        Moves after which an episode is given up.
    """
    source = organism.env_source(env, env_kwargs)
    with source.make(render_mode=PICTURE_MODE) as made:
        for seed in seeds:
            observation, info = made.reset(seed=seed)
            organism.reset()
            has_ended, n_moves = False, 0
            while not has_ended:
                action = organism.act(observation, info)
                observation, _, terminated, truncated, info = made.step(action)
                n_moves += 1
                has_ended = terminated or truncated or n_moves == max_moves
            yield picture_of(made)


def contact_sheet(frames: Sequence[Frame]) -> Image.Image:
    """Return one picture with all pictures laid out in rows.

    Parameters
    ----------
    frames : sequence of ndarray of uint8, shape (height, width, 3)
        At least one.
    """
    height, width = np.max([frame.shape[:2] for frame in frames], axis=0).tolist()
    scale = SIDE / max(height, width)
    scale = scale if scale < 1 else float(int(scale))  # few pixels become squares
    size = max(1, round(width * scale)), max(1, round(height * scale))
    n_columns = min(N_COLUMNS, len(frames))
    n_rows = -(-len(frames) // n_columns)
    step = size[0] + GAP, size[1] + GAP
    sheet = Image.new("RGB", (n_columns * step[0] + GAP, n_rows * step[1] + GAP), BACKGROUND)
    for number, frame in enumerate(frames):
        row, column = divmod(number, n_columns)
        sides = [max(1, round(side * scale)) for side in frame.shape[1::-1]]
        how = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.LANCZOS
        picture = Image.fromarray(frame).resize((sides[0], sides[1]), how)
        sheet.paste(picture, (GAP + column * step[0], GAP + row * step[1]))
    return sheet
