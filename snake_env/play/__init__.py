"""Snake for a person: the program `snake-play`, its matches, scores and window."""
