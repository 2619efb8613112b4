"""Checks of arguments, costs and other people's code, and the words of error messages."""
