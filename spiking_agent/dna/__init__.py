"""What a genome means: kinds of DNA, their gene tables, and how they grow connectomes.

`gene_table` is what strategies see of genes, `ports` are the inputs and outputs of brains. `wired`
is the blog post's matrix: a gene for every synapse. `grown` has genes for rules, by which brains of
sheets grow. `protocol` is the interface for kinds of DNA of other packages.
"""

from spiking_agent.dna.gene_table import GeneTable
from spiking_agent.dna.grown.brain import GrownBrain
from spiking_agent.dna.grown.dna import Grown, GrownParams
from spiking_agent.dna.grown.parts import GrowthRule, Layer
from spiking_agent.dna.grown.plan import Plan
from spiking_agent.dna.grown.scalars import Gene, PerCell
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.protocol import Dna, MakeDna
from spiking_agent.dna.wired import Wired, WiredParams

__all__ = [
    "Dna",
    "Gene",
    "GeneTable",
    "Grown",
    "GrownBrain",
    "GrownParams",
    "GrowthRule",
    "Layer",
    "MakeDna",
    "PerCell",
    "Plan",
    "Ports",
    "Wired",
    "WiredParams",
]
