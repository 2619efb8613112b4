"""Play episodes: one per lane, until the last lane has ended."""

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.vector import VectorEnv

from spiking_agent.brain.compiled.engine import Engine
from spiking_agent.brain.engines import make_engine
from spiking_agent.brain.population import Population
from spiking_agent.brain.sheets.tissue import Tissue
from spiking_agent.codec.batches import put, some, stack
from spiking_agent.codec.codec import Codec
from spiking_agent.environments.source import EnvSource
from spiking_agent.environments.tables.table import Table
from spiking_agent.episodes.compiled_player import compiled_lanes, play_compiled
from spiking_agent.episodes.infos import read_info, read_infos
from spiking_agent.episodes.lanes import PolicyLanes
from spiking_agent.episodes.openings import Openings, Script, check_one_choice
from spiking_agent.episodes.results import EpisodeResults, SeedArray, as_number, each_seed
from spiking_agent.episodes.scripted_lanes import ScriptedLanes
from spiking_agent.episodes.table_player import play_table, table_to_play
from spiking_agent.episodes.task import Task
from spiking_agent.episodes.vectors import make_vector
from spiking_agent.typing import Int16Array

MAX_VECTORS = 5  # vector environments of different sizes that are kept open

_thread = threading.local()  # its `player` has the open environments, if their number is limited


class Stopped(Exception):  # noqa: N818  (not an error: a stop was requested)
    """Play ended early because its evaluator was stopped."""


