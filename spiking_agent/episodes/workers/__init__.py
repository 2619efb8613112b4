"""Worker processes: what they are sent, how episodes are shared out, and who watches over them."""
