"""Exceptions of code outside this package, raised as errors that name the code and its call.

Environments have wrappers of their own, see `spiking_agent.environments.foreign`.
"""

import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from spiking_agent import errors
from spiking_agent.errors import ForeignCodeError

RAISED: Final = (Exception, SystemExit)  # KeyboardInterrupt is Ctrl-C and passes unchanged
OWN_PACKAGE: Final = __name__.partition(".")[0] + "."
NOTHING: Final = nullcontext()  # shared, because it is entered several times per move


def foreign_calls(part: object, call: str) -> AbstractContextManager[None]:
    """Return a context in which to call an encoder, a decoder or a strategy.

    Parts of this package raise what they document. Other parts raise `ForeignCodeError`, or an
    error of this package, such as `InvalidObservationError`.

    Parameters
    ----------
    part : object
        What is called.
    call : str
        The name of its method.
    """
    if is_own(part):
        return NOTHING
    return _translated(part, call)


def is_own(part: object) -> bool:
    """Return whether an encoder, a decoder or a strategy is of this package, without its parts.

    Parameters
    ----------
    part : object
        The part.
    """
    return type(part).__module__.startswith(OWN_PACKAGE)


@contextmanager
def _translated(part: object, call: str) -> Iterator[None]:
    try:
        yield
    except RAISED as error:
        if type(error).__module__ == errors.__name__:
            raise
        kind = type(part)
        whose = f"{kind.__module__}.{kind.__qualname__}"
        raise ForeignCodeError(*account(whose, call, error)) from error


def account(whose: str, call: str, error: BaseException) -> tuple[str, str, str, str]:
    """Return the arguments of a `ForeignCodeError`: strings, which can be sent to other processes.

    Parameters
    ----------
    whose : str
        What was called.
    call : str
        The name of its method.
    error : BaseException
        What it raised.
    """
    reason = "".join(traceback.format_exception_only(error)).strip()  # even if its `str` fails
    return whose, call, reason, "".join(traceback.format_exception(error))
