"""What every decoder has: it turns the spikes of the output neurons into actions of one form."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Protocol, runtime_checkable

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from spiking_agent.codec.spaces import describe
from spiking_agent.typing import BoolArray, Int32Array, Int64Array, Json, Pairs

NO_CHOICE: Final = -1  # before the first action of an episode


@runtime_checkable
class Decoder(Protocol):
    """What turns counts of spikes into actions, and says what outputs mean.

    `BaseDecoder` has all but `kind`, `n_outputs`, `n_choices`, `decode` and `to_json`.
    """

    kind: ClassVar[str]

    @property
    def n_outputs(self) -> int:
        """Number of output neurons that it reads."""
        ...

    @property
    def n_choices(self) -> int:
        """How many numbers of an action are chosen among alternatives."""
        ...

    def decode(
        self, counts: Int32Array, n_ticks: int, choices: Int32Array, mask: BoolArray | None = None
    ) -> tuple[Any, Int32Array]:
        """Return the actions of a batch and the choices that they are, leaving arguments unchanged.

        Parameters
        ----------
        counts : ndarray of int32, shape (n, n_outputs)
            Spikes of each output.
        n_ticks : int
            Length of the decision.
        choices : ndarray of int32, shape (n, n_choices)
            Those of the action before, -1 for none; what is returned has the same shape.
        mask : ndarray, shape (n or 1, n_outputs), optional
            Nonzero where an output is legal.

        Returns
        -------
        actions
            A batch of actions, in the form that a vector environment takes.
        choices : ndarray of int32, shape (n, n_choices)
            The choices that they are.
        """
        ...

    def to_json(self) -> Json:
        """Return everything that `decoder_from_json` needs to make it again."""
        ...

    def winning_outputs(self, choices: Int32Array) -> Int64Array:
        """Return the outputs that stand for one action's choices; empty if nothing is chosen.

        Parameters
        ----------
        choices : ndarray of int32, shape (n_choices,)
            Choices of one action, -1 for none.

        Returns
        -------
        ndarray of int64
            Numbers of the outputs.
        """
        ...

    def single(self, actions: Any, row: int) -> Any:
        """Return one action of a batch, in the form that a single environment takes.

        Parameters
        ----------
        actions
            Actions that `decode` returned.
        row : int
            Which one.
        """
        ...

    def flat_mask(self, mask: Any) -> npt.NDArray[Any]:
        """Return a mask of legal actions with an entry for each output, nonzero where legal.

        Parameters
        ----------
        mask
            As `sample` of the action space takes it, or with an entry for each output; None where
            everything is legal. Another shape is left for `decode` to refuse.

        Returns
        -------
        ndarray, shape (n_outputs,)
            The entries.
        """
        ...

    def output_names(self, action_names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return a name for each output, made of those of the environment's actions, if any.

        Parameters
        ----------
        action_names : sequence of str, optional
            Names of the actions.

        Returns
        -------
        tuple of str
            `n_outputs` names.
        """
        ...

    def opposite_outputs(self) -> Pairs:
        """Return the pairs of outputs that raise and lower one number of an action."""
        ...

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Check that every action lies in a space.

        Parameters
        ----------
        space : gymnasium.Space
            Space of one action.

        Raises
        ------
        ValueError
            If one could lie outside.
        """
        ...


class BaseDecoder:
    """Defaults for a decoder.

    Subclasses add `kind`, `n_outputs`, `n_choices`, `decode` and `to_json`. No output wins alone,
    an action is a row of an array, a mask has an entry for each output, in one array or in a
    tuple of several, outputs are named by their numbers, none is the opposite of another, and
    every space is taken to fit.
    """

    __slots__ = ()

    def winning_outputs(self, choices: Int32Array) -> Int64Array:
        """Return no outputs: an action is made of all of them.

        Parameters
        ----------
        choices : ndarray of int32, shape (n_choices,)
            Choices of one action, -1 for none.
        """
        return np.empty(0, np.int64)

    def single(self, actions: Any, row: int) -> Any:
        """Return one action as an array of its own.

        Parameters
        ----------
        actions : ndarray, shape (n, ...)
            Actions that `decode` returned.
        row : int
            Which one.
        """
        return np.array(actions[row])

    def flat_mask(self: Decoder, mask: Any) -> npt.NDArray[Any]:
        """Return the entries of a mask one after the other, of tuples in tuples too.

        Parameters
        ----------
        mask
            As in `Decoder.flat_mask`.
        """
        return np.ones(self.n_outputs, np.int8) if mask is None else in_a_row(mask)

    def output_names(self: Decoder, action_names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return numbers.

        Parameters
        ----------
        action_names : sequence of str, optional
            Names of the actions, which are not used.
        """
        return tuple(map(str, range(self.n_outputs)))

    def opposite_outputs(self) -> Pairs:
        """Return no pairs."""
        return ()

    def check_fits(self, space: gym.Space[Any]) -> None:
        """Accept every space.

        Parameters
        ----------
        space : gymnasium.Space
            Any space.
        """


def in_a_row(mask: Any) -> npt.NDArray[Any]:
    """Return what may be a tuple of tuples as one array, as MultiDiscrete of two axes needs it.

    Parameters
    ----------
    mask : array_like or tuple
        A mask, or a tuple of masks, however deep.
    """
    if isinstance(mask, tuple | list):
        return np.concatenate([np.zeros(0, np.int8), *(np.ravel(in_a_row(part)) for part in mask)])
    return np.asarray(mask)


def check_same(own: gym.Space[Any], space: gym.Space[Any]) -> None:
    """Refuse an action space that is not the one a decoder is for.

    Parameters
    ----------
    own : gymnasium.Space
        The space that the decoder is for.
    space : gymnasium.Space
        The action space.

    Raises
    ------
    ValueError
        If the spaces differ.
    """
    if own is not space and describe(own) != describe(space):
        raise ValueError(f"decoder must be for the action space, {space}, got one for {own}")
