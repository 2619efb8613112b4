"""`spiking-watch`: show a champion at play and its brain at work, in a window or a video."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from spiking_agent.brain.engines import LIVE_TICK_S
from spiking_agent.checks.words import counted
from spiking_agent.cli.common import (
    CommandParser,
    UsageError,
    add_champion_arguments,
    named_path,
    natural_int,
    positive_float,
    positive_int,
    run,
)
from spiking_agent.environments.frames import Frame
from spiking_agent.environments.ids import env_name
from spiking_agent.evolution.console import spinner
from spiking_agent.evolution.settings.options import above_zero
from spiking_agent.files.atomic import claim_path
from spiking_agent.organism.champion_file import champion_path
from spiking_agent.organism.shipped import is_shipped, load_champion
from spiking_agent.viewer.film import film
from spiking_agent.viewer.loader import Loader
from spiking_agent.viewer.playback import Playback
from spiking_agent.viewer.scene import HEIGHT, KEYS, SMALLEST, WIDTH, Status
from spiking_agent.viewer.screen import drawing_in_memory
from spiking_agent.viewer.session import Session
from spiking_agent.viewer.video import check_format, default_format, write_video
from spiking_agent.viewer.window import NoDisplayError, Window

WINDOW_SPEED: Final = 5.0
RECORDING_SPEED: Final = 15.0
MIN_FPS, MAX_FPS, MAX_GIF_FPS = 0.1, 60.0, 50.0  # of a recording
MIN_LIVE_MS, MAX_LIVE_MS = 0.01, 10_000.0
EPILOG = """\
examples:
  spiking-watch                                          the grown champion of the package
  spiking-watch runs/first                               the current champion of a run in progress
  spiking-watch runs/first/champion.npz --speed 30
  spiking-watch --env-kwargs n_rows=12 n_cols=12         on another board
  spiking-watch senses                                   the champion with senses made by hand
  spiking-watch senses --live                            neurons as tasks on the wall clock
  spiking-watch --record game.mp4                        one episode, one picture per move
  spiking-watch --record clip.gif --moves 20 --every tick --size 960x540
  spiking-watch --record whole.gif --every 8 --size 640x360

keys in the window:
""" + "".join(f"  {key:<8}{words}\n" for key, words in KEYS)


def size(text: str) -> tuple[int, int]:
    """Parse WIDTHxHEIGHT in pixels.

    Parameters
    ----------
    text : str
        The text.

    Raises
    ------
    argparse.ArgumentTypeError
        If it has another form, is too small or too large, or is odd: videos need even sides.
    """
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"must be WIDTHxHEIGHT, such as 1280x720, got {text!r}")
    sides = int(width), int(height)
    if sides[0] < SMALLEST[0] or sides[1] < SMALLEST[1] or max(sides) > 7680:
        raise argparse.ArgumentTypeError(
            f"must be {SMALLEST[0]}x{SMALLEST[1]} to 7680x7680, got {text!r}"
        )
    if sides[0] % 2 or sides[1] % 2:
        raise argparse.ArgumentTypeError(f"must have even sides, got {text!r}")
    return sides


def interval(text: str) -> int:
    """Parse the number of moves per picture; 0 means one picture per tick.

    Parameters
    ----------
    text : str
        The text.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is not "move", "tick" or a whole number >= 1.
    """
    words = {"tick": 0, "move": 1}
    if text in words:
        return words[text]
    if text.isdecimal() and len(text) < 7 and int(text) >= 1:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be move, tick or 1 to 999999, got {text!r}")


def live_ms(text: str) -> float:
    """Parse the length of a tick in milliseconds.

    Parameters
    ----------
    text : str
        The text.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is out of range.
    """
    try:
        value = above_zero(text)
    except ValueError:
        value = 0.0
    if not MIN_LIVE_MS <= value <= MAX_LIVE_MS:
        raise argparse.ArgumentTypeError(
            f"must be {MIN_LIVE_MS:g} to {MAX_LIVE_MS:g} milliseconds, got {text!r}"
        )
    return value


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        prog="spiking-watch",
        description="Watch a champion play, and its brain at work.",
        epilog=EPILOG,
    )
    add_champion_arguments(parser)
    parser.add_argument(
        "--episodes",
        type=positive_int,
        help="number of episodes to show (default: until you quit; one in a video)",
    )
    parser.add_argument(
        "--speed",
        metavar="MOVES",
        type=positive_float,
        help=f"moves per second (default: {WINDOW_SPEED:g}; {RECORDING_SPEED:g} in a video)",
    )
    parser.add_argument(
        "--live",
        metavar="MS",
        nargs="?",
        type=live_ms,
        const=1000 * LIVE_TICK_S,
        help="run the brain live on the wall clock, with ticks of MS milliseconds "
        "(default: %(const)g)",
    )
    parser.add_argument(
        "--size",
        metavar="WxH",
        type=size,
        default=(WIDTH, HEIGHT),
        help=f"size of the picture in pixels (default: {WIDTH}x{HEIGHT})",
    )
    film = parser.add_argument_group(
        "videos", "With --record, or where there is no display, a video is written."
    )
    film.add_argument(
        "--record", metavar="FILE", type=named_path, help="a .gif, .mp4, .webm or .mkv to write"
    )
    film.add_argument(
        "--every",
        metavar="move|tick|N",
        type=interval,
        default=1,
        help="how often a video gets a picture: every move (default), every tick, or every N moves",
    )
    film.add_argument(
        "--moves", metavar="N", type=positive_int, help="end a video's episode at this move"
    )
    film.add_argument(
        "--skip", metavar="N", type=natural_int, default=0, help="begin a video at this move"
    )
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Show or record a champion with the parsed arguments.

    Parameters
    ----------
    arguments : argparse.Namespace
        The arguments.

    Raises
    ------
    UsageError
        If options do not fit together.
    """
    if arguments.record is not None:
        check_format(arguments.record)
        if arguments.record.is_dir():
            raise UsageError(f"--record must be a file, got the directory {arguments.record}")
        if not arguments.record.parent.is_dir():
            raise UsageError(f"--record must lie in a directory, got {arguments.record}")
    if arguments.live is not None and arguments.engine not in ("compiled", "live"):
        raise UsageError(f"--live must not be given with --engine {arguments.engine}")
    if arguments.engine == "live" and arguments.live is None:
        arguments.live = 1000 * LIVE_TICK_S
    if arguments.live is not None and arguments.every == 0:
        raise UsageError(
            "--every tick must not be given with a live brain, which does not wait for pictures"
        )
    folder = Path.cwd()  # an environment may change it
    loader = _open(arguments)
    try:
        if arguments.record is None:
            try:
                return _show(loader, arguments, folder)
            except NoDisplayError as error:
                print(f"No display ({error}): recording instead.", file=sys.stderr)
        with drawing_in_memory():
            return _record(loader, arguments, folder)
    finally:
        loader.close()


