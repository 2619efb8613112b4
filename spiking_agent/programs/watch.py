"""`spiking-watch`: see a champion play, in a window, or in a video where there is none."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.progress import track

from spiking_agent.config import RESULT_SEEDS
from spiking_agent.organism import Organism
from spiking_agent.programs.common import (
    UsageError,
    add_champion_arguments,
    load_champion,
    positive_float,
    positive_int,
    run,
)
from spiking_agent.video import Frame, check_format, default_format, write_video
from spiking_agent.viewer import Moment, Viewer, to_frame
from spiking_agent.window import NoDisplayError, Window, check_display

EPILOG = """\
examples:
  spiking-watch                                          the champion that we ship
  spiking-watch runs/first/champion.npz --fps 30
  spiking-watch runs/first/champion.npz --record game.gif

Keys in the window: space pauses, + and - change the speed, N begins the next episode, Q or
Escape ends. Without a display one episode is written to a video instead.
"""


def make_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="spiking-watch",
        description="Watch a champion play, its spikes beside the game.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_champion_arguments(parser)
    parser.add_argument(
        "--episodes",
        type=positive_int,
        help="how many to show (default: until you quit; one in a video)",
    )
    parser.add_argument(
        "--fps", type=positive_float, default=15.0, help="moves a second (default: %(default)s)"
    )
    parser.add_argument(
        "--record", metavar="FILE", type=Path, help="write a .gif, .mp4, .webm or .mkv instead"
    )
    return parser


def command(arguments: argparse.Namespace) -> int:
    """Show or record as the arguments say."""
    if arguments.record is not None:
        check_format(arguments.record)
        if not arguments.record.parent.is_dir():
            raise UsageError(f"--record must lie in a directory, got {arguments.record}")
    organism = load_champion(arguments.champion, arguments.engine)
    source = organism.env_source(arguments.env, dict(arguments.env_kwargs))
    env = source.make_checked(
        organism.observation_space, organism.action_space, render_mode="rgb_array"
    )
    viewer = Viewer(organism, env)
    try:
        if arguments.record is None:
            try:
                return _show(viewer, organism, arguments)
            except NoDisplayError as error:
                print(f"No display ({error}): recording instead.", file=sys.stderr)
        return _record(viewer, organism, arguments)
    finally:
        viewer.close()
        env.close()


def _show(viewer: Viewer, organism: Organism, arguments: argparse.Namespace) -> int:
    check_display()
    window = Window(organism.env_id or "spiking brain", arguments.fps)
    try:
        episode = 0
        while arguments.episodes is None or episode < arguments.episodes:
            answer = "on"
            for moment in viewer.episode(RESULT_SEEDS + arguments.seed + episode):
                answer = window.show(moment)
                if answer != "on":
                    break
                if moment.has_ended:
                    print(_result(arguments.seed + episode, moment))
            if answer == "quit":
                break
            episode += 1
    finally:
        window.close()
    return 0


def _record(viewer: Viewer, organism: Organism, arguments: argparse.Namespace) -> int:
    path = arguments.record
    if path is None:
        name = (organism.env_id or "champion").rpartition(":")[2].replace("/", "-")
        path = Path(f"{name}-seed{arguments.seed}{default_format()}")

    def frames() -> Iterator[Frame]:
        for episode in range(arguments.episodes or 1):
            for moment in viewer.episode(RESULT_SEEDS + arguments.seed + episode):
                yield to_frame(moment.picture)
                if moment.has_ended:
                    print(_result(arguments.seed + episode, moment))

    n_frames = write_video(path, track(frames(), "Recording", total=None), arguments.fps)
    print(f"Wrote {n_frames} pictures to {path}")
    return 0


def _result(seed: int, moment: Moment) -> str:
    parts = [f"seed {seed}:", f"{moment.n_moves} moves", f"reward {moment.total_reward:.1f}"]
    parts += [f"{key} {moment.info[key]}" for key in ("score", "outcome") if key in moment.info]
    return "  ".join(parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, 2 on bad input, 130 after Ctrl-C."""
    return run(command, make_parser(), argv)
