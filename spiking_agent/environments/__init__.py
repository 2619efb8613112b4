"""Environments of other people: how they are named, made, called and seen.

`source` makes environments of ids and functions: `ids` finds what an id stands for, `keywords` says
which keyword arguments do not fit, `foreign` names the environment that raised an exception, and
`frames` turns whatever it renders into pictures of one form.
"""
