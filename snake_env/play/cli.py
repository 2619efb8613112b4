"""The program `snake-play`: Snake for a person in a window, alone or beside an opponent."""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import NoReturn

import numpy as np

from snake_env.arguments import whole
from snake_env.play.match import Match
from snake_env.play.opponents import READS_FILES, OpponentError, load_opponent
from snake_env.play.scoreboard import print_scores
from snake_env.play.session import PlaySession
from snake_env.settings import LARGEST_SIDE, SMALLEST_SIDE, Settings

SLOWEST = 0.01  # moves per second: a move takes 100 s
FASTEST = 1000.0
LARGEST_CHANCE_SEED = 1_000_000  # short enough to type
EPILOG = """\
examples:
  snake-play                                play alone
  snake-play --versus                       beside the champion that comes with the package
  snake-play --versus senses                beside another one, by its name
  snake-play --versus runs/first            beside the champion of a run, or of a file
  snake-play --versus --seed 7              game 1 has seed 7, game 2 has seed 8, ...
  snake-play --rows 6 --cols 12 --fps 4     a small board, slowly
  snake-play --versus --rows 12 --cols 12   a grown champion plays on any board

keys:
  arrow keys or W A S D   turn the snake; the first turn begins the game, and so does space
  P                       pause or continue
  space, R or N           a new game
  F                       when your game is over: watch the opponent fast, or slowly again
  Q or Escape             quit

With --versus the opponent makes a move with each of yours, and both boards have the same seed. The
games start alike, with the same first food. Where the next food appears depends on the seed and on
the free cells, so it differs once the snakes lie differently. When one game is over, the other goes
on; if you do not wait for the opponent, it finishes its game out of sight. The higher score wins,
or the fewer moves if both boards are solved. At the end a table lists all scores, and the seeds to
play the games again.
"""


def whole_in(words: str, *, low: int, high: int | None = None) -> int:
    """Parse a whole number within bounds, inclusive.

    Parameters
    ----------
    words : str
        The text.
    low, high : int
        Bounds.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is anything else.
    """
    try:
        value: int | str = int(words)
    except ValueError:
        value = words
    try:
        return whole("it", value, low, high)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("it ")) from error


def speed(words: str) -> float:
    """Parse moves per second.

    Parameters
    ----------
    words : str
        The text.

    Raises
    ------
    argparse.ArgumentTypeError
        If they are out of range.
    """
    try:
        value = float(words)
    except ValueError:
        value = math.nan
    if not SLOWEST <= value <= FASTEST:
        raise argparse.ArgumentTypeError(
            f"must be from {SLOWEST:g} to {FASTEST:g} moves per second, got {words!r}"
        )
    return value


class PlayParser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Exit without printing the usage."""
        sys.exit(_refuse(f"{message} (see --help)"))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    result = PlayParser(
        prog="snake-play",
        description="Play Snake. Eat the orange food, keep off the walls and off yourself.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument(
        "--versus",
        metavar="WHO",
        nargs="?",
        const=READS_FILES,
        help="play beside an opponent: a champion file, the directory of a run, or the name of an "
        "installed opponent, such as grown or senses, which goes before a file (default: grown, "
        "the champion that comes with the package)",
    )
    for name, what in (("--rows", "rows"), ("--cols", "columns")):
        result.add_argument(
            name,
            metavar="N",
            type=partial(whole_in, low=SMALLEST_SIDE, high=LARGEST_SIDE),
            default=Settings().n_rows,
            help=f"{what} of the board, {SMALLEST_SIDE} to {LARGEST_SIDE} (default: %(default)s)",
        )
    result.add_argument(
        "--seed",
        metavar="N",
        type=partial(whole_in, low=0),
        help="seed of the first game; each next game has the next (default: random)",
    )
    result.add_argument(
        "--fps",
        metavar="MOVES",
        type=speed,
        default=6,
        help=f"moves per second, {SLOWEST:g} to {FASTEST:g} (default: 6)",
    )
    result.add_argument("--no-grow", action="store_true", help="a snake of one cell, forever")
    return result


def make_match(options: argparse.Namespace) -> Match:
    """Return the match that the options ask for.

    Parameters
    ----------
    options : argparse.Namespace
        The parsed options.

    Raises
    ------
    ValueError, OSError
        If there is no such opponent for such a board, or its file is damaged or cannot be read.
    OpponentError
        If the opponent is broken.
    """
    match = Match(options.rows, options.cols, grow=not options.no_grow)
    if options.versus is None:
        return match
    name, opponent = load_opponent(options.versus, options.rows, options.cols)
    return Match(options.rows, options.cols, grow=not options.no_grow, name=name, opponent=opponent)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; by default those of the command line.

    Returns
    -------
    int
        0, or 2 for bad arguments, no display or a broken opponent, or 130 after Ctrl-C.
    """
    options = parser().parse_args(argv)
    try:
        match = make_match(options)
    except (ValueError, OSError, OpponentError) as error:
        return _refuse(error)
    seed = options.seed
    if seed is None:
        seed = int(np.random.default_rng().integers(LARGEST_CHANCE_SEED))

    import pygame

    from snake_env.play.window import MatchWindow

    names = [side.name for side in match.sides]
    window = MatchWindow("Snake")
    session = PlaySession(match, window, options.fps)
    failure: Exception | str | None = None
    try:
        window.open(len(names), options.rows, options.cols)
        match.warm_up()
        session.play(seed)
    except OpponentError as error:
        failure = error
    except pygame.error as error:
        failure = f"a window is needed, but there is no display ({error})"
    except KeyboardInterrupt:
        return 130
    finally:
        window.close()
        print_scores(names, session.games)
    return 0 if failure is None else _refuse(failure)


def _refuse(what: Exception | str) -> int:
    """Print in one line what is wrong, and return the exit code for it."""
    if isinstance(what, OSError) and what.filename is not None and what.strerror:
        name = os.fsdecode(what.filename) if not isinstance(what.filename, int) else "?"
        what = f"file must be one that can be read or written, got {name!r} ({what.strerror})"
    line = " ".join(str(what).split())  # it may quote a file, but not its control characters
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
    print(f"snake-play: error: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
