"""A window into a running brain: the environment on the left, the spikes on the right."""
