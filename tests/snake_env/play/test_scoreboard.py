"""The table of scores, on a terminal and in a file."""

import pytest
from rich.console import Console

from snake_env.play.match import Game, Result
from snake_env.play.scoreboard import print_scores, score_table

GAMES = [
    Game(7, (Result(14, 111, "body"), Result(97, 2074, "win"))),
    Game(8, (Result(3, 20, None), Result(3, 900, "wall"))),
    Game(9, (Result(97, 1500, "win"), Result(12, 400, None))),
    Game(10, (Result(40, 500, "hunger"), Result(20, 300, "body"))),
]


def rows(capsys: pytest.CaptureFixture[str], names: list[str], games: list[Game]) -> list[str]:
    print_scores(names, games)
    lines = capsys.readouterr().out.splitlines()
    return [" ".join(line.split()) for line in lines if any(letter.isalnum() for letter in line)]


def test_a_match_has_a_row_a_game_and_means(capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(capsys, ["You", "champion"], GAMES) == [
        "game seed You moves outcome champion moves outcome winner",
        "1 7 14 111 body 97 2074 win champion",
        "2 8 3 20 given up 3 900 wall tie",
        "3 9 97 1500 win 12 400 unfinished -",
        "4 10 40 500 hunger 20 300 body You",
        "mean 38.5 532.8 40.0 1091.3 1 to 1",
    ]


def test_one_player_has_no_winner(capsys: pytest.CaptureFixture[str]) -> None:
    alone = [Game(game.seed, game.results[:1]) for game in GAMES[:2]]
    assert rows(capsys, ["You"], alone) == [
        "game seed score moves outcome",
        "1 7 14 111 body",
        "2 8 3 20 given up",
        "mean 8.5 65.5",
    ]


def test_nobody_finished(capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(capsys, ["You", "champion"], GAMES[2:3])[-1] == "mean 97.0 1500.0 - - 0 to 0"


def test_no_game_is_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(capsys, ["You"], []) == []


def test_names_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    assert "[red]" in rows(capsys, ["You", "[red]"], GAMES)[0]


def test_a_terminal_of_80_columns_suffices() -> None:
    console = Console(width=80, force_terminal=True, record=True, color_system=None)
    with console.capture() as capture:
        console.print(score_table(["You", "champion"], [*GAMES, GAMES[2]._replace(seed=999_999)]))
    assert "…" not in capture.get()
    assert "unfinished  -" in capture.get()
