"""A person's game: the program `snake-play`, matches against others, scores, and the window."""
