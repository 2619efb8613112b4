"""Brains laid out in sheets: neurons over the cells of a grid, and rules between the sheets.

`tissue` describes many such brains in a few numbers each, instead of synapse by synapse.
"""
