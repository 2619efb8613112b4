"""What the recipes with the genetic algorithm have in common: each child has many parents."""

from typing import Any, Final

# Every gene comes from any of the parents, with some noise on all numbers, and the mean of the
# parents is the champion: it plays better than the best of them.
MANY_PARENTS: Final[dict[str, Any]] = {
    "elite_share": 0.0,
    "crossover": "pool",
    "crossover_rate": 1.0,
    "number_mutations": 0.0,
    "champion": "consensus",
}
# Brains that grow over a grid have no choices among their genes, and impulses that outlive a move.
GROWN: Final[dict[str, Any]] = {
    **MANY_PARENTS,
    "choice_mutations": 0.0,
    "encoder": "grid",
    "dna": "grown",
    "carry_state": "impulses",
    "n_validated_first": 1,
}
