"""Playing: the brains in their lanes, and how episodes are shared out to workers.

`task` says what is played and how it is scored. `player` plays episodes in one thread, move by
move or, where all of it is compiled, in one call (`compiled_player`). `evaluator` has them played
by `workers`: `shares` says which episodes each task plays, and `jobs` what a task is.
"""
