"""Load the champion that is watched, and load it again when its file holds a better one."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import gymnasium as gym

from spiking_agent.checks.words import one_line
from spiking_agent.environments.frames import PICTURE_MODE
from spiking_agent.environments.ids import env_name
from spiking_agent.environments.source import EnvFactory, EnvSource
from spiking_agent.organism.organism import Organism
from spiking_agent.viewer.session import Session


class Loader:
    """Loads organisms, one after the other, and opens a session for each.

    Parameters
    ----------
    load : callable
        Returns the organism that is to play.
    path : path-like, optional
        The file that it comes from, which is checked for changes.
    env, env_kwargs
        See `Organism.env_source`.
    tick_s : float, optional
        See `Session`.
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
        self._stat: tuple[int, int] | None = None  # of the file when it was last looked at
        self._content = b""  # a digest of what it held when it was loaded
        self._retired: list[gym.Env[Any, Any]] = []
        self._source, self.session = self._open(None)

    @property
    def title(self) -> str:
        """The environment's name, and the champion's generation if it is known."""
        organism = self.session.organism
        name = env_name(organism.task.env_id)
        generation = organism.provenance.get("generation")
        if generation is None:
            return name
        return f"{name}   champion of generation {one_line(generation, 40)}"

    def has_newer(self) -> bool:
        """Whether the file holds something else than when it was loaded.

        A run writes its champion again and again; the same bytes are the same champion.
        """
        stat = self._look()
        if stat is None or stat == self._stat:
            return False
        content = self._digest()
        if content is None or content == self._content:
            self._stat = stat
            return False
        return True

    def reload(self, seed: int) -> None:
        """Open a session for the organism that is in the file now.

        Parameters
        ----------
        seed : int
            Of its first episode.

        Raises
        ------
        SpikingAgentError, gymnasium.error.Error, OSError, ValueError
            If it cannot play; the old session then remains, at the start of an episode.
        """
        old = self.session
        source, new = self._open(old)
        try:
            new.start(seed)
            _ = new.picture  # raises an error if there is none
        except Exception:
            self._retire(new, old)
            if new.env is old.env:
                old.start(old.seed)
            raise
        self._source, self.session = source, new
        self._retire(old, new)

    def _retire(self, one: Session, other: Session) -> None:
        """Stop one brain, and keep its environment to close it later, unless the other one uses it.

        Gymnasium's own environments quit all of pygame when they are closed.
        """
        one.close()
        if one.env is not other.env:
            self._retired.append(one.env)

    def close(self) -> None:
        """Stop the brain and close all environments; close windows first."""
        self.session.close()
        for env in (*self._retired, self.session.env):
            env.close()

    def _open(self, old: Session | None) -> tuple[EnvSource, Session]:
        """Load the organism and open its session, in the old environment if it is the same."""
        self._stat, content = self._look(), self._digest()  # before the file is read:
        self._content = content or b""  # a change after that is seen
        organism = self._load()
        source = organism.env_source(self._env, self._env_kwargs)
        organism = organism.fitting(source)
        spaces = organism.observation_space, organism.action_space
        if (
            old is not None
            and source == self._source
            and spaces == (old.env.observation_space, old.env.action_space)
        ):
            return source, Session(organism, old.env, self._tick_s)
        env = source.make_checked(*spaces, render_mode=PICTURE_MODE)
        return source, Session(organism, env, self._tick_s)

    def _look(self) -> tuple[int, int] | None:
        """Return the time when the file was written, and its inode."""
        try:
            stat = self._path.stat() if self._path is not None else None
        except OSError:  # a run is just replacing its champion: look again
            return None
        return None if stat is None else (stat.st_mtime_ns, stat.st_ino)

    def _digest(self) -> bytes | None:
        try:
            return None if self._path is None else sha256(self._path.read_bytes()).digest()
        except OSError:  # likewise
            return None
