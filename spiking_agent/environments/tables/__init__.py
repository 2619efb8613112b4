"""Environments that are tables, such as Gymnasium's toy_text, played by a compiled vector.

Such an environment has an attribute `P`, which lists what follows on each action in each state.
`table` reads it, `generator` draws the same random numbers, `lanes` moves many games, `vector`
is the vector environment, and `find` makes sure that it plays the same episodes.
"""
