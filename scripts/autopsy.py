"""See `python scripts/autopsy.py --help`."""

import sys

from autopsies.cli import main

if __name__ == "__main__":
    sys.exit(main())
