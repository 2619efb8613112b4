"""See `python scripts/benchmark.py --help`."""

import os
import sys

# One thread, unless a row says otherwise; the libraries read this when they are loaded.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)
os.environ.setdefault("JAX_PLATFORMS", "cpu")

from benchmarks.cli import main

if __name__ == "__main__":
    sys.exit(main())