@dataclass(slots=True)
class EpisodePlayer:
    """Plays the episodes of genomes, and reuses its environments from call to call.

    Parameters
    ----------
    task : Task
        What is played.
    codec : Codec
        How brains are connected to its environments.
    engine : {"compiled", "actors", "live"}
        What runs the brains.
    max_envs : int or None
        How many environments may be open at once; the results are the same (but for live brains).
    should_stop : callable
        Called before every move of all lanes, or from time to time in compiled play; play stops
        if it returns True.
    """

    task: Task
    codec: Codec
    engine: str
    max_envs: int | None = None
    should_stop: Callable[[], bool] = lambda: False
    _source: EnvSource = field(init=False)
    _table: Table | None = field(init=False)
    _vectors: dict[int, VectorEnv[Any, Any, Any] | None] = field(default_factory=dict)
    _envs: list[gym.Env[Any, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._source = self.task.source(self.max_envs)
        self._table = table_to_play(self.task, self.codec, self.engine)

    def play(
        self,
        population: Population | Tissue,
        seeds: Sequence[int] | SeedArray,
        openings: Openings | None = None,
    ) -> EpisodeResults:
        """Play the episodes of every genome.

        Parameters
        ----------
        population : Population or Tissue
            The genomes.
        seeds
            See `each_seed`.
        openings : Openings, optional
            How each of the episodes begins. The results count its moves and rewards, too.

        Returns
        -------
        EpisodeResults
            Arrays of shape (n_genomes, n_episodes); they depend on genomes and seeds only
            (but for live brains).

        Raises
        ------
        Stopped
            If `should_stop` returned True.
        """
        table = each_seed(len(population), seeds)
        if openings is None:
            return self._play_parts(population, table, Script.blank(table.size))
        return self._play_parts(population, table, openings.script(len(population)))

    def record(self, population: Population | Tissue, seeds: SeedArray, n_moves: int) -> Int16Array:
        """Return the choices of genomes that play one episode each.

        Parameters
        ----------
        population : Population or Tissue
            The genomes.
        seeds : ndarray of int64, shape (n_genomes,)
            The seed of each one's episode.
        n_moves : int
            How many moves are recorded.

        Returns
        -------
        ndarray of int16, shape (n_genomes, n_moves)
            Choices as in `Openings`; 0 after the end of an episode.

        Raises
        ------
        Stopped
            If `should_stop` returned True.
        ValueError
            If the actions are not single choices.
        """
        check_one_choice(self.codec)
        script = Script.blank(len(seeds), n_moves)
        self._play_parts(population, seeds[:, None], script)
        return script.choices

    def _play_parts(
        self, population: Population | Tissue, table: SeedArray, script: Script
    ) -> EpisodeResults:
        """Play all at once, or as many at a time as environments may be open."""
        most = self.max_envs
        if most is None:
            return self._play(population, table, script)
        self._take_over()
        genome_ids, lane_seeds = np.arange(table.size) // table.shape[1], table.reshape(-1, 1)
        parts = []
        for i in range(0, table.size, most):
            part = slice(i, i + most)
            brains = population.take(genome_ids[part])
            parts.append(self._play(brains, lane_seeds[part], script.take(part)))
        return EpisodeResults._make(
            np.concatenate(arrays).reshape(table.shape) for arrays in zip(*parts, strict=True)
        )

    def _take_over(self) -> None:
        """Close the environments of this thread's last player: together they may be too many."""
        before = getattr(_thread, "player", None)
        if before is not None and before is not self:
            before.close()
        _thread.player = self

    def _play(
        self, population: Population | Tissue, table: SeedArray, script: Script
    ) -> EpisodeResults:
        if self._table is not None and script.is_blank and isinstance(population, Population):
            return play_table(
                self._table,
                population,
                self.codec,
                table,
                task=self.task,
                must_go_on=self._check_stop,
            )
        engine = make_engine(
            self.engine,
            population,
            lanes_per_brain=table.shape[1],
            carry_state=self.codec.carry_state,
        )
        is_scripted = script.choices.size > 0
        lanes = (
            ScriptedLanes(engine, self.codec, script)
            if is_scripted
            else PolicyLanes(engine, self.codec)
        )
        lane_seeds: list[int] = table.ravel().tolist()
        try:
            vector = self._vector(len(lane_seeds))
            if vector is not None:
                results = self._play_vector(vector, lanes, lane_seeds, script)
            else:
                results = self._play_single(lanes, lane_seeds, script)
        finally:
            engine.close()
        return EpisodeResults._make(array.reshape(table.shape) for array in results)

    def close(self) -> None:
        """Close all environments."""
        for env in self._envs:
            env.close()
        for vector in self._vectors.values():
            if vector is not None:
                vector.close()
        self._envs.clear()
        self._vectors.clear()

    def _vector(self, num_envs: int) -> VectorEnv[Any, Any, Any] | None:
        if num_envs not in self._vectors:
            n_kept = MAX_VECTORS if self.max_envs is None else 1
            if len(self._vectors) >= n_kept:
                vector = self._vectors.pop(next(iter(self._vectors)))
                if vector is not None:
                    vector.close()
            self._vectors[num_envs] = make_vector(self._source, self.codec, num_envs)
        return self._vectors[num_envs]

    def _play_vector(
        self,
        env: VectorEnv[Any, Any, Any],
        lanes: PolicyLanes,
        seeds: list[int],
        script: Script,
    ) -> EpisodeResults:
        results, limits = EpisodeResults.empty(len(seeds)), script.limits(self.task.max_moves)
        playing = np.arange(len(seeds))
        observations, infos = env.reset(seed=seeds)  # type: ignore[arg-type]
        games = compiled_lanes(env, lanes.engine, self.codec)
        if games is not None:
            play_compiled(
                games,
                cast("Engine", lanes.engine),
                self.codec,
                script=script,
                limits=limits,
                must_go_on=self._check_stop,
                total_reward=results.total_reward,
                n_moves=results.n_moves,
            )
            read_infos(results, playing, games.infos(), self.task.score_key)
            script.mark_survival(results.is_solved, ~games.is_over)
            return results
        actions: Any = None
        while len(playing):
            self._check_stop()
            mask = infos.get("action_mask")
            chosen = lanes.act(
                some(observations, playing), playing, None if mask is None else mask[playing]
            )
            if actions is None:  # lanes that have ended keep their last action, which is ignored
                actions = copy.deepcopy(chosen)
            put(actions, playing, chosen)
            observations, rewards, terminated, truncated, infos = env.step(actions)
            results.total_reward[playing] += rewards[playing]
            results.n_moves[playing] += 1
            is_over = (terminated | truncated)[playing]
            has_ended = is_over | (results.n_moves[playing] >= limits[playing])
            if has_ended.any():
                read_infos(results, playing[has_ended], infos, self.task.score_key)
                script.mark_survival(results.is_solved, playing[has_ended & ~is_over])
                playing = playing[~has_ended]
        return results

    def _check_stop(self) -> None:
        if self.should_stop():
            raise Stopped

    def _play_single(self, lanes: PolicyLanes, seeds: list[int], script: Script) -> EpisodeResults:
        while len(self._envs) < len(seeds):
            self._envs.append(self._make())
        results, limits = EpisodeResults.empty(len(seeds)), script.limits(self.task.max_moves)
        rewards, n_moves, most_moves = [0.0] * len(seeds), [0] * len(seeds), limits.tolist()
        playing = list(range(len(seeds)))
        steps = [env.reset(seed=seed) for env, seed in zip(self._envs, seeds, strict=False)]
        observations, infos = [step[0] for step in steps], [step[1] for step in steps]
        space = self._envs[0].observation_space
        while playing:
            self._check_stop()
            lane_ids = np.array(playing)
            batch = stack(space, [observations[lane] for lane in playing])
            actions = lanes.act(batch, lane_ids, _masks(lanes, [infos[lane] for lane in playing]))
            still = []
            for lane, action in zip(playing, lanes.singles(actions, len(playing)), strict=True):
                observations[lane], reward, terminated, truncated, infos[lane] = self._envs[
                    lane
                ].step(action)
                rewards[lane] += as_number("reward", reward)
                n_moves[lane] += 1
                is_over = terminated or truncated
                if not is_over and n_moves[lane] < most_moves[lane]:
                    still.append(lane)
                    continue
                results.total_reward[lane], results.n_moves[lane] = rewards[lane], n_moves[lane]
                read_info(results, lane, infos[lane], self.task.score_key)
                if not is_over:
                    script.mark_survival(results.is_solved, np.array([lane]))
            playing = still
        return results

    def _make(self) -> gym.Env[Any, Any]:
        try:
            return self._source.make()
        except Exception as error:
            error.add_note(
                f"{len(self._envs)} of these environments are open in this process: if no more can "
                "be open at once, say how many can, as in max_envs=1 (--max-envs 1)"
            )
            raise


def _masks(lanes: PolicyLanes, infos: Sequence[Mapping[str, Any]]) -> npt.NDArray[Any] | None:
    """Return the masks of single environments; without a mask every action is legal."""
    if not any("action_mask" in info for info in infos):
        return None
    return lanes.flat_masks([info.get("action_mask") for info in infos])
