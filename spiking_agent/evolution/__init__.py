"""A run of evolution: its settings, the loop, the championship, what it keeps and reports."""
