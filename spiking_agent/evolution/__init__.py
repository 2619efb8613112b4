"""A run of evolution: its settings, the loop, the championship, its files and its reports.

`settings` holds them, and `recipes` chooses them for an environment. `problem` is what a run has to
solve, `loop` solves it, `championship` finds the champion. `run_directory` and `checkpoint` save a
run, `reporters` show it.
"""
