"""What a browser says about a page."""

import shutil
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--v=0",
)


def complaints(page: Path, profile: Path) -> list[str]:
    """Open a page in an empty profile, and give the lines of its console."""
    if CHROMIUM is None:
        raise FileNotFoundError("chromium must be installed, got none")
    command = [CHROMIUM, *QUIET, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    if "</html>" not in result.stdout:
        raise ValueError(f"page must be shown, got {result.stdout[:200]!r}")
    return [line for line in result.stderr.splitlines() if "CONSOLE" in line]
