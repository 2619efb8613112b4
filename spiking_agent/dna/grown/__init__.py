"""Grown DNA: genes of rules, by which a brain of sheets grows on a grid of any size.

`plan` says which neurons there are and which rules between them have genes; `growth` turns genomes
into brains.
"""
