"""Playing: environments, the brains in their lanes, and how episodes are shared out to workers."""
