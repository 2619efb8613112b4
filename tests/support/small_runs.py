"""Arguments of runs that take a second, and the files that they leave."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
BOARD = ["--env-kwargs", "n_rows=4", "n_cols=5"]
SENSES = ["--recipe", "senses"]  # quick
USUAL = ["--no-report", "--population", "6", "--episodes", "2", *BOARD]
SMALL = [*USUAL, *SENSES]
CART_POLE = ["--env", "CartPole-v1", "--generations", "1", "--population", "4", "--no-report"]


def files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()} if path.exists() else {}
