"""A match: one game a person plays, or two boards with the same seed; knows no window."""

from time import perf_counter
from typing import Any, Final, NamedTuple

from snake_env.board import Snapshot
from snake_env.env import SnakeEnv
from snake_env.play.opponents import Opponent, OpponentError

PATIENCE_S: Final = 5.0  # an opponent that plays on unseen gets no more time


class Result(NamedTuple):
    """How one game stands, or how it ended."""

    score: int
    n_moves: int
    outcome: str | None  # None if it did not come to an end


class Game(NamedTuple):
    """What the table says of one game."""

    seed: int
    results: tuple[Result, ...]  # the person's first


class Side:
    """One board of a match.

    Parameters
    ----------
    name : str
        Who plays on it.
    env : SnakeEnv
        Its game, which must show what the opponent wants to see.
    opponent : Opponent, optional
        Who chooses; without one, whoever calls `move`.
    """

    def __init__(self, name: str, env: SnakeEnv, opponent: Opponent | None = None) -> None:
        self.name = name
        self.env = env
        self.opponent = opponent
        self._n_moves = 0
        self._seen: tuple[Any, dict[str, Any]] = (None, {})

    def start(self, seed: int) -> None:
        """Begin a game.

        Raises
        ------
        OpponentError
            If the opponent does.
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
            If the opponent raises anything, or chooses what is no action.
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
        """Whether the game has come to an end."""
        return "outcome" in self._seen[1]

    @property
    def game(self) -> Snapshot:
        """The board."""
        return self.env.snapshot()

    @property
    def result(self) -> Result:
        """How the game stands."""
        info = self._seen[1]
        return Result(info["score"], self._n_moves, info.get("outcome"))


class Match:
    """Games that a person plays, beside an opponent or alone.

    Both boards have the same size, rules and seed. So both games start alike, with the first food
    in the same cell; where the next food appears depends on the seed and on which cells are free,
    so that it differs as soon as the snakes lie differently.

    Parameters
    ----------
    n_rows, n_cols : int
        Size of the board.
    grow : bool
        Whether snakes grow.
    name : str
        What the opponent is called.
    opponent : Opponent, optional
        Who plays beside the person.

    Raises
    ------
    ValueError
        If there can be no such board.
    OpponentError
        If the board has no observation as the opponent wants it.
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
        """Whether all have come to an end."""
        return all(side.is_over for side in self.sides)

    @property
    def game(self) -> Game:
        """How the match stands."""
        return Game(self.seed, tuple(side.result for side in self.sides))

    def warm_up(self) -> None:
        """Make a move on each board, so that all is compiled before a game begins."""
        self.start(0)
        self.move()

    def start(self, seed: int) -> None:
        """Begin the next game on all boards."""
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
        """Let the opponent play on to the end of its game, if it is quick about it."""
        limit = perf_counter() + PATIENCE_S
        while self.opponent is not None and not self.opponent.is_over and perf_counter() < limit:
            self.opponent.move()


def winner(results: tuple[Result, ...]) -> int | None:
    """Say who did better: the larger score, and of two that cleared the board the quicker.

    Returns
    -------
    int or None
        0 the person, 1 the opponent; None for a tie.
    """
    ranks = [
        (result.score, -result.n_moves if result.outcome == "win" else 0) for result in results
    ]
    return None if ranks[0] == ranks[1] else ranks.index(max(ranks))
