"""The brain's half of the picture.

`matrix_view` draws a brain whose every synapse is shown, and `sheet_view` a grown one. The others
are parts of these pictures; `neurons` and `sheet_brain` are what they know of the brain.
"""
