"""Some of the values of a batch, whatever its space."""

import numpy as np

from spiking_agent.codec.batches import put, some


def test_some_values_of_a_batch_are_replaced() -> None:
    actions = {"a": np.zeros(3), "b": (np.zeros((3, 2)), np.zeros(3, np.int64))}
    chosen = {"a": np.array([1.0, 2.0]), "b": (np.ones((2, 2)), np.array([4, 5]))}
    put(actions, np.array([2, 0]), chosen)
    assert actions["a"].tolist() == [2.0, 0.0, 1.0]
    assert actions["b"][0].tolist() == [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]
    assert actions["b"][1].tolist() == [5, 0, 4]


def test_some_values_of_a_batch_are_a_batch() -> None:
    batch = {"a": np.arange(4), "b": (np.eye(4), np.arange(4) * 10)}
    found = some(batch, np.array([1, 3]))
    assert found["a"].tolist() == [1, 3]
    assert found["b"][0].tolist() == np.eye(4)[[1, 3]].tolist()
    assert found["b"][1].tolist() == [10, 30]
    assert some(batch["a"], np.arange(4)) is batch["a"]  # all of them: nothing is copied
