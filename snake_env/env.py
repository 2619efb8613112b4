"""`SnakeEnv`: one game of Snake behind Gymnasium's interface."""

from typing import Any, Final, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from snake_env.actions import ACTION_NAMES, FREE_MASKS, KEYS, MASKS, checked_action, masks_of
from snake_env.arguments import choice, whole
from snake_env.board import (
    ATE,
    HEADING,
    OUTCOME,
    OUTCOME_NAMES,
    SCORE,
    STARVED,
    Snapshot,
    empty_boards,
)
from snake_env.board import snapshot as board_snapshot
from snake_env.display import RENDER_MODES, Display
from snake_env.game import begin, initial_rng_state, move
from snake_env.observation import KINDS, Observer, feature_names, observation_space
from snake_env.saved import load_env, save_game
from snake_env.settings import Settings

_ONE_LANE: Final = np.ones(1, dtype=np.bool_)


class SnakeEnv(gymnasium.Env[NDArray[Any], Any]):
    """Snake on a board of cells.

    The snake starts with three cells in the middle of the board and moves by one cell a step. Food
    lies on one of the free cells; eating it makes the snake one cell longer, and new food appears
    on a free cell, each as likely as the others. Hitting the wall or the body is death; filling the
    board is the win.

    Parameters
    ----------
    n_rows, n_cols : int, default 10
        Size of the board, 4 to 255 each.
    observation : {"grid", "planes", "senses", "presence"}, default "grid"
        See `snake_env.observation.observation_space` and `snake_env.sense_names`.
    grow : bool, default True
        If False, the snake is one cell forever: any action is a move, and nobody wins.
    hunger_limit : int, optional
        Moves without food after which the episode is truncated; by default twice the number of
        cells. A move that dies or wins is not truncated.
    step_reward, food_reward, win_reward, death_reward : float
        What every move pays (0.0), and what is added for eating (1.0), for filling the board (0.0,
        on top of the food's) and for hitting the wall or the body (-1.0).
    render_mode : {"human", "rgb_array", "ansi"}, optional
        A window, an array uint8 (height, width, 3), or text.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Notes
    -----
    *Actions*: 0 up, 1 right, 2 down, 3 left. The action that points back into the neck means "keep
    going". The cell that the tail leaves in a move is free to enter in that move.

    *Info*: ``score`` (food eaten), ``length``, ``hunger`` (moves since the snake last ate),
    ``action_mask`` (int8, 1 for each action that is not "back into the neck"), and with the last
    observation ``outcome``: ``"wall"``, ``"body"``, ``"hunger"`` or ``"win"``.

    *Reset options*: ``"body"``, the snake's cells as (row, col) with the head first, and
    ``"food"``, a (row, col). What is left out is as usual.

    *Seeds*: ``reset(seed=...)`` seeds `np_random` and draws from it, once, the state of the game's
    own generator; a reset without a seed continues with that state.

    *Copies*: `get_state` and `set_state`, `copy.deepcopy` and pickling continue a game bit for bit.
    A copy has no window until it renders.

    *Window*: with ``render_mode="human"`` every reset and step draws. Once a person closes the
    window, they stop drawing; calling `render` opens a new one.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "render_modes": list(RENDER_MODES),
        "render_fps": 10,
        "action_names": ACTION_NAMES,
    }

    def __init__(
        self,
        n_rows: int = 10,
        n_cols: int = 10,
        observation: str = "grid",
        grow: bool = True,
        hunger_limit: int | None = None,
        step_reward: float = 0.0,
        food_reward: float = 1.0,
        win_reward: float = 0.0,
        death_reward: float = -1.0,
        render_mode: str | None = None,
    ) -> None:
        self.settings = Settings(
            n_rows=n_rows,
            n_cols=n_cols,
            grow=grow,
            hunger_limit=hunger_limit,  # type: ignore[arg-type]
            step_reward=step_reward,
            food_reward=food_reward,
            win_reward=win_reward,
            death_reward=death_reward,
        )
        self.observation: str = choice("observation", observation, KINDS)
        self.render_mode = choice("render_mode", render_mode, (None, *RENDER_MODES))
        self.observation_space = observation_space(
            self.observation, self.settings.n_rows, self.settings.n_cols
        )
        self.action_space = spaces.Discrete(4)
        self._boards = empty_boards(1, self.settings.n_cells)
        self._has_begun = False  # whether there is a game at all
        self._goes_on = False  # whether it takes a step
        self._is_human = self.render_mode == "human"
        self._bind()

    def _bind(self) -> None:
        """Derive from the boards and the settings what `step` needs at hand."""
        settings = self.settings
        self._usual_start = settings.start()
        self._rule_arguments = (settings.n_cols, settings.grow, settings.hunger_limit)
        self._rewards = tuple(settings.reward_of.tolist())
        self._masks = MASKS if settings.grow else FREE_MASKS
        self._figures = self._boards.counters[0, : SCORE + 1]  # length, heading, hunger, score
        self._observer = Observer(self.observation, self._boards, settings.n_cols)
        self._view = self._observer.view[0]
        self._must_look = self.observation != "grid"
        fps = self.metadata["render_fps"]
        self._display = Display(self.render_mode, settings.hunger_limit, fps)
        if self._has_begun:
            self._observer.refresh(_ONE_LANE)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """Start a game.

        Parameters
        ----------
        seed : int, optional
            Decides all food of this episode and, reset by reset without a seed, of the next ones.
        options : dict, optional
            ``"body"`` and ``"food"``, see the class.

        Returns
        -------
        observation : ndarray
        info : dict

        Raises
        ------
        ValueError
            If the options ask for no legal position, or the seed is no integer >= 0.
        """
        start = self._usual_start if options is None else self.settings.start_from(options)
        if seed is not None or not self._has_begun:
            super().reset(seed=None if seed is None else whole("seed", seed, 0))
            self._boards.rng[0] = initial_rng_state(self.np_random)
        begin(*self._boards, 0, start.cells, start.counters, start.grid)
        self._has_begun = self._goes_on = True
        if self._must_look:
            self._observer.refresh(_ONE_LANE)
        length, heading, hunger, score = self._figures.tolist()
        info = {
            "score": score,
            "length": length,
            "hunger": hunger,
            "action_mask": self._masks[heading].copy(),
        }
        if self._is_human and not self._display.was_closed:
            self.render()
        return self._view.copy(), info

    def step(self, action: Any) -> tuple[NDArray[Any], SupportsFloat, bool, bool, dict[str, Any]]:
        """Move the snake by one cell.

        Parameters
        ----------
        action : int
            0 up, 1 right, 2 down, 3 left.

        Returns
        -------
        observation : ndarray
        reward : float
        terminated : bool
            The snake died or filled the board.
        truncated : bool
            The snake went hungry; never together with `terminated`.
        info : dict

        Raises
        ------
        gymnasium.error.ResetNeeded
            Before the first reset, and when the episode is over.
        ValueError
            If the action is no integer from 0 to 3.
        """
        if type(action) is not int or not 0 <= action <= 3:
            action = checked_action(action)
        if not self._goes_on:
            what = "the episode is over" if self._has_begun else "there is no episode yet"
            raise ResetNeeded(f"step() needs a running episode, but {what}: call reset() first")
        event = move(*self._boards, 0, action, *self._rule_arguments)
        if self._must_look:
            self._observer.refresh(_ONE_LANE)
        observation = self._view.copy()
        length, heading, hunger, score = self._figures.tolist()
        info = {
            "score": score,
            "length": length,
            "hunger": hunger,
            "action_mask": self._masks[heading].copy(),
        }
        terminated = truncated = False
        if event > ATE:
            self._goes_on = False
            truncated = event == STARVED
            terminated = not truncated
            info["outcome"] = OUTCOME_NAMES[event]
        if self._is_human and not self._display.was_closed:
            self.render()
        return observation, self._rewards[event], terminated, truncated, info

    def render(self) -> Any:
        """Draw the game as the render mode says.

        Returns
        -------
        ndarray of shape (height, width, 3), str or None
            A picture, a text, or nothing with ``"human"`` and without a render mode.

        Raises
        ------
        gymnasium.error.ResetNeeded
            Before the first reset.
        """
        if self.render_mode is None:
            gymnasium.logger.warn(
                "You are calling render() without a render mode. Choose one when the env is made, "
                'e.g. gymnasium.make("Snake-v0", render_mode="rgb_array")'
            )
            return None
        return self._display.show(self.snapshot())

    def snapshot(self) -> Snapshot:
        """Return the game in plain Python, for drawing it.

        Raises
        ------
        gymnasium.error.ResetNeeded
            Before the first reset.
        """
        if not self._has_begun:
            raise ResetNeeded("there is no game to show yet: call reset() first")
        return board_snapshot(self._boards, 0, self.settings.n_cols)

    def close(self) -> None:
        """Close the window, if there is one. May be called again."""
        self._display.close()

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of senses, or of kinds of cells; see `snake_env.observation.feature_names`."""
        return feature_names(self.observation, self.settings.n_rows, self.settings.n_cols)

    def action_masks(self) -> NDArray[np.bool_]:
        """Return the last ``info["action_mask"]`` in the form of sb3-contrib's ``MaskablePPO``.

        Raises
        ------
        gymnasium.error.ResetNeeded
            Before the first reset.
        """
        if not self._has_begun:
            raise ResetNeeded("there is no action to mask yet: call reset() first")
        return self._masks[int(self._figures[HEADING])].astype(np.bool_)

    def action_masks_of(self, observations: Any) -> NDArray[np.int8] | None:
        """Return the masks that a batch of observations shows, see `snake_env.actions.masks_of`."""
        return masks_of(observations, self.observation, self.settings.grow)

    def get_keys_to_action(self) -> dict[tuple[int, ...], int]:
        """Return the action of each key (as a tuple of one code) for `gymnasium.utils.play`."""
        return dict(KEYS)

    def get_state(self) -> dict[str, Any]:
        """Return all that decides how the env goes on.

        Returns
        -------
        dict
            ``game``: None before the first reset, else the dictionary of
            `snake_env.saved.save_game`; ``np_random``: the state of `np_random`'s bit generator, or
            None. Plain arrays, numbers and strings, shared with nothing.
        """
        generator: np.random.Generator | None = self._np_random
        return {
            "game": save_game(self.settings, self._boards, 0) if self._has_begun else None,
            "np_random": None if generator is None else generator.bit_generator.state,
        }

    def set_state(self, state: Any) -> None:
        """Continue from a saved state of this env or of another with the same board.

        Parameters
        ----------
        state : dict
            What `get_state` returned.

        Raises
        ------
        ValueError
            If the state is of another board or not possible under these settings, as
            `snake_env.saved.load_game` explains; nothing is changed then.
        """
        board, generator = load_env(self.settings, state)
        if generator is None:
            self._np_random = None
        else:
            self.np_random = generator
        self._has_begun = board is not None
        if board is not None:
            for name in board._fields:
                getattr(self._boards, name)[:] = getattr(board, name)
            self._observer.refresh(_ONE_LANE)
        self._goes_on = board is not None and int(self._boards.counters[0, OUTCOME]) == 0

    def __getstate__(self) -> dict[str, Any]:
        derived = ("_usual_start", "_figures", "_observer", "_view", "_display")
        return {name: value for name, value in self.__dict__.items() if name not in derived}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._bind()
