"""What the last infos of episodes say of them: their fitness, and whether they were solved."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from spiking_agent.checks.words import shown
from spiking_agent.episodes.results import EpisodeResults, as_number
from spiking_agent.typing import IntpArray


def read_infos(
    results: EpisodeResults, lane_ids: IntpArray, infos: Mapping[str, Any], score_key: str | None
) -> None:
    """Read the last infos of episodes that end together.

    Parameters
    ----------
    results : EpisodeResults
        Results of shape (n_lanes,), which are changed.
    lane_ids : ndarray of intp
        The lanes whose episodes end.
    infos : mapping
        The infos, each value with an entry per lane.
    score_key : str or None
        Key of the fitness; None for the sum of rewards.

    Raises
    ------
    ValueError
        If there is no such key, or something is not the number that it has to be.
    """
    results.fitness[lane_ids] = results.total_reward[lane_ids]
    if score_key is not None:
        try:
            scores = infos[score_key][lane_ids]
            results.fitness[lane_ids] = [as_number(score_key, v) for v in scores]
        except (KeyError, TypeError, ValueError) as error:
            keys = map(str, infos)
            names = ", ".join(sorted(key for key in keys if not key.startswith("_")))
            raise ValueError(
                "score_key must be a key of the last info that holds a number, "
                f"got {score_key!r}: the environment gives {names or 'none'}"
            ) from error
    if "outcome" in infos:
        if "_outcome" in infos:  # an episode cut off at the limit of moves has none
            lane_ids = lane_ids[infos["_outcome"][lane_ids]]
        results.is_solved[lane_ids] = infos["outcome"][lane_ids] == "win"
    elif "is_success" in infos:
        successes = infos["is_success"][lane_ids]
        results.is_solved[lane_ids] = [_as_share("is_success", v) for v in successes]


def read_info(
    results: EpisodeResults, lane: int, info: Mapping[str, Any], score_key: str | None
) -> None:
    """Read the last info of one episode.

    Parameters
    ----------
    results, score_key
        As in `read_infos`.
    lane : int
        The lane whose episode ends.
    info : mapping
        Its info.

    Raises
    ------
    ValueError
        As in `read_infos`.
    """
    infos = {k: _entry(value) for k, value in info.items() if not str(k).startswith("_")}
    if not isinstance(info.get("outcome"), str | None):  # the name means something else here
        del infos["outcome"]
    one = EpisodeResults._make(array[lane : lane + 1] for array in results)
    read_infos(one, np.zeros(1, np.intp), infos, score_key)


def _as_share(name: str, value: Any) -> float:
    """Return 1.0 for True, 0.0 for False, or a share of success, as a float."""
    share = as_number(name, value)
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"{name} must be True, False or from 0 to 1, got {shown(value)}")
    return share


def _entry(value: Any) -> npt.NDArray[Any]:
    """Return a value of any kind as an array of one entry."""
    entry = np.empty(1, object)
    entry[0] = value
    return entry
