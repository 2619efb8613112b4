"""The environment and the brain that plays it, side by side, as pictures."""

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from spiking_agent.organism import Organism
from spiking_agent.video import Frame

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import pygame

HEIGHT = 480
PANEL_WIDTH = 400
N_COLUMNS = 90  # ticks that the raster shows
MARGIN = 14
BACKGROUND, INK, FAINT = (250, 250, 247), (34, 34, 34), (150, 150, 150)
BANDS = (("inputs", (0, 114, 178)), ("hidden", (90, 90, 90)), ("outputs", (213, 94, 0)))


@dataclass(frozen=True, slots=True)
class Moment:
    """One move of an episode, as the viewer shows it."""

    picture: Any  # pygame.Surface
    n_moves: int
    total_reward: float
    info: dict[str, Any]
    has_ended: bool


class Viewer:
    """Lets an organism play and draws every move.

    Parameters
    ----------
    organism : Organism
        Who plays.
    env : gymnasium.Env
        An environment with `render_mode="rgb_array"` and the organism's spaces.
    """

    def __init__(self, organism: Organism, env: gym.Env[Any, Any]) -> None:
        pygame.font.init()
        self._organism = organism
        self._env = env
        self._font = pygame.font.Font(None, 20)
        self._title = pygame.font.Font(None, 28)
        self._lanes = organism.lanes(record=True)
        recipe = organism.provenance.get("recipe", {})
        self._max_moves: int | None = recipe.get("max_moves")  # as in training
        self._tick = 0  # of the brain
        self._columns: deque[npt.NDArray[np.intp]] = deque(maxlen=N_COLUMNS)  # neurons of a tick

    def episode(self, seed: int) -> Iterator[Moment]:
        """Play one episode, from its first picture to the last.

        Parameters
        ----------
        seed : int
            Seed of the episode.
        """
        self._lanes.close()
        self._lanes = self._organism.lanes(record=True)
        self._columns.clear()
        self._tick = 0
        observation, info = self._env.reset(seed=seed)
        n_moves, total_reward, has_ended = 0, 0.0, False
        yield self._moment(seed, n_moves, total_reward, info, has_ended)
        while not has_ended:
            action = self._decide(observation, info)
            observation, reward, terminated, truncated, info = self._env.step(action)
            n_moves += 1
            total_reward += float(reward)
            has_ended = terminated or truncated or n_moves == self._max_moves
            yield self._moment(seed, n_moves, total_reward, info, has_ended)

    def close(self) -> None:
        """Stop the brain; the environment belongs to the caller."""
        self._lanes.close()

    def _decide(self, observation: Any, info: dict[str, Any]) -> Any:
        """Choose an action, and keep which neurons sent impulses or fired in each tick."""
        codec, dna = self._organism.codec, self._organism.dna
        batch = self._organism.batch([observation])
        drive = codec.encoder.encode(batch, codec.n_ticks)[0]
        mask = info.get("action_mask")
        actions = self._lanes.act(batch, mask=None if mask is None else np.asarray(mask)[None])
        spikes = self._lanes.engine.spikes_since(0, self._tick + 1)
        for step in range(codec.n_ticks):
            self._tick += 1
            driven = dna.input_neurons[np.flatnonzero(drive[step % len(drive)])]
            fired = spikes[spikes[:, 0] == self._tick, 1]
            self._columns.append(np.concatenate([driven, fired]).astype(np.intp))
        return codec.decoder.single(actions, 0)

    def _moment(
        self, seed: int, n_moves: int, total_reward: float, info: dict[str, Any], has_ended: bool
    ) -> Moment:
        frame = self._env.render()
        if not isinstance(frame, np.ndarray):
            raise ValueError(
                f"env must give pictures (render_mode='rgb_array'), got {type(frame).__name__}"
            )
        board = pygame.surfarray.make_surface(frame.swapaxes(0, 1))
        width = max(1, round(HEIGHT * frame.shape[1] / frame.shape[0]))
        picture = pygame.Surface((width + width % 2 + PANEL_WIDTH, HEIGHT))
        picture.fill(BACKGROUND)
        picture.blit(pygame.transform.smoothscale(board, (width, HEIGHT)), (0, 0))
        panel = picture.subsurface((picture.get_width() - PANEL_WIDTH, 0, PANEL_WIDTH, HEIGHT))
        self._draw_text(panel, seed, n_moves, total_reward, info)
        self._draw_raster(panel.subsurface((MARGIN, 100, PANEL_WIDTH - 2 * MARGIN, HEIGHT - 114)))
        return Moment(picture, n_moves, total_reward, info, has_ended)

    def _draw_text(
        self, panel: Any, seed: int, n_moves: int, total_reward: float, info: dict[str, Any]
    ) -> None:
        name = (self._organism.env_id or "environment").rpartition(":")[2]
        dna = self._organism.dna
        score = f"score {info['score']}" if "score" in info else f"reward {total_reward:.1f}"
        outcome = f"   {info['outcome']}" if "outcome" in info else ""
        lines = (
            (self._title, INK, f"{name}   {score}{outcome}"),
            (self._font, INK, f"seed {seed}   move {n_moves}"),
            (self._font, FAINT, f"{dna.n_neurons} neurons, {dna.n_synapses} synapses"),
        )
        y = MARGIN
        for font, colour, text in lines:
            panel.blit(font.render(text, True, colour), (MARGIN, y))
            y += font.get_linesize() + 4

    def _draw_raster(self, area: Any) -> None:
        """Draw a dot for every impulse, time to the right, a band for each kind of neuron."""
        rows, bands = _rows(self._organism, area.get_height())
        for (name, colour), (top, bottom) in zip(BANDS, bands, strict=True):
            if bottom > top:
                pygame.draw.rect(area, (238, 238, 232), (0, top, area.get_width(), bottom - top))
                area.blit(self._font.render(name, True, colour), (2, top - 15))
        step = area.get_width() / N_COLUMNS
        for column, neurons in enumerate(self._columns):
            for neuron_id in neurons:
                y, height, band = rows[neuron_id]
                rect = (column * step, y, max(2.0, step - 1), max(1.0, height - 1))
                pygame.draw.rect(area, BANDS[band][1], rect)


def _rows(
    organism: Organism, height: int
) -> tuple[dict[int, tuple[float, float, int]], list[tuple[float, float]]]:
    """Place of every neuron in the raster: its y, its height and its band; and the bands' edges."""
    dna = organism.dna
    inputs, outputs = dna.input_neurons.tolist(), dna.output_neurons.tolist()
    hidden = [i for i in range(dna.n_neurons) if i not in set(inputs) | set(outputs)]
    groups = (inputs, hidden, outputs)
    gap = 18.0
    free = height - gap * sum(1 for group in groups if group)
    weights = [min(len(group), 60) if group is not outputs else 3 * len(group) for group in groups]
    rows: dict[int, tuple[float, float, int]] = {}
    edges = []
    y = 0.0
    for band, (group, weight) in enumerate(zip(groups, weights, strict=True)):
        if group:
            y += gap
            size = free * weight / sum(weights)
            for k, neuron_id in enumerate(group):
                rows[neuron_id] = (y + k * size / len(group), size / len(group), band)
            edges.append((y, y + size))
            y += size
        else:
            edges.append((y, y))
    return rows, edges


def to_frame(picture: Any) -> Frame:
    """Turn a picture into an array of uint8, shape (height, width, 3)."""
    return np.ascontiguousarray(pygame.surfarray.array3d(picture).swapaxes(0, 1))
