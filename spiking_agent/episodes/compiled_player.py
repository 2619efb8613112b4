"""Whole episodes in one compiled call, where both the environment and the brains are compiled.

A vector environment may have a method `compiled_lanes` that returns its running games, see
`CompiledLanes`. Results equal those of play step by step, to the last bit.
"""

import time
from collections.abc import Callable
from functools import cache, partial
from inspect import signature
from typing import Any, Final, cast

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from numba import config, njit, typeof, types

from spiking_agent.brain.interface import CompiledEngine, Play
from spiking_agent.codec.codec import Codec
from spiking_agent.codec.decoders.base import NO_CHOICE
from spiking_agent.codec.decoders.most_spikes import MostSpikesDecoder, most_spikes
from spiking_agent.codec.encoders.discrete import DirectEncoder
from spiking_agent.codec.encoders.grid import GridEncoder
from spiking_agent.environments.foreign import ForeignVector
from spiking_agent.environments.ids import OWN_MODULE
from spiking_agent.episodes.compiled_openings import CompiledLanes, play_openings
from spiking_agent.episodes.openings import RECORDED, Script
from spiking_agent.kernel_cache import kept
from spiking_agent.typing import (
    BoolArray,
    Float64Array,
    Int8Array,
    Int16Array,
    Int32Array,
    Int64Array,
    IntpArray,
    UInt8Array,
)

SIDE_BY_SIDE: Final = 32  # lanes that play at a time: few enough to stay in the fastest memory
DECLINED: Final = -2
ROUNDS: Final = 16  # moves of each of these lanes in the first call
CALL_S: Final = 0.03  # calls that are shorter are doubled; between calls, play may be stopped


def compiled_lanes(
    env: VectorEnv[Any, Any, Any], engine: object, codec: Codec
) -> CompiledLanes | None:
    """Return the running games of an environment for compiled play.

    Parameters
    ----------
    env : VectorEnv
        The environment, reset.
    engine : BrainEngine
        What runs the brains.
    codec : Codec
        How they are connected.

    Returns
    -------
    CompiledLanes or None
        None if the environment, the engine or the codec does not support compiled play.
    """
    if isinstance(env, ForeignVector):
        env = env.env
    action_space = getattr(codec.decoder, "space", None)
    parts = (type(codec.decoder), type(action_space))
    if parts != (MostSpikesDecoder, spaces.Discrete) or not _offers(env):
        return None
    n_numbers = _n_numbers(codec.encoder)
    constant = codec.encoder.constant_inputs()
    if n_numbers is None or not isinstance(engine, CompiledEngine):
        return None
    if not engine.for_play(codec.n_ticks, constant):
        return None
    games = cast("CompiledLanes", env.compiled_lanes())  # type: ignore[attr-defined]
    if (
        games.observations.itemsize != 1  # kernels check no bounds themselves
        or games.observations.shape != (engine.n_lanes, n_numbers)
        or games.masks.shape != (engine.n_lanes, codec.decoder.n_outputs)
    ):
        return None
    return games


def _n_numbers(encoder: object) -> int | None:
    """Return how many numbers are impulses as they are observed; None for another encoder."""
    if type(encoder) is DirectEncoder:
        return encoder.n_inputs
    if type(encoder) is GridEncoder and encoder.channels == "first":
        return encoder.n_inputs - len(encoder.constant_inputs())
    return None


def _offers(env: VectorEnv[Any, Any, Any]) -> bool:
    """Return whether an environment has compiled lanes, and no subclass overrides its `step`."""
    for kind in type(env).__mro__:
        if "compiled_lanes" in vars(kind):
            return True
        if "step" in vars(kind):
            return False
    return False


def play_compiled(
    games: CompiledLanes,
    engine: CompiledEngine,
    codec: Codec,
    *,
    script: Script,
    limits: Int64Array,
    must_go_on: Callable[[], None],
    total_reward: Float64Array,
    n_moves: Int64Array,
) -> None:
    """Play one episode on every lane.

    Parameters
    ----------
    games : CompiledLanes
        What `compiled_lanes` returned.
    engine : CompiledEngine
        The brains, at rest, as many lanes as games.
    codec : Codec
        How they are connected.
    script : Script
        The choices that are given, or where they are written down.
    limits : ndarray of int64, shape (n_lanes,)
        Moves after which each episode is cut off.
    must_go_on : callable
        Called from time to time; raises an exception to stop play.
    total_reward, n_moves : ndarray of shape (n_lanes,)
        Zeros; the results are written here.

    Raises
    ------
    ValueError
        If a mask leaves no legal action.
    """
    n_lanes = engine.n_lanes
    usual, *others = engine.for_play(codec.n_ticks, codec.encoder.constant_inputs())
    playing = np.zeros(min(SIDE_BY_SIDE, n_lanes), np.intp)
    actions = np.zeros(n_lanes, np.int64)
    choices = np.full(n_lanes, NO_CHOICE, np.int64)
    first_action = int(cast("spaces.Discrete", codec.decoder.space).start)  # type: ignore[attr-defined]
    play_openings(
        games,
        script,
        first_action=first_action,
        must_go_on=must_go_on,
        choices=choices,
        total_reward=total_reward,
        n_moves=n_moves,
    )
    waiting = np.flatnonzero(~games.is_over)
    arguments = (
        games.state,
        games.observations.view(np.uint8)[:, None],
        games.masks,
        games.rewards,
        games.is_over,
        engine.lanes_per_brain,
        engine.carry_state,
        codec.n_ticks,
        waiting,
        playing,
        np.zeros((SIDE_BY_SIDE, codec.decoder.n_outputs), np.int32),
        choices,
        actions,
        first_action,
        script.rows,
        script.choices,
        script.n_given,
        limits,
        total_reward,
        n_moves,
        np.zeros(2, np.int64),
    )
    is_known = _is_known(games.state)

    def player(kind: Play) -> Callable[[int], int]:
        decide, brains = kind
        loop = _compiled(decide, games.advance, tuple(map(typeof, (brains, *arguments))), is_known)
        return partial(loop, decide, games.advance, brains, *arguments)

    play_usual, play_any = player(usual), None
    n_playing, n_rounds = len(waiting), ROUNDS
    while n_playing > 0:
        must_go_on()
        begun_s = time.perf_counter()
        n_playing = play_usual(n_rounds)
        if time.perf_counter() - begun_s < CALL_S:
            n_rounds *= 2
        if n_playing == DECLINED:
            play_any = play_any or player(others[-1])
            n_playing = play_any(1)
    if n_playing < 0:
        raise ValueError("action_mask must allow at least one action, got a row without any")


