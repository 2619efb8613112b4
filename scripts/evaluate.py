"""See `python scripts/evaluate.py --help`."""

import sys

from spiking_agent.cli.evaluate import main

if __name__ == "__main__":
    sys.exit(main())
