"""Checks of arguments and costs, and the words of error messages."""
