"""Kinds of DNA by name, those of this package and those of other packages.

A package registers one in its own ``pyproject.toml``::

    [project.entry-points."spiking_agent.dna"]
    worm = "my_package:Worm"

where ``my_package.Worm`` is a `MakeDna`.
"""

from typing import Final

from spiking_agent.dna.grown.dna import Grown
from spiking_agent.dna.protocol import MakeDna
from spiking_agent.dna.wired import Wired
from spiking_agent.plugins import Kinds

DNA_KINDS: Final[Kinds[MakeDna]] = Kinds(
    "dna", "spiking_agent.dna", {"wired": Wired, "grown": Grown}
)
