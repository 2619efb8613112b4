"""A run as one page: how it learned, what its champion is, and how the champion plays."""
