"""See `python scripts/watch.py --help`."""

import sys

from spiking_agent.cli.watch import main

if __name__ == "__main__":
    sys.exit(main())
