"""`SnakeVectorEnv`: N games of Snake in one call, each equal to a `SnakeEnv` with the same seed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from snake_env.actions import checked_actions, illegal_action
from snake_env.arguments import choice, whole
from snake_env.batch import (
    BoolArray,
    add_outcomes,
    batched_infos,
    figures_of,
    final_part,
    for_each_info,
    infos_of,
    lane_seeds,
    seed_lanes,
    split_reset_mask,
)
from snake_env.board import check_room, empty_boards, snapshot
from snake_env.display import STILL_MODES, still
from snake_env.game import initial_rng_state
from snake_env.lanes import (
    RUNNING,
    CompiledLanes,
    LaneState,
    Limits,
    as_compiled_lanes,
    begin_lanes,
    step_lanes,
)
from snake_env.observation import KINDS, Observer, observation_space
from snake_env.settings import Settings

StepResult = tuple[NDArray[Any], NDArray[np.float64], BoolArray, BoolArray, dict[str, Any]]


class SnakeVectorEnv(VectorEnv[NDArray[Any], NDArray[Any], NDArray[Any]]):
    """Many games of Snake, moved by one compiled call.

    Parameters
    ----------
    num_envs : int, default 1
        Number of games (lanes).
    autoreset_mode : gymnasium.vector.AutoresetMode or str, default NEXT_STEP
        What happens to a lane whose episode is over, see Notes.
    max_episode_steps : int, optional
        Moves after which an episode is truncated. Such an episode has no ``outcome``, and is
        never terminated as well.
    render_mode : {"rgb_array", "ansi"}, optional
        What `render` returns for each lane.
    observation, **settings : optional
        As in `SnakeEnv`: the size of the board, ``grow``, ``hunger_limit`` and the rewards.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Notes
    -----
    *Autoreset*, as Gymnasium documents it. ``NEXT_STEP``: the next step starts a new episode in the
    lane and ignores its action. ``SAME_STEP``: the same step starts it, and the info has
    ``final_obs`` and ``final_info``. ``DISABLED``: nothing happens until
    ``reset(options={"reset_mask": mask})`` with a bool array of shape (num_envs,).

    *One difference from Gymnasium's `SyncVectorEnv`*: in the mode ``DISABLED`` a lane whose episode
    is over may be stepped. Nothing about it changes: its observation, flags and info stay those of
    the end, its reward is 0 and its action is ignored.

    *Lanes are independent*: lane i's episodes depend on lane i's seeds and actions only, whatever
    the number of lanes; ``metadata["independent_lanes"]`` says so. ``reset(seed=s)`` gives lane i
    the seed s + i; a list gives each lane its own, where None keeps the state of its generator.
    The `np_random` of this class only serves lanes that never had a seed.

    *Infos* are those of `SnakeEnv`, as arrays of shape (num_envs, ...) with a mask each (``score``
    and ``_score``, ...). ``outcome`` is there when some lane has one.

    *Reset options* ``"body"`` and ``"food"`` apply to every lane that is reset, not to autoreset.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012
        "render_modes": list(STILL_MODES),
        "render_fps": 10,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
        "independent_lanes": True,
    }

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        observation: str = "grid",
        render_mode: str | None = None,
        **settings: Any,
    ) -> None:
        self.num_envs = whole("num_envs", num_envs, 1, 2**31 - 1)
        modes = [mode.value for mode in AutoresetMode]
        mode = getattr(autoreset_mode, "value", autoreset_mode)
        self.autoreset_mode = AutoresetMode(choice("autoreset_mode", mode, modes))
        self.max_episode_steps = max_episode_steps
        if max_episode_steps is not None:
            self.max_episode_steps = whole("max_episode_steps", max_episode_steps, 1, 2**31 - 1)
        self.observation: str = choice("observation", observation, KINDS)
        self.render_mode = choice("render_mode", render_mode, (None, *STILL_MODES))
        self.settings = Settings(**settings)
        check_room(self.num_envs, self.settings.n_cells)
        self.metadata = self.metadata | {"autoreset_mode": self.autoreset_mode}
        self.single_observation_space = observation_space(
            self.observation, self.settings.n_rows, self.settings.n_cols
        )
        self.single_action_space = spaces.Discrete(4)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

        self._boards = empty_boards(self.num_envs, self.settings.n_cells)
        self._status = np.full(self.num_envs, RUNNING, dtype=np.int8)
        self._has_begun = np.zeros(self.num_envs, dtype=np.bool_)
        self._is_seeded = np.zeros(self.num_envs, dtype=np.bool_)
        self._is_ready = False  # whether every lane has begun
        self._bind()

    def _bind(self) -> None:
        """Derive from the boards and the settings what `step` needs at hand."""
        settings = self.settings
        start = settings.start()
        self._usual_start = (start.cells, start.counters, start.grid)
        self._limits = Limits(
            settings.n_cols,
            settings.grow,
            settings.hunger_limit,
            self.max_episode_steps or 0,
            settings.reward_of,
        )
        self._changed = np.zeros(self.num_envs, dtype=np.bool_)
        self._ended = np.zeros((2, self.num_envs), dtype=np.intp)
        self._observer = Observer(self.observation, self._boards, settings.n_cols)
        self._observer.refresh(self._has_begun)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[NDArray[Any], dict[str, Any]]:
        """Start a game in every lane, or in those of ``options["reset_mask"]``.

        Parameters
        ----------
        seed : int, or list, tuple or ndarray of (int or None), optional
            From 0 on, see the class. Seeds of lanes that the mask leaves out are ignored.
        options : dict, optional
            ``"body"``, ``"food"`` and ``"reset_mask"``, see the class.

        Returns
        -------
        observations : ndarray of shape (num_envs, ...)
            A lane that is not reset shows what it showed before.
        infos : dict
            Of the lanes that are reset.

        Raises
        ------
        ValueError
            If the options ask for no legal position, a seed is not one, or a shape is wrong.
        TypeError
            If the mask is not a bool array.
        """
        chosen, others = split_reset_mask(options, self.num_envs)
        start = self.settings.start_from(others)
        if seed is not None or not self._is_ready:
            seed_lanes(
                lane_seeds(seed, self.num_envs),
                chosen,
                self._boards.rng,
                self._is_seeded,
                lambda: initial_rng_state(self.np_random),
            )
        figures = np.zeros((3, self.num_envs), dtype=np.int64)
        masks = np.zeros((self.num_envs, 4), dtype=np.int8)
        begin_lanes(
            *self._boards,
            start.cells,
            start.counters,
            start.grid,
            chosen,
            self._status,
            self.settings.grow,
            figures,
            masks,
        )
        self._has_begun |= chosen
        self._is_ready = bool(self._has_begun.all())
        self._observer.refresh(chosen)
        infos = batched_infos(figures, masks, for_each_info(chosen))
        return self._observer.view.copy(), infos

    def step(self, actions: Any) -> StepResult:
        """Move every lane by one cell.

        Parameters
        ----------
        actions : array_like of int, shape (num_envs,)
            0 up, 1 right, 2 down, 3 left; ignored in a lane whose episode is over.

        Returns
        -------
        observations : ndarray of shape (num_envs, ...)
        rewards : ndarray of float64, shape (num_envs,)
        terminations, truncations : ndarray of bool, shape (num_envs,)
        infos : dict
            As in the class. All results are new arrays.

        Raises
        ------
        gymnasium.error.ResetNeeded
            Before every lane has been reset.
        ValueError
            If there are not num_envs integers, or one that counts is not from 0 to 3.
        """
        if not self._is_ready:
            raise ResetNeeded("step() needs a running episode in every lane: call reset() first")
        n_lanes = self.num_envs
        moves = checked_actions(actions, n_lanes)
        rewards = np.empty(n_lanes, dtype=np.float64)
        flags = np.empty((7, n_lanes), dtype=np.bool_)
        figures = np.empty((3, n_lanes), dtype=np.int64)
        masks = np.empty((n_lanes, 4), dtype=np.int8)
        n_over, n_ended = step_lanes(
            *self._boards,
            *self._usual_start,
            self._status,
            moves,
            *self._limits,  # type: ignore[arg-type]  # mypy takes the union of its fields for each
            self.autoreset_mode == AutoresetMode.NEXT_STEP,
            self._changed,
            rewards,
            flags,
            figures,
            masks,
            self._ended,
        )
        if n_over < 0:
            raise illegal_action(actions, -1 - n_over)
        self._observer.refresh(self._changed)
        observations = self._observer.view.copy()
        terminated, truncated, has_outcome, *has_info = flags
        ended = self._ended[:, :n_ended]
        if n_over and self.autoreset_mode == AutoresetMode.SAME_STEP:
            infos = self._begin_again(observations, figures, masks, ended, has_outcome)
        else:
            infos = batched_infos(figures, masks, has_info)
            add_outcomes(infos, ended, has_outcome)
        return observations, rewards, terminated, truncated, infos

    def _begin_again(
        self,
        observations: NDArray[Any],
        figures: NDArray[np.int64],
        masks: NDArray[np.int8],
        ended: NDArray[np.intp],
        has_outcome: BoolArray,
    ) -> dict[str, Any]:
        """Start new games where they are over; return the infos, with the final ones."""
        over = self._status != RUNNING
        final_info = batched_infos(figures * over, masks * over[:, None], for_each_info(over))
        add_outcomes(final_info, ended, has_outcome)
        finals = final_part(over, observations, final_info)
        begin_lanes(
            *self._boards,
            *self._usual_start,
            over,
            self._status,
            self.settings.grow,
            figures,
            masks,
        )
        self._observer.refresh(over)
        observations[over] = self._observer.view[over]
        return finals | batched_infos(figures, masks, for_each_info(np.ones_like(over)))

    def compiled_lanes(self) -> CompiledLanes:
        """Return the running games for compiled code, which may play them in place of `step`.

        Returns
        -------
        CompiledLanes
            Shares its arrays with this env, except `masks`, `rewards` and `is_over`; valid until
            the next `step` or `reset`.

        Raises
        ------
        gymnasium.error.ResetNeeded
            Before every lane has been reset.
        """
        if not self._is_ready:
            raise ResetNeeded("there is no game to play yet: call reset() first")
        state = LaneState(
            boards=self._boards,
            status=self._status,
            limits=self._limits,
            kind=self._observer.kind,
            observations=self._observer.rows,
            masks=figures_of(self._boards, self.settings.grow)[1],
            rewards=np.zeros(self.num_envs),
            is_over=self._status != RUNNING,
        )
        return as_compiled_lanes(state, partial(infos_of, self._boards, self.settings.grow))

    def render(self) -> tuple[Any, ...] | None:
        """Draw every lane as the render mode says.

        Returns
        -------
        tuple of num_envs ndarray or str, or None
            None without a render mode.
        """
        if self.render_mode is None:
            return None
        if not self._is_ready:
            raise ResetNeeded("there is no game to show yet: call reset() first")
        settings, lanes = self.settings, range(self.num_envs)
        games = (snapshot(self._boards, lane, settings.n_cols) for lane in lanes)
        return tuple(still(game, self.render_mode, settings.hunger_limit) for game in games)

    def __getstate__(self) -> dict[str, Any]:
        derived = ("_usual_start", "_limits", "_changed", "_ended", "_observer")
        return {name: value for name, value in self.__dict__.items() if name not in derived}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._bind()
