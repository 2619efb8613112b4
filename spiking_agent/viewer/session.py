"""An organism that plays while it is watched: tick by tick, or in real time."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final

import gymnasium as gym
import numpy as np

from spiking_agent.brain.actors.clock import Jitter
from spiking_agent.brain.actors.engine import ActorEngine
from spiking_agent.brain.engines import make_engine
from spiking_agent.brain.population import Population
from spiking_agent.checks.foreign_code import foreign_calls
from spiking_agent.codec.names import neuron_names, output_names
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.environments.frames import LIST_MODE, Frame, picture_of
from spiking_agent.episodes.lanes import PolicyLanes
from spiking_agent.episodes.results import as_number
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.organism.organism import Organism
from spiking_agent.typing import BoolArray, Float32Array, Int32Array, Int64Array, IntpArray

N_REMEMBERED: Final = 240  # ticks that are kept; more, if impulses of a grown brain take longer


@dataclass(frozen=True, slots=True, eq=False)
class Tick:
    """What happened in one tick of the brain.

    Attributes
    ----------
    number : int
        Ticks that the brain had lived at its end, from 1.
    step : int
        Its place in the decision, from 0.
    driven, fired : ndarray of intp
        Ids of the input neurons that were driven, and of the neurons that fired.
    """

    number: int
    step: int
    driven: IntpArray
    fired: IntpArray


class Session:
    """One organism that plays one environment, episode after episode, while it is watched.

    Parameters
    ----------
    organism : Organism
        What plays; its own engine runs the brain.
    env : gymnasium.Env
        An environment with the organism's spaces, and ``render_mode="rgb_array"`` if `picture` is
        used; the caller closes it.
    tick_s : float, optional
        Seconds per tick, > 0: the brain then runs in real time, whether `advance` is called or not.
        Default: each `advance` runs one tick on the organism's engine.

    Attributes
    ----------
    history : deque of Tick
        The last ticks of this episode.
    tick : int
        Ticks that the brain has lived, as far as `advance` has seen them.
    seed, n_moves, total_reward, has_ended, info
        The state of the episode; these and all below exist after `start`.
    step : int
        Ticks of the present decision that are over.
    counts : ndarray of int32, shape (n_outputs,)
        Spikes of each output in this decision, or in the last one if `step` is 0.
    last_action
        The last action; None at the beginning.

    Notes
    -----
    The actions are those of `Organism.act` with the same seed, unless the brain is live.
    """

    def __init__(
        self, organism: Organism, env: gym.Env[Any, Any], tick_s: float | None = None
    ) -> None:
        codec = organism.codec
        self.organism = organism
        self.env = env
        self.tick_s = tick_s
        self.neuron_names = neuron_names(organism.connectome, codec.encoder, codec.decoder, env)
        self.output_names = output_names(codec.decoder, env)
        self._max_moves = organism.task.max_moves
        self._lanes = PolicyLanes(
            make_engine(
                organism.engine if tick_s is None else "live",
                Population.from_connectomes([organism.connectome]),
                carry_state=True,  # a decision is many calls: cleared between decisions below
                record=True,
                tick_s=tick_s,
            ),
            codec,
        )
        self._thread = ThreadPoolExecutor(1) if tick_s is not None else None
        self._thought: Future[Int32Array] | None = None
        self.history: deque[Tick] = deque(maxlen=max(N_REMEMBERED, _longest(organism)))
        self.tick = 0

    def start(self, seed: int) -> None:
        """Begin an episode.

        Parameters
        ----------
        seed : int
            Number of the held-out episode, >= 0, as `evaluate` counts them.
        """
        self._wait()
        self._lanes.start()
        self.tick = self._lanes.engine.tick(0)  # a decision that was broken off took time as well
        self._lanes.engine.forget_spikes(0, self.tick + 1)
        self.history.clear()
        self.seed = seed
        self.step = 0  # ticks of this decision that are over
        self.n_moves, self.total_reward, self.has_ended = 0, 0.0, False
        self.last_action: Any = None
        self.counts = np.zeros(self.organism.connectome.n_outputs, np.int32)
        self._mask: BoolArray | None = None
        self._observation, self.info = self.env.reset(seed=RESULT_SEEDS + seed)
        self._picture: Frame | None = None

    @property
    def picture(self) -> Frame:
        """The environment's picture, shape (height, width, 3); a new array after every move.

        It is rendered when it is asked for.

        Raises
        ------
        ValueError
            If the environment renders no pictures.
        """
        if self._picture is None:
            self._picture = picture_of(self.env)
        return self._picture

    @property
    def mask(self) -> BoolArray | None:
        """Mask of the legal actions when the decision began; None without a mask."""
        return self._mask

    @property
    def leading(self) -> Int64Array:
        """Places in `counts` that win: in the last decision, or if the present one ended now."""
        if self.step == 0 and self.n_moves == 0:
            return np.empty(0, np.int64)
        if self.step == 0:
            return self._lanes.chosen(0)
        return self._lanes.leading(self.counts, 0, self._mask)

    @property
    def potentials(self) -> Float32Array:
        """Membrane potential of each neuron as it is now, shape (n_neurons,)."""
        return self._lanes.engine.potentials(0)

    @property
    def is_thinking(self) -> bool:
        """Whether a live brain is deciding."""
        return self._thought is not None

    @property
    def jitter(self) -> Jitter | None:
        """How punctual a live brain has been since it was built; None for others."""
        engine = self._lanes.engine
        if self._thread is None or not isinstance(engine, ActorEngine):
            return None
        return engine.jitter

    def advance(self) -> bool:
        """Advance by one tick, or to a live brain's present; return whether a move was made."""
        if self.has_ended:
            return False
        if self.step == 0 and self._thought is None:
            self._perceive()
        if self._thread is not None:
            return self._follow()
        drive = self._drive[None, [self.step % len(self._drive)]]
        self.counts += self._lanes.engine.decide(drive, 1)[0]
        self._note(self.step + 1)
        if self.step < self.organism.codec.n_ticks:
            return False
        self._move()
        return True

    def finish_move(self) -> None:
        """Advance to the end of this move."""
        while not self.has_ended and not self.advance():
            if self._thought is not None:
                self._thought.exception(timeout=None)

    def close(self) -> None:
        """Stop the brain; the environment stays open."""
        self._wait()
        if self._thread is not None:
            self._thread.shutdown()
        self._lanes.close()

    def _perceive(self) -> None:
        """Begin a decision on the observation."""
        codec = self.organism.codec
        mask = self.info.get("action_mask")
        masks = None if mask is None else self._lanes.flat_masks([mask])
        self._mask = None if masks is None else masks[0].astype(np.bool_)
        self.counts[:] = 0
        self._lanes.engine.clear(carry_state=codec.carry_state)
        batch = self.organism.batch([self._observation])
        with foreign_calls(codec.encoder, "encode"):
            self._drive = codec.encoder.encode(batch, codec.n_ticks)[0]
        if self._thread is not None:
            self._thought = self._thread.submit(
                self._lanes.engine.decide, self._drive[None], codec.n_ticks
            )

    def _follow(self) -> bool:
        """Take over what the live brain has done since the last call; return whether it moved."""
        if self._thought is None:
            return False
        is_done = self._thought.done()
        n_ticks = self.organism.codec.n_ticks
        begun = self._lanes.engine.tick(0) - (self.tick - self.step)
        self._note(n_ticks if is_done else min(max(begun - 1, self.step), n_ticks))
        if not is_done:
            return False
        self.counts[:] = self._thought.result()[0]
        self._thought = None
        self._move()
        return True

    def _note(self, until: int) -> None:
        """Append the ticks of this decision before step `until` to the history."""
        spikes = self._lanes.engine.spikes_since(0, self.tick + 1)
        inputs = self.organism.connectome.input_neurons
        while self.step < until:
            self.tick += 1
            driven = inputs[np.flatnonzero(self._drive[self.step % len(self._drive)])]
            fired = spikes[spikes[:, 0] == self.tick, 1]
            self.history.append(
                Tick(self.tick, self.step, driven.astype(np.intp), fired.astype(np.intp))
            )
            if self._thread is not None:
                self.counts += np.isin(self.organism.connectome.output_neurons, fired)
            self.step += 1
        self._lanes.engine.forget_spikes(0, self.tick + 1)  # they are in the history

    def _move(self) -> None:
        """Make the move that the outputs voted for."""
        mask = None if self._mask is None else self._mask[None]
        actions = self._lanes.choose(self.counts[None], mask=mask)
        self.last_action = self._lanes.single(actions, 0)
        self._observation, reward, terminated, truncated, self.info = self.env.step(
            self.last_action
        )
        self.n_moves += 1
        self.step = 0
        self.total_reward += as_number("reward", reward)
        self.has_ended = terminated or truncated or self.n_moves == self._max_moves
        collects = self.env.render_mode == LIST_MODE  # every picture, until it is asked for them
        self._picture = picture_of(self.env) if collects else None

    def _wait(self) -> None:
        """Break off the decision of a live brain."""
        thought, self._thought = self._thought, None
        while thought is not None and not thought.cancel() and not thought.done():
            if isinstance(self._lanes.engine, ActorEngine):
                self._lanes.engine.interrupt()
            wait([thought], timeout=0.01)


def _longest(organism: Organism) -> int:
    """Return how long a grown brain's impulses can be on their way, and a decision in addition."""
    if not isinstance(organism.brain, GrownBrain):
        return 0
    tissue = organism.brain.tissue
    delays = [int(tissue.initiation_delay[0, x.source]) + x.delay for x in tissue.rules]
    return organism.codec.n_ticks + max(delays, default=0)
