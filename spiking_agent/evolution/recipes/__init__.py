"""Recipes: default settings for kinds of environments, each in a file of its own."""
