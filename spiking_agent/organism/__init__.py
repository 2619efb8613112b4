"""One policy: act, predict, save, load and evaluate; and the champion that ships.

`policy` acts, `organism` adds task and origin, `champion_file` is the form in which it is kept, and
`evaluation` plays held-out episodes.
"""
