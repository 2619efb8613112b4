"""Register the games of MinAtar, for ids such as minatar_games:MinAtar/Breakout-v1."""

from minatar.gym import register_envs

register_envs()
