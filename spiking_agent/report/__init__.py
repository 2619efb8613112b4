"""A run as one page: how it learned, who its champion is, and how that plays."""
