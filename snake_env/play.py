"""The program ``snake-play``: a person plays Snake in a window."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from snake_env.env import SnakeEnv

KEYS = """keys:
  arrow keys or W A S D   turn the snake
  space or R              a new game
  Q or Escape             quit
"""


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    result = argparse.ArgumentParser(
        prog="snake-play",
        description="Play Snake. Eat the orange food, keep off the walls and off yourself.",
        epilog=KEYS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    result.add_argument("--rows", type=int, default=10, help="rows of the board, 4 to 255")
    result.add_argument("--cols", type=int, default=10, help="columns of the board, 4 to 255")
    result.add_argument("--seed", type=int, help="decides where food appears; left out: chance")
    result.add_argument("--fps", type=float, default=6, help="moves per second (default: 6)")
    result.add_argument("--no-grow", action="store_true", help="a snake of one cell, for ever")
    return result


class Player:
    """Turns pressed keys into actions and commands.

    A key that is pressed before the last one had its move waits for the next move, so that two
    quick turns are two turns.

    Parameters
    ----------
    env : SnakeEnv
        The game.
    window : snake_env.renderer.Window
        Anything with its `show`, `pressed_keys` and `is_open`.
    """

    def __init__(self, env: SnakeEnv, window: Any) -> None:
        import pygame

        self.env = env
        self.window = window
        self._actions = {key: action for (key,), action in env.get_keys_to_action().items()}
        self._restart_keys = (pygame.K_SPACE, pygame.K_r)
        self._quit_keys = (pygame.K_q, pygame.K_ESCAPE)
        self._turns: list[int] = []
        self.wants_restart = False
        self.wants_to_quit = False

    def listen(self) -> None:
        """Take in the keys pressed since the last call."""
        for key in self.window.pressed_keys():
            if key in self._quit_keys:
                self.wants_to_quit = True
            elif key in self._restart_keys:
                self.wants_restart = True
            elif key in self._actions:
                self._turns.append(self._actions[key])
        self._turns = self._turns[:3]
        self.wants_to_quit = self.wants_to_quit or not self.window.is_open

    def play_one_game(self, fps: float, seed: int | None) -> None:
        """Play until the game is over, or the person asks for another or wants to quit."""
        self._turns.clear()
        self.wants_restart = False
        self.env.reset(seed=seed)
        is_over = False
        while not is_over and not self.wants_restart and not self.wants_to_quit:
            self.window.show(self.env.snapshot(), self.env.rules.hunger_limit, fps)
            self.listen()
            heading = self.env.snapshot().heading
            action = self._turns.pop(0) if self._turns else heading
            _, _, terminated, truncated, _ = self.env.step(action)
            is_over = terminated or truncated

    def wait_for_restart(self, fps: float) -> None:
        """Show the end of a game until the person asks for another or wants to quit."""
        while not self.wants_restart and not self.wants_to_quit:
            self.window.show(self.env.snapshot(), self.env.rules.hunger_limit, max(fps, 20))
            self.listen()


def play(env: SnakeEnv, window: Any, fps: float, seed: int | None) -> None:
    """Play game after game, and print the score of each."""
    player = Player(env, window)
    while not player.wants_to_quit:
        player.play_one_game(fps, seed)
        seed = None
        game = env.snapshot()
        ending = f" ({game.outcome})" if game.outcome else ""
        print(f"score {game.score}, length {len(game.body)}{ending}", flush=True)
        player.wait_for_restart(fps)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; by default those of the command line.

    Returns
    -------
    int
        0, or 2 for bad arguments or no display, or 130 after Ctrl-C.
    """
    options = parser().parse_args(argv)
    try:
        if not 0 < options.fps <= 1000:
            raise ValueError(f"fps must be above 0 and at most 1000, got {options.fps!r}")
        if options.seed is not None and options.seed < 0:
            raise ValueError(f"seed must be >= 0, got {options.seed!r}")
        env = SnakeEnv(options.rows, options.cols, grow=not options.no_grow)
    except ValueError as error:
        print(f"snake-play: {error}", file=sys.stderr)
        return 2

    import pygame

    from snake_env.renderer import Window

    window = Window("Snake: arrows or WASD, space for a new game, Q to quit")
    try:
        play(env, window, options.fps, options.seed)
    except pygame.error as error:
        print(f"snake-play: a window is needed, but there is no display ({error})", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
