"""The parts of `scripts/autopsy.py`."""
