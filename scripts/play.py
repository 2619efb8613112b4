"""See `python scripts/play.py --help`."""

import sys

from snake_env.play.cli import main

if __name__ == "__main__":
    sys.exit(main())
