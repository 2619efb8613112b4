"""The settings of a run.

`config` holds all of them, in `sections`; `phases` are stages and refinements. `names` knows the
settings by name, and `options` those of the command line.
"""
