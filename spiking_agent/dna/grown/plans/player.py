"""A plan for games in which a player moves over a grid, made for their channels and actions."""

import re
from functools import cache
from typing import Final

from spiking_agent.dna.grown.parts import MAX_PARTS, GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.plans.snake import PLACES
from spiking_agent.dna.grown.scalars import Gene

NAME: Final = "player"
PLAYER: Final = "player"  # the first channel
_OTHER: Final = {"left": "right", "right": "left"}
N_SIDES: Final = 4  # sheets that hear on which side a channel is on
N_TICKS: Final = 30  # and so many levels of how good an action is


@cache
def player(n_channels: int, actions: tuple[str, ...]) -> Plan:
    """Return the plan for a grid with so many channels, the first of which shows the player.

    Nothing in it depends on the game. It ends as Snake's plan does: how good an action is ("D") is
    worked out in every cell, and passed on ("R") where the player is. So only what is heard near
    the player is computed, if the first channel is on in one cell. If it is on nowhere, all
    actions are equally good.

    Parameters
    ----------
    n_channels : int
        Channels of the observation, 1 to 31.
    actions : tuple of str
        Names of the actions, 1 to 64, fewer with many channels. Each has kernels of its own,
        because an environment does not say which way an action leads, if any. But two actions
        whose names are the same with "left" and "right" exchanged are mirror images, and sheets
        come in pairs that are, too. Without such actions nothing is mirrored, because
        to an action without a partner far things on the left and on the right sound the same.

    Raises
    ------
    ValueError
        If there are more, or names are not unique, or cannot be those of actions of a plan.
    """
    n_shared = len(_sheets(is_mirrored=False))  # layers; each channel but the first has two more
    most = 1 + (MAX_PARTS - n_shared) // 2
    if n_channels > most:
        raise ValueError(
            f"channels must be at most {most} for the plan {NAME!r}, got {n_channels}: leave some "
            "out, or write a plan of your own"
        )
    channels = (PLAYER, *(f"channel {number}" for number in range(1, n_channels)))
    mirrors = _mirrors(actions)
    counts = tuple(f"count {number}" for number in range(n_channels))
    sides = tuple(f"side {number}" for number in range(n_channels))
    return Plan(
        channels=channels,
        actions=actions,
        mirrors=mirrors,
        outputs="move",
        n_ticks=N_TICKS,
        layers=(
            *(_count(name) for name in counts[1:]),
            *(_side(name, is_mirrored=bool(mirrors)) for name in sides[1:]),
            *_sheets(is_mirrored=bool(mirrors)),
        ),
        rules=(
            *(
                GrowthRule(kind="sum", source=channel, target=count, strength=1)
                for channel, count in zip(channels[1:], counts[1:], strict=True)
            ),
            *(
                GrowthRule(kind="far", source=channel, target=side)
                for channel, side in zip(channels[1:], sides[1:], strict=True)
            ),
            *_hidden(channels, sides[1:], counts[1:]),
            *_decision(channels, sides[1:], counts[1:]),
        ),
    )


def _mirrors(actions: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return pairs of actions whose names are the same with "left" and "right" exchanged."""
    names = [name.casefold() for name in actions]
    if len(set(names)) < len(names):
        return ()
    images = [re.sub("left|right", lambda word: _OTHER[word[0]], name) for name in names]
    return tuple(
        (place, names.index(image))
        for place, image in enumerate(images)
        if image in names[place + 1 :]
    )


def _count(name: str) -> Layer:
    """Return two neurons, which fire while more cells of a channel are on than a gene says."""
    return Layer(name=name, copies=2, threshold=Gene(center=3.0, spread=3.0, low=0.0, high=100.0))


def _side(name: str, *, is_mirrored: bool) -> Layer:
    """Return sheets that fire where a channel is on in some directions.

    They say no more if many cells are on than if one is: else, in Breakout, thirty bricks would
    drown out the ball.
    """
    return Layer(
        name=name,
        is_sheet=True,
        copies=N_SIDES,
        is_mirrored=is_mirrored,
        threshold=Gene(center=14.0, spread=14.0, low=0.0, high=254.0),
    )


def _sheets(*, is_mirrored: bool) -> tuple[Layer, ...]:
    """Return the hidden sheets, the sheets of actions, and the outputs."""
    return (
        Layer(
            name="W",
            is_sheet=True,
            copies=4,
            is_mirrored=is_mirrored,
            threshold=Gene(center=28.0, spread=28.0, low=0.0, high=254.0),
            decay=Gene(center=0.5, spread=0.3, low=0.0, high=1.0, step=1 / 16),
        ),
        Layer(
            name="D",
            is_sheet=True,
            is_oriented=True,
            threshold=400.0,
            decay=1.0,
            soft_reset=True,
        ),
        Layer(name="R", is_sheet=True, is_oriented=True, threshold=150.0),
        Layer(name="move", is_oriented=True, threshold=0.5),
    )


def _hidden(
    channels: tuple[str, ...], sides: tuple[str, ...], counts: tuple[str, ...]
) -> list[GrowthRule]:
    """Return the rules of the hidden sheets, in which what is near, or far, comes together.

    An action hears them in its own cell only, so that few of their neurons have to be computed.
    """
    rule = GrowthRule
    return [
        *(rule(kind="kernel", source=channel, target="W", size=5) for channel in channels),
        *(rule(kind="kernel", source=side, target="W") for side in sides),
        *(rule(kind="bias", source=one, target="W") for one in ("always", *counts)),
    ]


def _decision(
    channels: tuple[str, ...], sides: tuple[str, ...], counts: tuple[str, ...]
) -> list[GrowthRule]:
    """Return the rules of the sheets of actions, and of the way from them to the outputs.

    What was seen one move ago tells what moves, and where to.
    """
    rule = GrowthRule
    return [
        *(rule(kind="kernel", source=channel, target="D", size=5) for channel in channels),
        *(rule(kind="kernel", source=channel, target="D", size=3, moves=1) for channel in channels),
        *(rule(kind="kernel", source=side, target="D") for side in sides),
        rule(kind="kernel", source="wall", target="D", size=3),
        rule(kind="kernel", source="W", target="D"),
        rule(kind="map", source="always", target="D", morphogens=PLACES),
        *(rule(kind="map", source=one, target="D", morphogens=("constant",)) for one in counts),
        rule(kind="kernel", source="D", target="R", strength=100),
        rule(kind="kernel", source=PLAYER, target="R", strength=100),
        rule(kind="sum", source="R", target="move", strength=1),
    ]
