"""The table of scores at the end of a session, for the terminal or a file."""

from collections.abc import Sequence
from statistics import mean
from typing import Final

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from snake_env.play.match import Game, Result, winner

PLAIN_WIDTH: Final = 120  # columns where there is no terminal to ask
GIVEN_UP: Final = "given up"
UNFINISHED: Final = "unfinished"


def print_scores(names: Sequence[str], games: Sequence[Game]) -> None:
    """Print the table of scores, or nothing if there was no game.

    Parameters
    ----------
    names : sequence of str
        Names of the players.
    games : sequence of Game
        The games that were played.
    """
    if games:
        console = Console()
        if not console.is_terminal:
            console = Console(width=PLAIN_WIDTH)
        console.print(score_table(names, games))


def score_table(names: Sequence[str], games: Sequence[Game]) -> Table:
    """Return a table with a row per game, and means.

    Parameters
    ----------
    names : sequence of str
        Names of the boards' players, the person's first.
    games : sequence of Game
        At least one.

    Returns
    -------
    rich.table.Table
        The person's means are over all games, the opponent's over the games that it finished. Under
        the winners are the numbers of games that the person and the opponent won.
    """
    is_match = len(names) > 1
    table = Table(box=SIMPLE, show_footer=True, pad_edge=False, collapse_padding=True)
    table.add_column("game", "mean", justify="right")
    table.add_column("seed", justify="right")
    for side, name in enumerate(names):
        results = [game.results[side] for game in games]
        counted = [one for one in results if side == 0 or one.outcome is not None]
        score = f"{mean(one.score for one in counted):.1f}" if counted else "-"
        moves = f"{mean(one.n_moves for one in counted):.1f}" if counted else "-"
        table.add_column(Text(name if is_match else "score"), score, justify="right")
        table.add_column("moves", moves, justify="right")
        table.add_column("outcome")
    winners = [_winner(game) for game in games]
    if is_match:
        table.add_column("winner", f"{winners.count(0)} to {winners.count(1)}")
    for number, game in enumerate(games, start=1):
        cells = [str(number), str(game.seed)]
        for side, result in enumerate(game.results):
            cells += [str(result.score), str(result.n_moves), _outcome(side, result)]
        if is_match:
            best = winners[number - 1]
            cells.append({None: "-", -1: "tie"}.get(best) or names[best or 0])
        table.add_row(*map(Text, cells))
    return table


def _outcome(side: int, result: Result) -> str:
    return result.outcome or (GIVEN_UP if side == 0 else UNFINISHED)


def _winner(game: Game) -> int | None:
    """Return who won, -1 for a tie; None without an opponent, or if it has not finished."""
    if len(game.results) < 2 or game.results[1].outcome is None:
        return None
    best = winner(game.results)
    return -1 if best is None else best
