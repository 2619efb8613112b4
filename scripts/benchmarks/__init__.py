"""Parts of `scripts/benchmark.py`: what is measured, against whom, and how it is shown."""