@cache
def _compiled(
    decide: Callable[..., bool],
    advance: Callable[..., None],
    argument_types: tuple[Any, ...],  # of `_play`, but for the functions and the rounds
    is_cached: bool,
) -> Callable[..., int]:
    """Compile the loop for these types, or load it from the cache.

    The functions are passed with declared types. So the loop is compiled without all that they are
    made of, and numba's cache recognises them in another process.
    """
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        return _play
    given = dict(zip(list(signature(_play).parameters)[2:], argument_types, strict=False))
    lanes, n_lanes = given["playing"], types.intp
    decide_type = types.boolean(
        given["brains"],
        lanes,
        n_lanes,
        given["lanes_per_brain"],
        given["carry_state"],
        given["drive"],
        lanes,
        given["n_ticks"],
        given["counts"],
    )
    advance_type = types.void(given["state"], lanes, n_lanes, given["actions"])
    kernels: tuple[tuple[Any, Any], ...] = ((decide, decide_type), (advance, advance_type))
    for one, its_type in kernels:
        one.compile(its_type.args)
    functions = [types.FunctionType(its_type) for _, its_type in kernels]
    play = njit(nogil=True)(_play)
    play = kept(play) if is_cached else play
    play.compile(types.int64(*functions, *argument_types, types.int64))
    play.disable_compile()
    return cast("Callable[..., int]", play)


def _is_known(state: object) -> bool:
    """Return whether every process can import the classes of a state, as numba's cache must."""
    if not isinstance(state, tuple):
        return True
    package = type(state).__module__.partition(".")[0]
    return package in ("builtins", OWN_MODULE) and all(map(_is_known, state))


def _play(
    decide: Callable[..., bool],  # one call for each round
    advance: Callable[..., None],
    brains: tuple[Any, ...],  # what `decide` needs
    state: tuple[Any, ...],
    drive: UInt8Array,  # (n_lanes, 1, n_inputs) the observations, which are the impulses
    masks: Int8Array,
    rewards: Float64Array,
    is_over: BoolArray,
    lanes_per_brain: int,
    carry_state: int,
    n_ticks: int,
    waiting: IntpArray,  # (<= n_lanes,) lanes to play, in this order
    playing: IntpArray,  # (<= SIDE_BY_SIDE,) the first `progress[1]` are the lanes that play
    counts: Int32Array,  # (SIDE_BY_SIDE, n_outputs)
    choices: Int64Array,  # (n_lanes,) last choice of each lane, -1 for none yet
    actions: Int64Array,  # (n_lanes,)
    first_action: int,
    script_rows: IntpArray,  # (n_lanes,) the row of the next two that belongs to each lane
    script: Int16Array,  # (n_rows, room) the first choices, given or to be written
    n_given: Int64Array,  # (n_rows,)
    limits: Int64Array,  # (n_lanes,) moves after which each lane is cut off
    total_reward: Float64Array,
    n_moves: Int64Array,
    progress: Int64Array,  # (2,) lanes started so far, lanes that play
    n_rounds: int,
) -> int:
    """Play some rounds; return the number of unfinished lanes.

    Or return -1 if a mask is empty, or `DECLINED` if `decide` has declined.
    """
    n_begun, n_playing = progress
    for _ in range(n_rounds):
        while n_playing < len(playing) and n_begun < len(waiting):
            playing[n_playing] = waiting[n_begun]
            n_playing += 1
            n_begun += 1
        is_decided = decide(
            brains,
            playing,
            n_playing,
            lanes_per_brain,
            carry_state,
            drive,
            playing,
            n_ticks,
            counts,
        )
        if not is_decided:
            progress[0], progress[1] = n_begun, n_playing
            return DECLINED
        for row in range(n_playing):
            lane = playing[row]
            move, script_row = n_moves[lane], script_rows[lane]
            if move < n_given[script_row]:
                choice = int(script[script_row, move])
            else:
                last = choices[lane]
                choice = most_spikes(counts[row], masks[lane], 0, counts.shape[1], last)
                if choice < 0:
                    return -1
                if n_given[script_row] == RECORDED and move < script.shape[1]:
                    script[script_row, move] = choice
            choices[lane] = choice
            actions[lane] = first_action + choice
        advance(state, playing, n_playing, actions)
        n_left = 0
        for row in range(n_playing):
            lane = playing[row]
            total_reward[lane] += rewards[lane]
            n_moves[lane] += 1
            if not is_over[lane] and n_moves[lane] < limits[lane]:
                playing[n_left] = lane
                n_left += 1
        n_playing = n_left
        if n_playing == 0 and n_begun == len(waiting):
            break
    progress[0], progress[1] = n_begun, n_playing
    return int(n_playing + len(waiting) - n_begun)
