"""What is checked at the door, and how it is said: arguments, bounds and the words of messages."""
