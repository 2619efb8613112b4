"""Workers: what they are sent, how episodes are shared out, and the head start before them."""
