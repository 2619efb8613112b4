"""One policy: act, predict, save, load and evaluate; and the champions of the package.

`policy` acts, `organism` adds task and origin, `champion_file` is the file format, and
`evaluation` plays held-out episodes.
"""
