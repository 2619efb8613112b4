"""Sheets of neurons as heat maps over the grid, those of the actions side by side."""

from typing import Any, Final

import numpy as np
import pygame

from spiking_agent.typing import BoolArray, Float64Array, IntpArray
from spiking_agent.viewer import theme
from spiking_agent.viewer.brain.sheet_brain import SheetBrain

LARGEST: Final = 28  # pixels of a cell, in a window of 1280 x 720
GRID_FROM: Final = 5  # pixels of a cell, from which on lines between cells are drawn
SMALLEST: Final = 32  # pixels of a sheet; rather than make them smaller, some are left out


class Sheets:
    """Draws the sheets of a brain into a rectangle, as large as they fit.

    Parameters
    ----------
    brain : SheetBrain
        The brain.
    rect : pygame.Rect
        Where to draw.
    scale : float
        Size of letters, 1 in a window of 1280 x 720.
    """

    def __init__(self, brain: SheetBrain, rect: Any, scale: float) -> None:
        self._brain = brain
        self._rect = rect
        self._letters = max(10, round(17 * scale))
        self.tiles = self._laid_out(scale)  # each sheet that is drawn, and where
        size = next(iter(self.tiles.values())).size if self.tiles else (1, 1)
        self.n_left = len(brain.sheets) - len(self.tiles)  # sheets that have no room
        self._grid = _grid(size, brain.tissue.shape)
        shown = list(self.tiles)
        ids = [brain.neurons(k) for k in shown]
        self._ids = np.array(ids, np.intp).reshape(len(shown), brain.tissue.n_cells)
        kinds = np.array([theme.KINDS[brain.kind[k]][1] for k in shown], np.float64)
        self._colors = kinds.reshape(len(shown), 1, 3)

    def _laid_out(self, scale: float) -> dict[int, Any]:
        """Return a rectangle for each sheet: the largest of the same size that fit."""
        n_rows, n_cols = self._brain.tissue.shape
        cells = [*range(max(1, round(LARGEST * scale)), 0, -1), *(1 / k for k in range(2, 64))]
        sizes = [(max(1, round(cell * n_cols)), max(1, round(cell * n_rows))) for cell in cells]
        readable = [size for size in sizes if max(size) >= SMALLEST * scale] or sizes[-1:]
        gap, n_sheets = round(12 * scale), len(self._brain.sheets)
        widest = max(map(len, self._brain.blocks))
        best: dict[int, Any] = {}
        for least in (widest, 1):  # columns: whole blocks, if they can be read
            for size in readable:
                n_columns = max(1, (self._rect.w + gap) // (size[0] + gap))
                if n_columns >= least and len(best) < n_sheets:
                    tiles = self._flow(size, gap, n_columns)
                    best = tiles if len(tiles) > len(best) else best
        right = max((tile.right for tile in best.values()), default=self._rect.right)
        middle = (self._rect.right - right) // 2
        return {group: tile.move(middle, 0) for group, tile in best.items()}

    def _flow(self, size: tuple[int, int], gap: int, n_columns: int) -> dict[int, Any]:
        """Lay sheets out row by row, those of a block in one row if it is wide enough."""
        rect, (width, height) = self._rect, size
        step = height + self._letters + gap // 2
        tiles: dict[int, Any] = {}
        place = 0
        for block in self._brain.blocks:
            room = -place % n_columns
            if room and len(block) > room:
                place += room
            for group in block:
                row, column = divmod(place, n_columns)
                at = rect.x + column * (width + gap), rect.y + self._letters + row * step
                tile = pygame.Rect(at, size)
                if tile.bottom <= rect.bottom and tile.right <= rect.right:
                    tiles[group] = tile
                place += 1
        return tiles

    def draw(self, surface: Any, shares: Float64Array, lit: BoolArray, *, signed: bool) -> None:
        """Draw the sheets.

        Parameters
        ----------
        surface : pygame.Surface
            Where to draw.
        shares : ndarray of float, shape (n_neurons,)
            Brightness of each neuron, from 0 to 1; from -1 if `signed`.
        lit : ndarray of bool, shape (n_neurons,)
            Neurons that have a white dot.
        signed : bool
            Whether to draw in the colours of excitation and inhibition instead of those of kinds.
        """
        brain = self._brain
        values, back = shares[self._ids][..., None], np.array(theme.BACKGROUND, np.float64)
        colors: Any = self._colors
        if signed:
            ends = np.array([theme.INHIBITORY, theme.EXCITATORY], np.float64)
            colors = np.where(values < 0, ends[0], ends[1])
        pixels = back + np.abs(values) * (colors - back)
        pictures = pixels.round().astype(np.uint8)
        n_rows, n_cols = brain.tissue.shape
        for picture, (group, tile) in zip(pictures, self.tiles.items(), strict=True):
            small = pygame.image.frombuffer(picture.tobytes(), (n_cols, n_rows), "RGB")
            surface.blit(pygame.transform.scale(small, tile.size), tile)
            surface.blit(self._grid, tile)
            self._dot(surface, tile, np.flatnonzero(lit[brain.neurons(group)]))
            name = brain.tissue.groups[group].name
            at = (tile.x, tile.y - self._letters + 2)
            theme.write(surface, name, at, self._letters, theme.INK, tile.w)

    def _dot(self, surface: Any, tile: Any, cells: IntpArray) -> None:
        """Draw a dot into the middle of some cells; it fills those that are small."""
        n_rows, n_cols = self._brain.tissue.shape
        width, height = tile.w / n_cols, tile.h / n_rows
        size = max(1, round(width / 3)), max(1, round(height / 3))
        rows, columns = np.divmod(cells, n_cols)
        xs = tile.x + ((columns + 0.5) * width - size[0] / 2 + 0.5).astype(int)
        ys = tile.y + ((rows + 0.5) * height - size[1] / 2 + 0.5).astype(int)
        for at in zip(xs.tolist(), ys.tolist(), strict=True):
            surface.fill(theme.INK, (at, size))

    def mark(self, surface: Any, neuron_id: int) -> None:
        """Draw a frame round the cell of a neuron, in every sheet.

        Parameters
        ----------
        surface : pygame.Surface
            Where to draw.
        neuron_id : int
            The neuron; of none of the sheets, it has no frame.
        """
        places = np.argwhere(self._ids == neuron_id)
        if not len(places):
            return
        own, cell = places[0].tolist()
        n_rows, n_cols = self._brain.tissue.shape
        row, column = divmod(cell, n_cols)
        for k, tile in enumerate(self.tiles.values()):
            x, y = tile.x + column * tile.w // n_cols, tile.y + row * tile.h // n_rows
            frame = pygame.Rect(x, y, -(-tile.w // n_cols), -(-tile.h // n_rows)).inflate(4, 4)
            color = theme.OUTPUT if k == own else theme.FAINT
            pygame.draw.rect(surface, color, frame, 2 if k == own else 1)

    def neuron_at(self, position: tuple[int, int]) -> int | None:
        """Return the neuron whose cell lies under a point, None if there is none.

        Parameters
        ----------
        position : (int, int)
            The point, in pixels.
        """
        n_rows, n_cols = self._brain.tissue.shape
        for ids, tile in zip(self._ids, self.tiles.values(), strict=True):
            if tile.collidepoint(position):
                row = (position[1] - tile.y) * n_rows // tile.h
                column = (position[0] - tile.x) * n_cols // tile.w
                return int(ids[row * n_cols + column])
        return None


def _grid(size: tuple[int, int], shape: tuple[int, int]) -> Any:
    """Return lines between cells, drawn once; none if cells are too small."""
    surface = pygame.Surface(size, pygame.SRCALPHA)
    if min(size[0] // shape[1], size[1] // shape[0]) >= GRID_FROM:
        for column in range(1, shape[1]):
            x = column * size[0] // shape[1]
            pygame.draw.line(surface, theme.PANEL, (x, 0), (x, size[1]))
        for row in range(1, shape[0]):
            y = row * size[1] // shape[0]
            pygame.draw.line(surface, theme.PANEL, (0, y), (size[0], y))
    return surface
