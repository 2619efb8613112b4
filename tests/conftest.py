"""Pictures are drawn without a screen in every test."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
