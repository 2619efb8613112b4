"""Play the held-out games of a report: figures, activity, a film, last positions."""

import base64
import io
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from spiking_agent.codec.names import neuron_names
from spiking_agent.environments.frames import PICTURE_MODES, Frame
from spiking_agent.environments.ids import env_name
from spiking_agent.environments.source import EnvSource
from spiking_agent.episodes.results import EpisodeResults
from spiking_agent.episodes.seeds import RESULT_SEEDS
from spiking_agent.organism.evaluation import Evaluation, held_out_episodes
from spiking_agent.organism.organism import Organism
from spiking_agent.report.activity import Activity, Patience, last_moves, observe
from spiking_agent.report.endings import contact_sheet, last_frames
from spiking_agent.viewer.scene import Scene, Status, to_frame
from spiking_agent.viewer.screen import drawing_in_memory
from spiking_agent.viewer.video import default_format, write_video

BATCHES: Final = (1, 3, 16, 80)  # numbers of held-out episodes, played while time is left
N_ENDINGS: Final = 12
CLIP_MOVES: Final = {".mp4": 100, ".gif": 50}
CLIP_SIZE: Final = {".mp4": (864, 486), ".gif": (640, 360)}
QUICK_MOVES: Final = 30
CLIP_SPEED: Final = 10.0  # moves per second
MAX_CLIP: Final = 800_000  # bytes: a report is a file to send
NO_PICTURES: Final = "This environment gives no pictures (render_mode='rgb_array')."
MIME: Final = {".mp4": "video/mp4", ".gif": "image/gif"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that is part of the page.

    Attributes
    ----------
    uri : str
        Its content as a data URI.
    words : str
        What it shows, also for readers who cannot see it.
    is_film : bool
        Whether a browser plays it with ``<video>``.
    still : str
        The last picture of an animation that cannot be stopped, as a data URI.
    """

    uri: str
    words: str
    is_film: bool = False
    still: str = ""


@dataclass(slots=True)
class Games:
    """What the games showed; `notes` says why a part is missing."""

    names: tuple[str, ...]  # of the neurons
    evaluation: Evaluation | None = None
    activity: Activity | None = None
    clip: Picture | None = None
    endings: Picture | None = None
    endings_title: str = "Final positions of lost games"
    notes: dict[str, str] = field(default_factory=dict)  # by the part that is missing


@drawing_in_memory()
def play(organism: Organism, source: EnvSource, seconds: float, *, is_quick: bool = False) -> Games:
    """Play a champion's games and collect what a report shows of them.

    Parameters
    ----------
    organism, source
        The champion and its environment.
    seconds : float
        Approximate limit; parts that have not begun by then are left out. One batch of episodes
        is always finished. Compiling does not count.
    is_quick : bool
        True compiles nothing: actors play a few moves from the start of a game, and no batches.

    Raises
    ------
    SpikingAgentError, gymnasium.error.Error, ValueError
        If the champion cannot play. Whatever else an environment raises.
    """
    with source.make_checked(organism.observation_space, organism.action_space) as env:
        codec = organism.codec
        games = Games(neuron_names(organism.connectome, codec.encoder, codec.decoder, env))
        modes = env.metadata.get("render_modes") or ()
    organism = replace(organism, engine="actors" if is_quick else organism.engine)
    if not is_quick:
        observe(organism, source, Patience(0.0))  # one move, to compile
    began_s = time.monotonic()

    def left(share: float) -> Patience:
        """Return the time until a share of all seconds has passed."""
        return Patience(share * seconds - (time.monotonic() - began_s))

    games.activity = observe(organism, source, left(0.25))
    results = None if is_quick else _episodes(organism, source, left(0.5))
    if results is not None:
        games.evaluation = Evaluation.of(results)
    if source.env_id is not None and not any(mode in PICTURE_MODES for mode in modes):
        games.notes["pictures"] = NO_PICTURES
        return games
    try:
        n_moves = 0 if results is None else int(results.n_moves[0, 0])
        n_shown = QUICK_MOVES if is_quick else CLIP_MOVES[default_format()]
        games.clip = _clip(organism, source, n_moves, n_shown, left(0.8))
        _picture_endings(games, organism, source, results, left(1.0))
    except Exception as error:  # noqa: BLE001  # drawing may need what is not there
        kind = f"{type(error).__name__}: " * (not isinstance(error, ValueError))
        games.notes["pictures"] = NO_PICTURES + f" ({kind}{error})" * bool(str(error))
    return games


def _episodes(organism: Organism, source: EnvSource, patience: Patience) -> EpisodeResults | None:
    """Play the first episodes of `evaluate`, as many as there is time for."""
    parts: list[EpisodeResults] = []
    seed, episode_s = 0, 0.0
    for n_episodes in BATCHES:
        if patience.left_s <= episode_s * n_episodes:
            break
        began_s = time.monotonic()
        part = held_out_episodes(
            organism,
            episodes=n_episodes,
            seed=seed,
            env=source.env,
            env_kwargs=source.kwargs,
            max_envs=source.max_envs,
        )
        parts.append(part)
        seed += n_episodes
        episode_s = (time.monotonic() - began_s) / n_episodes
    if not parts:
        return None
    return EpisodeResults._make(
        np.concatenate(arrays, axis=1) for arrays in zip(*parts, strict=True)
    )


def _clip(
    organism: Organism, source: EnvSource, n_moves: int, n_shown: int, patience: Patience
) -> Picture:
    """Film the last moves of the first game, or the first ones if `n_moves`, its length, is 0."""
    suffix = default_format()
    first = max(0, n_moves - n_shown)
    frames: list[Frame] = []
    scene: Scene | None = None
    for session, _ in last_moves(organism, source, first, n_shown, patience):
        scene = scene or Scene(session, CLIP_SIZE[suffix])
        frames.append(to_frame(scene.draw(Status(title=env_name(organism.task.env_id)))).copy())
        last_move, has_ended = session.n_moves, session.has_ended
    content = _film(frames, suffix)
    while len(content) > MAX_CLIP and len(frames) > 8:
        frames = frames[len(frames) // 4 :]  # the end matters most
        content = _film(frames, suffix)
    end = ", the end of the game" if has_ended else ""
    return Picture(
        _data_uri(MIME[suffix], content),
        f"The champion plays held-out game 0: moves {last_move - len(frames) + 1} "
        f"to {last_move}{end}. Left: the environment. Right: the network, the votes of its "
        "outputs, membrane potentials and raster.",
        is_film=suffix == ".mp4",
        still="" if suffix == ".mp4" else _png(frames[-1]),
    )


def _film(frames: list[Frame], suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"clip{suffix}"
        n_rest = round(CLIP_SPEED * 1.5)  # the last picture stays for a moment
        write_video(path, [*frames, *frames[-1:] * n_rest], CLIP_SPEED)
        return path.read_bytes()


def _picture_endings(
    games: Games,
    organism: Organism,
    source: EnvSource,
    results: EpisodeResults | None,
    patience: Patience,
) -> None:
    """Picture the ends of lost games, or of those with least fitness if no game counts as lost."""
    if results is None or patience.is_over:
        games.notes["endings"] = "There was no time to picture final positions."
        return
    n_episodes = results.fitness.shape[1]
    if np.isnan(results.is_solved).any():
        order = np.argsort(results.fitness[0], kind="stable")
        chosen = order[: N_ENDINGS // 2]
        games.endings_title = "Final positions of the games with least fitness"
    else:
        chosen = np.flatnonzero(results.is_solved[0] == 0)[:N_ENDINGS]
        if not len(chosen):
            games.notes["endings"] = f"None of {n_episodes} held-out games was lost."
            return
    seeds = (RESULT_SEEDS + chosen).tolist()
    max_moves = organism.task.max_moves
    frames: list[Frame] = []
    for frame in last_frames(
        organism, seeds, env=source.env, env_kwargs=source.kwargs, max_moves=max_moves
    ):
        frames.append(frame)
        if patience.is_over:
            break
    sheet = io.BytesIO()
    contact_sheet(frames).quantize(64).save(sheet, format="png", optimize=True)
    shown = ", ".join(
        f"{seed} ({results.fitness[0, seed]:.6g})" for seed in chosen[: len(frames)].tolist()
    )
    games.endings = Picture(
        _data_uri("image/png", sheet.getvalue()),
        f"Last pictures of {len(frames)} of {n_episodes} held-out games, row by row: "
        f"the seed of each game and its fitness, {shown}.",
    )


def _png(frame: Frame) -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(frame).quantize(64).save(buffer, format="png", optimize=True)
    return _data_uri("image/png", buffer.getvalue())


def _data_uri(mime: str, content: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"
