"""Snake as a Gymnasium environment."""
