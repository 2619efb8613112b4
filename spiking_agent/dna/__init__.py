"""What a genome means: kinds of DNA, their gene tables, and how they grow connectomes.

`gene_table` is all that strategies see of genes, `ports` what a brain is connected by. `wired` is
the blog post's matrix: a gene for every synapse. `protocol` is what a kind of DNA of another
package has to offer.
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
