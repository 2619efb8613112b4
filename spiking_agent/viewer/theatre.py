"""Who plays: a champion, loaded again when a better one appears in its file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spiking_agent.environments import EnvFactory
from spiking_agent.organism import Organism
from spiking_agent.viewer.performance import Performance


class Theatre:
    """Puts organisms on stage, one after the other.

    Parameters
    ----------
    load : callable
        Gives the organism that is to play.
    path : path-like, optional
        The file that it comes from, to see when that changes.
    env, env_kwargs
        See `Organism.env_source`.
    tick_s : float, optional
        See `Performance`.
    """

    def __init__(
        self,
        load: Callable[[], Organism],
        path: Path | None = None,
        *,
        env: str | EnvFactory | None = None,
        env_kwargs: Mapping[str, Any] | None = None,
        tick_s: float | None = None,
    ) -> None:
        self._load = load
        self._path = path
        self._env, self._env_kwargs, self._tick_s = env, env_kwargs, tick_s
        self._loaded: tuple[int, int] | None = None
        self.performance = self._stage()

    @property
    def title(self) -> str:
        """The environment's name, and the champion's generation if it is known."""
        organism = self.performance.organism
        name = (organism.env_id or "environment").rpartition(":")[2]
        generation = organism.provenance.get("generation")
        return name if generation is None else f"{name}   champion of generation {generation}"

    def has_newer(self) -> bool:
        """Whether the file has changed since it was loaded."""
        return self._path is not None and self._version() not in (None, self._loaded)

    def reload(self) -> None:
        """Let the organism play that is in the file now, on a stage of its own.

        Raises
        ------
        ChampionFileError, OSError, EnvironmentMismatchError
            If it cannot; who played until now is still there.
        """
        old, self.performance = self.performance, self._stage()
        old.close()
        old.env.close()

    def close(self) -> None:
        """Stop the brain and close the environment."""
        self.performance.close()
        self.performance.env.close()

    def _stage(self) -> Performance:
        self._loaded = self._version()  # before the file is read: a change after it is seen
        organism = self._load()
        source = organism.env_source(self._env, self._env_kwargs)
        env = source.make_checked(
            organism.observation_space, organism.action_space, render_mode="rgb_array"
        )
        return Performance(organism, env, self._tick_s)

    def _version(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat() if self._path is not None else None
        except OSError:  # a run writes its champion anew: look again
            return None
        return None if stat is None else (stat.st_mtime_ns, stat.st_ino)
