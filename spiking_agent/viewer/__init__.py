"""Watch a champion and its brain at work, in a window or in a film."""
