"""What a genome means: kinds of DNA, their gene tables, and how they grow connectomes.

`gene_table` is what strategies see of genes, `ports` are the inputs and outputs of brains. `wired`
is the blog post's matrix: a gene for every synapse. `protocol` is the interface for kinds of DNA
of other packages.
"""

from spiking_agent.dna.gene_table import GeneTable
from spiking_agent.dna.ports import Ports
from spiking_agent.dna.protocol import Dna, MakeDna
from spiking_agent.dna.wired import Wired, WiredParams

__all__ = [
    "Dna",
    "GeneTable",
    "MakeDna",
    "Ports",
    "Wired",
    "WiredParams",
]
