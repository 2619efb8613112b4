"""See `python scripts/report.py --help`."""

import sys

from spiking_agent.cli.report import main

if __name__ == "__main__":
    sys.exit(main())
