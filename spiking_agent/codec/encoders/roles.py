"""What a strategy may know of inputs: which are opposites of each other, which never rest."""

from itertools import accumulate, chain

from spiking_agent.codec.encoders.base import ConcatenatedEncoder, Encoder, FlattenedEncoder
from spiking_agent.codec.encoders.pictures import PictureEncoder
from spiking_agent.codec.encoders.real_numbers import OnOffEncoder

Pairs = tuple[tuple[int, int], ...]


def opposite_inputs(encoder: Encoder) -> Pairs:
    """Give the pairs of inputs that speak for what is above and what is below a middle.

    Parameters
    ----------
    encoder : Encoder
        What drives them.

    Returns
    -------
    tuple of (int, int)
        Ids of input neurons; empty but for parts that are "on-off".
    """
    return _roles(encoder)[0]


def constant_inputs(encoder: Encoder) -> tuple[int, ...]:
    """Give the inputs that are driven at every tick, whatever is observed."""
    return _roles(encoder)[1]


def _roles(encoder: Encoder) -> tuple[Pairs, tuple[int, ...]]:
    """Give opposite and constant inputs."""
    match encoder:
        case OnOffEncoder():
            last = 2 * len(encoder.low)
            return tuple((on, on + 1) for on in range(0, last, 2)), (last,) if last else ()
        case FlattenedEncoder() | PictureEncoder():
            return _roles(encoder.part)
        case ConcatenatedEncoder():
            starts = accumulate((part.n_inputs for part in encoder.parts), initial=0)
            parts = [
                _moved(_roles(part), start)
                for part, start in zip(encoder.parts, starts, strict=False)
            ]
            pairs = tuple(chain.from_iterable(pairs for pairs, _ in parts))
            return pairs, tuple(chain.from_iterable(constant for _, constant in parts))
    return (), ()


def _moved(roles: tuple[Pairs, tuple[int, ...]], start: int) -> tuple[Pairs, tuple[int, ...]]:
    """Give the roles of inputs that begin at another number."""
    pairs, constant = roles
    moved = tuple((one + start, other + start) for one, other in pairs)
    return moved, tuple(number + start for number in constant)
