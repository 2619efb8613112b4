"""Register the games of MinAtar, for ids such as minatar_games:MinAtar/Breakout-v1.

They are those of MinAtar itself, with names for their actions.
"""

from typing import Any, Final

import gymnasium as gym
from minatar.gym import BaseEnv

WORDS: Final = {"n": "stay", "l": "left", "u": "up", "r": "right", "d": "down", "f": "fire"}
GAMES: Final = {
    "Asterix": "asterix",
    "Breakout": "breakout",
    "Freeway": "freeway",
    "SpaceInvaders": "space_invaders",
    "Seaquest": "seaquest",
}


class NamedEnv(BaseEnv):  # type: ignore[misc, unused-ignore]
    """A game of MinAtar whose actions have names.

    Parameters
    ----------
    game : str
        Its name in MinAtar.
    **settings
        As MinAtar takes them.
    """

    def __init__(self, game: str, **settings: Any) -> None:
        super().__init__(game, **settings)
        letters = self.game.env.action_map
        names = tuple(WORDS[letters[action]] for action in self.action_set)
        self.metadata = {**self.metadata, "action_names": names}


for title, game in GAMES.items():
    for version, is_minimal in (("v0", False), ("v1", True)):
        gym.register(
            id=f"MinAtar/{title}-{version}",
            entry_point="minatar_games:NamedEnv",
            kwargs={"game": game, "use_minimal_action_set": is_minimal},
        )
