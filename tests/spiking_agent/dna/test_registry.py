"""Which kinds of DNA there are, and how others come in."""

from importlib.metadata import EntryPoint

import pytest

from spiking_agent import plugins
from spiking_agent.dna.registry import DNA_KINDS
from spiking_agent.dna.wired import Wired

GROUP = "spiking_agent.dna"


def test_other_packages_bring_kinds_that_cannot_replace_ours(monkeypatch) -> None:
    points = [
        EntryPoint("worm", "spiking_agent.dna.wired:Wired", GROUP),
        EntryPoint("wired", "no_such_module:Nothing", GROUP),
        EntryPoint("twice", "a:B", GROUP),
        EntryPoint("twice", "c:D", GROUP),
        EntryPoint("gone", "no_such_module:Nothing", GROUP),
    ]

    class Points(list):
        @property
        def names(self) -> set[str]:
            return {point.name for point in self}

    def found(group: str, name: str | None = None) -> Points:
        assert group == GROUP
        return Points(point for point in points if name in (None, point.name))

    monkeypatch.setattr(plugins, "entry_points", found)
    assert DNA_KINDS.names() == ("wired", "grown", "gone", "twice", "worm")
    assert DNA_KINDS.find("worm") is Wired
    assert DNA_KINDS.find("wired") is Wired
    with pytest.raises(ValueError, match=r"registered as 'gone' in .* must be .* imported"):
        DNA_KINDS.find("gone")
    with pytest.raises(ValueError, match=r"registered by one installed package .* 'twice' with a:"):
        DNA_KINDS.find("twice")
    with pytest.raises(
        ValueError, match="dna must be one of wired, grown, gone, twice, worm, got 'x'"
    ):
        DNA_KINDS.find("x")
