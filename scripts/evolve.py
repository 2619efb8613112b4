"""See `python scripts/evolve.py --help`."""

import sys

from spiking_agent.cli.evolve import main

if __name__ == "__main__":
    sys.exit(main())
