"""Parts of `scripts/benchmark.py`: what is measured, the peers, and how results are shown."""