def _open(arguments: argparse.Namespace) -> Loader:
    """Return the loader of what plays: a file, the champion of a run, or one of the package."""
    given, path = arguments.champion, None
    if given is not None and not is_shipped(given):
        path = champion_path(given).absolute()  # it is read repeatedly
        given = str(path)
    return Loader(
        partial(load_champion, given, arguments.engine),
        path,
        env=arguments.env,
        env_kwargs=arguments.env_kwargs,
        tick_s=None if arguments.live is None else arguments.live / 1000,
    )


def _show(loader: Loader, arguments: argparse.Namespace, folder: Path) -> int:
    window = Window(arguments.size, folder)
    try:
        playback = Playback(
            loader,
            seed=arguments.seed,
            speed=arguments.speed or WINDOW_SPEED,
            n_episodes=arguments.episodes,
            on_end=lambda session: print(_result(session), flush=True),
        )
        window.run(playback)
    finally:
        window.close()
    return 0


def _record(loader: Loader, arguments: argparse.Namespace, folder: Path) -> int:
    """Record into the given file, or into a new one that overwrites nothing."""
    if arguments.record is not None:
        return _film(loader, arguments, folder / arguments.record)
    name = env_name(loader.session.organism.task.env_id).replace("/", "-")
    path = claim_path(folder / f"{name}-seed{arguments.seed}{default_format()}")
    try:
        return _film(loader, arguments, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _film(loader: Loader, arguments: argparse.Namespace, path: Path) -> int:
    session = loader.session
    every = arguments.every
    pictures_a_move = 1 / every if every else session.organism.codec.n_ticks
    speed, fps = _pace(arguments, path, pictures_a_move)
    status = Status(speed=speed, title=loader.title)
    console = Console()
    with Progress(
        SpinnerColumn(spinner(console)),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("Recording")

        def tell() -> None:
            progress.update(task, description=f"Recording   {_result(session)}")

        def frames() -> Iterator[Frame]:
            for episode in range(arguments.episodes or 1):
                for frame in film(
                    session,
                    arguments.seed + episode,
                    size=arguments.size,
                    status=status,
                    every=every,
                    skip=arguments.skip,
                    max_moves=arguments.moves,
                    on_picture=tell,
                ):
                    yield frame
                for _ in range(round(fps)):  # hold the end for a second
                    yield frame
                progress.console.print(Text(_result(session)), soft_wrap=True)

        n_frames = write_video(path, frames(), fps)
    print(f"Wrote {counted(n_frames, 'picture')} to {arguments.record or path.name}")
    return 0


def _pace(arguments: argparse.Namespace, path: Path, pictures_a_move: float) -> tuple[float, float]:
    """Return a video's moves and pictures per second."""
    most = MAX_GIF_FPS if path.suffix.lower() == ".gif" else MAX_FPS
    slowest, fastest = MIN_FPS / pictures_a_move, most / pictures_a_move
    speed = arguments.speed or min(RECORDING_SPEED / min(pictures_a_move, 1), fastest)
    if arguments.record is None:  # a speed meant for a window: use the nearest possible one
        speed = min(max(speed, slowest), fastest)
    if not slowest <= speed <= fastest * (1 + 1e-9):
        raise UsageError(
            f"--speed must be {slowest:g} to {fastest:g} in such a video, of at most {most:g} "
            f"pictures per second, got {speed:g}"
        )
    return speed, speed * pictures_a_move


def _result(session: Session) -> str:
    info = session.info
    parts = [f"seed {session.seed}:", counted(session.n_moves, "move")]
    parts += [f"reward {session.total_reward:.1f}"]
    parts += [f"{key} {info[key]}" for key in ("score", "outcome") if key in info]
    return "  ".join(parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input, 130 after Ctrl-C.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; default: those of the process.
    """
    return run(command, make_parser(), argv)
