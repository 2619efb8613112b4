"""Files that are whole or not there, hold plain arrays, and belong to one process at a time."""
