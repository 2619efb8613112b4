"""Errors keep what they tell on the way back from a worker process."""

import copy
import inspect
import pkgutil
from importlib import import_module

import pytest

import spiking_agent
from spiking_agent import errors

EXAMPLES = [
    errors.MissedImpulsesError(neuron_id=3, n_missed=7),
    errors.Closed(),
    errors.Empty(),
    errors.Lagged(5),
    errors.SendError("value"),
    errors.ChampionFileError("reason"),
    errors.EnvironmentFailedError("the environment X", "step", "KeyError: 1", "Traceback ..."),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_copies_are_equal_in_words_and_fields(error: Exception) -> None:
    again = copy.copy(error)  # what pickling between processes does
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_messages_say_what_was_lost() -> None:
    assert str(EXAMPLES[0]).startswith("neuron 3 missed 7 impulses: ")
    assert [str(error) for error in EXAMPLES[1:5]] == [
        "channel closed",
        "channel empty",
        "channel lagged by 5",
        "channel closed",
    ]


def test_every_error_is_one_of_the_package_and_stands_in_the_drawn_tree() -> None:
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass)]
    assert all(issubclass(c, errors.SpikingAgentError) for c in classes)
    assert all(c.__name__ in (errors.__doc__ or "") for c in classes)


def test_exceptions_elsewhere_are_named_there_too() -> None:
    modules = pkgutil.walk_packages(spiking_agent.__path__, "spiking_agent.")
    found = {
        kind.__name__
        for module in modules
        for _, kind in inspect.getmembers(import_module(module.name), inspect.isclass)
        if issubclass(kind, BaseException)
        and kind.__module__.startswith("spiking_agent")
        and kind.__module__ != errors.__name__
    }
    assert found == {"Interrupted", "NoDisplayError", "Stopped", "TimeUp", "UsageError"}
    assert all(name in (errors.__doc__ or "") for name in found)


def test_argument_errors_can_be_caught_by_their_builtin_names() -> None:
    assert issubclass(errors.UnsupportedSpaceError, TypeError)
    assert issubclass(errors.InvalidObservationError, ValueError)
