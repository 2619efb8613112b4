"""How populations follow one another: ask for genomes, tell their fitness."""
