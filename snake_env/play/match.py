"""A match: a person's game, alone or beside an opponent's with the same seed; without a window."""

from time import perf_counter
from typing import Any, Final, NamedTuple

from snake_env.board import Snapshot
from snake_env.env import SnakeEnv
from snake_env.play.opponents import Opponent, OpponentError

PATIENCE_S: Final = 5.0  # longest time for an opponent to finish out of sight


class Result(NamedTuple):
    """The state of one game, or how it ended."""

    score: int
    n_moves: int
    outcome: str | None  # None if it has not ended


class Game(NamedTuple):
    """One game of the table: its seed and how each board ended."""

    seed: int
    results: tuple[Result, ...]  # the person's first


class Side:
    """One board of a match.

    Parameters
    ----------
    name : str
        Name of its player.
    env : SnakeEnv
        Its game, with the observation that the opponent asks for.
    opponent : Opponent, optional
        Chooses the actions; without one, the caller of `move` does.
    """

    def __init__(self, name: str, env: SnakeEnv, opponent: Opponent | None = None) -> None:
        self.name = name
        self.env = env
        self.opponent = opponent
        self._n_moves = 0
        self._seen: tuple[Any, dict[str, Any]] = (None, {})

    def start(self, seed: int) -> None:
        """Begin a game.

        Parameters
        ----------
        seed : int
            Seed of the game.

        Raises
        ------
        OpponentError
            If the opponent raises anything.
        """
        self._n_moves = 0
        self._seen = self.env.reset(seed=seed)
        if self.opponent is not None:
            try:
                self.opponent.reset()
            except Exception as error:
                raise OpponentError(self.name, error) from error

    def move(self, turn: int | None = None) -> None:
        """Make one move, unless the game is over.

        Parameters
        ----------
        turn : int, optional
            The action, 0 to 3; without one the opponent chooses, or the snake keeps going.

        Raises
        ------
        OpponentError
            If the opponent raises anything, or chooses something that is not an action.
        """
        if self.is_over:
            return
        if self.opponent is not None:
            try:
                after = self.env.step(self.opponent.act(*self._seen))
            except Exception as error:
                raise OpponentError(self.name, error) from error
        else:
            after = self.env.step(self.game.heading if turn is None else turn)
        observation, _, _, _, info = after
        self._seen = observation, info
        self._n_moves += 1

    @property
    def is_over(self) -> bool:
        """Whether the game has ended."""
        return "outcome" in self._seen[1]

    @property
    def game(self) -> Snapshot:
        """The board."""
        return self.env.snapshot()

    @property
    def result(self) -> Result:
        """The state of the game."""
        info = self._seen[1]
        return Result(info["score"], self._n_moves, info.get("outcome"))


class Match:
    """Games that a person plays, beside an opponent or alone.

    Both boards have the same size, rules and seed. So both games start alike, with the first food
    in the same cell. Where the next food appears depends on the seed and on the free cells, so it
    differs once the snakes lie differently.

    Parameters
    ----------
    n_rows, n_cols : int
        Size of the board.
    grow : bool
        Whether snakes grow.
    name : str
        Name of the opponent.
    opponent : Opponent, optional
        Plays beside the person.

    Raises
    ------
    ValueError
        If there is no such board.
    OpponentError
        If the board does not have the observation that the opponent asks for.
    """

    def __init__(
        self,
        n_rows: int,
        n_cols: int,
        *,
        grow: bool = True,
        name: str = "",
        opponent: Opponent | None = None,
    ) -> None:
        self.seed = 0
        self.person = Side("You", SnakeEnv(n_rows, n_cols, grow=grow))
        self.opponent: Side | None = None
        if opponent is not None:
            try:
                env = SnakeEnv(n_rows, n_cols, observation=opponent.observation, grow=grow)
            except Exception as error:
                raise OpponentError(name, error) from error
            self.opponent = Side(name, env, opponent)

    @property
    def sides(self) -> tuple[Side, ...]:
        """All boards, the person's first."""
        return (self.person,) if self.opponent is None else (self.person, self.opponent)

    @property
    def is_over(self) -> bool:
        """Whether the games on all boards have ended."""
        return all(side.is_over for side in self.sides)

    @property
    def game(self) -> Game:
        """The state of the match."""
        return Game(self.seed, tuple(side.result for side in self.sides))

    def warm_up(self) -> None:
        """Make a move on each board, so that everything is compiled before a game begins."""
        self.start(0)
        self.move()

    def start(self, seed: int) -> None:
        """Begin the next game on all boards.

        Parameters
        ----------
        seed : int
            Seed of the game, the same on all boards.
        """
        self.seed = seed
        for side in self.sides:
            side.start(seed)

    def move(self, turn: int | None = None) -> None:
        """Make a move on each board whose game goes on.

        Parameters
        ----------
        turn : int, optional
            The person's action, 0 to 3; without one the person's snake keeps going.
        """
        self.person.move(turn)
        if self.opponent is not None:
            self.opponent.move()

    def finish(self) -> None:
        """Play the opponent's game to its end, for `PATIENCE_S` at most."""
        limit = perf_counter() + PATIENCE_S
        while self.opponent is not None and not self.opponent.is_over and perf_counter() < limit:
            self.opponent.move()


def winner(results: tuple[Result, ...]) -> int | None:
    """Return who won: the higher score, or the fewer moves if both solved the board.

    Parameters
    ----------
    results : tuple of Result
        Result on each board.

    Returns
    -------
    int or None
        0 for the person, 1 for the opponent, None for a tie.
    """
    ranks = [
        (result.score, -result.n_moves if result.outcome == "win" else 0) for result in results
    ]
    return None if ranks[0] == ranks[1] else ranks.index(max(ranks))
